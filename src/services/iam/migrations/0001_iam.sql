-- Who exists and what they may. Users, groups and roles are one table, since policies attach to all three alike.
create schema iam;

create table iam.identities (
  -- AIDA..., AGPA..., AROA...
  id text primary key,
  account text not null,
  kind text not null check (kind in ('user', 'group', 'role')),
  name text collate "C" not null,
  path text collate "C" not null,
  created_at timestamptz not null,
  -- ARN of a managed policy.
  boundary text,
  tags jsonb not null default '[]',
  -- Of roles only.
  trust text,
  description text,
  max_session integer,
  service_linked boolean not null default false,
  last_used_at timestamptz,
  last_used_region text,
  check ((kind = 'role') = (trust is not null))
);
-- Names are unique without regard to case.
create unique index identities_by_name on iam.identities (account, kind, lower(name));
create index identities_in_order on iam.identities (account, kind, name);
create index identities_by_boundary on iam.identities (boundary) where boundary is not null;

create table iam.memberships (
  group_id text not null references iam.identities on delete cascade,
  user_id text not null references iam.identities on delete cascade,
  primary key (group_id, user_id)
);
create index memberships_by_user on iam.memberships (user_id);

create table iam.inline_policies (
  identity_id text not null references iam.identities on delete cascade,
  name text collate "C" not null,
  document text not null,
  primary key (identity_id, name)
);

create table iam.policies (
  arn text collate "C" primary key,
  -- ANPA...
  id text not null unique,
  account text not null,
  name text not null,
  path text not null,
  description text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  default_version integer not null,
  next_version integer not null,
  tags jsonb not null default '[]'
);
create unique index policies_by_name on iam.policies (account, lower(name));
create index policies_in_order on iam.policies (account, arn);

create table iam.policy_versions (
  arn text not null references iam.policies on delete cascade,
  version integer not null,
  document text not null,
  created_at timestamptz not null,
  primary key (arn, version)
);

-- The policy may be AWS's own, which has no row.
create table iam.attachments (
  identity_id text not null references iam.identities on delete cascade,
  policy_arn text collate "C" not null,
  primary key (identity_id, policy_arn)
);
create index attachments_by_policy on iam.attachments (policy_arn);

create table iam.access_keys (
  id text collate "C" primary key,
  account text not null,
  -- Null for root.
  user_id text references iam.identities on delete cascade,
  active boolean not null,
  -- Sealed by the master key.
  secret text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  last_used_service text,
  last_used_region text
);
create index access_keys_by_user on iam.access_keys (account, user_id, id);

create table iam.service_credentials (
  id text collate "C" primary key,
  account text not null,
  user_id text not null references iam.identities on delete cascade,
  service text not null,
  user_name text not null,
  salt text not null,
  password_hash text not null,
  active boolean not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  unique (service, user_name)
);
create index service_credentials_by_user on iam.service_credentials (user_id, id);

create table iam.ssh_keys (
  id text collate "C" primary key,
  account text not null,
  user_id text not null references iam.identities on delete cascade,
  fingerprint text not null,
  -- `ssh-rsa AAAA...`
  body text not null,
  active boolean not null,
  uploaded_at timestamptz not null,
  unique (user_id, fingerprint)
);

create table iam.instance_profiles (
  id text primary key,
  account text not null,
  name text collate "C" not null,
  path text collate "C" not null,
  created_at timestamptz not null,
  role_id text references iam.identities,
  tags jsonb not null default '[]'
);
create unique index instance_profiles_by_name on iam.instance_profiles (account, lower(name));
create index instance_profiles_in_order on iam.instance_profiles (account, name);
create index instance_profiles_by_role on iam.instance_profiles (role_id);

create table iam.account_aliases (
  alias text primary key,
  account text not null unique
);

-- Which master key sealed the secrets here: one row.
create table iam.sealed_with (
  fingerprint text primary key
);

-- What STS reads: roles that somebody wants to assume, and whose a key is. The only parts of this schema that are not private to IAM.
create view iam.assumable_roles as
  select id, account, name, path, 'arn:aws:iam::' || account || ':role' || path || name as arn, trust, max_session, tags
  from iam.identities where kind = 'role';

create view iam.key_owners as select id, account from iam.access_keys;
