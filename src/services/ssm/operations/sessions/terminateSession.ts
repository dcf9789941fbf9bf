// TerminateSession: ends a session for good. One that is over is as terminated as one that ends now.

import type { Handler } from '../../../../operation/handler.ts'
import { notify } from '../../../../store/tx.ts'
import { deleteSession, END_CHANNEL } from '../../sessions/sessions.ts'

export const terminateSession: Handler<'ssm', 'TerminateSession'> = async (call, input) => {
  const id = input.SessionId!
  if (await deleteSession(call.tx, id, call.scope)) await notify(call.tx, END_CHANNEL, id)
  return { SessionId: id }
}
