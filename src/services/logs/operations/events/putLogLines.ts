// PutLogLines: a batch of a build's text becomes one chunk. Events are not looked at one by one, since a build may write a gigabyte.

import type { Handler } from '../../../../operation/handler.ts'
import { MOST_BYTES } from '../../batch.ts'
import { appendChunk, EVENT_OVERHEAD, encodeLines } from '../../chunks.ts'
import { encryptChunk } from '../../encryption.ts'
import { invalid, noSuchStream } from '../../errors.ts'
import { countEvents } from '../../lines.ts'
import { findStream } from '../../streams.ts'
import { tailKey } from './putLogEvents.ts'

export const putLogLines: Handler<'logs', 'PutLogLines'> = async (call, { logGroupName, logStreamName, ...lines }) => {
  const { tx, now, scope } = call
  const { text, times } = lines
  const events = countEvents(lines)
  const bytes = text.length + events * EVENT_OVERHEAD
  if (bytes > MOST_BYTES) invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MOST_BYTES}`)
  if (events === 0) return {}
  if (times.reduce((sum, [, count]) => sum + count, 0) !== events) invalid('There is not one time for each event.')
  const [minTs, maxTs] = [times[0]![0], times.at(-1)![0]]
  const encoded = await encodeLines(lines)
  const { id: streamId, group_id: groupId, data_key } = await findStream(tx, scope, logGroupName, logStreamName)
  const kept = data_key === null ? encoded : await encryptChunk(call, data_key, encoded)
  const tail = tailKey(scope.account, scope.region, logGroupName, logStreamName)
  const chunk = { groupId, streamId, minTs, maxTs, bytes, events, encoded: kept }
  if ((await appendChunk(tx, chunk, now, tail)) === undefined) noSuchStream()
  return {}
}
