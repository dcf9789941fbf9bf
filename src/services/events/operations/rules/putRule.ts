// PutRule: makes or replaces a rule; a scheduled one gets its next time.

import type { Handler } from '../../../../operation/handler.ts'
import { busName, DEFAULT_BUS, ruleArn } from '../../arns.ts'
import { requireBus } from '../../buses.ts'
import { fail, invalid } from '../../errors.ts'
import { readEventPattern } from '../../eventPattern.ts'
import { changeRuleVersion, countRules, findRule, type RuleRow, putRule as saveRule } from '../../rules.ts'
import { parseSchedule } from '../../schedule.ts'
import { scheduleNext } from '../../schedules.ts'
import { tagMap } from '../../tags.ts'

// AWS: 300 rules a bus (EventBridge quotas).
const MOST_RULES = 300

export const putRule: Handler<'events', 'PutRule'> = async (call, input) => {
  const { EventPattern: pattern, ScheduleExpression: schedule } = input
  const bus = busName(input.EventBusName)
  if (pattern === undefined && schedule === undefined)
    invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.')
  if (pattern !== undefined) readEventPattern(pattern)
  if (schedule !== undefined) {
    if (bus !== DEFAULT_BUS) invalid('ScheduleExpression is supported only on the default event bus.')
    if (!parseSchedule(schedule)) invalid('Parameter ScheduleExpression is not valid.')
  }
  await requireBus(call.tx, call.scope, bus)
  const before = await findRule(call.tx, call.scope, bus, input.Name)
  if (!before && (await countRules(call.tx, call.scope, bus)) >= MOST_RULES)
    fail('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')
  const rule: RuleRow = {
    name: input.Name,
    bus,
    pattern: pattern ?? null,
    schedule: schedule ?? null,
    state: input.State ?? 'ENABLED',
    description: input.Description ?? null,
    role_arn: input.RoleArn ?? null,
    created_at: before?.created_at ?? call.now,
    // AWS: tags of an existing rule are left as they are (PutRule, API reference).
    tags: before?.tags ?? tagMap(input.Tags),
  }
  await saveRule(call.tx, call.scope, rule)
  await changeRuleVersion(call.tx, call.scope, bus, call.ids.uuid())
  await scheduleNext(call, rule, call.now)
  return { RuleArn: ruleArn(call.scope, bus, rule.name) }
}
