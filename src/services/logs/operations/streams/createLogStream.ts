// CreateLogStream: a new, empty stream.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { insertStream } from '../../streams.ts'

export const createLogStream: Handler<'logs', 'CreateLogStream'> = async (call, input) => {
  const group = await findGroup(call.tx, call.scope, input.logGroupName)
  const inserted = await insertStream(call.tx, group.id, input.logStreamName, call.now)
  if (!inserted) fail('ResourceAlreadyExistsException', 'The specified log stream already exists')
  return {}
}
