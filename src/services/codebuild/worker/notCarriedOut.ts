// What a project asks for and this house keeps but does not do: said in the first lines of each build's log, never silently left out.

import type { BuildDefinition } from '../definition.ts'

// DEVIATES: vpcConfig, fileSystemLocations and hostKernel of a project are kept and shown, and do nothing: each build's log says so.
export function notCarriedOut(definition: BuildDefinition): string[] {
  const { environment, vpcConfig, fileSystemLocations } = definition
  const lines: string[] = [...(definition.fleetNotes ?? [])]
  const { sharesArtifact } = definition.batch ?? {}
  if (sharesArtifact)
    lines.push(
      `All builds of the batch store their artifact as ${sharesArtifact}, one over the other: namespaceType BUILD_ID, overrideArtifactName with $CODEBUILD_BATCH_BUILD_IDENTIFIER in the buildspec's name, or combineArtifacts keep them all`,
    )
  if (vpcConfig?.vpcId) lines.push(`vpcConfig has no effect here: the build is not in ${vpcConfig.vpcId}`)
  if (fileSystemLocations?.length) lines.push('fileSystemLocations are not mounted here')
  if (environment?.hostKernel)
    lines.push(`hostKernel ${environment.hostKernel} has no effect here: builds have the kernel of their machine`)
  const proxies = [...definition.projectVariables, ...definition.startVariables].filter(
    ({ name }) => name && /^https?_proxy$/i.test(name),
  )
  // AWS: an explicit proxy is given as variables at the project level, with NO_PROXY for what must not pass through it [use-proxy-server].
  if (proxies.length > 0)
    lines.push(
      `${[...new Set(proxies.map(({ name }) => name))].join(', ')} is for the commands of the build: images, sources, logs and artifacts do not pass through the proxy`,
    )
  return lines
}
