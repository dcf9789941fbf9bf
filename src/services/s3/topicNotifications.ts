// Bucket notifications to SNS topics: which changes match a configuration, and the message that AWS sends.
// AWS: record from "Event message structure" [Amazon S3 user guide, notification-content-structure].

import type { TopicConfiguration } from '@aws-sdk/client-s3'
import type { Call, OpenCall } from '../../operation/call.ts'
import { principalArn } from '../../operation/principal.ts'
import { type Bucket, bucketArn } from './buckets.ts'
import { type Change, type ChangedObject, sequencer } from './changes.ts'
import { canonicalId } from './owners.ts'

export interface TopicMessage {
  readonly topic: string
  readonly message: string
}

/** The messages that one change of one object causes. */
export function topicsFor(call: Call, bucket: Bucket, change: Change, object: ChangedObject): TopicMessage[] {
  const name = eventName(change)
  return (bucket.notification?.TopicConfigurations ?? [])
    .filter(topic => topic.Events?.some(event => covers(event, name)) && filterMatches(topic, object.key))
    .map(topic => ({
      topic: topic.TopicArn!,
      message: JSON.stringify({ Records: [record(topic, name, call, bucket, object)] }),
    }))
}

function eventName(change: Change): string {
  switch (change.type) {
    case 'Object Created':
      return {
        PutObject: 'ObjectCreated:Put',
        CopyObject: 'ObjectCreated:Copy',
        CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
      }[change.reason]
    case 'Object Deleted': {
      const kind = change.deletion === 'Permanently Deleted' ? 'Delete' : 'DeleteMarkerCreated'
      return `${change.reason === 'DeleteObject' ? 'ObjectRemoved' : 'LifecycleExpiration'}:${kind}`
    }
    case 'Object Tags Added':
      return 'ObjectTagging:Put'
    case 'Object Tags Deleted':
      return 'ObjectTagging:Delete'
  }
}

/** `s3:ObjectCreated:*` covers `ObjectCreated:Put`. */
function covers(event: string, name: string): boolean {
  const pattern = event.replace(/^s3:/, '')
  return pattern.endsWith(':*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function filterMatches(topic: TopicConfiguration, key: string): boolean {
  return (topic.Filter?.Key?.FilterRules ?? []).every(({ Name, Value = '' }) =>
    Name?.toLowerCase() === 'suffix' ? key.endsWith(Value) : key.startsWith(Value),
  )
}

function record(topic: TopicConfiguration, name: string, call: Call, bucket: Bucket, object: ChangedObject) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: call.now.toISOString(),
    eventName: name,
    userIdentity: { principalId: principalArn(call.principal) },
    requestParameters: { sourceIPAddress: call.origin.sourceIp },
    responseElements: { 'x-amz-request-id': call.requestId, 'x-amz-id-2': call.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: topic.Id,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: canonicalId(bucket.account) },
        arn: bucketArn(bucket.name),
      },
      object: {
        key: encodeURIComponent(object.key).replace(/%2F/g, '/').replace(/%20/g, '+'),
        ...(name.startsWith('ObjectCreated') ? { size: object.size, eTag: object.etag } : {}),
        ...(bucket.versioning === null ? {} : { versionId: object.version_id }),
        sequencer: sequencer(object),
      },
    },
  }
}

/** Task: publishes, one message after the other; what was published is not published again on a retry of the rest. */
export async function publish(call: OpenCall, { messages }: { messages: readonly TopicMessage[] }): Promise<void> {
  const [first, ...rest] = messages
  if (!first) return
  await call.transaction(async inner => {
    await inner.asService.invoke('sns', 'Publish', {
      TopicArn: first.topic,
      Subject: 'Amazon S3 Notification',
      Message: first.message,
    })
    if (rest.length > 0) await inner.addJob('publish', { messages: rest })
  })
}
