-- Groups with a KMS key: batches that come after it was associated are encrypted with a data key of the group.
create table logs.data_keys (
  id bigint generated always as identity primary key,
  group_id bigint not null,
  -- ARN of the group: the encryption context.
  arn text not null,
  -- Under the KMS key.
  encrypted bytea not null
);
create index on logs.data_keys (group_id);

alter table logs.groups add column kms_key_id text;
-- Of logs.data_keys: what new batches are encrypted with.
alter table logs.groups add column data_key bigint;
-- Null: not encrypted.
alter table logs.chunks add column data_key bigint;
