// Chunks: the events of one PutLogEvents as one row, zstd when that pays, read back in bounded bites.

import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { type Lines, packLines, unpackLines } from './lines.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

export interface NewEvent {
  readonly timestamp: number
  readonly message: string
}

export interface ChunkRow {
  id: number
  stream_id: number
  stream_name: string
  min_ts: number
  max_ts: number
  ingested_at: number
  bytes: number
  compressed: boolean
  lines: boolean
  data: Buffer
  /** What the data is encrypted with, in a group with a KMS key. */
  data_key: number | null
}

/** Below this many bytes a chunk is stored as it is: compressing would cost more than it saves. */
const WORTH_COMPRESSING = 512
/** Up to so many bytes another thread takes longer to answer than the work does, on a busy machine by far; most batches of builds are smaller. */
const QUICK_BYTES = 32_768
/** AWS: the size of an event is its UTF-8 bytes and 26 (PutLogEvents, API reference). */
export const EVENT_OVERHEAD = 26

export const eventSize = (message: string) => Buffer.byteLength(message) + EVENT_OVERHEAD

export interface EncodedChunk {
  readonly data: Buffer
  readonly compressed: boolean
  /** See lines.ts; else JSON of all events. */
  readonly lines: boolean
  /** The data is encrypted with it. */
  readonly dataKey?: number
}

export async function encode(events: readonly NewEvent[]): Promise<EncodedChunk> {
  const text = Buffer.from(JSON.stringify({ t: events.map(e => e.timestamp), m: events.map(e => e.message) }))
  const compressed = text.length >= WORTH_COMPRESSING
  if (!compressed) return { data: text, compressed, lines: false }
  return { data: text.length <= QUICK_BYTES ? zstdCompressSync(text) : await compress(text), compressed, lines: false }
}

export async function encodeLines(lines: Lines): Promise<EncodedChunk> {
  return { data: await packLines(lines), compressed: true, lines: true }
}

export async function decode(chunk: EncodedChunk): Promise<{ t: number[]; m: string[] }> {
  if (chunk.lines) return await unpackLines(chunk.data)
  const text = chunk.compressed ? await unpack(chunk.data) : chunk.data
  return JSON.parse(text.toString('utf8'))
}

/** Compressed data of a quick size is of a text that is not large either: builds' texts shrink to a fifth at best, and a megabyte is the most. */
const unpack = (data: Buffer) => (data.length <= QUICK_BYTES / 8 ? zstdDecompressSync(data) : decompress(data))

export interface NewChunk {
  readonly groupId: number
  readonly streamId: number
  readonly minTs: number
  readonly maxTs: number
  readonly bytes: number
  readonly events: number
  readonly encoded: EncodedChunk
}

/**
 * Appends a chunk, counts it into its stream and tells listeners (`tail`), in one statement, since builds wait for it; answers its id, undefined
 * when the stream is gone. The stream's row is locked first: ids in a stream follow commits.
 */
export async function appendChunk(tx: Tx, chunk: NewChunk, now: Date, tail: string): Promise<number | undefined> {
  const { groupId, streamId, minTs, maxTs, bytes, events, encoded } = chunk
  const row = await tx.one<{ id: number }>`
    with counted as (
      update logs.streams set
        first_event = least(first_event, ${minTs}), last_event = greatest(last_event, ${maxTs}),
        last_ingested = greatest(last_ingested, ${now.getTime()}), stored_bytes = stored_bytes + ${bytes},
        widest = greatest(widest, ${maxTs - minTs})
      where id = ${streamId} returning id),
    appended as (
      insert into logs.chunks (group_id, stream_id, min_ts, max_ts, ingested_at, events, bytes, compressed, lines, data, data_key)
      select ${groupId}::bigint, id, ${minTs}::bigint, ${maxTs}::bigint, ${now.getTime()}::bigint, ${events}::integer,
             ${bytes}::integer, ${encoded.compressed}::boolean, ${encoded.lines}::boolean, ${encoded.data}::bytea,
             ${encoded.dataKey ?? null}::bigint
      from counted returning id)
    select id, pg_notify('logs', ${tail}) from appended`
  return row?.id
}

/** Which chunks to read: one stream's, some streams' of a group, or all of a group's. */
export type Source =
  | { readonly kind: 'stream'; readonly streamId: number }
  | { readonly kind: 'streams'; readonly groupId: number; readonly streamIds: readonly number[] }
  | { readonly kind: 'group'; readonly groupId: number }

