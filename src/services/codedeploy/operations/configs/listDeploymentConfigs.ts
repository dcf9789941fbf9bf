// ListDeploymentConfigs: AWS's own ones and the account's, in the order of their names.

import type { Handler } from '../../../../operation/handler.ts'
import { BUILT_IN_CONFIGS } from '../../configs.ts'
import { nameAfter, namesPage, PAGE } from '../../paging.ts'

export const listDeploymentConfigs: Handler<'codedeploy', 'ListDeploymentConfigs'> = async ({ tx, scope }, input) => {
  const after = nameAfter(input.nextToken)
  const rows = await tx.rows<{ name: string }>`
    select name from codedeploy.deployment_configs
    where account = ${scope.account} and region = ${scope.region} and name > ${after} order by name limit ${PAGE + 1}`
  const all = [...BUILT_IN_CONFIGS.filter(config => config.name > after), ...rows].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  const { items, nextToken } = namesPage(all)
  return { deploymentConfigsList: items, nextToken }
}
