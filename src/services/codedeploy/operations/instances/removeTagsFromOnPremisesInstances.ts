// RemoveTagsFromOnPremisesInstances: a tag goes when key and value are as given.

import type { Handler } from '../../../../operation/handler.ts'
import { notRegistered } from '../../errors.ts'
import { findInstances } from '../../instances.ts'
import { limitBatch } from '../../paging.ts'

export const removeTagsFromOnPremisesInstances: Handler<'codedeploy', 'RemoveTagsFromOnPremisesInstances'> = async (
  { tx, scope },
  input,
) => {
  limitBatch(input.instanceNames)
  const rows = (await findInstances(tx, scope, input.instanceNames)).filter(row => !row.deregistered_at)
  const missing = input.instanceNames.find(name => !rows.some(row => row.name === name))
  if (missing !== undefined) notRegistered(missing)
  for (const row of rows) {
    const tags = row.tags.filter(
      tag => !input.tags.some(gone => gone.Key === tag.Key && (gone.Value ?? '') === (tag.Value ?? '')),
    )
    await tx.run`
      update codedeploy.on_premises_instances set tags = ${JSON.stringify(tags)}
      where account = ${scope.account} and region = ${scope.region} and name = ${row.name}`
  }
  return {}
}
