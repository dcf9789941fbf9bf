// PutLogEvents: one batch becomes one chunk, appended under the stream's lock and announced to who follows the log.

import type { Handler } from '../../../../operation/handler.ts'
import { checkBatch } from '../../batch.ts'
import { appendChunk, encode, type NewEvent } from '../../chunks.ts'
import { encryptChunk } from '../../encryption.ts'
import { noSuchStream } from '../../errors.ts'
import { eventId } from '../../position.ts'
import { findStream } from '../../streams.ts'

export const putLogEvents: Handler<'logs', 'PutLogEvents'> = async (call, input) => {
  const { tx, now } = call
  const stream = await findStream(tx, call.scope, input.logGroupName, input.logStreamName)
  const { accepted, bytes, rejected } = checkBatch(input.logEvents as NewEvent[], now, stream.retention_days)
  const [minTs, maxTs] = [accepted[0]?.timestamp ?? now.getTime(), accepted.at(-1)?.timestamp ?? now.getTime()]
  let chunk = 0
  if (accepted.length > 0) {
    const plain = await encode(accepted)
    const encoded = stream.data_key === null ? plain : await encryptChunk(call, stream.data_key, plain)
    const { id: streamId, group_id: groupId } = stream
    const tail = tailKey(call.scope.account, call.scope.region, input.logGroupName, input.logStreamName)
    const wanted = { groupId, streamId, minTs, maxTs, bytes, events: accepted.length, encoded }
    chunk = (await appendChunk(tx, wanted, now, tail)) ?? noSuchStream()
  }
  // AWS: the token is ignored on the way in and still answered.
  return {
    nextSequenceToken: eventId({ ts: maxTs, chunk, index: accepted.length }),
    ...(rejected && { rejectedLogEventsInfo: rejected }),
  }
}

/** What listeners of the channel `logs` hear for a stream that grew: `account:region:group:stream`. */
export const tailKey = (account: string, region: string, group: string, stream: string) =>
  `${account}:${region}:${group}:${stream}`
