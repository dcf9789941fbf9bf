-- What the tokens of running builds are made from: every builder makes the same one, also after a crash.
alter table codebuild.house add column secret text not null default gen_random_uuid()::text || gen_random_uuid()::text;
-- Raised by InvalidateProjectCache: caches of earlier generations are never found again.
alter table codebuild.projects add column cache_generation bigint not null default 0;
