-- What all migrations together make; graphile-worker's own schema is not shown. Made by tests/database.test.ts, renewed by:
--   ./node_modules/.bin/vitest run tests/database.test.ts -t 'schema.sql' -u

create table cloudtrail.events (
  seq bigint generated always as identity not null,
  event_id text not null,
  account text not null,
  region text not null,
  time timestamp with time zone not null,
  name text not null,
  source text not null,
  username text,
  access_key text,
  read_only boolean not null,
  resource_types text[] not null,
  resource_names text[] not null,
  record text not null,
  constraint events_pkey PRIMARY KEY (seq)
);

create table cloudwatch.alarm_history (
  id bigint generated always as identity not null,
  account text not null,
  region text not null,
  alarm text collate "C" not null,
  at timestamp with time zone not null,
  type text not null,
  summary text not null,
  data text not null,
  constraint alarm_history_pkey PRIMARY KEY (id)
);

create table cloudwatch.alarms (
  account text not null,
  region text not null,
  name text collate "C" not null,
  definition jsonb not null,
  namespace text,
  metric_name text,
  tags jsonb default '{}'::jsonb not null,
  state text not null,
  state_reason text not null,
  state_reason_data text,
  state_updated_at timestamp with time zone not null,
  state_since timestamp with time zone not null,
  configured_at timestamp with time zone not null,
  constraint alarms_pkey PRIMARY KEY (account, region, name)
);

create table cloudwatch.dashboards (
  account text not null,
  name text collate "C" not null,
  body text not null,
  tags jsonb default '{}'::jsonb not null,
  modified_at timestamp with time zone not null,
  constraint dashboards_pkey PRIMARY KEY (account, name)
);

create table cloudwatch.metrics (
  id bigint generated always as identity not null,
  account text not null,
  region text not null,
  namespace text collate "C" not null,
  name text collate "C" not null,
  dimensions jsonb not null,
  dimensions_hash text not null,
  last_put_at timestamp with time zone not null,
  constraint metrics_pkey PRIMARY KEY (id)
);

create table cloudwatch.points (
  metric_id bigint not null,
  at timestamp with time zone not null,
  width integer not null,
  unit text not null,
  count double precision not null,
  sum double precision not null,
  min double precision not null,
  max double precision not null,
  sketch jsonb,
  constraint points_pkey PRIMARY KEY (metric_id, at, width, unit)
);

create table codebuild.api_endpoints (
  endpoint text not null,
  host text not null,
  images jsonb default '{}'::jsonb not null,
  providers jsonb default '{"hosts": {}}'::jsonb not null,
  seen_at timestamp with time zone default now() not null,
  constraint api_endpoints_pkey PRIMARY KEY (endpoint)
);

create table codebuild.batch_numbers (
  project uuid not null,
  last bigint not null,
  constraint batch_numbers_pkey PRIMARY KEY (project)
);

create table codebuild.batches (
  account text not null,
  region text not null,
  id text collate "C" not null,
  project text collate "C" not null,
  number bigint not null,
  status text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  definition jsonb not null,
  state jsonb not null,
  artifact jsonb,
  idempotency_token text,
  token_digest text,
  retry_token text,
  retry_digest text,
  retried_at timestamp with time zone,
  constraint batches_pkey PRIMARY KEY (account, region, id)
);

create table codebuild.builders (
  id integer default nextval('codebuild.builders_id_seq'::regclass) not null,
  owner text not null,
  host text not null,
  pid bigint not null,
  place text not null,
  fleets text[] not null,
  slots bigint not null,
  started_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  constraint builders_pkey PRIMARY KEY (id)
);

create table codebuild.builds (
  account text not null,
  region text not null,
  id text collate "C" not null,
  project text collate "C" not null,
  number bigint not null,
  status text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  definition jsonb not null,
  progress jsonb not null,
  outputs jsonb default '{}'::jsonb not null,
  idempotency_token text,
  stop_requested boolean default false not null,
  lease_owner text,
  metrics_put smallint default 0 not null,
  queued boolean default false not null,
  turn bigint default 0 not null,
  kind text default ''::text not null,
  fleet text,
  on_demand boolean default false not null,
  queue_limit bigint,
  place text,
  adrift_since timestamp with time zone,
  next_retry text,
  constraint builds_pkey PRIMARY KEY (account, region, id)
);

create table codebuild.command_executions (
  account text not null,
  region text not null,
  sandbox text collate "C" not null,
  id text collate "C" not null,
  command text not null,
  status text not null,
  submitted_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  exit_code integer,
  standard_output text,
  standard_error text,
  read_to bigint default 0 not null,
  constraint command_executions_pkey PRIMARY KEY (account, region, sandbox, id),
  constraint command_executions_account_region_sandbox_fkey FOREIGN KEY (account, region, sandbox) REFERENCES codebuild.sandboxes(account, region, id) ON DELETE CASCADE
);

create table codebuild.fleets (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id uuid not null,
  definition jsonb not null,
  tags jsonb default '[]'::jsonb not null,
  status text not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  constraint fleets_pkey PRIMARY KEY (account, region, name)
);

create table codebuild.house (
  id uuid default gen_random_uuid() not null,
  secret text default ((gen_random_uuid())::text || (gen_random_uuid())::text) not null,
  lost_after bigint default 60 not null
);

create table codebuild.key_requests (
  id uuid not null,
  public_key text not null,
  who text not null,
  answer text,
  asked_at timestamp with time zone default now() not null,
  constraint key_requests_pkey PRIMARY KEY (id)
);

create table codebuild.limits (
  kind text not null,
  most bigint not null,
  constraint limits_pkey PRIMARY KEY (kind)
);

create table codebuild.projects (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id uuid not null,
  definition jsonb not null,
  tags jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  last_number bigint default 0 not null,
  cache_generation bigint default 0 not null,
  visibility text default 'PRIVATE'::text not null,
  public_alias text,
  resource_access_role text,
  constraint projects_pkey PRIMARY KEY (account, region, name)
);

create table codebuild.report_cases (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  report uuid not null,
  position bigint not null,
  prefix text not null,
  suite text not null,
  name text not null,
  status text not null,
  duration bigint not null,
  message text not null,
  raw_path text not null,
  constraint report_cases_pkey PRIMARY KEY (account, region, group_name, report, "position"),
  constraint report_cases_account_region_group_name_report_fkey FOREIGN KEY (account, region, group_name, report) REFERENCES codebuild.reports(account, region, group_name, id) ON DELETE CASCADE
);

