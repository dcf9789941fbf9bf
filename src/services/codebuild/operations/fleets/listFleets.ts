// ListFleets: ARNs, sorted by name or by one of the two times.

import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { fleetArn } from '../../fleets/fleets.ts'
import { listNamed } from '../../namedList.ts'

export const listFleets: Handler<'codebuild', 'ListFleets'> = async (call, input) => {
  const table = { table: sql`codebuild.fleets`, more: sql`, id` }
  const { items, nextToken } = await listNamed<{ id: string }>(call, input, table)
  return { fleets: items.map(row => fleetArn(call.scope, row)), ...(nextToken && { nextToken }) }
}
