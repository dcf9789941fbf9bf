-- Pull requests, what happened to them, and what their approval asks for. An id counts within an account and region and is never used again.
create table codecommit.pull_request_numbers (
  account text not null,
  region text not null,
  last bigint not null,
  primary key (account, region)
);

create table codecommit.pull_requests (
  account text not null,
  region text not null,
  number bigint not null,
  repository_id uuid not null references codecommit.repositories on delete cascade,
  title text not null,
  description text,
  -- OPEN or CLOSED
  status text not null,
  author_arn text not null,
  client_request_token text,
  -- Of the parameters that the token was sent with.
  request_hash text not null,
  -- refs/heads/feature
  source_reference text collate "C" not null,
  destination_reference text collate "C" not null,
  -- The tips as long as it is open; then the tips that it was closed with.
  source_commit text not null,
  destination_commit text not null,
  merge_base text,
  -- The destination commit that merge_base was found for.
  merge_base_of text not null,
  revision_id text not null,
  is_merged boolean not null default false,
  merged_by text,
  merge_commit_id text,
  merge_option text,
  created_at timestamptz not null,
  last_activity_at timestamptz not null,
  primary key (account, region, number)
);
create unique index pull_requests_token on codecommit.pull_requests (account, region, client_request_token);
create index pull_requests_activity on codecommit.pull_requests (repository_id, last_activity_at, number);
create index pull_requests_status on codecommit.pull_requests (repository_id, status, last_activity_at, number);
create index pull_requests_author on codecommit.pull_requests (repository_id, author_arn, last_activity_at, number);
create index pull_requests_source on codecommit.pull_requests (repository_id, source_reference) where status = 'OPEN';
create index pull_requests_destination on codecommit.pull_requests (repository_id, destination_reference) where status = 'OPEN';

create table codecommit.pull_request_events (
  account text not null,
  region text not null,
  number bigint not null,
  sequence bigint generated always as identity,
  type text not null,
  actor_arn text not null,
  at timestamptz not null,
  metadata jsonb not null,
  primary key (account, region, number, sequence),
  foreign key (account, region, number) references codecommit.pull_requests on delete cascade
);

create table codecommit.approval_rules (
  id uuid primary key,
  account text not null,
  region text not null,
  number bigint not null,
  name text collate "C" not null,
  content text not null,
  content_sha256 text not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  modified_by text not null,
  -- The template that it came from.
  template_id uuid,
  template_name text,
  unique (account, region, number, name),
  foreign key (account, region, number) references codecommit.pull_requests on delete cascade
);

-- An approval is of one revision: the next push leaves it behind.
create table codecommit.approvals (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  user_arn text collate "C" not null,
  at timestamptz not null,
  primary key (account, region, number, revision_id, user_arn),
  foreign key (account, region, number) references codecommit.pull_requests on delete cascade
);

-- Who set the rules of a revision aside.
create table codecommit.approval_overrides (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  overrider text not null,
  primary key (account, region, number, revision_id),
  foreign key (account, region, number) references codecommit.pull_requests on delete cascade
);

-- Every revision that a pull request had.
create table codecommit.pull_request_revisions (
  account text not null,
  region text not null,
  number bigint not null,
  revision_id text not null,
  primary key (account, region, number, revision_id),
  foreign key (account, region, number) references codecommit.pull_requests on delete cascade
);
