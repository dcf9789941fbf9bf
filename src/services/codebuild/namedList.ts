// Lists of what has a name and two times (projects, report groups, fleets): pages sorted by one of the three, from an index of each.

import { page } from '../../core/pageToken.ts'
import type { Call } from '../../operation/call.ts'
import { type Sql, sql } from '../../store/sql.ts'
import { PAGE_SIZE, readToken } from './paging.ts'

export interface NamedListInput {
  readonly sortBy?: 'NAME' | 'CREATED_TIME' | 'LAST_MODIFIED_TIME'
  readonly sortOrder?: 'ASCENDING' | 'DESCENDING'
  readonly nextToken?: string
  readonly maxResults?: number
}

const COLUMNS = {
  NAME: { column: sql`name`, type: sql`text` },
  CREATED_TIME: { column: sql`created_at`, type: sql`timestamptz` },
  LAST_MODIFIED_TIME: { column: sql`modified_at`, type: sql`timestamptz` },
}

/** One page of `table`: names, and what `more` columns say. Fails with InvalidInputException for a token of another order. */
export async function listNamed<More = object>(
  { tx, scope: { account, region } }: Call,
  { sortBy = 'NAME', sortOrder, nextToken: token, maxResults: limit = PAGE_SIZE }: NamedListInput,
  { table, more = sql`` }: { readonly table: Sql; readonly more?: Sql },
): Promise<{ items: ({ name: string } & More)[]; nextToken?: string | undefined }> {
  const descending = sortOrder === 'DESCENDING'
  const made = `${sortBy}${descending ? '-' : '+'}`
  const after = readToken(token, made)?.map(String)
  const { column, type } = COLUMNS[sortBy]
  const [key, name] = after ?? []
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const where = after ? sql`and (${column}, name) ${beyond} (${key}::${type}, ${name}::text)` : sql``
  const rows = await tx.rows<{ name: string; key: string } & More>`
    select name, ${column}::text as key ${more} from ${table}
    where account = ${account} and region = ${region} ${where}
    order by ${column} ${order}, name ${order} limit ${limit + 1}`
  return page(rows, limit, row => [made, row.key, row.name])
}
