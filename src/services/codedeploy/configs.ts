// Deployment configurations: AWS's own for hosts, and those that people make.

import type { DeploymentConfigInfo } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { noConfig } from './errors.ts'
import type { MinimumHealthyHosts } from './health.ts'

export interface ConfigRow {
  readonly id: string
  readonly name: string
  readonly minimum: MinimumHealthyHosts
  readonly created_at: Date
}

const RELEASED = new Date('2014-11-12T00:00:00Z')
const builtIn = (name: string, id: string, minimum: MinimumHealthyHosts): ConfigRow => ({
  name: `CodeDeployDefault.${name}`,
  id: `00000000-0000-0000-0000-00000000000${id}`,
  minimum,
  created_at: RELEASED,
})

/** AWS: the predefined configurations for EC2 and on-premises [deployment-configurations]. */
export const BUILT_IN_CONFIGS: readonly ConfigRow[] = [
  builtIn('AllAtOnce', '1', { type: 'FLEET_PERCENT', value: 0 }),
  builtIn('HalfAtATime', '2', { type: 'FLEET_PERCENT', value: 50 }),
  builtIn('OneAtATime', '3', { type: 'MOST_CONCURRENCY', value: 1 }),
]
export const DEFAULT_CONFIG = 'CodeDeployDefault.OneAtATime'

export async function findConfig(tx: Tx, scope: Scope, name: string): Promise<ConfigRow> {
  const own = BUILT_IN_CONFIGS.find(config => config.name === name)
  if (own) return own
  const row = await tx.one<ConfigRow>`
    select id, name, minimum, created_at from codedeploy.deployment_configs
    where account = ${scope.account} and region = ${scope.region} and name = ${name}`
  return row ?? noConfig(name)
}

export function configInfo(row: ConfigRow): DeploymentConfigInfo {
  return {
    deploymentConfigId: row.id,
    deploymentConfigName: row.name,
    // MOST_CONCURRENCY is what AWS answers; the SDK's type does not list it.
    minimumHealthyHosts: row.minimum as NonNullable<DeploymentConfigInfo['minimumHealthyHosts']>,
    createTime: row.created_at,
    computePlatform: 'Server',
  }
}
