// AddTagsToOnPremisesInstances: deployment groups select hosts by these.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, notRegistered } from '../../errors.ts'
import { findInstances } from '../../instances.ts'
import { limitBatch } from '../../paging.ts'

const MOST_TAGS = 50

export const addTagsToOnPremisesInstances: Handler<'codedeploy', 'AddTagsToOnPremisesInstances'> = async (
  { tx, scope },
  input,
) => {
  limitBatch(input.instanceNames)
  const rows = (await findInstances(tx, scope, input.instanceNames)).filter(row => !row.deregistered_at)
  const missing = input.instanceNames.find(name => !rows.some(row => row.name === name))
  if (missing !== undefined) notRegistered(missing)
  if (input.tags.some(tag => !tag.Key)) fail('InvalidTagException', 'A tag must have a key.')
  const added = input.tags.map(tag => ({ Key: tag.Key, Value: tag.Value ?? '' }))
  for (const row of rows) {
    const kept = row.tags.filter(tag => !added.some(({ Key }) => Key === tag.Key))
    const tags = [...kept, ...new Map(added.map(tag => [tag.Key, tag])).values()]
    if (tags.length > MOST_TAGS) fail('TagLimitExceededException', 'The maximum allowed number of tags was exceeded.')
    await tx.run`
      update codedeploy.on_premises_instances set tags = ${JSON.stringify(tags)}
      where account = ${scope.account} and region = ${scope.region} and name = ${row.name}`
  }
  return {}
}
