-- Report groups, the reports of builds, and what is in them.
create table codebuild.report_groups (
  account text not null,
  region text not null,
  name text collate "C" not null,
  type text not null,
  export_config jsonb not null,
  tags jsonb not null default '[]',
  created_at timestamptz not null,
  modified_at timestamptz not null,
  primary key (account, region, name)
);
create index report_groups_created on codebuild.report_groups (account, region, created_at, name);
create index report_groups_modified on codebuild.report_groups (account, region, modified_at, name);

create table codebuild.reports (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  id uuid not null,
  -- The build's ARN, and which of its reports this is: a builder that does its work again finds the same report.
  execution text not null,
  token text not null,
  type text not null,
  status text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- The group's when the report was made.
  export_config jsonb not null,
  truncated boolean not null default false,
  -- testSummary or codeCoverageSummary, without percentages.
  summary jsonb,
  primary key (account, region, group_name, id),
  foreign key (account, region, group_name) references codebuild.report_groups on delete cascade
);
create unique index reports_token on codebuild.reports (account, region, execution, token);
create index reports_created on codebuild.reports (account, region, created_at, id);
create index reports_of_group on codebuild.reports (account, region, group_name, created_at, id);

create table codebuild.report_cases (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  report uuid not null,
  position bigint not null,
  prefix text not null,
  suite text not null,
  name text not null,
  status text not null,
  duration bigint not null,
  message text not null,
  raw_path text not null,
  primary key (account, region, group_name, report, position),
  foreign key (account, region, group_name, report) references codebuild.reports on delete cascade
);

create table codebuild.report_coverages (
  account text not null,
  region text not null,
  group_name text collate "C" not null,
  report uuid not null,
  id uuid not null default gen_random_uuid(),
  path text collate "C" not null,
  lines_covered bigint not null,
  lines_missed bigint not null,
  branches_covered bigint not null,
  branches_missed bigint not null,
  line_percentage double precision not null,
  primary key (account, region, group_name, report, id),
  foreign key (account, region, group_name, report) references codebuild.reports on delete cascade
);
create index report_coverages_path on codebuild.report_coverages (account, region, group_name, report, path, id);
create index report_coverages_lines on codebuild.report_coverages (account, region, group_name, report, line_percentage, id);
