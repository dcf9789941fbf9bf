create schema ssm;

create table ssm.parameters (
  account text not null,
  region text not null,
  name text not null collate "C",
  -- The version that GetParameter answers without a selector.
  version bigint not null,
  tags jsonb not null default '{}',
  primary key (account, region, name)
);

create table ssm.parameter_versions (
  account text not null,
  region text not null,
  name text not null collate "C",
  version bigint not null,
  type text not null,
  -- Sealed with the master key for SecureString.
  value text not null,
  data_type text not null,
  tier text not null,
  key_id text,
  description text,
  allowed_pattern text,
  labels text[] not null default '{}',
  modified_at timestamptz not null,
  modified_by text not null,
  primary key (account, region, name, version),
  foreign key (account, region, name) references ssm.parameters on delete cascade
);
