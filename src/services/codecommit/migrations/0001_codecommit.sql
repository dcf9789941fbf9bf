-- Repositories, their references, and what CodePipeline uploads. Objects are in git directories named by the repository's id.
create schema codecommit;

create table codecommit.repositories (
  id uuid primary key,
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  -- Short name of the branch that HEAD names; null until the first branch comes.
  default_branch text,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  -- Grows with every change of a reference or of the default branch: directories know by it whether they are up to date.
  ref_version bigint not null default 0,
  tags jsonb not null default '{}',
  triggers jsonb not null default '[]',
  triggers_id uuid,
  unique (account, region, name)
);
create index repositories_modified on codecommit.repositories (account, region, modified_at, name);

create table codecommit.refs (
  repository_id uuid not null references codecommit.repositories on delete cascade,
  -- refs/heads/main
  name text collate "C" not null,
  object_id text not null,
  -- What an annotated tag finally points to.
  peeled_id text,
  primary key (repository_id, name)
);

create table codecommit.archive_uploads (
  id uuid primary key,
  repository_id uuid not null references codecommit.repositories on delete cascade,
  status text not null,
  error_message text,
  e_tag text,
  version_id text,
  created_at timestamptz not null
);
create index archive_uploads_repository on codecommit.archive_uploads (repository_id, created_at);

-- Merge commits made through the API, so that GetMergeCommit finds the one of a source and a destination again.
create table codecommit.merge_commits (
  repository_id uuid not null references codecommit.repositories on delete cascade,
  source_id text not null,
  destination_id text not null,
  detail_level text not null,
  strategy text not null,
  commit_id text not null,
  created_at timestamptz not null,
  primary key (repository_id, source_id, destination_id, detail_level, strategy)
);
