// Lists of keys by prefix and delimiter. A common prefix is one step of an index walk however many keys are below it:
// the walk jumps to the first key behind the prefix instead of reading on.

import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { failArgument } from './errors.ts'
import { successor, urlEncode } from './names.ts'
import type { ObjectVersion } from './objects.ts'

export type ListedObject = Pick<ObjectVersion, 'key' | 'size' | 'etag' | 'modified_at' | 'storage_class'> & {
  readonly algorithm: string | null
  readonly checksum_type: string | null
}

/** A key, or a group of keys that share `prefix`. */
export type Entry<Row> = { readonly prefix: string } | { readonly row: Row }

export interface ListQuery {
  readonly bucket: string
  readonly prefix: string
  readonly delimiter: string
  /** Keys behind this one; when it is a common prefix, keys behind all that begin with it. */
  readonly after: string
  readonly limit: number
}

/** The table to walk, its rows narrowed to those that count, and the columns to answer. */
interface Source {
  readonly table: Sql
  readonly where: Sql
  readonly columns: Sql
  /** Lines of one key in their order; a walk by key shows each key once, so it is only used without this. */
  readonly order: Sql
}

const CURRENT: Source = {
  table: sql`s3.objects`,
  where: sql`latest and not delete_marker`,
  columns: sql`key, size, etag, modified_at, storage_class, checksum->>'algorithm' as algorithm, checksum->>'type' as checksum_type`,
  order: sql`key`,
}

/** Current objects in the byte order of their keys, at most `limit` entries. */
export async function listCurrent(tx: Tx, query: ListQuery): Promise<Entry<ListedObject>[]> {
  return walk<ListedObject>(tx, CURRENT, query)
}

const VERSIONS: Source = {
  table: sql`s3.objects`,
  where: sql`true`,
  columns: sql`key, version_id, position, latest, delete_marker, size, etag, modified_at, storage_class,
    checksum->>'algorithm' as algorithm, checksum->>'type' as checksum_type`,
  order: sql`key, position desc`,
}
export type ListedVersion = ListedObject & Pick<ObjectVersion, 'version_id' | 'position' | 'latest' | 'delete_marker'>

const UPLOADS: Source = {
  table: sql`s3.uploads`,
  where: sql`completed is null`,
  columns: sql`id, key, position, initiated_at, initiator, storage_class, checksum_algorithm, checksum_type`,
  order: sql`key, position`,
}
export interface ListedUpload {
  readonly id: string
  readonly key: string
  readonly position: number
  readonly initiated_at: Date
  readonly initiator: { readonly ID: string }
  readonly storage_class: string
  readonly checksum_algorithm: string | null
  readonly checksum_type: string | null
}

/** Versions and delete markers, newest first for each key; `at` = go on behind this version of `after`. */
export async function listVersions(tx: Tx, query: ListQuery, at: number | undefined): Promise<Entry<ListedVersion>[]> {
  const rest = at === undefined ? sql`false` : sql`key = ${query.after} and position < ${at}`
  return withinKeys<ListedVersion>(tx, VERSIONS, query, rest)
}

/** Unfinished uploads, oldest first for each key; `at` = go on behind this upload of `after`. */
export async function listUploads(tx: Tx, query: ListQuery, at: number | undefined): Promise<Entry<ListedUpload>[]> {
  const rest = at === undefined ? sql`false` : sql`key = ${query.after} and position > ${at}`
  return withinKeys<ListedUpload>(tx, UPLOADS, query, rest)
}

/** First what is left of the marker's own key, then the keys behind it. */
async function withinKeys<Row extends { key: string }>(
  tx: Tx,
  source: Source,
  query: ListQuery,
  rest: Sql,
): Promise<Entry<Row>[]> {
  const started = await tx.rows<Row>`
    select ${source.columns} from ${source.table} where bucket = ${query.bucket} and ${source.where} and (${rest})
    order by ${source.order} limit ${query.limit}`
  const entries: Entry<Row>[] = started.map(row => ({ row }))
  if (entries.length >= query.limit) return entries
  return [...entries, ...(await walk<Row>(tx, source, { ...query, limit: query.limit - entries.length }))]
}

