// Retention: since when events of a group are expired, and the groups whose events expire.

import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'

const DAY = 86_400_000

/** Events before this time (milliseconds) are expired, whether their chunk is deleted yet or not. */
export const expiredBefore = (now: Date, days: number | null) => (days === null ? 0 : now.getTime() - days * DAY)

/** Groups of the scope that have a retention, in order of id. */
export function groupsWithRetention(tx: Tx, { account, region }: Scope, after: number, limit: number) {
  return tx.rows<{ id: number; retention_days: number }>`
    select id, retention_days from logs.groups
    where account = ${account} and region = ${region} and retention_days is not null and id > ${after}
    order by id limit ${limit}`
}
