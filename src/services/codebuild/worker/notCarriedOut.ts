// What a project asks for and this house keeps but does not do: said in the first lines of each build's log, never silently left out.

import type { BuildDefinition } from '../definition.ts'

export function notCarriedOut(definition: BuildDefinition): string[] {
  const { environment, cache, logsConfig, vpcConfig, fileSystemLocations } = definition
  const lines: string[] = []
  const modes = cache?.type === 'LOCAL' ? (cache.modes ?? []) : []
  if (modes.includes('LOCAL_DOCKER_LAYER_CACHE'))
    lines.push('LOCAL_DOCKER_LAYER_CACHE is not carried out yet: the build begins without layers')
  if (logsConfig?.s3Logs?.status === 'ENABLED') lines.push('Logs are not written to S3 yet, only to CloudWatch Logs')
  if (vpcConfig?.vpcId) lines.push(`vpcConfig has no effect here: the build is not in ${vpcConfig.vpcId}`)
  if (fileSystemLocations?.length) lines.push('fileSystemLocations are not mounted here')
  if (environment?.certificate) lines.push('The certificate of the environment is not installed yet')
  return lines
}
