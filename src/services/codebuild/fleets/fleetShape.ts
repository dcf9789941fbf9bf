// A fleet as AWS shows it.

import type { Fleet } from '@aws-sdk/client-codebuild'
import type { Scope } from '../../../core/scope.ts'
import { type FleetCapacity, machinesOf } from './capacity.ts'
import { type FleetRow, fleetArn } from './fleets.ts'

// AWS: target tracking keeps the share of machines at work at the target value, between base and maximum capacity [ScalingConfigurationInput].
// DEVIATES: machines are builders that an operator starts: desiredCapacity says how many there should be, nothing starts or ends them.
function desiredMachines(definition: FleetRow['definition'], builds: number): number {
  const target = definition.scalingConfiguration?.targetTrackingScalingConfigs?.[0]?.targetValue ?? 1
  return Math.min(machinesOf(definition), Math.max(definition.baseCapacity, Math.ceil(builds / target)))
}

/** The fleet as AWS shows it: its status tells what its builders can do at this moment. */
export function fleetShape(scope: Scope, row: FleetRow, capacity: FleetCapacity | undefined): Fleet {
  const { scalingConfiguration, ...definition } = row.definition
  const { slots = 0, running = 0, waiting = 0 } = capacity ?? {}
  const wanted = row.definition.baseCapacity
  const machines = slots === 1 ? '1 machine' : `${slots} machines`
  const short =
    row.status !== 'PENDING_DELETION' && slots < wanted
      ? {
          context: 'INSUFFICIENT_CAPACITY' as const,
          message: `${machines} of ${wanted} there: start builders with codeyard up --roles build --fleet ${row.name}`,
        }
      : row.status === 'PENDING_DELETION'
        ? { context: 'PENDING_DELETION' as const, message: `${running + waiting} builds of this fleet are not over` }
        : {}
  return {
    ...definition,
    name: row.name,
    id: row.id,
    arn: fleetArn(scope, row),
    created: row.created_at,
    lastModified: row.modified_at,
    status: { statusCode: row.status, ...short },
    ...(scalingConfiguration && {
      scalingConfiguration: {
        ...scalingConfiguration,
        desiredCapacity: desiredMachines(row.definition, running + waiting),
      },
    }),
    tags: [...row.tags],
  }
}
