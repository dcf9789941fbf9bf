-- What happened: one row a call. `seq` breaks ties of time, so that paging neither misses nor repeats.
create schema cloudtrail;

create table cloudtrail.events (
  seq bigint generated always as identity primary key,
  event_id text not null,
  account text not null,
  region text not null,
  time timestamptz not null,
  name text not null,
  source text not null,
  username text,
  access_key text,
  read_only boolean not null,
  resource_types text[] not null,
  resource_names text[] not null,
  -- The whole record as CloudTrail shows it.
  record text not null
);

alter table cloudtrail.events alter column record set storage main;

create index events_by_time on cloudtrail.events (account, region, time, seq);
create index events_by_name on cloudtrail.events (account, region, name, time, seq);
create index events_by_source on cloudtrail.events (account, region, source, time, seq);
create index events_by_username on cloudtrail.events (account, region, username, time, seq) where username is not null;
create index events_by_access_key on cloudtrail.events (access_key, time, seq) where access_key is not null;
create index changes_by_time on cloudtrail.events (account, region, time, seq) where not read_only;
create index events_by_id on cloudtrail.events (event_id);
create index events_by_resource on cloudtrail.events using gin (resource_names) where resource_names <> '{}';
-- Rows come in order of time: enough to find the old ones.
create index events_to_prune on cloudtrail.events using brin (time);
