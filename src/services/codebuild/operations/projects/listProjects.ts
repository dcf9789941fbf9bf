// ListProjects: names, a hundred a page, sorted by name or by one of the two times.

import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { listNamed } from '../../namedList.ts'

export const listProjects: Handler<'codebuild', 'ListProjects'> = async (call, input) => {
  const { items, nextToken } = await listNamed(call, input, { table: sql`codebuild.projects` })
  return { projects: items.map(({ name }) => name), ...(nextToken && { nextToken }) }
}
