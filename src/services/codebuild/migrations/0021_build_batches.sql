-- Batches of builds. Their builds are ordinary ones whose definition names the batch; the state here says which they are.
create table codebuild.batches (
  account text not null,
  region text not null,
  -- project:uuid
  id text collate "C" not null,
  project text collate "C" not null,
  number bigint not null,
  status text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- What its builds are started with, but for what the buildspec says of each.
  definition jsonb not null,
  -- Phases, groups and their builds: the machine's state.
  state jsonb not null,
  -- Where the combined artifacts went.
  artifact jsonb,
  idempotency_token text,
  token_digest text,
  -- Of the last RetryBuildBatch.
  retry_token text,
  retry_digest text,
  retried_at timestamptz,
  primary key (account, region, id)
);
create index batches_started on codebuild.batches (account, region, started_at, id);
create index batches_by_status on codebuild.batches (account, region, status, started_at, id);
create index batches_of_project on codebuild.batches (account, region, project, number);
create index batches_of_project_by_status on codebuild.batches (account, region, project, status, number);
create index batches_token on codebuild.batches (account, region, project, idempotency_token) where idempotency_token is not null;

-- The number of a project's last batch, by the project's id: one that is made again begins again.
create table codebuild.batch_numbers (
  project uuid primary key,
  last bigint not null
);
