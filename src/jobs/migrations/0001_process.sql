-- Processes that run jobs: each holds an advisory lock on its id for as long as it lives.
create table codeyard.process (
  id serial primary key,
  worker_ids text[] not null,
  started_at timestamptz not null default now()
);
