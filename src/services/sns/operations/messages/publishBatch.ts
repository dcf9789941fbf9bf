// PublishBatch: up to ten messages, each accepted or refused on its own.

import type { BatchResultErrorEntry, PublishBatchResultEntry } from '@aws-sdk/client-sns'
import { isServiceError } from '../../../../core/serviceError.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { keepMessages } from '../../encryption.ts'
import { fail } from '../../errors.ts'
import { MOST_BYTES, type Notification, readMessage } from '../../message.ts'
import { requireTopic } from '../../topics.ts'

const MOST_ENTRIES = 10

export const publishBatch: Handler<'sns', 'PublishBatch'> = async (call, input) => {
  const topic = readTopicArn(input.TopicArn)
  const entries = input.PublishBatchRequestEntries ?? []
  if (entries.length === 0) fail('EmptyBatchRequestException', "The batch request doesn't contain any entries.")
  if (entries.length > MOST_ENTRIES)
    fail('TooManyEntriesInBatchRequestException', 'The batch request contains more entries than permissible.')
  if (new Set(entries.map(entry => entry.Id)).size < entries.length)
    fail('BatchEntryIdsNotDistinctException', 'Two or more batch entries in the request have the same Id.')
  if (entries.some(entry => !/^[A-Za-z0-9_-]{1,80}$/.test(entry.Id ?? '')))
    fail(
      'InvalidBatchEntryIdException',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    )
  const { attributes } = await requireTopic(call.tx, topic)

  const Successful: PublishBatchResultEntry[] = []
  const Failed: BatchResultErrorEntry[] = []
  const accepted: Notification[] = []
  let total = 0
  for (const entry of entries) {
    try {
      const { notification, bytes } = readMessage(entry, call.ids.uuid(), call.now)
      total += bytes
      accepted.push(notification)
      Successful.push({ Id: entry.Id, MessageId: notification.id })
    } catch (error) {
      if (!isServiceError(error)) throw error
      const Code = error.code.replace(/Exception$/, '')
      Failed.push({ Id: entry.Id, Code, Message: error.message, SenderFault: true })
    }
  }
  if (total > MOST_BYTES)
    fail('BatchRequestTooLongException', 'The length of all the batch messages put together is more than the limit.')
  const kept = await keepMessages(call, topic, attributes.KmsMasterKeyId, accepted)
  for (const notification of kept) await call.addJob('fanOut', { topic, notification, after: '' })
  return { Successful, Failed }
}
