-- The queue and its turns, who works on it, fleets, and what builders on other machines need to know.
alter table codebuild.builds
  -- No builder has had it yet.
  add column queued boolean not null default false,
  -- The order of the queue: builds of one project have rising turns, so that projects take turns.
  add column turn bigint not null default 0,
  -- `Linux/Small`: what the account's limits are counted by.
  add column kind text not null default '',
  -- account/region/name of the fleet it is for.
  add column fleet text,
  -- It overflowed its fleet.
  add column on_demand boolean not null default false,
  -- It may wait until its project has fewer builds running than this.
  add column queue_limit bigint,
  -- Where its sandbox is: only builders of that place can go on with it.
  add column place text,
  -- Since when it has begun and nobody works on it.
  add column adrift_since timestamptz,
  -- The build that was started instead of it.
  add column next_retry text,
  drop column lease_until;
update codebuild.builds set queued = progress -> 'state' ->> 'phase' = 'QUEUED' where status = 'IN_PROGRESS';
update codebuild.builds set lease_owner = null, adrift_since = now() where status = 'IN_PROGRESS' and not queued;

create index builds_queue on codebuild.builds (turn, started_at, id) where status = 'IN_PROGRESS' and queued;
create index builds_queue_of_project on codebuild.builds (account, region, project, turn) where status = 'IN_PROGRESS' and queued;
create index builds_held on codebuild.builds (lease_owner) where status = 'IN_PROGRESS' and not queued;

-- Processes that build: each holds an advisory lock on its id for as long as it lives.
create table codebuild.builders (
  id serial primary key,
  owner text not null,
  host text not null,
  pid bigint not null,
  place text not null,
  -- account/region/name of each; none of them builds what is for no fleet.
  fleets text[] not null,
  slots bigint not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);

create table codebuild.fleets (
  account text not null,
  region text not null,
  name text collate "C" not null,
  id uuid not null,
  definition jsonb not null,
  tags jsonb not null default '[]',
  status text not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  primary key (account, region, name)
);
create index fleets_created on codebuild.fleets (account, region, created_at, name);
create index fleets_modified on codebuild.fleets (account, region, modified_at, name);

-- Builds at once of each kind, in each account and region; `*` is every kind that is not named.
create table codebuild.limits (
  kind text primary key,
  most bigint not null
);

-- Where processes that answer calls are, for builders that are no such processes themselves.
create table codebuild.api_endpoints (
  endpoint text primary key,
  host text not null,
  -- The installation's table of images.
  images jsonb not null default '{}',
  -- And that of git providers.
  providers jsonb not null default '{"hosts": {}}',
  seen_at timestamptz not null default now()
);

-- A process without the master key asks for it: `answer` is sealed for `public_key`, whose other half only the asker has.
create table codebuild.key_requests (
  id uuid primary key,
  public_key text not null,
  who text not null,
  answer text,
  asked_at timestamptz not null default now()
);
