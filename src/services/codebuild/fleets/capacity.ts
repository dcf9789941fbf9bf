// What fleets can do now: the builders that are there for them, and how many builds they have.

import type { Call } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'
import { ALIVE } from './builders.ts'
import type { FleetDefinition } from './fleets.ts'

export interface FleetCapacity {
  /** account/region/name */
  readonly key: string
  readonly definition: FleetDefinition
  /** Of all its living builders. */
  readonly slots: number
  /** Slots of its builders in which nothing runs. */
  readonly free: number
  /** Builds on its builders. */
  readonly running: number
  readonly waiting: number
}

/** Of `keys`, or of all fleets. */
export function fleetCapacities(tx: Tx, keys?: readonly string[]): Promise<FleetCapacity[]> {
  return tx.rows<FleetCapacity>`
    select f.key, f.definition, coalesce(b.slots, 0)::int as slots, coalesce(b.free, 0)::int as free, r.running, r.waiting
    from (select account || '/' || region || '/' || name as key, definition from codebuild.fleets) f
    left join lateral (
      select sum(slots) as slots, sum(greatest(0, slots - (select count(*) from codebuild.builds r
        where r.lease_owner = owner and r.status = 'IN_PROGRESS' and not r.queued))) as free
      from codebuild.builders where f.key = any(fleets) and ${ALIVE}) b on true
    cross join lateral (
      select count(*) filter (where not queued and not on_demand)::int as running, count(*) filter (where queued)::int as waiting
      from codebuild.builds where status = 'IN_PROGRESS' and fleet = f.key) r
    where ${keys ?? null}::text[] is null or f.key = any(${keys ?? null}::text[])`
}

/** How many builds a fleet may have at once, if its builders can: AWS's number of machines. */
export const machinesOf = ({ baseCapacity, scalingConfiguration }: FleetDefinition): number =>
  Math.max(baseCapacity, scalingConfiguration?.maxCapacity ?? 0)

/** No builder of the fleet takes another build now. */
export const isFull = ({ definition, running, free }: FleetCapacity): boolean =>
  running >= machinesOf(definition) || free === 0

/** Of the fleet of that name in the call's scope. */
export async function fleetCapacityOf({ tx, scope }: Pick<Call, 'tx' | 'scope'>, name: string) {
  const [capacity] = await fleetCapacities(tx, [`${scope.account}/${scope.region}/${name}`])
  return capacity
}
