-- Topics, their subscriptions, and the keys that sign what is delivered.
create schema sns;

create table sns.topics (
  account text not null,
  region text not null,
  name text collate "C" not null,
  -- As SetTopicAttributes sets them; what is not set has AWS's default.
  attributes jsonb not null default '{}',
  tags jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (account, region, name)
);

create table sns.subscriptions (
  account text not null,
  region text not null,
  topic text collate "C" not null,
  id text collate "C" not null,
  protocol text not null,
  endpoint text not null,
  attributes jsonb not null default '{}',
  confirmed boolean not null,
  -- The confirming call was signed.
  authenticated boolean not null default false,
  authenticate_on_unsubscribe boolean not null default false,
  token text,
  token_expires timestamptz,
  created_at timestamptz not null,
  primary key (account, region, topic, id),
  foreign key (account, region, topic) references sns.topics on delete cascade
);

create unique index subscriptions_by_endpoint on sns.subscriptions (account, region, topic, protocol, md5(endpoint));

-- One for each master key, which seals it.
create table sns.signing_keys (
  fingerprint text primary key,
  -- Names the certificate in SigningCertURL.
  hash text not null unique,
  certificate text not null,
  sealed_key text not null,
  created_at timestamptz not null
);
