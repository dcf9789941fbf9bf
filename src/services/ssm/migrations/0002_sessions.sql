-- Sessions of Session Manager that were started and are not over. A row goes when its session ends; what a crash leaves, a job takes.
create table ssm.sessions (
  -- Names the session alone: a WebSocket says nothing of account and region.
  id text collate "C" primary key,
  account text not null,
  region text not null,
  target text not null,
  document text not null,
  parameters jsonb not null,
  owner text not null,
  -- SHA-256 of the token; null once it was used.
  token_digest text,
  token_expires_at timestamptz not null,
  started_at timestamptz not null
);
