// ParameterFilters as conditions of SQL, with the refusals of what the operation at hand can not filter by.

import type { ParameterStringFilter } from '@aws-sdk/client-ssm'
import { type Sql, sql } from '../../store/sql.ts'
import { fail, invalid } from './errors.ts'
import { readPath } from './names.ts'

type Key = 'Name' | 'Type' | 'KeyId' | 'Path' | 'Label' | 'Tier' | 'DataType'

const DESCRIBE: readonly string[] = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType'] satisfies Key[]
const BY_PATH: readonly string[] = ['Type', 'KeyId', 'Label'] satisfies Key[]

const VALUES: Readonly<Record<string, readonly string[]>> = {
  Type: ['String', 'StringList', 'SecureString'],
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
}

const COLUMNS: Readonly<Record<string, Sql>> = {
  Name: sql`p.name`,
  Type: sql`v.type`,
  KeyId: sql`v.key_id`,
  Tier: sql`v.tier`,
  DataType: sql`v.data_type`,
}

/** All of the filters, over the rows `p` (parameter) and `v` (version). */
export function filterCondition(
  filters: readonly ParameterStringFilter[] | undefined,
  operation: 'describe' | 'byPath',
): Sql {
  let all = sql`true`
  const seen = new Set<string>()
  for (const filter of filters ?? []) {
    checkKey(filter.Key!, operation, seen)
    all = sql`${all} and (${oneFilter(filter)})`
  }
  return all
}

function checkKey(key: string, operation: 'describe' | 'byPath', seen: Set<string>): void {
  const valid = operation === 'describe' ? DESCRIBE : BY_PATH
  if (!valid.includes(key) && !(operation === 'describe' && key.startsWith('tag:'))) {
    fail(
      'InvalidFilterKey',
      `The following filter key is not valid: ${key}. Valid filter keys include: [${valid.join(', ')}].`,
    )
  }
  if (seen.has(key)) {
    fail(
      'InvalidFilterKey',
      `The following filter is duplicated in the request: ${key}. A request can contain only one occurrence of a specific filter.`,
    )
  }
  seen.add(key)
}

function oneFilter({ Key: key = '', Option: option, Values: values = [] }: ParameterStringFilter): Sql {
  if (key.startsWith('tag:')) return tagFilter(key.slice(4), option ?? 'Equals', values)
  if (values.length === 0)
    fail('InvalidFilterValue', `The following filter values are missing : null for filter key ${key}.`)
  for (const value of values) {
    if (VALUES[key] && !VALUES[key].includes(value)) {
      fail(
        'InvalidFilterOption',
        `The following filter value is not valid: ${value}. Valid values include: [${VALUES[key].join(', ')}].`,
      )
    }
  }
  if (key === 'Path') return pathFilter(option ?? 'OneLevel', values)
  if (key === 'Label') return labelFilter(option ?? 'Equals', values)
  const column = COLUMNS[key]!
  switch (option ?? 'Equals') {
    case 'Equals':
      return sql`${column} = any(${values}::text[])`
    case 'BeginsWith':
      return sql`exists (select from unnest(${values}::text[]) w where starts_with(${column}, w))`
    case 'Contains':
      if (key === 'Name') return sql`exists (select from unnest(${values}::text[]) w where strpos(${column}, w) > 0)`
  }
  return invalidOption(option!, key === 'Name' ? ['BeginsWith', 'Contains', 'Equals'] : ['BeginsWith', 'Equals'])
}

function tagFilter(tag: string, option: string, values: readonly string[]): Sql {
  if (values.length === 0) return sql`p.tags ? ${tag}`
  if (option === 'Equals') return sql`p.tags->>${tag}::text = any(${values}::text[])`
  if (option === 'BeginsWith')
    return sql`exists (select from unnest(${values}::text[]) w where starts_with(p.tags->>${tag}::text, w))`
  return invalidOption(option, ['BeginsWith', 'Equals'])
}

function pathFilter(option: string, values: readonly string[]): Sql {
  if (option !== 'Recursive' && option !== 'OneLevel') invalidOption(option, ['Recursive', 'OneLevel'])
  let any = sql`false`
  for (const value of values) {
    if (/^\/(aws|ssm)/i.test(value)) {
      // AWS: as in [moto, tests/test_ssm].
      invalid(
        'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.',
      )
    }
    any = sql`${any} or ${below(readPath(value), option === 'Recursive')}`
  }
  return any
}

const labelFilter = (option: string, values: readonly string[]): Sql =>
  option === 'Equals'
    ? sql`v.labels && ${values}::text[]`
    : option === 'BeginsWith'
      ? sql`exists (select from unnest(${values}::text[]) w, unnest(v.labels) l where starts_with(l, w))`
      : invalidOption(option, ['BeginsWith', 'Equals'])

/** Names below `path`, which ends with a slash; `/` has also those without any. */
export function below(path: string, recursive: boolean): Sql {
  // '0' comes right after '/': the names between are those with the prefix.
  const end = `${path.slice(0, -1)}0`
  const inside = path === '/' ? sql`true` : sql`(p.name > ${path} and p.name < ${end})`
  return recursive ? inside : sql`(${inside} and strpos(substr(p.name, ${path.length + 1}::int), '/') = 0)`
}

const invalidOption = (option: string, valid: readonly string[]) =>
  fail(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${valid.join(', ')}].`,
  )
