-- Metrics, their minutes, alarms with their history, and dashboards.
create schema cloudwatch;

create table cloudwatch.metrics (
  id bigint generated always as identity primary key,
  account text not null,
  region text not null,
  namespace text collate "C" not null,
  name text collate "C" not null,
  -- [{"Name":...,"Value":...}] in order of name; the hash stands for it in the key, because thirty dimensions are too long for an index.
  dimensions jsonb not null,
  dimensions_hash text not null,
  -- When data was last put, to within five minutes.
  last_put_at timestamptz not null
);
create unique index metrics_identity on cloudwatch.metrics (account, region, namespace, name, dimensions_hash);
create index metrics_listed on cloudwatch.metrics (account, region, namespace, name, id);
create index metrics_idle on cloudwatch.metrics (last_put_at);

-- Everything put for a metric in one unit and one span of `width` seconds: 1 (high resolution), 60, later 300 and 3600.
create table cloudwatch.points (
  metric_id bigint not null,
  at timestamptz not null,
  width int not null,
  unit text not null,
  count double precision not null,
  sum double precision not null,
  min double precision not null,
  max double precision not null,
  -- How often each value came, {"value": times}, for percentiles; null when statistic sets hide the values.
  sketch jsonb,
  primary key (metric_id, at, width, unit)
);
create index points_aging on cloudwatch.points (width, at);

-- The bucket of a value when a sketch has too many: two percent wide, so that percentiles are off by one percent at most.
create function cloudwatch.bucket(value double precision) returns double precision language sql immutable as $$
  select case when value = 0 then 0 else sign(value) * exp(round(ln(abs(value)) / 0.02) * 0.02) end
$$;

create function cloudwatch.merge_sketches(a jsonb, b jsonb) returns jsonb language sql immutable as $$
  select case when a is null or b is null then null else (
    with fine as (
      select value, sum(times) as times from (
        select key::double precision as value, each.value::double precision as times from jsonb_each_text(a) as each
        union all
        select key::double precision, each.value::double precision from jsonb_each_text(b) as each) as both_of
      group by value
    ), coarse as (
      select case when (select count(*) from fine) > 300 then cloudwatch.bucket(value) else value end as value, times from fine
    ), summed as (
      select value, sum(times) as times from coarse group by value
    )
    select coalesce(jsonb_object_agg(value::text, times), '{}') from summed) end
$$;
create aggregate cloudwatch.merged_sketch(jsonb) (sfunc = cloudwatch.merge_sketches, stype = jsonb, initcond = '{}');

create table cloudwatch.alarms (
  account text not null,
  region text not null,
  name text collate "C" not null,
  -- What PutMetricAlarm was given, defaults filled in.
  definition jsonb not null,
  namespace text,
  metric_name text,
  tags jsonb not null default '{}',
  state text not null,
  state_reason text not null,
  state_reason_data text,
  -- When the reason was last written, and when the state last became another one.
  state_updated_at timestamptz not null,
  state_since timestamptz not null,
  configured_at timestamptz not null,
  primary key (account, region, name)
);
create index alarms_of_metric on cloudwatch.alarms (account, region, namespace, metric_name, name);

create table cloudwatch.alarm_history (
  id bigint generated always as identity primary key,
  account text not null,
  region text not null,
  alarm text collate "C" not null,
  at timestamptz not null,
  type text not null,
  summary text not null,
  data text not null
);
create index alarm_history_of_alarm on cloudwatch.alarm_history (account, region, alarm, at, id);
create index alarm_history_of_all on cloudwatch.alarm_history (account, region, at, id);
create index alarm_history_aging on cloudwatch.alarm_history (at);

create table cloudwatch.dashboards (
  account text not null,
  name text collate "C" not null,
  body text not null,
  tags jsonb not null default '{}',
  modified_at timestamptz not null,
  primary key (account, name)
);