export interface Span {
  /** Inclusive, milliseconds. */
  readonly from: number
  /** Exclusive. */
  readonly until: number
}

export interface Cursor {
  readonly ts: number
  readonly id: number
}

export interface Bite {
  readonly direction: 'forward' | 'backward'
  readonly span: Span
  readonly cursor: Cursor
  /** Bytes of events to fetch. */
  readonly budget: number
  /** A chunk that ends with this index was read to its end: a poll at the tail need not unpack it again. */
  readonly spent?: { readonly chunk: number; readonly index: number } | undefined
}

/** Streams read one by one through their own index; more than this and the group's index is the better way. */
const FEW_STREAMS = 100
/** Rows looked at in one query; their data is only fetched within the byte budget. */
const ROWS = 1000

/**
 * The next chunks that touch `span`, beginning after `cursor`: forward by (first time, id), backward by (last time, id)
 * descending. At least one if there is one, else as many as fit in `budget` bytes of events.
 */
export function nextChunks(
  tx: Tx,
  source: Source,
  { direction, span, cursor, budget, spent }: Bite,
): Promise<ChunkRow[]> {
  const forward = direction === 'forward'
  const order = forward ? sql`min_ts, id` : sql`max_ts desc, id desc`
  const touching = sql`max_ts >= ${span.from} and min_ts < ${span.until} and ${
    forward ? sql`(min_ts, id) > (${cursor.ts}, ${cursor.id})` : sql`(max_ts, id) < (${cursor.ts}, ${cursor.id})`
  } ${spent ? sql`and not (id = ${spent.chunk} and events <= ${spent.index + 1}::bigint)` : sql``}`
  return tx.rows<ChunkRow>`
    select b.id, b.stream_id, s.name as stream_name, b.min_ts, b.max_ts, b.ingested_at, b.bytes, b.compressed, b.lines, b.data, b.data_key
    from (
      select c.*, sum(bytes) over (order by ${order}) - bytes as before
      from (${candidates(source, touching, order)} order by ${order} limit ${ROWS}) c
    ) b join logs.streams s on s.id = b.stream_id
    where b.before = 0 or b.before + b.bytes <= ${budget}
    order by ${forward ? sql`b.min_ts, b.id` : sql`b.max_ts desc, b.id desc`}`
}

function candidates(source: Source, touching: Sql, order: Sql): Sql {
  switch (source.kind) {
    case 'stream':
      return sql`select * from logs.chunks where stream_id = ${source.streamId} and ${touching}`
    case 'group':
      return sql`select * from logs.chunks where group_id = ${source.groupId} and ${touching}`
    case 'streams':
      return source.streamIds.length > FEW_STREAMS
        ? sql`select * from logs.chunks where group_id = ${source.groupId} and ${touching}
              and stream_id = any(${source.streamIds}::bigint[])`
        : sql`select l.* from unnest(${source.streamIds}::bigint[]) as ids (stream)
              cross join lateral (
                select * from logs.chunks where stream_id = ids.stream and ${touching} order by ${order} limit ${ROWS}
              ) l`
  }
}

/** Deletes up to `limit` chunks of the group that ended before `cutoff`; answers how many. */
export function deleteExpiredChunks(tx: Tx, groupId: number, cutoff: number, limit: number): Promise<number> {
  return tx.run`
    delete from logs.chunks c using (
      select stream_id, min_ts, id from logs.chunks
      where group_id = ${groupId} and min_ts < ${cutoff} and max_ts < ${cutoff} order by min_ts, id limit ${limit}
    ) old where (c.stream_id, c.min_ts, c.id) = (old.stream_id, old.min_ts, old.id)`
}

export function deleteChunksOfStream(tx: Tx, streamId: number, limit: number): Promise<number> {
  return tx.run`
    delete from logs.chunks c using (
      select min_ts, id from logs.chunks where stream_id = ${streamId} order by min_ts, id limit ${limit}
    ) old where c.stream_id = ${streamId} and c.min_ts = old.min_ts and c.id = old.id`
}

export function deleteStreamsOfGroup(tx: Tx, groupId: number, limit: number): Promise<number> {
  return tx.run`
    delete from logs.streams where id in (select id from logs.streams where group_id = ${groupId} limit ${limit})`
}

export function deleteChunksOfGroup(tx: Tx, groupId: number, limit: number): Promise<number> {
  return deleteExpiredChunks(tx, groupId, Number.MAX_SAFE_INTEGER, limit)
}
