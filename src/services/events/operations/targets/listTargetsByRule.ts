// ListTargetsByRule: pages of a rule's targets by id.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { afterName } from '../../paging.ts'
import { requireRule } from '../../rules.ts'
import { listTargets } from '../../targets.ts'

export const listTargetsByRule: Handler<'events', 'ListTargetsByRule'> = async (call, input) => {
  const key = { bus: busName(input.EventBusName), rule: input.Rule }
  await requireRule(call.tx, call.scope, key.bus, key.rule)
  const limit = input.Limit ?? 100
  const rows = await listTargets(call.tx, call.scope, key, afterName(input.NextToken), limit + 1)
  const { items, nextToken } = page(rows, limit, target => [target.Id!])
  return { Targets: items, NextToken: nextToken }
}
