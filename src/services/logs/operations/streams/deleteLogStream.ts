// DeleteLogStream: the stream is gone at once; its events follow in bounded batches.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteStream, findStream } from '../../streams.ts'

export const deleteLogStream: Handler<'logs', 'DeleteLogStream'> = async (call, input) => {
  const stream = await findStream(call.tx, call.scope, input.logGroupName, input.logStreamName)
  await deleteStream(call.tx, stream.id)
  await call.addJob('purgeStream', { streamId: stream.id })
  return {}
}
