-- Applications, their groups and revisions, on-premises hosts, deployments with their targets, and the commands that hosts fetch.
create schema codedeploy;

create table codedeploy.applications (
  id text primary key,
  account text not null,
  region text not null,
  name text collate "C" not null,
  compute_platform text not null,
  created_at timestamptz not null,
  unique (account, region, name)
);

create table codedeploy.deployment_configs (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id text not null,
  minimum jsonb not null,
  created_at timestamptz not null,
  primary key (account, region, name)
);

create table codedeploy.deployment_groups (
  id text primary key,
  application_id text not null references codedeploy.applications on delete cascade,
  name text collate "C" not null,
  config_name text not null,
  service_role_arn text not null,
  -- Members of DeploymentGroupInfo as the caller gave them.
  settings jsonb not null,
  target_revision jsonb,
  last_attempted jsonb,
  last_successful jsonb,
  created_at timestamptz not null,
  unique (application_id, name)
);

create index groups_by_config on codedeploy.deployment_groups (config_name);

create table codedeploy.revisions (
  application_id text not null references codedeploy.applications on delete cascade,
  key text collate "C" not null,
  location jsonb not null,
  bucket text not null,
  object_key text not null,
  description text,
  registered_at timestamptz not null,
  first_used_at timestamptz,
  last_used_at timestamptz,
  primary key (application_id, key)
);

create table codedeploy.on_premises_instances (
  account text not null,
  region text not null,
  name text collate "C" not null,
  arn text not null,
  iam_user_arn text,
  iam_session_arn text,
  tags jsonb not null default '[]',
  registered_at timestamptz not null,
  deregistered_at timestamptz,
  -- When the agent last asked for work.
  last_seen_at timestamptz,
  primary key (account, region, name)
);

create unique index instances_by_host on codedeploy.on_premises_instances
  (account, region, coalesce(iam_user_arn, iam_session_arn)) where deregistered_at is null;

create table codedeploy.deployments (
  id text collate "C" primary key,
  account text not null,
  region text not null,
  application_name text not null,
  group_id text not null,
  group_name text not null,
  status text not null,
  creator text not null,
  -- What was asked for: description, configuration, rollback, file behaviour ...
  request jsonb not null,
  -- The S3 location with the version and ETag that the object had when the deployment was made.
  revision jsonb not null,
  revision_key text not null,
  previous_revision jsonb,
  minimum jsonb not null,
  error jsonb,
  stopping jsonb,
  rollback jsonb,
  created_at timestamptz not null,
  started_at timestamptz,
  completed_at timestamptz
);

create index deployments_by_time on codedeploy.deployments (account, region, created_at desc, id desc);
create index deployments_of_application on codedeploy.deployments
  (account, region, application_name, created_at desc, id desc);
create index deployments_of_group on codedeploy.deployments (group_id, created_at desc, id desc);
-- AWS: a deployment group has at most one active deployment.
create unique index one_active_deployment on codedeploy.deployments (group_id)
  where status not in ('Succeeded', 'Failed', 'Stopped');

create table codedeploy.targets (
  deployment_id text not null references codedeploy.deployments on delete cascade,
  target_id text collate "C" not null,
  -- The order in which targets are deployed to.
  ordinal integer not null,
  arn text not null,
  host_identifier text not null,
  status text not null,
  events jsonb not null,
  updated_at timestamptz not null,
  primary key (deployment_id, target_id)
);

-- How the last deployment of a group ended on a host: the next one goes to the unhealthy first.
create table codedeploy.host_health (
  group_id text not null,
  target_id text not null,
  status text not null,
  revision_key text not null,
  primary key (group_id, target_id)
);

create table codedeploy.commands (
  id text primary key,
  deployment_id text not null references codedeploy.deployments on delete cascade,
  target_id text not null,
  event text not null,
  account text not null,
  region text not null,
  host_identifier text not null,
  -- waiting, given (to a poller), running (acknowledged), over
  state text not null,
  nonce integer not null default 0,
  created_at timestamptz not null,
  given_at timestamptz
);

create index commands_to_give on codedeploy.commands (account, region, host_identifier, created_at) where state in ('waiting', 'given');
create unique index command_of_event on codedeploy.commands (deployment_id, target_id, event);

create table codedeploy.tags (
  account text not null,
  region text not null,
  arn text collate "C" not null,
  key text collate "C" not null,
  value text not null,
  primary key (account, region, arn, key)
);
