// The queue: which build a builder takes next, and what each waiting build waits for.

import type { Scope } from '../../../core/scope.ts'
import { type Sql, sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { QUEUE_CHANNEL } from '../announce.ts'
import { BUILD_COLUMNS, type BuildRow, revivedBuild } from '../builds.ts'
import { ALIVE } from './builders.ts'
import { type FleetCapacity, fleetCapacities, isFull, machinesOf } from './capacity.ts'
import { exhausted } from './limits.ts'

/** One builder chooses at a time, so that limits hold. */
const QUEUE_LOCK = 4566003

export interface Taker {
  readonly owner: string
  readonly place: string
  /** account/region/name */
  readonly fleets: readonly string[]
}

/**
 * Leases the next build that `taker` may have, in the transaction of `tx`: by turn, within the limits of accounts, projects and fleets. A
 * build that somebody else has locked is passed over, but waited for when there is no other: nobody would tell that it is free again.
 */
export async function takeBuild(tx: Tx, taker: Taker): Promise<BuildRow | undefined> {
  await tx.run`select pg_advisory_xact_lock(${QUEUE_LOCK})`
  const capacities = await fleetCapacities(tx)
  const full = await exhausted(tx)
  const reserved = taker.fleets.length > 0
  const open = reserved
    ? capacities.filter(one => taker.fleets.includes(one.key) && one.running < machinesOf(one.definition))
    : capacities.filter(one => one.definition.overflowBehavior === 'ON_DEMAND' && isFull(one))
  const keys = open.map(({ key }) => key)
  const whose = reserved ? sql`fleet = any(${keys}::text[])` : sql`(fleet is null or fleet = any(${keys}::text[]))`
  const within =
    full.length === 0 || reserved
      ? sql``
      : sql`and not (account || '/' || region || '/' || kind = any(${full}::text[]))`
  const next = (others: Sql) => tx.one<Pick<BuildRow, 'account' | 'region' | 'id'>>`
    select account, region, id from codebuild.builds c
    where status = 'IN_PROGRESS' and queued and ${whose} ${within} and (queue_limit is null or queue_limit > (
      select count(*) from codebuild.builds r where r.status = 'IN_PROGRESS' and not r.queued
        and r.account = c.account and r.region = c.region and r.project = c.project))
    order by turn, started_at, id limit 1 for update ${others}`
  // The next one is the first that fits in the index of the queue: sorting the queue for it would take ever longer.
  await tx.run`select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`
  const found = (await next(sql`skip locked`)) ?? (await next(sql``))
  if (!found) return undefined
  const row = await tx.one<BuildRow>`
    update codebuild.builds set queued = false, lease_owner = ${taker.owner}, place = ${taker.place},
      on_demand = fleet is not null and ${!reserved}, adrift_since = null
    where account = ${found.account} and region = ${found.region} and id = ${found.id} returning ${BUILD_COLUMNS}`
  return revivedBuild(row!)
}

/** Leases a build whose builder is gone and whose sandbox is where `taker` is; builds of `except` (keys) are still being let go. */
export async function takeAdrift(tx: Tx, taker: Taker, except: readonly string[]): Promise<BuildRow | undefined> {
  const row = await tx.one<BuildRow>`
    update codebuild.builds set lease_owner = ${taker.owner}, place = ${taker.place}, adrift_since = null
    where (account, region, id) in (
      select account, region, id from codebuild.builds
      where status = 'IN_PROGRESS' and not queued and lease_owner is null
        and (place = ${taker.place} or place is null and case when ${taker.fleets}::text[] = '{}' then fleet is null or on_demand
          else fleet = any(${taker.fleets}::text[]) end)
        and not (account || '/' || region || '/' || id = any(${except}::text[]))
      order by started_at limit 1 for update skip locked)
    returning ${BUILD_COLUMNS}`
  return row && revivedBuild(row)
}

/** Builds that nobody can go on with: adrift for `seconds`, and no builder lives where their sandboxes are. */
export function lostBuilds(tx: Tx, seconds: number): Promise<(Scope & { id: string; host: string; phase: string })[]> {
  return tx.rows`
    select account, region, id, split_part(place, ':', 1) as host, progress -> 'state' ->> 'phase' as phase from codebuild.builds
    where status = 'IN_PROGRESS' and not queued and lease_owner is null and place is not null
      and adrift_since < now() - make_interval(secs => ${seconds})
      and place not in (select place from codebuild.builders where ${ALIVE})
    order by adrift_since limit 100`
}

/** Any builder may begin the build anew: nothing of it ran yet. */
export async function forgetPlace(tx: Tx, { account, region }: Scope, id: string): Promise<void> {
  await tx.run`
    update codebuild.builds set place = null
    where account = ${account} and region = ${region} and id = ${id} and lease_owner is null and status = 'IN_PROGRESS'`
}

/** Tells every builder to look again, when what ended or began may be what another one's next build waits for. */
export async function wakeOthers(tx: Tx): Promise<void> {
  await tx.run`select pg_notify(${QUEUE_CHANNEL}, '') where exists (select 1 from codebuild.limits)
    or exists (select 1 from codebuild.fleets)
    or exists (select 1 from codebuild.builds where status = 'IN_PROGRESS' and queued and queue_limit is not null)`
}

/** Keys of the builds that `owner` has. */
export async function buildsHeldBy(tx: Tx, owner: string): Promise<Map<string, { stopRequested: boolean }>> {
  const rows = await tx.rows<{ key: string; stop_requested: boolean }>`
    select account || '/' || region || '/' || id as key, stop_requested from codebuild.builds
    where lease_owner = ${owner} and status = 'IN_PROGRESS' and not queued`
  return new Map(rows.map(({ key, stop_requested }) => [key, { stopRequested: stop_requested }]))
}

export interface Waiting {
  /** From 1, among the builds that wait for the same builders. */
  readonly position: number
  readonly of: number
  readonly reason: string
}

interface Place {
  readonly id: string
  readonly key: string
  readonly kind: string
  readonly fleet: string | null
  readonly limited: boolean
  readonly position: number
  readonly of: number
}

/** Where the builds stand in the queue, by id; only those that wait. Three queries, whatever their number. */
export async function waitingBuilds(tx: Tx, { account, region }: Scope, ids: readonly string[]) {
  const places = await tx.rows<Place>`
    select * from (
      select id, account, region, account || '/' || region || '/' || kind as key, kind, fleet,
        queue_limit is not null and queue_limit <= (select count(*) from codebuild.builds r where r.status = 'IN_PROGRESS'
          and not r.queued and r.account = c.account and r.region = c.region and r.project = c.project) as limited,
        row_number() over (partition by fleet order by turn, started_at, id)::int as position,
        count(*) over (partition by fleet)::int as of
      from codebuild.builds c where status = 'IN_PROGRESS' and queued) q
    where account = ${account} and region = ${region} and id = any(${ids}::text[])`
  if (places.length === 0) return new Map<string, Waiting>()
  const fleets = new Map((await fleetCapacities(tx)).map(one => [one.key, one]))
  const full = await exhausted(tx)
  const builders = await tx.one<{ builders: number; slots: number }>`
    select count(*)::int as builders, coalesce(sum(slots), 0)::int as slots from codebuild.builders where fleets = '{}' and ${ALIVE}`
  return new Map<string, Waiting>(
    places.map(place => [
      place.id,
      {
        position: place.position,
        of: place.of,
        reason: reasonOf(place, place.fleet ? fleets.get(place.fleet) : undefined),
      },
    ]),
  )

  function reasonOf({ key, kind, fleet, limited }: Place, capacity: FleetCapacity | undefined): string {
    if (limited) return 'the project has as many builds running as its concurrentBuildLimit allows'
    if (fleet !== null) return fleetReason(fleet.split('/')[2]!, capacity)
    if (full.includes(key)) return `the account has as many builds of ${kind} running as it may`
    if (builders!.builders === 0) return 'no builder is running: start one with codeyard up --roles build'
    return `all ${builders!.slots} slots of ${builders!.builders === 1 ? '1 builder' : `${builders!.builders} builders`} are taken`
  }
}

function fleetReason(name: string, capacity: FleetCapacity | undefined): string {
  if (!capacity || capacity.slots === 0)
    return `fleet ${name} has no builder: start one with codeyard up --roles build --fleet ${name}`
  const { definition, running, slots } = capacity
  const machines = machinesOf(definition)
  if (running >= machines) return `fleet ${name} has ${running} of ${machines} machines at work`
  return `all ${slots} slots of the builders of fleet ${name} are taken`
}
