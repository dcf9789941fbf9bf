// Waiting for a scheduled rule: one job a rule, keyed by it, at its next time.

import type { Call } from '../../operation/call.ts'
import type { RuleRow } from './rules.ts'
import { dueAfter, parseSchedule } from './schedule.ts'

/** Sets the rule's next firing; rates count from `since`. The job itself checks that the rule is still the same. */
export async function scheduleNext(call: Call, rule: RuleRow, since: Date): Promise<void> {
  if (rule.schedule === null || rule.state === 'DISABLED') return
  const schedule = parseSchedule(rule.schedule)
  const due = schedule && dueAfter(schedule, since, call.now)
  if (!due) return
  const { account, region } = call.scope
  await call.addJob(
    'fire',
    { rule: rule.name, schedule: rule.schedule, due: due.toISOString() },
    { runAt: due, jobKey: `events.fire/${account}/${region}/${rule.name}` },
  )
}
