// DescribeEventBus: one bus, the default one when none is named.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { requireBus, toEventBus } from '../../buses.ts'

export const describeEventBus: Handler<'events', 'DescribeEventBus'> = async (call, input) =>
  toEventBus(call.scope, await requireBus(call.tx, call.scope, busName(input.Name)))
