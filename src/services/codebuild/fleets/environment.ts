// The environment of builds on a fleet: the fleet must be there and fit, and its machines are what the builds get.

import type { ProjectEnvironment } from '@aws-sdk/client-codebuild'
import type { Scope } from '../../../core/scope.ts'
import type { Call } from '../../../operation/call.ts'
import { fail } from '../errors.ts'
import { fleetKey, fleetName, lockFleet } from './fleets.ts'

/** The key of the environment's fleet; undefined without one. */
export function fleetOf(scope: Scope, { fleet }: ProjectEnvironment): string | undefined {
  return fleet?.fleetArn ? fleetKey(scope, fleetName(scope, fleet.fleetArn).name) : undefined
}

/** What the fleet of `environment` asks for and its builders do not do, for the log of each of its builds. */
export async function fleetNotes({ tx, scope }: Call, environment: ProjectEnvironment): Promise<string[]> {
  const arn = environment.fleet?.fleetArn
  const fleet = arn ? await lockFleet(tx, scope, arn) : undefined
  const { vpcConfig } = fleet?.definition ?? {}
  if (!vpcConfig?.vpcId) return []
  return [`vpcConfig of fleet ${fleet!.name} has no effect here: its builders are not in ${vpcConfig.vpcId}`]
}

// AWS: computeType is ignored with a fleet [ProjectEnvironment].
/** The environment as it is on its fleet; fails with InvalidInputException when the fleet can not be used. */
export async function onFleet({ tx, scope }: Call, environment: ProjectEnvironment): Promise<ProjectEnvironment> {
  const arn = environment.fleet?.fleetArn
  if (!arn) return environment
  const [, region, account] = /^arn:aws[\w-]*:codebuild:([\w-]+):(\d{12}):fleet\/[\w-]+:.+$/.exec(arn) ?? []
  if (account === undefined) return fail('InvalidInputException', `Invalid fleet: ${arn} is not the ARN of a fleet`)
  const own = account === scope.account && region === scope.region
  const fleet = own ? await lockFleet(tx, scope, arn) : undefined
  if (!fleet) return fail('InvalidInputException', `Invalid fleet: ${arn} does not exist`)
  if (fleet.status === 'PENDING_DELETION') fail('InvalidInputException', `Invalid fleet: ${arn} is being deleted`)
  const { environmentType, computeType, computeConfiguration } = fleet.definition
  if (environmentType !== environment.type) {
    const sentence = `Invalid environment: type ${environment.type} does not match ${environmentType} of fleet ${fleet.name}`
    fail('InvalidInputException', sentence)
  }
  return {
    ...environment,
    computeType,
    ...(computeConfiguration && { computeConfiguration }),
  }
}
