// ListRuleNamesByTarget: which rules of a bus lead to an ARN.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { requireBus } from '../../buses.ts'
import { afterName } from '../../paging.ts'
import { ruleNamesByTarget } from '../../targets.ts'

export const listRuleNamesByTarget: Handler<'events', 'ListRuleNamesByTarget'> = async (call, input) => {
  const bus = busName(input.EventBusName)
  await requireBus(call.tx, call.scope, bus)
  const limit = input.Limit ?? 100
  const after = afterName(input.NextToken)
  const names = await ruleNamesByTarget(call.tx, call.scope, bus, input.TargetArn, { after, limit: limit + 1 })
  const { items, nextToken } = page(names, limit, name => [name])
  return { RuleNames: items, NextToken: nextToken }
}
