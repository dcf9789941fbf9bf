// A call as a CloudTrail event, and what LookupEvents finds it by. Pure.

import type { Ids } from '../../core/ids.ts'
import { identityOf } from './identity.ts'
import type { AuditedCall } from './input.ts'
import { HIDDEN, shownParameters } from './parameters.ts'
import { keysAmong, resourcesOf } from './resources.ts'

/** One row of cloudtrail.events. */
export interface EventRow {
  readonly event_id: string
  readonly account: string
  readonly region: string
  readonly time: string
  readonly name: string
  readonly source: string
  readonly username: string | null
  readonly access_key: string | null
  readonly read_only: boolean
  readonly resource_types: readonly string[]
  readonly resource_names: readonly string[]
  readonly record: string
}

/** The record of a call; undefined for data events, which CloudTrail does not record unless a trail asks for them. */
export function auditRecord(audited: AuditedCall, ids: Pick<Ids, 'uuid'>): EventRow | undefined {
  const { request, readOnly, now, output, error } = audited
  const { service, operation, scope, origin } = request
  if (isDataEvent(service, operation)) return undefined
  const { userIdentity, username, accessKeyId } = identityOf(request.principal)
  const keys = service === 'kms' ? keysAmong(audited.resources ?? []) : []
  const eventID = ids.uuid()
  const eventSource = `${service}.amazonaws.com`
  const time = now.toISOString()
  const resources = [...keys.map(({ type, ARN }) => ({ type, name: ARN })), ...resourcesOf(service, request.input)]
  const record = {
    eventVersion: '1.11',
    userIdentity: { ...userIdentity, ...invokedBy(request) },
    eventTime: `${time.slice(0, 19)}Z`,
    eventSource,
    eventName: operation,
    awsRegion: scope.region,
    sourceIPAddress: origin.sourceIp,
    userAgent: origin.userAgent,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: shownParameters(withoutValues(request), 'request'),
    // AWS: "If an action does not change state ... this element is omitted", shown as null (record contents).
    responseElements: readOnly || error ? null : shownParameters(output, 'response'),
    requestID: request.requestId,
    eventID,
    readOnly,
    // AWS: records of KMS name the key [logging-using-cloudtrail].
    ...(keys.length > 0 && { resources: keys }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: scope.account,
    eventCategory: 'Management',
  }
  return {
    event_id: eventID,
    account: scope.account,
    region: storable(scope.region),
    time,
    name: operation,
    source: eventSource,
    username: username === undefined ? null : storable(username),
    access_key: accessKeyId ?? null,
    read_only: readOnly,
    resource_types: resources.map(resource => resource.type),
    resource_names: resources.map(resource => storable(resource.name)),
    record: JSON.stringify(record),
  }
}

/** AWS: a service that calls on with its caller's permissions is `invokedBy` of the caller's identity (record contents, userIdentity). */
const invokedBy = ({ principal, origin }: AuditedCall['request']) =>
  principal.type !== 'service' && /^[a-z-]+\.amazonaws\.com$/.test(origin.sourceIp)
    ? { invokedBy: origin.sourceIp }
    : {}

/** AWS: the value of a parameter is hidden whatever its type, also when the request does not say it. */
function withoutValues({ service, operation, input }: AuditedCall['request']): unknown {
  const hides = service === 'ssm' && operation === 'PutParameter' && typeof input === 'object'
  return hides ? { ...input, Value: HIDDEN } : input
}

/** Refused calls are recorded too, with whatever they said: PostgreSQL takes neither NUL nor half a surrogate pair. */
const storable = (text: string) => text.toWellFormed().replaceAll('\0', '').slice(0, MOST_NAME)
const MOST_NAME = 2048

// AWS: the data events of these services (CloudTrail user guide, Logging data events): operations on objects and messages.
const S3_DATA =
  /^(Get|Head|Put|Delete|Copy|Restore|Select|Rename|Update)Objects?($|A|Tagging|Legal|Retention|Torrent|Content|Enc)|^(Upload|Create|Complete|Abort|List)(Multipart|Part)|^UploadPartCopy$|^ListObject|^WriteGetObjectResponse$/
const DATA: Readonly<Record<string, ReadonlySet<string>>> = {
  sns: new Set(['Publish', 'PublishBatch']),
  logs: new Set(['PutLogEvents', 'PutLogLines']),
  events: new Set(['PutEvents']),
}
// DEVIATES: polls of deployment agents would fill the trail, so they are not recorded.
const POLLS = new Set(['PollHostCommand'])

export function isDataEvent(service: string, operation: string): boolean {
  if (POLLS.has(operation)) return true
  return service === 's3' ? S3_DATA.test(operation) : (DATA[service]?.has(operation) ?? false)
}
