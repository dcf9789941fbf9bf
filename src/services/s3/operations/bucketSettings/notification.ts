// GetBucketNotificationConfiguration, PutBucketNotificationConfiguration: EventBridge and SNS topics.

import type { NotificationConfiguration, TopicConfiguration } from '@aws-sdk/client-s3'
import { parseArn } from '../../../../core/arn.ts'
import { isServiceError } from '../../../../core/serviceError.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { closeBucket, putSetting, requireBucket } from '../../buckets.ts'
import { fail, failNotSupported } from '../../errors.ts'

export const getBucketNotificationConfiguration: Handler<'s3', 'GetBucketNotificationConfiguration'> = async (
  { tx },
  input,
) => (await requireBucket(tx, input)).notification ?? {}

export const putBucketNotificationConfiguration: Handler<'s3', 'PutBucketNotificationConfiguration'> = async (
  call,
  input,
) => {
  const { name } = await closeBucket(call.tx, input)
  const asked = input.NotificationConfiguration ?? {}
  if (asked.QueueConfigurations?.length)
    failNotSupported('notifications to SQS queues: send them to an SNS topic or to EventBridge')
  if (asked.LambdaFunctionConfigurations?.length) {
    failNotSupported('notifications to Lambda functions: send them to an SNS topic or to EventBridge')
  }
  const topics = (asked.TopicConfigurations ?? []).map(topic => ({ Id: call.ids.uuid(), ...topic }))
  checkTopics(topics)
  if (!input.SkipDestinationValidation) for (const topic of topics) await tryTopic(call, name, topic)
  const stored: NotificationConfiguration = {
    ...(topics.length > 0 ? { TopicConfigurations: topics } : {}),
    ...(asked.EventBridgeConfiguration ? { EventBridgeConfiguration: {} } : {}),
  }
  await putSetting(call.tx, name, 'notification', stored)
  return {}
}

function checkTopics(topics: readonly TopicConfiguration[]): void {
  const ids = new Set(topics.map(topic => topic.Id))
  if (ids.size < topics.length)
    fail('InvalidArgument', { message: 'Same ID used for multiple configurations. IDs must be unique' })
  for (const { TopicArn = '', Events = [], Filter } of topics) {
    if (Events.length === 0) fail('MalformedXML')
    if (parseArn(TopicArn)?.service !== 'sns') fail('InvalidArgument', { message: 'The ARN could not be parsed' })
    const names = (Filter?.Key?.FilterRules ?? []).map(rule => rule.Name?.toLowerCase())
    if (names.some(name => name !== 'prefix' && name !== 'suffix')) {
      fail('InvalidArgument', { message: 'filter rule name must be either prefix or suffix' })
    }
    if (new Set(names).size < names.length) {
      fail('InvalidArgument', { message: 'Cannot specify more than one prefix or suffix rule in a filter.' })
    }
  }
}

/** AWS sends a test message to each new destination and refuses those that do not take it. */
async function tryTopic(call: Call, Bucket: string, { TopicArn }: TopicConfiguration): Promise<void> {
  const message = {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: call.now.toISOString(),
    Bucket,
    RequestId: call.requestId,
    HostId: call.requestId,
  }
  try {
    const Message = JSON.stringify(message)
    await call.asService.invoke('sns', 'Publish', { TopicArn, Subject: 'Amazon S3 Notification', Message })
  } catch (error) {
    if (!isServiceError(error)) throw error
    const fields = { ArgumentName1: TopicArn, ArgumentValue1: error.message }
    fail('InvalidArgument', { message: 'Unable to validate the following destination configurations', fields })
  }
}