create table codebuild.report_coverages (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  report uuid not null,
  id uuid default gen_random_uuid() not null,
  path text collate "C" not null,
  lines_covered bigint not null,
  lines_missed bigint not null,
  branches_covered bigint not null,
  branches_missed bigint not null,
  line_percentage double precision not null,
  constraint report_coverages_pkey PRIMARY KEY (account, region, group_name, report, id),
  constraint report_coverages_account_region_group_name_report_fkey FOREIGN KEY (account, region, group_name, report) REFERENCES codebuild.reports(account, region, group_name, id) ON DELETE CASCADE
);

create table codebuild.report_groups (
  account text not null,
  region text not null,
  name text collate "C" not null,
  type text not null,
  export_config jsonb not null,
  tags jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  constraint report_groups_pkey PRIMARY KEY (account, region, name)
);

create table codebuild.reports (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  id uuid not null,
  execution text not null,
  token text not null,
  type text not null,
  status text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  export_config jsonb not null,
  truncated boolean default false not null,
  summary jsonb,
  constraint reports_pkey PRIMARY KEY (account, region, group_name, id),
  constraint reports_account_region_group_name_fkey FOREIGN KEY (account, region, group_name) REFERENCES codebuild.report_groups(account, region, name) ON DELETE CASCADE
);

create table codebuild.resource_policies (
  account text not null,
  region text not null,
  kind text not null,
  name text not null,
  policy text not null,
  modified_at timestamp with time zone not null,
  constraint resource_policies_pkey PRIMARY KEY (account, region, kind, name),
  constraint resource_policies_kind_check CHECK ((kind = ANY (ARRAY['project'::text, 'report-group'::text])))
);

create table codebuild.resource_shares (
  consumer text not null,
  account text not null,
  region text not null,
  kind text not null,
  name text not null,
  constraint resource_shares_pkey PRIMARY KEY (account, region, kind, name, consumer),
  constraint resource_shares_account_region_kind_name_fkey FOREIGN KEY (account, region, kind, name) REFERENCES codebuild.resource_policies(account, region, kind, name) ON DELETE CASCADE
);

create table codebuild.sandboxes (
  account text not null,
  region text not null,
  id text collate "C" not null,
  project text collate "C" not null,
  status text not null,
  requested_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  definition jsonb not null,
  progress jsonb not null,
  idempotency_token text,
  stop_requested boolean default false not null,
  lease_owner text,
  lease_until timestamp with time zone,
  place text,
  constraint sandboxes_pkey PRIMARY KEY (account, region, id)
);

create table codebuild.source_credentials (
  account text not null,
  region text not null,
  server_type text not null,
  auth_type text not null,
  username text,
  sealed text,
  resource text,
  modified_at timestamp with time zone not null,
  constraint source_credentials_pkey PRIMARY KEY (account, region, server_type)
);

create table codebuild.webhook_deliveries (
  account text not null,
  region text not null,
  project text collate "C" not null,
  delivery text not null,
  received_at timestamp with time zone not null,
  waiting jsonb,
  constraint webhook_deliveries_pkey PRIMARY KEY (account, region, project, delivery),
  constraint webhook_deliveries_account_region_project_fkey FOREIGN KEY (account, region, project) REFERENCES codebuild.webhooks(account, region, project) ON DELETE CASCADE
);

create table codebuild.webhooks (
  account text not null,
  region text not null,
  project text collate "C" not null,
  token text not null,
  payload_url text not null,
  source_type text not null,
  place jsonb not null,
  api text not null,
  insecure boolean not null,
  hook_id text,
  url text,
  sealed_secret text not null,
  definition jsonb not null,
  secret_modified_at timestamp with time zone not null,
  constraint webhooks_pkey PRIMARY KEY (account, region, project),
  constraint webhooks_account_region_project_fkey FOREIGN KEY (account, region, project) REFERENCES codebuild.projects(account, region, name) ON DELETE CASCADE,
  constraint webhooks_token_key UNIQUE (token)
);

create table codecommit.approval_overrides (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  overrider text not null,
  constraint approval_overrides_pkey PRIMARY KEY (account, region, number, revision_id),
  constraint approval_overrides_account_region_number_fkey FOREIGN KEY (account, region, number) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE
);

create table codecommit.approval_rule_template_associations (
  template_id uuid not null,
  repository_id uuid not null,
  constraint approval_rule_template_associations_pkey PRIMARY KEY (template_id, repository_id),
  constraint approval_rule_template_associations_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE,
  constraint approval_rule_template_associations_template_id_fkey FOREIGN KEY (template_id) REFERENCES codecommit.approval_rule_templates(id) ON DELETE CASCADE
);

create table codecommit.approval_rule_templates (
  id uuid not null,
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  content text not null,
  content_sha256 text not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  modified_by text not null,
  constraint approval_rule_templates_pkey PRIMARY KEY (id),
  constraint approval_rule_templates_account_region_name_key UNIQUE (account, region, name)
);

create table codecommit.approval_rules (
  id uuid not null,
  account text not null,
  region text not null,
  number bigint not null,
  name text collate "C" not null,
  content text not null,
  content_sha256 text not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  modified_by text not null,
  template_id uuid,
  template_name text,
  constraint approval_rules_pkey PRIMARY KEY (id),
  constraint approval_rules_account_region_number_fkey FOREIGN KEY (account, region, number) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE,
  constraint approval_rules_account_region_number_name_key UNIQUE (account, region, number, name)
);

create table codecommit.approvals (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  user_arn text collate "C" not null,
  at timestamp with time zone not null,
  constraint approvals_pkey PRIMARY KEY (account, region, number, revision_id, user_arn),
  constraint approvals_account_region_number_fkey FOREIGN KEY (account, region, number) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE
);

create table codecommit.archive_uploads (
  id uuid not null,
  repository_id uuid not null,
  status text not null,
  error_message text,
  e_tag text,
  version_id text,
  created_at timestamp with time zone not null,
  constraint archive_uploads_pkey PRIMARY KEY (id),
  constraint archive_uploads_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE
);

create table codecommit.comment_reactions (
  comment_id text not null,
  user_arn text collate "C" not null,
  reaction text collate "C" not null,
  at timestamp with time zone not null,
  constraint comment_reactions_pkey PRIMARY KEY (comment_id, user_arn),
  constraint comment_reactions_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES codecommit.comments(id) ON DELETE CASCADE
);

create table codecommit.comments (
  id text not null,
  account text not null,
  region text not null,
  repository_id uuid not null,
  pull_request bigint,
  before_commit text,
  after_commit text not null,
  before_blob text,
  after_blob text,
  file_path text,
  file_position bigint,
  relative_file_version text,
  thread_id text not null,
  thread_at timestamp with time zone not null,
  in_reply_to text,
  author_arn text not null,
  content text,
  client_request_token text,
  request_hash text not null,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  constraint comments_pkey PRIMARY KEY (id),
  constraint comments_account_region_pull_request_fkey FOREIGN KEY (account, region, pull_request) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE,
  constraint comments_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE
);

