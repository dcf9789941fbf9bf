// ListOnPremisesInstances: by registration and by tags; both kinds when no status is asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { type InstanceRow, matchesAny } from '../../instances.ts'
import { nameAfter, namesPage, PAGE } from '../../paging.ts'

export const listOnPremisesInstances: Handler<'codedeploy', 'ListOnPremisesInstances'> = async (
  { tx, scope },
  input,
) => {
  const registered = input.registrationStatus ? input.registrationStatus === 'Registered' : undefined
  const filters = input.tagFilters ?? []
  const found: { name: string }[] = []
  for (let after = nameAfter(input.nextToken); found.length <= PAGE; ) {
    const rows = await tx.rows<Pick<InstanceRow, 'name' | 'tags'>>`
      select name, tags from codedeploy.on_premises_instances
      where account = ${scope.account} and region = ${scope.region} and name > ${after}
        and (${registered}::boolean is null or (deregistered_at is null) = ${registered})
      order by name limit ${PAGE + 1}`
    found.push(...rows.filter(row => filters.length === 0 || matchesAny(filters, row.tags)))
    if (rows.length <= PAGE) break
    after = rows.at(-1)!.name
  }
  const { items, nextToken } = namesPage(found)
  return { instanceNames: items, nextToken }
}
