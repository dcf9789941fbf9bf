create schema secretsmanager;

create table secretsmanager.secrets (
  account text not null,
  region text not null,
  name text not null collate "C",
  -- The six characters behind the name in the ARN.
  suffix text not null,
  description text,
  tags jsonb not null default '{}',
  policy text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- A day, as AWS tells no more.
  accessed_at timestamptz,
  -- When the recovery window ends, once somebody deleted the secret.
  delete_after timestamptz,
  primary key (account, region, name)
);
create index on secretsmanager.secrets (account, region, created_at, name);

create table secretsmanager.versions (
  account text not null,
  region text not null,
  name text not null collate "C",
  version_id text not null,
  kind text not null check (kind in ('string', 'binary')),
  -- Sealed with the master key.
  value text not null,
  stages text[] not null default '{}',
  created_at timestamptz not null,
  number bigint generated always as identity,
  primary key (account, region, name, version_id),
  foreign key (account, region, name) references secretsmanager.secrets on delete cascade
);
create index on secretsmanager.versions (account, region, name, number);
