// Filters of ListSecrets and BatchGetSecretValue as conditions of SQL; a value that begins with `!` excludes.

import type { Filter } from '@aws-sdk/client-secrets-manager'
import { assertNever } from '../../core/assertNever.ts'
import { type Sql, sql } from '../../store/sql.ts'

/** All of the filters; of each, any of its values. */
export function filterCondition(filters: readonly Filter[] | undefined): Sql {
  let all = sql`true`
  for (const { Key: key, Values: values = [] } of filters ?? []) {
    let any = sql`false`
    for (const value of values) {
      any = value.startsWith('!')
        ? sql`${any} or not (${one(key!, value.slice(1))})`
        : sql`${any} or (${one(key!, value)})`
    }
    all = sql`${all} and (${any})`
  }
  return all
}

const TAG_KEYS = sql`select k from jsonb_object_keys(tags) k`
const TAG_VALUES = sql`select v from jsonb_each_text(tags) t (k, v)`

// AWS: name and tags by prefix, case-sensitive; description by words that begin so, in any case; all looks everywhere [search-secret].
function one(key: NonNullable<Filter['Key']>, value: string): Sql {
  switch (key) {
    case 'name':
      return sql`starts_with(name, ${value})`
    case 'description':
      return wordBegins(sql`description`, value)
    case 'tag-key':
      return sql`exists (select from (${TAG_KEYS}) x (v) where starts_with(x.v, ${value}))`
    case 'tag-value':
      return sql`exists (select from (${TAG_VALUES}) x (v) where starts_with(x.v, ${value}))`
    case 'primary-region':
      return sql`starts_with(region, ${value})`
    case 'owning-service':
      return sql`false`
    case 'all': {
      let every = sql`true`
      for (const word of value.split(/[\s/_+=.@-]+/).filter(Boolean)) {
        const somewhere = sql`${wordBegins(sql`name`, word)} or ${wordBegins(sql`description`, word)}
          or exists (select from (${TAG_KEYS} union all ${TAG_VALUES}) x (v) where ${wordBegins(sql`x.v`, word)})`
        every = sql`${every} and (${somewhere})`
      }
      return every
    }
    default:
      return assertNever(key)
  }
}

const SEPARATORS = '[^[:alnum:]]+'

/** Also a value of several words is found where its first word begins one. */
const wordBegins = (column: Sql, value: string): Sql =>
  sql`coalesce(starts_with(lower(${column}), lower(${value}::text)) or exists (
    select from regexp_split_to_table(lower(${column}), ${SEPARATORS}::text) w where starts_with(w, lower(${value}::text))), false)`