create table codecommit.merge_commits (
  repository_id uuid not null,
  source_id text not null,
  destination_id text not null,
  detail_level text not null,
  strategy text not null,
  commit_id text not null,
  created_at timestamp with time zone not null,
  constraint merge_commits_pkey PRIMARY KEY (repository_id, source_id, destination_id, detail_level, strategy),
  constraint merge_commits_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE
);

create table codecommit.pull_request_events (
  account text not null,
  region text not null,
  number bigint not null,
  sequence bigint generated always as identity not null,
  type text not null,
  actor_arn text not null,
  at timestamp with time zone not null,
  metadata jsonb not null,
  constraint pull_request_events_pkey PRIMARY KEY (account, region, number, sequence),
  constraint pull_request_events_account_region_number_fkey FOREIGN KEY (account, region, number) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE
);

create table codecommit.pull_request_numbers (
  account text not null,
  region text not null,
  last bigint not null,
  constraint pull_request_numbers_pkey PRIMARY KEY (account, region)
);

create table codecommit.pull_request_revisions (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  constraint pull_request_revisions_pkey PRIMARY KEY (account, region, number, revision_id),
  constraint pull_request_revisions_account_region_number_fkey FOREIGN KEY (account, region, number) REFERENCES codecommit.pull_requests(account, region, number) ON DELETE CASCADE
);

create table codecommit.pull_requests (
  account text not null,
  region text not null,
  number bigint not null,
  repository_id uuid not null,
  title text not null,
  description text,
  status text not null,
  author_arn text not null,
  client_request_token text,
  request_hash text not null,
  source_reference text collate "C" not null,
  destination_reference text collate "C" not null,
  source_commit text not null,
  destination_commit text not null,
  merge_base text,
  merge_base_of text not null,
  revision_id text not null,
  is_merged boolean default false not null,
  merged_by text,
  merge_commit_id text,
  merge_option text,
  created_at timestamp with time zone not null,
  last_activity_at timestamp with time zone not null,
  constraint pull_requests_pkey PRIMARY KEY (account, region, number),
  constraint pull_requests_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE
);

create table codecommit.refs (
  repository_id uuid not null,
  name text collate "C" not null,
  object_id text not null,
  peeled_id text,
  constraint refs_pkey PRIMARY KEY (repository_id, name),
  constraint refs_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES codecommit.repositories(id) ON DELETE CASCADE
);

create table codecommit.repositories (
  id uuid not null,
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  default_branch text,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  ref_version bigint default 0 not null,
  tags jsonb default '{}'::jsonb not null,
  triggers jsonb default '[]'::jsonb not null,
  triggers_id uuid,
  constraint repositories_pkey PRIMARY KEY (id),
  constraint repositories_account_region_name_key UNIQUE (account, region, name)
);

create table codedeploy.applications (
  id text not null,
  account text not null,
  region text not null,
  name text collate "C" not null,
  compute_platform text not null,
  created_at timestamp with time zone not null,
  constraint applications_pkey PRIMARY KEY (id),
  constraint applications_account_region_name_key UNIQUE (account, region, name)
);

create table codedeploy.commands (
  id text not null,
  deployment_id text not null,
  target_id text not null,
  event text not null,
  account text not null,
  region text not null,
  host_identifier text not null,
  state text not null,
  nonce integer default 0 not null,
  created_at timestamp with time zone not null,
  given_at timestamp with time zone,
  constraint commands_pkey PRIMARY KEY (id),
  constraint commands_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES codedeploy.deployments(id) ON DELETE CASCADE
);

create table codedeploy.deployment_configs (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id text not null,
  minimum jsonb not null,
  created_at timestamp with time zone not null,
  constraint deployment_configs_pkey PRIMARY KEY (account, region, name)
);

create table codedeploy.deployment_groups (
  id text not null,
  application_id text not null,
  name text collate "C" not null,
  config_name text not null,
  service_role_arn text not null,
  settings jsonb not null,
  target_revision jsonb,
  last_attempted jsonb,
  last_successful jsonb,
  created_at timestamp with time zone not null,
  constraint deployment_groups_pkey PRIMARY KEY (id),
  constraint deployment_groups_application_id_fkey FOREIGN KEY (application_id) REFERENCES codedeploy.applications(id) ON DELETE CASCADE,
  constraint deployment_groups_application_id_name_key UNIQUE (application_id, name)
);

create table codedeploy.deployments (
  id text collate "C" not null,
  account text not null,
  region text not null,
  application_name text not null,
  group_id text not null,
  group_name text not null,
  status text not null,
  creator text not null,
  request jsonb not null,
  revision jsonb not null,
  revision_key text not null,
  previous_revision jsonb,
  minimum jsonb not null,
  error jsonb,
  stopping jsonb,
  rollback jsonb,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  constraint deployments_pkey PRIMARY KEY (id)
);

create table codedeploy.host_health (
  group_id text not null,
  target_id text not null,
  status text not null,
  revision_key text not null,
  constraint host_health_pkey PRIMARY KEY (group_id, target_id)
);

create table codedeploy.on_premises_instances (
  account text not null,
  region text not null,
  name text collate "C" not null,
  arn text not null,
  iam_user_arn text,
  iam_session_arn text,
  tags jsonb default '[]'::jsonb not null,
  registered_at timestamp with time zone not null,
  deregistered_at timestamp with time zone,
  last_seen_at timestamp with time zone,
  constraint on_premises_instances_pkey PRIMARY KEY (account, region, name)
);

create table codedeploy.revisions (
  application_id text not null,
  key text collate "C" not null,
  location jsonb not null,
  bucket text not null,
  object_key text not null,
  description text,
  registered_at timestamp with time zone not null,
  first_used_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint revisions_pkey PRIMARY KEY (application_id, key),
  constraint revisions_application_id_fkey FOREIGN KEY (application_id) REFERENCES codedeploy.applications(id) ON DELETE CASCADE
);

create table codedeploy.tags (
  account text not null,
  region text not null,
  arn text collate "C" not null,
  key text collate "C" not null,
  value text not null,
  constraint tags_pkey PRIMARY KEY (account, region, arn, key)
);

create table codedeploy.targets (
  deployment_id text not null,
  target_id text collate "C" not null,
  ordinal integer not null,
  arn text not null,
  host_identifier text not null,
  status text not null,
  events jsonb not null,
  updated_at timestamp with time zone not null,
  constraint targets_pkey PRIMARY KEY (deployment_id, target_id),
  constraint targets_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES codedeploy.deployments(id) ON DELETE CASCADE
);

