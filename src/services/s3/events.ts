// What S3 tells the world: EventBridge events with AWS's detail, and messages to SNS topics.
// AWS: detail from "EventBridge event message structure" [Amazon S3 user guide, ev-events].
// Events of buckets without EventBridge notifications carry the source `codeyard.s3`: services of the house hear them, rules do not.

import type { Call } from '../../operation/call.ts'
import { type Bucket, bucketArn } from './buckets.ts'
import { type Change, type ChangedObject, sequencer } from './changes.ts'
import { topicsFor } from './topicNotifications.ts'

/** Announces changes of one bucket's objects. */
export async function announce(
  call: Call,
  bucket: Bucket,
  change: Change,
  objects: readonly ChangedObject[],
): Promise<void> {
  const source = bucket.notification?.EventBridgeConfiguration ? 'aws.s3' : 'codeyard.s3'
  for (const object of objects) {
    await call.emit({
      source,
      detailType: change.type,
      resources: [bucketArn(bucket.name)],
      detail: detail(call, bucket, change, object),
    })
  }
  const messages = objects.flatMap(object => topicsFor(call, bucket, change, object))
  if (messages.length > 0) await call.addJob('publish', { messages })
}

function detail(call: Call, bucket: Bucket, change: Change, object: ChangedObject): Record<string, unknown> {
  const created = change.type === 'Object Created'
  return {
    version: '0',
    bucket: { name: bucket.name },
    object: {
      key: object.key,
      ...(created ? { size: object.size } : {}),
      ...(object.etag ? { etag: object.etag } : {}),
      ...(bucket.versioning === null ? {} : { 'version-id': object.version_id }),
      sequencer: sequencer(object),
    },
    'request-id': call.requestId,
    requester: call.principal.type === 'service' ? call.principal.service : call.principal.account,
    'source-ip-address': call.origin.sourceIp,
    ...(change.reason ? { reason: change.reason } : {}),
    ...('deletion' in change ? { 'deletion-type': change.deletion } : {}),
  }
}
