// BatchGetBuilds: builds by id or ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { findBuilds } from '../../builds.ts'
import { buildId } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { buildShape } from '../../shape.ts'

export const batchGetBuilds: Handler<'codebuild', 'BatchGetBuilds'> = async (call, input) => {
  const ids = input.ids.map(buildId)
  if (ids.some(id => !id.includes(':'))) fail('InvalidInputException', 'Invalid build ID provided')
  const rows = new Map((await findBuilds(call.tx, call.scope, ids)).map(row => [row.id, row]))
  const found = ids.map(id => rows.get(id))
  return {
    builds: found.filter(row => row !== undefined).map(buildShape),
    buildsNotFound: input.ids.filter((_, index) => !found[index]),
  }
}
