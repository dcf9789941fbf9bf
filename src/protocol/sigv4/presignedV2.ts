// S3's older presigned links (AWSAccessKeyId, Signature, Expires): HMAC-SHA1 over method, headers and resource. botocore still
// makes them for endpoints of one's own.
// AWS: "Signing and authenticating REST requests" [Amazon S3 API reference, RESTAuthentication].
// DEVIATES: accepted in every region; AWS does so in those that were there before 2014.

import { createHmac } from 'node:crypto'
import { ServiceError } from '../../core/serviceError.ts'
import { bucketOfHost } from '../rest/s3Address.ts'
import { type HeaderMap, queryPairs } from './canonicalRequest.ts'
import { checkCredential } from './credential.ts'
import { payloadOf, UNSIGNED } from './payload.ts'
import { sameText } from './signature.ts'
import { signatureError } from './signatureErrors.ts'
import type { FindCredential, RequestToVerify, Verified } from './verification.ts'

/** Parameters that are part of the resource that is signed. */
const SIGNED = new Set(
  `accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification
   object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition
   response-content-encoding response-content-language response-content-type response-expires restore select select-type
   storageClass tagging torrent uploadId uploads versionId versioning versions website`.split(/\s+/),
)

/** Parameters that would make another operation of a request without being signed: newer than this kind of signature. */
const NEVER = new Set(
  `attributes encryption intelligent-tiering legal-hold metadataConfiguration metadataTable ownershipControls policyStatus
   publicAccessBlock renameObject retention session abac`.split(/\s+/),
)

export function isPresignedV2(rawQuery: string, headers: HeaderMap): boolean {
  return !headers.has('authorization') && /(?:^|&)AWSAccessKeyId=/.test(rawQuery)
}

/** As verifyRequest, for a link of this kind. */
export async function verifyPresignedV2<P>(
  request: RequestToVerify<P>,
  headers: HeaderMap,
  findCredential: FindCredential<P>,
): Promise<Verified<P>> {
  const query = new Map(queryPairs(request.rawQuery))
  const { accessKeyId, signature, expires } = readLink(query, request.now)
  const sessionToken = query.get('x-amz-security-token') ?? headers.get('x-amz-security-token')?.[0]
  const credential = await findCredential(accessKeyId, sessionToken)
  checkCredential(credential, { accessKeyId, sessionToken }, request.now, 's3')

  const text = stringToSign(request, headers, query, expires)
  const own = createHmac('sha1', credential.secretAccessKey).update(text, 'utf8').digest('base64')
  if (!sameText(own, signature)) {
    throw signatureError('s3', 'mismatch', undefined, {
      AWSAccessKeyId: accessKeyId,
      StringToSign: text,
      SignatureProvided: signature,
      StringToSignBytes: (Buffer.from(text, 'utf8').toString('hex').match(/../g) ?? []).join(' '),
    })
  }
  return {
    principal: credential.principal,
    accessKeyId,
    region: undefined,
    signedService: 's3',
    presigned: true,
    ...payloadOf(headers.get('x-amz-content-sha256')?.[0]?.trim() ?? UNSIGNED, headers, undefined),
  }
}

function readLink(query: ReadonlyMap<string, string>, now: Date) {
  const [accessKeyId, signature, expires] = ['AWSAccessKeyId', 'Signature', 'Expires'].map(name => query.get(name))
  if (query.has('X-Amz-Algorithm')) {
    throw new ServiceError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { status: 400 },
    )
  }
  if ([...query.keys()].some(name => NEVER.has(name))) {
    throw new ServiceError(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      { status: 400 },
    )
  }
  if (!accessKeyId || !signature || !expires) {
    throw denied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters')
  }
  if (!/^\d{1,12}$/.test(expires)) throw denied(`Invalid date (should be seconds since epoch): ${expires}`)
  const end = new Date(Number(expires) * 1000)
  if (end <= now) throw denied('Request has expired', { Expires: isoSeconds(end), ServerTime: isoSeconds(now) })
  return { accessKeyId, signature, expires }
}

function stringToSign<P>(
  { method, path, rawQuery }: RequestToVerify<P>,
  headers: HeaderMap,
  query: ReadonlyMap<string, string>,
  expires: string,
): string {
  // Clients may put signed headers into the link instead of sending them.
  const headerOf = (name: string) => headers.get(name)?.join(',').trim() ?? query.get(name) ?? ''
  const amazon = new Set([...headers.keys(), ...query.keys()].filter(name => name.startsWith('x-amz-')))
  const bucket = bucketOfHost(headers.get('host')?.[0])
  const parameters = queryPairs(rawQuery)
    .filter(([name]) => SIGNED.has(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (hasValue(rawQuery, name) ? `${name}=${value}` : name))
  return [
    method,
    headerOf('content-md5'),
    headerOf('content-type'),
    expires,
    ...[...amazon].sort().map(name => `${name}:${headerOf(name)}`),
    `${bucket === undefined ? '' : `/${bucket}`}${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`,
  ].join('\n')
}

/** `?acl` and `?acl=` are signed as they are written. */
const hasValue = (rawQuery: string, name: string) => rawQuery.split('&').some(part => part.startsWith(`${name}=`))

const denied = (message: string, fields?: Record<string, string>) =>
  new ServiceError('AccessDenied', message, fields ? { status: 403, fields } : { status: 403 })
const isoSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`