create table codepipeline.action_run (
  id uuid not null,
  number bigint generated always as identity not null,
  pipeline_id uuid not null,
  execution_id uuid not null,
  version integer not null,
  stage text not null,
  name text not null,
  run_order integer not null,
  status text not null,
  replaced boolean default false not null,
  started_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by text,
  summary text,
  external_id text,
  external_url text,
  error_code text,
  error_message text,
  token text,
  resolved_configuration jsonb,
  input_artifacts jsonb default '[]'::jsonb not null,
  output_artifacts jsonb default '[]'::jsonb not null,
  output_variables jsonb default '{}'::jsonb not null,
  revision jsonb,
  constraint action_run_pkey PRIMARY KEY (id),
  constraint action_run_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES codepipeline.execution(id) ON DELETE CASCADE,
  constraint action_run_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES codepipeline.pipeline(id) ON DELETE CASCADE
);

create table codepipeline.execution (
  id uuid not null,
  pipeline_id uuid not null,
  number bigint not null,
  status text not null,
  summary text,
  version integer not null,
  stage text not null,
  entered boolean not null,
  stage_status text,
  stage_since timestamp with time zone not null,
  superseded_by uuid,
  trigger jsonb not null,
  stop_reason text,
  variables jsonb default '{}'::jsonb not null,
  source_overrides jsonb default '[]'::jsonb not null,
  client_token text,
  started_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint execution_pkey PRIMARY KEY (id),
  constraint execution_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES codepipeline.pipeline(id) ON DELETE CASCADE
);

create table codepipeline.pipeline (
  id uuid not null,
  account text not null,
  region text not null,
  name text not null,
  version integer not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  tags jsonb default '[]'::jsonb not null,
  constraint pipeline_pkey PRIMARY KEY (id),
  constraint pipeline_account_region_name_key UNIQUE (account, region, name)
);

create table codepipeline.source (
  pipeline_id uuid not null,
  action text not null,
  provider text not null,
  account text not null,
  region text not null,
  place text not null,
  name text not null,
  detects boolean not null,
  constraint source_pkey PRIMARY KEY (pipeline_id, action),
  constraint source_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES codepipeline.pipeline(id) ON DELETE CASCADE
);

create table codepipeline.stage (
  pipeline_id uuid not null,
  name text not null,
  enabled boolean default true not null,
  disabled_at timestamp with time zone,
  disabled_reason text,
  changed_at timestamp with time zone,
  changed_by text,
  last_entered uuid,
  constraint stage_pkey PRIMARY KEY (pipeline_id, name),
  constraint stage_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES codepipeline.pipeline(id) ON DELETE CASCADE
);

create table codepipeline.structure (
  pipeline_id uuid not null,
  version integer not null,
  declaration jsonb not null,
  created_at timestamp with time zone not null,
  constraint structure_pkey PRIMARY KEY (pipeline_id, version),
  constraint structure_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES codepipeline.pipeline(id) ON DELETE CASCADE
);

create table codeyard.migration (
  owner text not null,
  name text not null,
  hash text not null,
  ran_at timestamp with time zone default now() not null,
  constraint migration_pkey PRIMARY KEY (owner, name)
);

create table codeyard.process (
  id integer default nextval('process_id_seq'::regclass) not null,
  worker_ids text[] not null,
  started_at timestamp with time zone default now() not null,
  constraint process_pkey PRIMARY KEY (id)
);

create table events.buses (
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  created_at timestamp with time zone not null,
  modified_at timestamp with time zone not null,
  policy text,
  tags jsonb default '{}'::jsonb not null,
  constraint buses_pkey PRIMARY KEY (account, region, name)
);

create table events.rule_versions (
  account text not null,
  region text not null,
  bus text collate "C" not null,
  version text not null,
  constraint rule_versions_pkey PRIMARY KEY (account, region, bus)
);

create table events.rules (
  account text not null,
  region text not null,
  bus text collate "C" not null,
  name text collate "C" not null,
  pattern text,
  schedule text,
  state text not null,
  description text,
  role_arn text,
  created_at timestamp with time zone not null,
  tags jsonb default '{}'::jsonb not null,
  constraint rules_pkey PRIMARY KEY (account, region, bus, name)
);

create table events.targets (
  account text not null,
  region text not null,
  bus text collate "C" not null,
  rule text collate "C" not null,
  id text collate "C" not null,
  arn text not null,
  target jsonb not null,
  constraint targets_pkey PRIMARY KEY (account, region, bus, rule, id),
  constraint targets_account_region_bus_rule_fkey FOREIGN KEY (account, region, bus, rule) REFERENCES events.rules(account, region, bus, name) ON DELETE CASCADE
);

create table iam.access_keys (
  id text collate "C" not null,
  account text not null,
  user_id text,
  active boolean not null,
  secret text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  last_used_service text,
  last_used_region text,
  constraint access_keys_pkey PRIMARY KEY (id),
  constraint access_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table iam.account_aliases (
  alias text not null,
  account text not null,
  constraint account_aliases_pkey PRIMARY KEY (alias),
  constraint account_aliases_account_key UNIQUE (account)
);

create view iam.assumable_roles (
  id text,
  account text,
  name text collate "C",
  path text collate "C",
  arn text collate "C",
  trust text,
  max_session integer,
  tags jsonb
);

create table iam.attachments (
  identity_id text not null,
  policy_arn text collate "C" not null,
  constraint attachments_pkey PRIMARY KEY (identity_id, policy_arn),
  constraint attachments_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table iam.identities (
  id text not null,
  account text not null,
  kind text not null,
  name text collate "C" not null,
  path text collate "C" not null,
  created_at timestamp with time zone not null,
  boundary text,
  tags jsonb default '[]'::jsonb not null,
  trust text,
  description text,
  max_session integer,
  service_linked boolean default false not null,
  last_used_at timestamp with time zone,
  last_used_region text,
  constraint identities_pkey PRIMARY KEY (id),
  constraint identities_check CHECK (((kind = 'role'::text) = (trust IS NOT NULL))),
  constraint identities_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'group'::text, 'role'::text])))
);

