-- Credentials for git providers, webhooks, and what they delivered.
create table codebuild.source_credentials (
  account text not null,
  region text not null,
  server_type text not null,
  auth_type text not null,
  username text,
  -- The token, encrypted with the master key; null when `resource` says where it is.
  sealed text,
  -- ARN of a secret of Secrets Manager.
  resource text,
  modified_at timestamptz not null,
  primary key (account, region, server_type)
);

create table codebuild.webhooks (
  account text not null,
  region text not null,
  project text collate "C" not null,
  -- Finds the webhook when its payload URL is called.
  token text not null unique,
  payload_url text not null,
  source_type text not null,
  -- Whose events come: {"kind": "repository", "path": ...}, an organization or all.
  place jsonb not null,
  api text not null,
  insecure boolean not null,
  -- At the provider; null when somebody else makes it there.
  hook_id text,
  url text,
  sealed_secret text not null,
  -- branchFilter, filterGroups, buildType, manualCreation, scopeConfiguration, pullRequestBuildPolicy as they were given.
  definition jsonb not null,
  secret_modified_at timestamptz not null,
  primary key (account, region, project),
  foreign key (account, region, project) references codebuild.projects on delete cascade
);

-- A delivery that comes again does nothing.
create table codebuild.webhook_deliveries (
  account text not null,
  region text not null,
  project text collate "C" not null,
  delivery text not null,
  received_at timestamptz not null,
  -- What waits for an answer of the provider; null when all is done.
  waiting jsonb,
  primary key (account, region, project, delivery),
  foreign key (account, region, project) references codebuild.webhooks on delete cascade
);
create index webhook_deliveries_received on codebuild.webhook_deliveries (account, region, project, received_at);
