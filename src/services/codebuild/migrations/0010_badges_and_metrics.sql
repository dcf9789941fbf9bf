-- Badges are asked for by a project's id alone.
create unique index projects_id on codebuild.projects (id);
-- What CloudWatch was told of a build: nothing, that it began, that it ended.
alter table codebuild.builds add column metrics_put smallint not null default 0;
