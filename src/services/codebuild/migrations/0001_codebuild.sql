-- Build projects and their builds. A build's row is its queue entry, its lease and its progress.
create schema codebuild;

-- Tells the sandboxes of this database from those of another one on the same Docker Engine.
create table codebuild.house (id uuid not null default gen_random_uuid());
insert into codebuild.house default values;

create table codebuild.projects (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id uuid not null,
  -- What CreateProject was given, defaults filled in, without name and tags.
  definition jsonb not null,
  tags jsonb not null default '[]',
  created_at timestamptz not null,
  modified_at timestamptz not null,
  -- The number of the last build.
  last_number bigint not null default 0,
  primary key (account, region, name)
);
create index projects_created on codebuild.projects (account, region, created_at, name);
create index projects_modified on codebuild.projects (account, region, modified_at, name);

create table codebuild.builds (
  account text not null,
  region text not null,
  -- project:uuid
  id text collate "C" not null,
  project text collate "C" not null,
  number bigint not null,
  status text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- What this build was started with: the project's definition under the overrides.
  definition jsonb not null,
  -- Phases, resolved version, commands, exported variables: what the engine saves.
  progress jsonb not null,
  -- Where artifacts went and their digests.
  outputs jsonb not null default '{}',
  idempotency_token text,
  stop_requested boolean not null default false,
  lease_owner text,
  lease_until timestamptz,
  primary key (account, region, id)
);
create index builds_started on codebuild.builds (account, region, started_at, id);
create index builds_of_project on codebuild.builds (account, region, project, number);
create index builds_open on codebuild.builds (started_at) where status = 'IN_PROGRESS';
create index builds_token on codebuild.builds (account, region, project, idempotency_token) where idempotency_token is not null;
