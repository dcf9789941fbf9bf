create schema codepipeline;

create table codepipeline.pipeline (
  id uuid primary key,
  account text not null,
  region text not null,
  name text not null,
  version int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  tags jsonb not null default '[]',
  unique (account, region, name)
);

-- Every version stays readable (GetPipeline --pipeline-version) and running executions keep the one they started with.
create table codepipeline.structure (
  pipeline_id uuid not null references codepipeline.pipeline on delete cascade,
  version int not null,
  declaration jsonb not null,
  created_at timestamptz not null,
  primary key (pipeline_id, version)
);

create table codepipeline.stage (
  pipeline_id uuid not null references codepipeline.pipeline on delete cascade,
  name text not null,
  enabled boolean not null default true,
  disabled_at timestamptz,
  disabled_reason text,
  changed_at timestamptz,
  changed_by text,
  last_entered uuid,
  primary key (pipeline_id, name)
);

create sequence codepipeline.execution_number;

create table codepipeline.execution (
  id uuid primary key,
  pipeline_id uuid not null references codepipeline.pipeline on delete cascade,
  number bigint not null,
  status text not null,
  summary text,
  version int not null,
  stage text not null,
  entered boolean not null,
  stage_status text,
  stage_since timestamptz not null,
  superseded_by uuid,
  trigger jsonb not null,
  stop_reason text,
  variables jsonb not null default '{}',
  source_overrides jsonb not null default '[]',
  client_token text,
  started_at timestamptz not null,
  updated_at timestamptz not null
);
create index execution_list on codepipeline.execution (pipeline_id, number desc);
create index execution_live on codepipeline.execution (pipeline_id) where status in ('InProgress', 'Stopping');
create unique index execution_token on codepipeline.execution (pipeline_id, client_token);

create table codepipeline.action_run (
  id uuid primary key,
  number bigint generated always as identity,
  pipeline_id uuid not null references codepipeline.pipeline on delete cascade,
  execution_id uuid not null references codepipeline.execution on delete cascade,
  version int not null,
  stage text not null,
  name text not null,
  run_order int not null,
  status text not null,
  replaced boolean not null default false,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by text,
  summary text,
  external_id text,
  external_url text,
  error_code text,
  error_message text,
  token text,
  resolved_configuration jsonb,
  input_artifacts jsonb not null default '[]',
  output_artifacts jsonb not null default '[]',
  output_variables jsonb not null default '{}',
  -- Source actions: what was fetched.
  revision jsonb
);
create index action_run_execution on codepipeline.action_run (execution_id, number);
create index action_run_list on codepipeline.action_run (pipeline_id, number desc);
create index action_run_latest on codepipeline.action_run (pipeline_id, stage, name, number desc);
create index action_run_external on codepipeline.action_run (external_id) where status = 'InProgress';
create index action_run_running on codepipeline.action_run (pipeline_id) where status = 'InProgress';

-- What change detection follows: one row for each source action of the current structure.
create table codepipeline.source (
  pipeline_id uuid not null references codepipeline.pipeline on delete cascade,
  action text not null,
  provider text not null,
  account text not null,
  region text not null,
  -- CodeCommit: repository name; S3: bucket.
  place text not null,
  -- CodeCommit: branch; S3: object key.
  name text not null,
  detects boolean not null,
  primary key (pipeline_id, action)
);
create index source_place on codepipeline.source (provider, account, region, place, name) where detects;