create table iam.inline_policies (
  identity_id text not null,
  name text collate "C" not null,
  document text not null,
  constraint inline_policies_pkey PRIMARY KEY (identity_id, name),
  constraint inline_policies_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table iam.instance_profiles (
  id text not null,
  account text not null,
  name text collate "C" not null,
  path text collate "C" not null,
  created_at timestamp with time zone not null,
  role_id text,
  tags jsonb default '[]'::jsonb not null,
  constraint instance_profiles_pkey PRIMARY KEY (id),
  constraint instance_profiles_role_id_fkey FOREIGN KEY (role_id) REFERENCES iam.identities(id)
);

create view iam.key_owners (
  id text collate "C",
  account text
);

create table iam.memberships (
  group_id text not null,
  user_id text not null,
  constraint memberships_pkey PRIMARY KEY (group_id, user_id),
  constraint memberships_group_id_fkey FOREIGN KEY (group_id) REFERENCES iam.identities(id) ON DELETE CASCADE,
  constraint memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table iam.policies (
  arn text collate "C" not null,
  id text not null,
  account text not null,
  name text not null,
  path text not null,
  description text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  default_version integer not null,
  next_version integer not null,
  tags jsonb default '[]'::jsonb not null,
  constraint policies_pkey PRIMARY KEY (arn),
  constraint policies_id_key UNIQUE (id)
);

create table iam.policy_versions (
  arn text not null,
  version integer not null,
  document text not null,
  created_at timestamp with time zone not null,
  constraint policy_versions_pkey PRIMARY KEY (arn, version),
  constraint policy_versions_arn_fkey FOREIGN KEY (arn) REFERENCES iam.policies(arn) ON DELETE CASCADE
);

create table iam.sealed_with (
  fingerprint text not null,
  constraint sealed_with_pkey PRIMARY KEY (fingerprint)
);

create table iam.service_credentials (
  id text collate "C" not null,
  account text not null,
  user_id text not null,
  service text not null,
  user_name text not null,
  salt text not null,
  password_hash text not null,
  active boolean not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  constraint service_credentials_pkey PRIMARY KEY (id),
  constraint service_credentials_service_user_name_key UNIQUE (service, user_name),
  constraint service_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table iam.ssh_keys (
  id text collate "C" not null,
  account text not null,
  user_id text not null,
  fingerprint text not null,
  body text not null,
  active boolean not null,
  uploaded_at timestamp with time zone not null,
  constraint ssh_keys_pkey PRIMARY KEY (id),
  constraint ssh_keys_user_id_fingerprint_key UNIQUE (user_id, fingerprint),
  constraint ssh_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES iam.identities(id) ON DELETE CASCADE
);

create table kms.aliases (
  account text not null,
  region text not null,
  name text collate "C" not null,
  key_id text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint aliases_pkey PRIMARY KEY (account, region, name),
  constraint aliases_key_id_fkey FOREIGN KEY (key_id) REFERENCES kms.keys(key_id) ON DELETE CASCADE
);

create table kms.grants (
  key_id text not null,
  grant_id text not null,
  account text not null,
  region text not null,
  name text,
  grantee text not null,
  retiring text,
  issuing_account text not null,
  operations text[] not null,
  constraints jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  constraint grants_pkey PRIMARY KEY (key_id, grant_id),
  constraint grants_key_id_fkey FOREIGN KEY (key_id) REFERENCES kms.keys(key_id) ON DELETE CASCADE
);

create table kms.keys (
  key_id text not null,
  account text not null,
  region text not null,
  created_at timestamp with time zone not null,
  description text not null,
  spec text not null,
  usage text not null,
  origin text not null,
  manager text not null,
  state text not null,
  deletes_at timestamp with time zone,
  policy text not null,
  tags jsonb default '{}'::jsonb not null,
  rotation_days integer,
  rotates_at timestamp with time zone,
  material_id text,
  expires_at timestamp with time zone,
  public_key bytea,
  constraint keys_pkey PRIMARY KEY (key_id),
  constraint keys_manager_check CHECK ((manager = ANY (ARRAY['CUSTOMER'::text, 'AWS'::text]))),
  constraint keys_origin_check CHECK ((origin = ANY (ARRAY['AWS_KMS'::text, 'EXTERNAL'::text]))),
  constraint keys_state_check CHECK ((state = ANY (ARRAY['Enabled'::text, 'Disabled'::text, 'PendingDeletion'::text, 'PendingImport'::text])))
);

create table kms.materials (
  key_id text not null,
  material_id text not null,
  number bigint generated always as identity not null,
  created_at timestamp with time zone not null,
  rotation text,
  sealed text,
  constraint materials_pkey PRIMARY KEY (key_id, material_id),
  constraint materials_key_id_fkey FOREIGN KEY (key_id) REFERENCES kms.keys(key_id) ON DELETE CASCADE,
  constraint materials_rotation_check CHECK ((rotation = ANY (ARRAY['AUTOMATIC'::text, 'ON_DEMAND'::text])))
);

create table logs.chunks (
  id bigint generated always as identity not null,
  group_id bigint not null,
  stream_id bigint not null,
  min_ts bigint not null,
  max_ts bigint not null,
  ingested_at bigint not null,
  events integer not null,
  bytes integer not null,
  compressed boolean not null,
  data bytea not null,
  lines boolean default false not null,
  data_key bigint,
  constraint chunks_pkey PRIMARY KEY (stream_id, min_ts, id)
);

create table logs.data_keys (
  id bigint generated always as identity not null,
  group_id bigint not null,
  arn text not null,
  encrypted bytea not null,
  constraint data_keys_pkey PRIMARY KEY (id)
);

create table logs.groups (
  id bigint generated always as identity not null,
  account text not null,
  region text not null,
  name text collate "C" not null,
  created_at timestamp with time zone not null,
  retention_days integer,
  class text not null,
  deletion_protected boolean default false not null,
  tags jsonb default '{}'::jsonb not null,
  kms_key_id text,
  data_key bigint,
  constraint groups_pkey PRIMARY KEY (id),
  constraint groups_account_region_name_key UNIQUE (account, region, name)
);

create table logs.resource_policies (
  account text not null,
  region text not null,
  name text collate "C" not null,
  document text not null,
  updated_at timestamp with time zone not null,
  constraint resource_policies_pkey PRIMARY KEY (account, region, name)
);

create table logs.streams (
  id bigint generated always as identity not null,
  group_id bigint not null,
  name text collate "C" not null,
  created_at timestamp with time zone not null,
  first_event bigint,
  last_event bigint,
  last_ingested bigint,
  stored_bytes bigint default 0 not null,
  widest bigint default 0 not null,
  constraint streams_pkey PRIMARY KEY (id),
  constraint streams_group_id_name_key UNIQUE (group_id, name)
);

create table s3.blobs (
  id text not null,
  uses integer not null,
  unused_since timestamp with time zone,
  constraint blobs_pkey PRIMARY KEY (id)
);

create table s3.buckets (
  name text collate "C" not null,
  account text not null,
  region text not null,
  created_at timestamp with time zone not null,
  versioning text,
  settings jsonb default '{}'::jsonb not null,
  constraint buckets_pkey PRIMARY KEY (name)
);

create table s3.objects (
  bucket text collate "C" not null,
  key text collate "C" not null,
  version_id text not null,
  position bigint not null,
  latest boolean not null,
  delete_marker boolean default false not null,
  size bigint not null,
  etag text not null,
  modified_at timestamp with time zone not null,
  storage_class text not null,
  headers jsonb not null,
  metadata jsonb not null,
  tags jsonb not null,
  checksum jsonb,
  segments jsonb not null,
  parts jsonb,
  data_key jsonb,
  constraint objects_pkey PRIMARY KEY (bucket, key, version_id)
);

create table s3.parts (
  upload text not null,
  number integer not null,
  size bigint not null,
  etag text not null,
  modified_at timestamp with time zone not null,
  checksum jsonb,
  segments jsonb not null,
  constraint parts_pkey PRIMARY KEY (upload, number),
  constraint parts_upload_fkey FOREIGN KEY (upload) REFERENCES s3.uploads(id) ON DELETE CASCADE
);

create table s3.uploads (
  id text not null,
  position bigint not null,
  bucket text collate "C" not null,
  key text collate "C" not null,
  initiated_at timestamp with time zone not null,
  initiator jsonb not null,
  storage_class text not null,
  headers jsonb not null,
  metadata jsonb not null,
  tags jsonb not null,
  checksum_algorithm text,
  checksum_type text,
  completed jsonb,
  completed_at timestamp with time zone,
  data_key jsonb,
  constraint uploads_pkey PRIMARY KEY (id)
);

create table secretsmanager.secrets (
  account text not null,
  region text not null,
  name text collate "C" not null,
  suffix text not null,
  description text,
  tags jsonb default '{}'::jsonb not null,
  policy text,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  accessed_at timestamp with time zone,
  delete_after timestamp with time zone,
  kms_key_id text,
  constraint secrets_pkey PRIMARY KEY (account, region, name)
);

create table secretsmanager.versions (
  account text not null,
  region text not null,
  name text collate "C" not null,
  version_id text not null,
  kind text not null,
  value text not null,
  stages text[] default '{}'::text[] not null,
  created_at timestamp with time zone not null,
  number bigint generated always as identity not null,
  data_keys jsonb,
  constraint versions_pkey PRIMARY KEY (account, region, name, version_id),
  constraint versions_account_region_name_fkey FOREIGN KEY (account, region, name) REFERENCES secretsmanager.secrets(account, region, name) ON DELETE CASCADE,
  constraint versions_kind_check CHECK ((kind = ANY (ARRAY['string'::text, 'binary'::text])))
);

create table sns.signing_keys (
  fingerprint text not null,
  hash text not null,
  certificate text not null,
  sealed_key text not null,
  created_at timestamp with time zone not null,
  constraint signing_keys_pkey PRIMARY KEY (fingerprint),
  constraint signing_keys_hash_key UNIQUE (hash)
);

create table sns.subscriptions (
  account text not null,
  region text not null,
  topic text collate "C" not null,
  id text collate "C" not null,
  protocol text not null,
  endpoint text not null,
  attributes jsonb default '{}'::jsonb not null,
  confirmed boolean not null,
  authenticated boolean default false not null,
  authenticate_on_unsubscribe boolean default false not null,
  token text,
  token_expires timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint subscriptions_pkey PRIMARY KEY (account, region, topic, id),
  constraint subscriptions_account_region_topic_fkey FOREIGN KEY (account, region, topic) REFERENCES sns.topics(account, region, name) ON DELETE CASCADE
);

create table sns.topics (
  account text not null,
  region text not null,
  name text collate "C" not null,
  attributes jsonb default '{}'::jsonb not null,
  tags jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  constraint topics_pkey PRIMARY KEY (account, region, name)
);

create table ssm.parameter_versions (
  account text not null,
  region text not null,
  name text collate "C" not null,
  version bigint not null,
  type text not null,
  value text not null,
  data_type text not null,
  tier text not null,
  key_id text,
  description text,
  allowed_pattern text,
  labels text[] default '{}'::text[] not null,
  modified_at timestamp with time zone not null,
  modified_by text not null,
  sealed_by text,
  constraint parameter_versions_pkey PRIMARY KEY (account, region, name, version),
  constraint parameter_versions_account_region_name_fkey FOREIGN KEY (account, region, name) REFERENCES ssm.parameters(account, region, name) ON DELETE CASCADE,
  constraint parameter_versions_sealed_by_check CHECK ((sealed_by = ANY (ARRAY['masterKey'::text, 'kmsKey'::text, 'dataKey'::text])))
);

create table ssm.parameters (
  account text not null,
  region text not null,
  name text collate "C" not null,
  version bigint not null,
  tags jsonb default '{}'::jsonb not null,
  constraint parameters_pkey PRIMARY KEY (account, region, name)
);

create table ssm.sessions (
  id text collate "C" not null,
  account text not null,
  region text not null,
  target text not null,
  document text not null,
  parameters jsonb not null,
  owner text not null,
  token_digest text,
  token_expires_at timestamp with time zone not null,
  started_at timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (id)
);

create sequence cloudtrail.events_seq_seq;

create sequence cloudwatch.alarm_history_id_seq;

create sequence cloudwatch.metrics_id_seq;

create sequence codebuild.builders_id_seq;

create sequence codecommit.pull_request_events_sequence_seq;

create sequence codepipeline.action_run_number_seq;

create sequence codepipeline.execution_number;

create sequence codeyard.process_id_seq;

create sequence kms.materials_number_seq;

create sequence logs.chunks_id_seq;

create sequence logs.data_keys_id_seq;

create sequence logs.groups_id_seq;

create sequence logs.streams_id_seq;

create sequence s3.position;

create sequence secretsmanager.versions_number_seq;

CREATE INDEX changes_by_time ON cloudtrail.events USING btree (account, region, "time", seq) WHERE (NOT read_only);

CREATE INDEX events_by_access_key ON cloudtrail.events USING btree (access_key, "time", seq) WHERE (access_key IS NOT NULL);

CREATE INDEX events_by_id ON cloudtrail.events USING btree (event_id);

CREATE INDEX events_by_name ON cloudtrail.events USING btree (account, region, name, "time", seq);

CREATE INDEX events_by_resource ON cloudtrail.events USING gin (resource_names) WHERE (resource_names <> '{}'::text[]);

CREATE INDEX events_by_source ON cloudtrail.events USING btree (account, region, source, "time", seq);

CREATE INDEX events_by_time ON cloudtrail.events USING btree (account, region, "time", seq);

CREATE INDEX events_by_username ON cloudtrail.events USING btree (account, region, username, "time", seq) WHERE (username IS NOT NULL);

CREATE INDEX events_to_prune ON cloudtrail.events USING brin ("time");

CREATE INDEX alarm_history_aging ON cloudwatch.alarm_history USING btree (at);

CREATE INDEX alarm_history_of_alarm ON cloudwatch.alarm_history USING btree (account, region, alarm, at, id);

CREATE INDEX alarm_history_of_all ON cloudwatch.alarm_history USING btree (account, region, at, id);

CREATE INDEX alarms_of_metric ON cloudwatch.alarms USING btree (account, region, namespace, metric_name, name);

CREATE UNIQUE INDEX metrics_identity ON cloudwatch.metrics USING btree (account, region, namespace, name, dimensions_hash);

CREATE INDEX metrics_idle ON cloudwatch.metrics USING btree (last_put_at);

CREATE INDEX metrics_listed ON cloudwatch.metrics USING btree (account, region, namespace, name, id);

CREATE INDEX points_aging ON cloudwatch.points USING btree (width, at);

CREATE INDEX batches_by_status ON codebuild.batches USING btree (account, region, status, started_at, id);

CREATE INDEX batches_of_project ON codebuild.batches USING btree (account, region, project, number);

CREATE INDEX batches_of_project_by_status ON codebuild.batches USING btree (account, region, project, status, number);

CREATE INDEX batches_started ON codebuild.batches USING btree (account, region, started_at, id);

CREATE INDEX batches_token ON codebuild.batches USING btree (account, region, project, idempotency_token) WHERE (idempotency_token IS NOT NULL);

CREATE INDEX builds_held ON codebuild.builds USING btree (lease_owner) WHERE ((status = 'IN_PROGRESS'::text) AND (NOT queued));

CREATE INDEX builds_of_project ON codebuild.builds USING btree (account, region, project, number);

CREATE INDEX builds_open ON codebuild.builds USING btree (started_at) WHERE (status = 'IN_PROGRESS'::text);

CREATE INDEX builds_open_of_fleet ON codebuild.builds USING btree (fleet) WHERE ((status = 'IN_PROGRESS'::text) AND (fleet IS NOT NULL));

CREATE INDEX builds_open_of_project ON codebuild.builds USING btree (account, region, project) WHERE (status = 'IN_PROGRESS'::text);

CREATE INDEX builds_queue ON codebuild.builds USING btree (turn, started_at, id) WHERE ((status = 'IN_PROGRESS'::text) AND queued);

CREATE INDEX builds_queue_of_project ON codebuild.builds USING btree (account, region, project, turn) WHERE ((status = 'IN_PROGRESS'::text) AND queued);

CREATE INDEX builds_started ON codebuild.builds USING btree (account, region, started_at, id);

CREATE INDEX builds_token ON codebuild.builds USING btree (account, region, project, idempotency_token) WHERE (idempotency_token IS NOT NULL);

CREATE INDEX command_executions_open ON codebuild.command_executions USING btree (account, region, sandbox) WHERE (status = 'IN_PROGRESS'::text);

CREATE INDEX command_executions_submitted ON codebuild.command_executions USING btree (account, region, sandbox, submitted_at, id);

CREATE INDEX fleets_created ON codebuild.fleets USING btree (account, region, created_at, name);

CREATE INDEX fleets_modified ON codebuild.fleets USING btree (account, region, modified_at, name);

CREATE INDEX projects_created ON codebuild.projects USING btree (account, region, created_at, name);

CREATE UNIQUE INDEX projects_id ON codebuild.projects USING btree (id);

CREATE INDEX projects_modified ON codebuild.projects USING btree (account, region, modified_at, name);

CREATE UNIQUE INDEX projects_public_alias ON codebuild.projects USING btree (public_alias) WHERE (public_alias IS NOT NULL);

CREATE INDEX report_coverages_lines ON codebuild.report_coverages USING btree (account, region, group_name, report, line_percentage, id);

CREATE INDEX report_coverages_path ON codebuild.report_coverages USING btree (account, region, group_name, report, path, id);

CREATE INDEX report_groups_created ON codebuild.report_groups USING btree (account, region, created_at, name);

CREATE INDEX report_groups_modified ON codebuild.report_groups USING btree (account, region, modified_at, name);

CREATE INDEX reports_created ON codebuild.reports USING btree (account, region, created_at, id);

CREATE INDEX reports_of_group ON codebuild.reports USING btree (account, region, group_name, created_at, id);

CREATE UNIQUE INDEX reports_token ON codebuild.reports USING btree (account, region, execution, token);

CREATE INDEX resource_shares_consumer ON codebuild.resource_shares USING btree (consumer, region, kind);

CREATE INDEX sandboxes_of_project ON codebuild.sandboxes USING btree (account, region, project, requested_at, id);

CREATE INDEX sandboxes_open ON codebuild.sandboxes USING btree (requested_at) WHERE (status = 'IN_PROGRESS'::text);

CREATE INDEX sandboxes_requested ON codebuild.sandboxes USING btree (account, region, requested_at, id);

CREATE INDEX sandboxes_token ON codebuild.sandboxes USING btree (account, region, project, idempotency_token) WHERE (idempotency_token IS NOT NULL);

CREATE INDEX webhook_deliveries_received ON codebuild.webhook_deliveries USING btree (account, region, project, received_at);

CREATE INDEX approval_rule_template_associations_repository ON codecommit.approval_rule_template_associations USING btree (repository_id, template_id);

CREATE INDEX archive_uploads_repository ON codecommit.archive_uploads USING btree (repository_id, created_at);

CREATE INDEX comment_reactions_kind ON codecommit.comment_reactions USING btree (comment_id, reaction, user_arn);

CREATE INDEX comments_comparison ON codecommit.comments USING btree (repository_id, after_commit, thread_at, thread_id, created_at, id) WHERE (pull_request IS NULL);

CREATE INDEX comments_pull_request ON codecommit.comments USING btree (account, region, pull_request, thread_at, thread_id, created_at, id) WHERE (pull_request IS NOT NULL);

CREATE UNIQUE INDEX comments_token ON codecommit.comments USING btree (account, region, client_request_token);

CREATE INDEX pull_requests_activity ON codecommit.pull_requests USING btree (repository_id, last_activity_at, number);

CREATE INDEX pull_requests_author ON codecommit.pull_requests USING btree (repository_id, author_arn, last_activity_at, number);

CREATE INDEX pull_requests_destination ON codecommit.pull_requests USING btree (repository_id, destination_reference) WHERE (status = 'OPEN'::text);

CREATE INDEX pull_requests_source ON codecommit.pull_requests USING btree (repository_id, source_reference) WHERE (status = 'OPEN'::text);

CREATE INDEX pull_requests_status ON codecommit.pull_requests USING btree (repository_id, status, last_activity_at, number);

CREATE UNIQUE INDEX pull_requests_token ON codecommit.pull_requests USING btree (account, region, client_request_token);

CREATE INDEX repositories_modified ON codecommit.repositories USING btree (account, region, modified_at, name);

CREATE UNIQUE INDEX command_of_event ON codedeploy.commands USING btree (deployment_id, target_id, event);

CREATE INDEX commands_to_give ON codedeploy.commands USING btree (account, region, host_identifier, created_at) WHERE (state = ANY (ARRAY['waiting'::text, 'given'::text]));

CREATE INDEX deployments_by_time ON codedeploy.deployments USING btree (account, region, created_at DESC, id DESC);

CREATE INDEX deployments_of_application ON codedeploy.deployments USING btree (account, region, application_name, created_at DESC, id DESC);

CREATE INDEX deployments_of_group ON codedeploy.deployments USING btree (group_id, created_at DESC, id DESC);

CREATE INDEX groups_by_config ON codedeploy.deployment_groups USING btree (config_name);

CREATE UNIQUE INDEX instances_by_host ON codedeploy.on_premises_instances USING btree (account, region, COALESCE(iam_user_arn, iam_session_arn)) WHERE (deregistered_at IS NULL);

CREATE UNIQUE INDEX one_active_deployment ON codedeploy.deployments USING btree (group_id) WHERE (status <> ALL (ARRAY['Succeeded'::text, 'Failed'::text, 'Stopped'::text]));

CREATE INDEX action_run_execution ON codepipeline.action_run USING btree (execution_id, number);

CREATE INDEX action_run_external ON codepipeline.action_run USING btree (external_id) WHERE (status = 'InProgress'::text);

CREATE INDEX action_run_latest ON codepipeline.action_run USING btree (pipeline_id, stage, name, number DESC);

CREATE INDEX action_run_list ON codepipeline.action_run USING btree (pipeline_id, number DESC);

CREATE INDEX action_run_running ON codepipeline.action_run USING btree (pipeline_id) WHERE (status = 'InProgress'::text);

CREATE INDEX execution_list ON codepipeline.execution USING btree (pipeline_id, number DESC);

CREATE INDEX execution_live ON codepipeline.execution USING btree (pipeline_id) WHERE (status = ANY (ARRAY['InProgress'::text, 'Stopping'::text]));

CREATE UNIQUE INDEX execution_token ON codepipeline.execution USING btree (pipeline_id, client_token);

CREATE INDEX source_place ON codepipeline.source USING btree (provider, account, region, place, name) WHERE detects;

CREATE INDEX targets_by_arn ON events.targets USING btree (account, region, bus, arn, rule);

CREATE INDEX access_keys_by_user ON iam.access_keys USING btree (account, user_id, id);

CREATE INDEX attachments_by_policy ON iam.attachments USING btree (policy_arn);

CREATE INDEX identities_by_boundary ON iam.identities USING btree (boundary) WHERE (boundary IS NOT NULL);

CREATE UNIQUE INDEX identities_by_name ON iam.identities USING btree (account, kind, lower(name));

CREATE INDEX identities_in_order ON iam.identities USING btree (account, kind, name);

CREATE UNIQUE INDEX instance_profiles_by_name ON iam.instance_profiles USING btree (account, lower(name));

CREATE INDEX instance_profiles_by_role ON iam.instance_profiles USING btree (role_id);

CREATE INDEX instance_profiles_in_order ON iam.instance_profiles USING btree (account, name);

CREATE INDEX memberships_by_user ON iam.memberships USING btree (user_id);

CREATE UNIQUE INDEX policies_by_name ON iam.policies USING btree (account, lower(name));

CREATE INDEX policies_in_order ON iam.policies USING btree (account, arn);

CREATE INDEX service_credentials_by_user ON iam.service_credentials USING btree (user_id, id);

CREATE INDEX aliases_key_id_name_idx ON kms.aliases USING btree (key_id, name);

CREATE INDEX grants_key_id_grantee_idx ON kms.grants USING btree (key_id, grantee);

CREATE INDEX grants_retiring_region_grant_id_idx ON kms.grants USING btree (retiring, region, grant_id) WHERE (retiring IS NOT NULL);

CREATE INDEX keys_account_region_key_id_idx ON kms.keys USING btree (account, region, key_id);

CREATE INDEX materials_key_id_number_idx ON kms.materials USING btree (key_id, number);

CREATE INDEX chunks_backward ON logs.chunks USING btree (stream_id, max_ts, id);

CREATE INDEX chunks_of_group ON logs.chunks USING btree (group_id, min_ts, id);

CREATE INDEX data_keys_group_id_idx ON logs.data_keys USING btree (group_id);

CREATE INDEX groups_with_retention ON logs.groups USING btree (account, region, id) WHERE (retention_days IS NOT NULL);

CREATE INDEX streams_by_last_event ON logs.streams USING btree (group_id, COALESCE(last_event, (0)::bigint), name);

CREATE INDEX streams_by_widest ON logs.streams USING btree (group_id, widest);

CREATE INDEX buckets_of_account ON s3.buckets USING btree (account, name);

CREATE INDEX completed_uploads ON s3.uploads USING btree (completed_at) WHERE (completed IS NOT NULL);

CREATE INDEX current_objects ON s3.objects USING btree (bucket, key) WHERE (latest AND (NOT delete_marker));

CREATE INDEX open_uploads ON s3.uploads USING btree (bucket, key, "position") WHERE (completed IS NULL);

CREATE INDEX unused_blobs ON s3.blobs USING btree (unused_since) WHERE (uses = 0);

CREATE UNIQUE INDEX versions_newest_last ON s3.objects USING btree (bucket, key, "position");

CREATE INDEX secrets_account_region_created_at_name_idx ON secretsmanager.secrets USING btree (account, region, created_at, name);

CREATE INDEX versions_account_region_name_number_idx ON secretsmanager.versions USING btree (account, region, name, number);

CREATE UNIQUE INDEX subscriptions_by_endpoint ON sns.subscriptions USING btree (account, region, topic, protocol, md5(endpoint));

CREATE OR REPLACE FUNCTION cloudwatch.bucket(value double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when value = 0 then 0 else sign(value) * exp(round(ln(abs(value)) / 0.02) * 0.02) end
$function$
;

CREATE OR REPLACE FUNCTION cloudwatch.merge_sketches(a jsonb, b jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when a is null or b is null then null else (
    with fine as (
      select value, sum(times) as times from (
        select key::double precision as value, each.value::double precision as times from jsonb_each_text(a) as each
        union all
        select key::double precision, each.value::double precision from jsonb_each_text(b) as each) as both_of
      group by value
    ), coarse as (
      select case when (select count(*) from fine) > 300 then cloudwatch.bucket(value) else value end as value, times from fine
    ), summed as (
      select value, sum(times) as times from coarse group by value
    )
    select coalesce(jsonb_object_agg(value::text, times), '{}') from summed) end
$function$
;
