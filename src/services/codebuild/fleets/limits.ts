// How many builds an account may have at once, of each kind: by default any number, else what a process of the house was started with.

import type { Call } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'
import { fail } from '../errors.ts'
import { isKind } from './kind.ts'

/** AWS: "The maximum number of builds in a queue is five times the concurrent build limit" [builds-working]. */
const QUEUE_FACTOR = 5

/** From now on these limits hold, in every process. */
export async function setLimits(tx: Tx, limits: ReadonlyMap<string, number>): Promise<void> {
  for (const kind of limits.keys())
    if (!isKind(kind))
      throw new Error(
        `--build-limits: '${kind}' is no environment: use for example Linux/Small, Linux/Large or ARM/Medium`,
      )
  await tx.run`lock table codebuild.limits in exclusive mode`
  await tx.run`delete from codebuild.limits`
  for (const [kind, most] of limits) await tx.run`insert into codebuild.limits (kind, most) values (${kind}, ${most})`
}

/** The limit of a kind; undefined without one. */
export async function limitOf(tx: Tx, kind: string): Promise<number | undefined> {
  const row = await tx.one<{ most: number }>`
    select most from codebuild.limits where kind in (${kind}, '*') order by kind = '*' limit 1`
  return row?.most
}

/** Fails when the account's queue for `kind` is full. */
export async function checkQueue({ tx, scope }: Call, kind: string): Promise<void> {
  const limit = await limitOf(tx, kind)
  if (limit === undefined) return
  const row = await tx.one<{ count: number }>`
    select count(*)::int as count from codebuild.builds
    where status = 'IN_PROGRESS' and queued and account = ${scope.account} and region = ${scope.region} and kind = ${kind}`
  // AWS: verbatim; an account without any quota is told 0.
  const most = limit * QUEUE_FACTOR
  if (row!.count >= most)
    fail('AccountLimitExceededException', `Cannot have more than ${most} builds in queue for the account`)
}

/** Fails when a project wants more at once than its account may have. */
export async function checkProjectLimit(tx: Tx, kind: string, wanted: number | undefined): Promise<void> {
  if (wanted === undefined || wanted < 1) return
  const limit = await limitOf(tx, kind)
  if (limit === undefined || wanted <= limit) return
  // AWS: verbatim (public issue threads).
  const sentence = `Project-level concurrent build limit cannot exceed the account-level concurrent build limit of ${limit}.`
  fail('InvalidInputException', sentence)
}

/** account/region/kind of what runs as often as it may. */
export async function exhausted(tx: Tx): Promise<string[]> {
  const limits = await tx.rows<{ kind: string; most: number }>`select kind, most from codebuild.limits`
  if (limits.length === 0) return []
  const most = new Map(limits.map(limit => [limit.kind, limit.most]))
  const running = await tx.rows<{ account: string; region: string; kind: string; count: number }>`
    select account, region, kind, count(*) filter (where not queued and (fleet is null or on_demand))::int as count
    from codebuild.builds where status = 'IN_PROGRESS' group by 1, 2, 3`
  return running
    .filter(({ kind, count }) => count >= (most.get(kind) ?? most.get('*') ?? Number.POSITIVE_INFINITY))
    .map(({ account, region, kind }) => `${account}/${region}/${kind}`)
}
