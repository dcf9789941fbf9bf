// PutPermission: lets other accounts put events on a bus, by a statement or by a whole policy.

import type { Handler } from '../../../../operation/handler.ts'
import { busArn, busName } from '../../arns.ts'
import { requireBus, saveBus } from '../../buses.ts'
import { invalid } from '../../errors.ts'
import { readPolicy } from '../../policy.ts'

export const putPermission: Handler<'events', 'PutPermission'> = async (call, input) => {
  const bus = await requireBus(call.tx, call.scope, busName(input.EventBusName))
  const { Policy: whole, Action, Principal, StatementId, Condition } = input
  let policy: string
  if (whole !== undefined) {
    if (Action !== undefined || Principal !== undefined || StatementId !== undefined || Condition)
      invalid('Parameter Policy cannot be combined with Action, Principal, StatementId or Condition.')
    policy = JSON.stringify(readPolicy(whole))
  } else {
    if (Action === undefined || Principal === undefined || StatementId === undefined)
      return invalid('Parameters Action, Principal and StatementId, or Policy, must be specified.')
    if (Action !== 'events:PutEvents') invalid("Provided value in parameter 'action' is not supported.")
    if (Principal !== '*' && !/^\d{12}$/.test(Principal))
      invalid(`Provided value in parameter 'principal' is not valid.`)
    const statement = {
      Sid: StatementId,
      Effect: 'Allow',
      Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
      Action,
      Resource: busArn(call.scope, bus.name),
      ...(Condition && { Condition: { [Condition.Type!]: { [Condition.Key!]: Condition.Value } } }),
    }
    const others = bus.policy === null ? [] : readPolicy(bus.policy).Statement.filter(one => one.Sid !== StatementId)
    policy = JSON.stringify({ Version: '2012-10-17', Statement: [...others, statement] })
  }
  await saveBus(call.tx, call.scope, { ...bus, policy }, call.now)
  return {}
}
