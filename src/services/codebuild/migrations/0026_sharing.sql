-- Who else may read a project or a report group: its policy, and by name the accounts and users in it, for their lists.
create table codebuild.resource_policies (
  account text not null,
  region text not null,
  kind text not null check (kind in ('project', 'report-group')),
  name text not null,
  policy text not null,
  modified_at timestamptz not null,
  primary key (account, region, kind, name)
);
create table codebuild.resource_shares (
  -- An account's id, or the ARN of a user or role.
  consumer text not null,
  account text not null,
  region text not null,
  kind text not null,
  name text not null,
  primary key (account, region, kind, name, consumer),
  foreign key (account, region, kind, name) references codebuild.resource_policies on delete cascade
);
create index resource_shares_consumer on codebuild.resource_shares (consumer, region, kind);
-- Public projects: the alias is the address of their page, and stays when a project is private for a while.
alter table codebuild.projects add column visibility text not null default 'PRIVATE';
alter table codebuild.projects add column public_alias text;
alter table codebuild.projects add column resource_access_role text;
create unique index projects_public_alias on codebuild.projects (public_alias) where public_alias is not null;
