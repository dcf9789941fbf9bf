-- After so many seconds a build whose builder is gone is given up: the same for all builders, who end their own builds before it is over.
alter table codebuild.house add column lost_after bigint not null default 60;
