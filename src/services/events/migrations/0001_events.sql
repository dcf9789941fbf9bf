-- Buses, rules and their targets. The bus `default` of every account and region is there without a row.
create schema events;

create table events.buses (
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  policy text,
  tags jsonb not null default '{}',
  primary key (account, region, name)
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
  created_at timestamptz not null,
  tags jsonb not null default '{}',
  primary key (account, region, bus, name)
);

create table events.targets (
  account text not null,
  region text not null,
  bus text collate "C" not null,
  rule text collate "C" not null,
  id text collate "C" not null,
  arn text not null,
  -- The target as PutTargets was given it.
  target jsonb not null,
  primary key (account, region, bus, rule, id),
  foreign key (account, region, bus, rule) references events.rules on delete cascade
);

create index targets_by_arn on events.targets (account, region, bus, arn, rule);

-- Changes whenever a rule of the bus does: what processes compare their compiled rules with.
create table events.rule_versions (
  account text not null,
  region text not null,
  bus text collate "C" not null,
  version text not null,
  primary key (account, region, bus)
);
