-- Sandboxes: environments of projects that are held for people and commands. As with builds a row is queue entry, lease and progress.
create table codebuild.sandboxes (
  account text not null,
  region text not null,
  -- project:uuid
  id text collate "C" not null,
  project text collate "C" not null,
  status text not null,
  requested_at timestamptz not null,
  ended_at timestamptz,
  -- The project's definition when it was asked for.
  definition jsonb not null,
  -- Phases and resolved version: what the engine saves.
  progress jsonb not null,
  idempotency_token text,
  stop_requested boolean not null default false,
  lease_owner text,
  lease_until timestamptz,
  -- The machine and data directory where its environment is.
  place text,
  primary key (account, region, id)
);
create index sandboxes_requested on codebuild.sandboxes (account, region, requested_at, id);
create index sandboxes_of_project on codebuild.sandboxes (account, region, project, requested_at, id);
create index sandboxes_open on codebuild.sandboxes (requested_at) where status = 'IN_PROGRESS';
create index sandboxes_token on codebuild.sandboxes (account, region, project, idempotency_token) where idempotency_token is not null;

create table codebuild.command_executions (
  account text not null,
  region text not null,
  sandbox text collate "C" not null,
  id text collate "C" not null,
  command text not null,
  status text not null,
  submitted_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code integer,
  standard_output text,
  standard_error text,
  -- Bytes of its output that are in the log.
  read_to bigint not null default 0,
  primary key (account, region, sandbox, id),
  foreign key (account, region, sandbox) references codebuild.sandboxes (account, region, id) on delete cascade
);
create index command_executions_submitted on codebuild.command_executions (account, region, sandbox, submitted_at, id);
create index command_executions_open on codebuild.command_executions (account, region, sandbox) where status = 'IN_PROGRESS';
