-- Chunks of lines: the text as it came and the times of its events, instead of JSON of every event.
alter table logs.chunks add column lines boolean not null default false;
