-- Templates whose rules every new pull request of an associated repository is given.
create table codecommit.approval_rule_templates (
  id uuid primary key,
  account text not null,
  region text not null,
  name text collate "C" not null,
  description text,
  content text not null,
  content_sha256 text not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  modified_by text not null,
  unique (account, region, name)
);

create table codecommit.approval_rule_template_associations (
  template_id uuid not null references codecommit.approval_rule_templates on delete cascade,
  repository_id uuid not null references codecommit.repositories on delete cascade,
  primary key (template_id, repository_id)
);
create index approval_rule_template_associations_repository on codecommit.approval_rule_template_associations (repository_id, template_id);
