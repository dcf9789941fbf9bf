// Prefix conditions that the index of a "C"-collated `name` answers.

import { type Sql, sql } from '../../store/sql.ts'

export const startsWith = (prefix: string | undefined): Sql =>
  prefix ? sql`and name >= ${prefix} and name < ${`${prefix}\u{10ffff}`}` : sql``
