// CreateLogStream: a new, empty stream.

import type { Handler } from '../../../../operation/handler.ts'
import { checkKey } from '../../encryption.ts'
import { fail, invalid } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { insertStream } from '../../streams.ts'

export const createLogStream: Handler<'logs', 'CreateLogStream'> = async (call, input) => {
  // DEVIATES: AWS takes any character but `:` and `*`; a NUL is nothing that PostgreSQL can keep.
  if (input.logStreamName.includes('\0')) invalid('logStreamName must not contain a NUL character.')
  const group = await findGroup(call.tx, call.scope, input.logGroupName)
  // DEVIATES: AWS answers so only when events come; here a build whose log could not be kept does not begin.
  await checkKey(call, group)
  const inserted = await insertStream(call.tx, group.id, input.logStreamName, call.now)
  if (!inserted) fail('ResourceAlreadyExistsException', 'The specified log stream already exists')
  return {}
}
