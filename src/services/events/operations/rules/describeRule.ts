// DescribeRule: one rule.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { requireRule, toRule } from '../../rules.ts'

export const describeRule: Handler<'events', 'DescribeRule'> = async (call, input) => ({
  ...toRule(call.scope, await requireRule(call.tx, call.scope, busName(input.EventBusName), input.Name)),
  CreatedBy: call.scope.account,
})