async function walk<Row extends { key: string }>(tx: Tx, source: Source, query: ListQuery): Promise<Entry<Row>[]> {
  if (query.limit <= 0) return []
  const start = startOf(query)
  if (start === undefined) return []
  return query.delimiter === '' ? plainWalk<Row>(tx, source, query, start) : groupedWalk<Row>(tx, source, query, start)
}

async function plainWalk<Row>(tx: Tx, source: Source, query: ListQuery, start: Sql): Promise<Entry<Row>[]> {
  const rows = await tx.rows<Row>`
    select ${source.columns} from ${source.table}
    where bucket = ${query.bucket} and ${source.where} and ${start} and ${below(query.prefix)}
    order by ${source.order} limit ${query.limit}`
  return rows.map(row => ({ row }))
}

/**
 * Walks distinct keys and groups first, then fetches the rows of the keys. `edge` is the last key or the group's successor:
 * a group's last character is the delimiter's, so its successor is the group with that character one up.
 */
async function groupedWalk<Row extends { key: string }>(
  tx: Tx,
  source: Source,
  query: ListQuery,
  start: Sql,
): Promise<Entry<Row>[]> {
  const { bucket, prefix, delimiter, limit } = query
  const next = successor(delimiter)
  if (next === undefined) return failArgument('delimiter', delimiter)
  const skip = Array.from(prefix).length
  const step = sql`
    select key, case when strpos(substr(key, ${skip + 1}::int), ${delimiter}) > 0
      then left(key, ${skip}::int + strpos(substr(key, ${skip + 1}::int), ${delimiter}) - 1) end as stem`
  const found = await tx.rows<{ key: string; stem: string | null }>`
    with recursive walk as (
      (${step}, 1 as n from ${source.table}
       where bucket = ${bucket} and ${source.where} and ${start} and ${below(prefix)} order by key limit 1)
      union all
      (select following.key, following.stem, walk.n + 1 from walk, lateral (
        ${step} from ${source.table}
        where bucket = ${bucket} and ${source.where} and ${below(prefix)}
          and key >= (case when walk.stem is null then walk.key || ${'\u0001'} else walk.stem || ${next} end) collate "C"
        order by key limit 1) following
       where walk.n < ${limit}::int)
    ) select key, stem from walk order by n`
  const keys = found.filter(({ stem }) => stem === null).map(({ key }) => key)
  const rows = await tx.rows<Row>`
    select ${source.columns} from ${source.table}
    where bucket = ${bucket} and ${source.where} and key = any(${keys}::text[])
    order by ${source.order} limit ${limit}`
  const byKey = Map.groupBy(rows, row => row.key)
  return found
    .flatMap(({ key, stem }): Entry<Row>[] =>
      stem === null ? (byKey.get(key) ?? []).map(row => ({ row })) : [{ prefix: stem + delimiter }],
    )
    .slice(0, limit)
}

/** Where the walk begins; undefined when nothing can be behind it. */
function startOf({ prefix, delimiter, after }: ListQuery): Sql | undefined {
  if (after === '') return sql`key >= ${prefix}`
  const group = delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter)
  const first = group && after.indexOf(delimiter, prefix.length) === after.length - delimiter.length
  if (!first) return sql`key > ${after} and key >= ${prefix}`
  const behind = successor(after)
  return behind === undefined ? undefined : sql`key >= ${behind}`
}

function below(prefix: string): Sql {
  const end = prefix === '' ? undefined : successor(prefix)
  return end === undefined ? sql`true` : sql`key < ${end}`
}

export interface ListInput {
  readonly MaxKeys?: number
  readonly EncodingType?: string
  readonly Prefix?: string
  readonly Delimiter?: string
}

/** The page size, and how keys are written. AWS: at most 1,000 whatever is asked for. */
export function listOptions({ MaxKeys = 1000, EncodingType, Prefix = '', Delimiter = '' }: ListInput) {
  if (MaxKeys < 0 || MaxKeys > 2147483647) {
    failArgument('max-keys', MaxKeys, 'Argument maxKeys must be an integer between 0 and 2147483647')
  }
  if (EncodingType !== undefined && EncodingType !== 'url') {
    failArgument('encoding-type', EncodingType, 'Invalid Encoding Method specified in Request')
  }
  const write = EncodingType === 'url' ? urlEncode : (text: string) => text
  return { limit: Math.min(MaxKeys, 1000), write, prefix: Prefix, delimiter: Delimiter }
}
