// BatchDeleteBuilds: builds that are over; those that run or are not there are named.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteBuilds, findBuilds } from '../../builds.ts'
import { buildArn, buildId } from '../../definition.ts'

export const batchDeleteBuilds: Handler<'codebuild', 'BatchDeleteBuilds'> = async (call, input) => {
  const ids = [...new Set(input.ids.map(id => buildId(call.scope, id)))]
  const known = new Set((await findBuilds(call.tx, call.scope, ids)).map(row => row.id))
  const deleted = new Set(await deleteBuilds(call.tx, call.scope, ids))
  return {
    buildsDeleted: ids.filter(id => deleted.has(id)).map(id => buildArn(call.scope, id)),
    buildsNotDeleted: ids
      .filter(id => !deleted.has(id))
      // AWS: BUILD_IN_PROGRESS for a build that runs [delete-builds].
      .map(id => ({
        id: buildArn(call.scope, id),
        statusCode: known.has(id) ? 'BUILD_IN_PROGRESS' : 'BUILD_NOT_FOUND',
      })),
  }
}
