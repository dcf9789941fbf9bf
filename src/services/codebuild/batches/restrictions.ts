// What a project allows its batches: so many builds, of these compute types, on these fleets. A batch beyond it fails as a whole.

import { BuildFailure } from '../../../build/build.ts'
import type { BatchBuild } from '../../../specs/buildspec/buildspec.ts'
import type { BatchDefinition } from './definition.ts'

const UNSUPPORTED_TYPE = /^WINDOWS|^MAC|LAMBDA|_EC2$|GPU/

/** Throws BuildFailure with what is beyond. AWS: "If a batch exceeds this limit, the batch will fail" [create-project-console]. */
export function checkRestrictions(definition: BatchDefinition, builds: readonly BatchBuild[]): void {
  const { maximumBuildsAllowed, computeTypesAllowed, fleetsAllowed } = definition.buildBatchConfig.restrictions ?? {}
  const refuse = (message: string): never => {
    throw new BuildFailure('CLIENT_ERROR', message)
  }
  if (maximumBuildsAllowed !== undefined && builds.length > maximumBuildsAllowed)
    refuse(`The batch has ${builds.length} builds, but at most ${maximumBuildsAllowed} are allowed by its restrictions`)
  const { environment } = definition
  for (const { identifier, env } of builds) {
    const fleet = env.fleet ?? (env.computeType === undefined ? environment?.fleet?.fleetArn : undefined)
    const computeType = env.computeType ?? environment?.computeType
    if (fleet !== undefined) {
      const names = [fleet, fleet.split('/').at(-1)?.split(':')[0]]
      if (fleetsAllowed?.length && !fleetsAllowed.some(allowed => names.includes(allowed)))
        refuse(`Build ${identifier}: fleet ${fleet} is not among the fleets allowed for the batch`)
    } else if (computeTypesAllowed?.length && !computeTypesAllowed.includes(computeType ?? '')) {
      refuse(`Build ${identifier}: compute type ${computeType} is not among the compute types allowed for the batch`)
    }
    const type = env.type ?? environment?.type
    if (type && UNSUPPORTED_TYPE.test(type))
      refuse(`Build ${identifier}: environment type ${type} is not supported by Codeyard, builds run on Linux`)
  }
}
