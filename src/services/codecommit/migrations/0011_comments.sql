-- Comments on pull requests and on comparisons of commits, their replies and reactions.
create table codecommit.comments (
  id text primary key,
  account text not null,
  region text not null,
  repository_id uuid not null references codecommit.repositories on delete cascade,
  -- Null for a comment on a comparison.
  pull_request bigint,
  before_commit text,
  after_commit text not null,
  before_blob text,
  after_blob text,
  file_path text,
  file_position bigint,
  relative_file_version text,
  -- The first comment of the conversation and when it was made: its own for that one.
  thread_id text not null,
  thread_at timestamptz not null,
  in_reply_to text,
  author_arn text not null,
  -- Null once it was deleted.
  content text,
  client_request_token text,
  request_hash text not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  foreign key (account, region, pull_request) references codecommit.pull_requests on delete cascade
);
create unique index comments_token on codecommit.comments (account, region, client_request_token);
create index comments_pull_request on codecommit.comments (account, region, pull_request, thread_at, thread_id, created_at, id)
  where pull_request is not null;
create index comments_comparison on codecommit.comments (repository_id, after_commit, thread_at, thread_id, created_at, id)
  where pull_request is null;

create table codecommit.comment_reactions (
  comment_id text not null references codecommit.comments on delete cascade,
  user_arn text collate "C" not null,
  -- THUMBSUP
  reaction text collate "C" not null,
  at timestamptz not null,
  primary key (comment_id, user_arn)
);
create index comment_reactions_kind on codecommit.comment_reactions (comment_id, reaction, user_arn);
