-- A project with a limit counts what it has open, whatever it had before; a fleet counts its own.
create index builds_open_of_project on codebuild.builds (account, region, project) where status = 'IN_PROGRESS';
create index builds_open_of_fleet on codebuild.builds (fleet) where status = 'IN_PROGRESS' and fleet is not null;
