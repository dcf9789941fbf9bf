-- Buckets, object versions, multipart uploads, and who uses which blob. Keys sort by their bytes, as in S3.
create schema s3;

create table s3.buckets (
  name text collate "C" primary key,
  account text not null,
  region text not null,
  created_at timestamptz not null,
  -- null until versioning was switched on once, then Enabled or Suspended
  versioning text,
  -- documents of the bucket's subresources by name: policy, tagging, cors, lifecycle ...
  settings jsonb not null default '{}'
);
create index buckets_of_account on s3.buckets (account, name);

-- Order of versions and uploads of one key: later ones have larger numbers. Their ids carry it.
create sequence s3.position;

create table s3.objects (
  bucket text collate "C" not null,
  key text collate "C" not null,
  -- 'null' for objects written without versioning
  version_id text not null,
  position bigint not null,
  latest boolean not null,
  delete_marker boolean not null default false,
  size bigint not null,
  -- without quotes
  etag text not null,
  modified_at timestamptz not null,
  storage_class text not null,
  -- members of GetObjectOutput as they were given: ContentType, CacheControl, ServerSideEncryption ...
  headers jsonb not null,
  metadata jsonb not null,
  tags jsonb not null,
  -- {algorithm, type, value}
  checksum jsonb,
  -- [[blob, first byte, length], ...]
  segments jsonb not null,
  -- of multipart uploads: [[number, size, checksum], ...]
  parts jsonb,
  primary key (bucket, key, version_id)
);
create unique index versions_newest_last on s3.objects (bucket, key, position);
create index current_objects on s3.objects (bucket, key) where latest and not delete_marker;

create table s3.uploads (
  id text primary key,
  position bigint not null,
  bucket text collate "C" not null,
  key text collate "C" not null,
  initiated_at timestamptz not null,
  initiator jsonb not null,
  storage_class text not null,
  headers jsonb not null,
  metadata jsonb not null,
  tags jsonb not null,
  checksum_algorithm text,
  checksum_type text,
  -- the answer of CompleteMultipartUpload, kept for clients that ask again
  completed jsonb,
  completed_at timestamptz
);
create index open_uploads on s3.uploads (bucket, key, position) where completed is null;
create index completed_uploads on s3.uploads (completed_at) where completed is not null;

create table s3.parts (
  upload text not null references s3.uploads on delete cascade,
  number integer not null,
  size bigint not null,
  etag text not null,
  modified_at timestamptz not null,
  -- {algorithm, value}
  checksum jsonb,
  segments jsonb not null,
  primary key (upload, number)
);

-- How many segments point into a blob. Those that nobody uses are deleted after a grace time, so that readers can finish.
create table s3.blobs (
  id text primary key,
  uses integer not null,
  unused_since timestamptz
);
create index unused_blobs on s3.blobs (unused_since) where uses = 0;
