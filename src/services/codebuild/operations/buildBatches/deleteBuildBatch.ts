// DeleteBuildBatch: a batch that is over goes with the records of its builds, those of earlier tries as well.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteBatch, findMembers, lockBatch } from '../../batches/batches.ts'
import { deleteBuilds } from '../../builds.ts'
import { batchId, buildArn } from '../../definition.ts'
import { fail } from '../../errors.ts'

// AWS: BATCH_DELETED is the only code that is documented (CLI example); the others are named like those of BatchDeleteBuilds.
export const deleteBuildBatch: Handler<'codebuild', 'DeleteBuildBatch'> = async (call, input) => {
  const id = batchId(call.scope, input.id)
  if (!id.includes(':')) fail('InvalidInputException', 'Invalid build batch ID provided')
  const row = await lockBatch(call.tx, call.scope, id)
  if (!row) return { statusCode: 'BATCH_NOT_FOUND', buildsDeleted: [], buildsNotDeleted: [] }
  if (row.status === 'IN_PROGRESS') return { statusCode: 'BATCH_IN_PROGRESS', buildsDeleted: [], buildsNotDeleted: [] }
  const attempts = row.state.groups.flatMap(({ current, prior }) => [...prior, current])
  const ids = attempts.filter(({ ran }) => ran).map(({ build }) => build)
  const known = new Set((await findMembers(call.tx, call.scope, ids)).map(build => build.id))
  const deleted = new Set(await deleteBuilds(call.tx, call.scope, ids))
  // A stopped batch may have builds that are still ending: it stays until they can go with it.
  const left = ids.filter(build => known.has(build) && !deleted.has(build))
  if (left.length === 0) await deleteBatch(call.tx, call.scope, id)
  return {
    statusCode: left.length === 0 ? 'BATCH_DELETED' : 'BATCH_IN_PROGRESS',
    buildsDeleted: ids.filter(build => deleted.has(build)).map(build => buildArn(call.scope, build)),
    buildsNotDeleted: left.map(build => ({ id: buildArn(call.scope, build), statusCode: 'BUILD_IN_PROGRESS' })),
  }
}
