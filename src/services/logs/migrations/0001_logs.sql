-- Groups, streams and chunks. A chunk is what one PutLogEvents accepted; events are addressed by (time, chunk, index).
create schema logs;

create table logs.groups (
  id bigint generated always as identity primary key,
  account text not null,
  region text not null,
  name text collate "C" not null,
  created_at timestamptz not null,
  retention_days integer,
  class text not null,
  deletion_protected boolean not null default false,
  tags jsonb not null default '{}',
  unique (account, region, name)
);

create index groups_with_retention on logs.groups (account, region, id) where retention_days is not null;

-- No foreign keys to groups: a group disappears at once, its streams and chunks in bounded batches afterwards.
create table logs.streams (
  id bigint generated always as identity primary key,
  group_id bigint not null,
  name text collate "C" not null,
  created_at timestamptz not null,
  -- Milliseconds, as events carry them.
  first_event bigint,
  last_event bigint,
  last_ingested bigint,
  stored_bytes bigint not null default 0,
  -- The longest time that one chunk spans: how far before a moment a chunk that reaches it may begin.
  widest bigint not null default 0,
  unique (group_id, name)
) with (fillfactor = 80);

create index streams_by_last_event on logs.streams (group_id, coalesce(last_event, 0), name);
create index streams_by_widest on logs.streams (group_id, widest);

create table logs.chunks (
  id bigint generated always as identity,
  group_id bigint not null,
  stream_id bigint not null,
  min_ts bigint not null,
  max_ts bigint not null,
  ingested_at bigint not null,
  events integer not null,
  -- Size as AWS counts it: UTF-8 of the messages and 26 bytes an event.
  bytes integer not null,
  -- zstd of the JSON when compressed, else the JSON.
  compressed boolean not null,
  data bytea not null,
  primary key (stream_id, min_ts, id)
);

alter table logs.chunks alter column data set storage external;

create index chunks_backward on logs.chunks (stream_id, max_ts, id);
create index chunks_of_group on logs.chunks (group_id, min_ts, id);

create table logs.resource_policies (
  account text not null,
  region text not null,
  name text collate "C" not null,
  document text not null,
  updated_at timestamptz not null,
  primary key (account, region, name)
);
