create schema kms;

create table kms.keys (
  key_id text primary key,
  account text not null,
  region text not null,
  created_at timestamptz not null,
  description text not null,
  spec text not null,
  usage text not null,
  origin text not null check (origin in ('AWS_KMS', 'EXTERNAL')),
  manager text not null check (manager in ('CUSTOMER', 'AWS')),
  state text not null check (state in ('Enabled', 'Disabled', 'PendingDeletion', 'PendingImport')),
  -- When the waiting period ends, once somebody scheduled the deletion.
  deletes_at timestamptz,
  policy text not null,
  tags jsonb not null default '{}',
  rotation_days int,
  rotates_at timestamptz,
  -- What it encrypts and signs with; null before key material was imported.
  material_id text,
  -- Of imported material.
  expires_at timestamptz,
  -- SubjectPublicKeyInfo, of asymmetric keys.
  public_key bytea
);
create index on kms.keys (account, region, key_id);

-- Every material a key ever had: what older ones encrypted is still decrypted.
create table kms.materials (
  key_id text not null references kms.keys on delete cascade,
  material_id text not null,
  number bigint generated always as identity,
  created_at timestamptz not null,
  -- How it came to be current; null for the first.
  rotation text check (rotation in ('AUTOMATIC', 'ON_DEMAND')),
  -- Sealed with the master key; null when imported material was deleted or expired.
  sealed text,
  primary key (key_id, material_id)
);
create index on kms.materials (key_id, number);

create table kms.aliases (
  account text not null,
  region text not null,
  name text not null collate "C",
  key_id text not null references kms.keys on delete cascade,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (account, region, name)
);
create index on kms.aliases (key_id, name);

create table kms.grants (
  key_id text not null references kms.keys on delete cascade,
  grant_id text not null,
  account text not null,
  region text not null,
  name text,
  grantee text not null,
  retiring text,
  issuing_account text not null,
  operations text[] not null,
  constraints jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (key_id, grant_id)
);
create index on kms.grants (retiring, region, grant_id) where retiring is not null;
create index on kms.grants (key_id, grantee);
