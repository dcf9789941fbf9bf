// The server's side of SigV4: who signed this request, for which region and service, and what its body must prove.

import { ServiceError } from '../../core/serviceError.ts'
import { type Authorization, readAuthorization } from './authorization.ts'
import { canonicalRequest, type HeaderMap, headerMap } from './canonicalRequest.ts'
import { checkCredential } from './credential.ts'
import { hashMismatch, payloadOf, UNSIGNED } from './payload.ts'
import { isPresignedV2, verifyPresignedV2 } from './presignedV2.ts'
import { amzDate, EMPTY_SHA256, sameText, sha256, signingKey, signText, stringToSign } from './signature.ts'
import { type ErrorFamily, signatureError } from './signatureErrors.ts'
import type { FindCredential, RequestToVerify, Verified } from './verification.ts'

export type { FindCredential, RequestToVerify, SigningCredential, Verified } from './verification.ts'

const SKEW = 15 * 60_000
const S3_NAMES = ['s3', 's3express', 's3-object-lambda', 's3-outposts']

/** Throws ServiceError with the code and text that AWS uses; constant time where secrets are compared. */
export async function verifyRequest<P>(
  request: RequestToVerify<P>,
  findCredential: FindCredential<P>,
): Promise<Verified<P>> {
  const s3 = S3_NAMES.includes(request.service)
  const family = request.family ?? (s3 ? 's3' : 'json')
  const headers = headerMap(request.headers)
  if (s3 && isPresignedV2(request.rawQuery, headers)) return verifyPresignedV2(request, headers, findCredential)
  const authorization = readAuthorization(headers, request.rawQuery, family)
  if (!authorization) return unsigned(request, headers, s3, family)

  checkTime(authorization, request.now, family)
  checkScope(authorization, request.service, s3, family)
  checkSignedHeaders(authorization, headers, s3, family)
  const credential = await findCredential(authorization.accessKeyId, authorization.sessionToken)
  checkCredential(credential, authorization, request.now, family)

  const payloadHash = s3
    ? s3PayloadHash(authorization, headers)
    : request.body?.length
      ? sha256(request.body)
      : EMPTY_SHA256
  const presigned = authorization.expiresIn !== undefined
  const canonical = canonicalRequest(request, headers, {
    signedHeaders: authorization.signedHeaders,
    payloadHash,
    s3,
    presigned,
  })
  const key = signingKey(credential.accessKeyId, credential.secretAccessKey, authorization.scope)
  const text = stringToSign(authorization.dateTime, authorization.scope, canonical)
  const signature = signText(key, text)
  if (!sameText(signature, authorization.signature)) throw mismatch(authorization, canonical, text, family)

  if (s3 && request.body) checkWholeBody(request.body, payloadHash)
  const { dateTime, scope } = authorization
  return {
    principal: credential.principal,
    accessKeyId: credential.accessKeyId,
    region: scope.region,
    signedService: scope.service,
    presigned,
    ...payloadOf(s3 ? payloadHash : UNSIGNED, headers, { key, dateTime, scope, seedSignature: signature }),
  }
}

function unsigned<P>(request: RequestToVerify<P>, headers: HeaderMap, s3: boolean, family: ErrorFamily): Verified<P> {
  if (!s3 || request.anonymous === undefined) throw signatureError(family, 'missing')
  return {
    principal: request.anonymous,
    accessKeyId: undefined,
    region: undefined,
    signedService: undefined,
    presigned: false,
    ...payloadOf(headers.get('x-amz-content-sha256')?.[0]?.trim() ?? UNSIGNED, headers, undefined),
  }
}

function checkTime(authorization: Authorization, now: Date, family: ErrorFamily) {
  const { date, dateTime, expiresIn } = authorization
  const age = now.getTime() - date.getTime()
  const stamp = amzDate(now)
  if (expiresIn !== undefined) {
    if (age < -SKEW && family === 's3')
      throw new ServiceError('AccessDenied', 'Request is not yet valid', { status: 403 })
    if (age > expiresIn * 1000) {
      const end = new Date(date.getTime() + expiresIn * 1000)
      const from = amzDate(new Date(now.getTime() - expiresIn * 1000))
      throw signatureError(
        family,
        'expired',
        `Signature expired: ${dateTime} is now earlier than ${from} (${stamp} - ${Math.round(expiresIn / 60)} min.)`,
        family === 's3'
          ? { 'X-Amz-Expires': String(expiresIn), Expires: isoSeconds(end), ServerTime: isoSeconds(now) }
          : undefined,
      )
    }
  }
  const late = expiresIn === undefined && age > SKEW
  if (!late && age >= -SKEW) return
  const bound = amzDate(new Date(now.getTime() + (late ? -SKEW : SKEW)))
  throw signatureError(
    family,
    'tooSkewed',
    late
      ? `Signature expired: ${dateTime} is now earlier than ${bound} (${stamp} - 15 min.)`
      : `Signature not yet current: ${dateTime} is still later than ${bound} (${stamp} + 15 min.)`,
    family === 's3'
      ? { RequestTime: dateTime, ServerTime: isoSeconds(now), MaxAllowedSkewMilliseconds: String(SKEW) }
      : undefined,
  )
}

function checkScope(authorization: Authorization, service: string, s3: boolean, family: ErrorFamily) {
  const { scope, dateTime } = authorization
  if (s3 ? !S3_NAMES.includes(scope.service) : scope.service !== service) {
    throw signatureError(
      family,
      s3 ? 'incomplete' : 'mismatch',
      s3
        ? `The authorization header is malformed; incorrect service "${scope.service}". This endpoint belongs to "s3".`
        : `Credential should be scoped to correct service: '${service}'. `,
    )
  }
  if (scope.region === '') {
    throw signatureError(family, s3 ? 'incomplete' : 'mismatch', 'Credential should be scoped to a valid region. ')
  }
  if (scope.date !== dateTime.slice(0, 8)) {
    throw signatureError(
      family,
      s3 ? 'incomplete' : 'mismatch',
      s3
        ? `The authorization header is malformed; Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${dateTime.slice(0, 8)}".`
        : `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${dateTime.slice(0, 8)}', from '${dateTime}'.`,
    )
  }
}

/** Headers that may be there unsigned: the token (added after signing by some clients) and the hash (covered as the payload line). */
const MAY_BE_UNSIGNED = ['x-amz-security-token', 'x-amz-content-sha256']

function checkSignedHeaders(authorization: Authorization, headers: HeaderMap, s3: boolean, family: ErrorFamily) {
  const signed = new Set(authorization.signedHeaders)
  const loose = [...headers.keys()].filter(
    name => name.startsWith('x-amz-') && !signed.has(name) && !MAY_BE_UNSIGNED.includes(name),
  )
  if (!signed.has('host') && !signed.has(':authority')) loose.unshift('host')
  if (loose.length === 0) return
  const name = loose[0] === 'host' ? "'Host' or ':authority'" : `'${loose[0]}'`
  throw signatureError(
    family,
    'notSigned',
    `${name} must be a 'SignedHeader' in the AWS Authorization.`,
    s3 ? { HeadersNotSigned: loose.join(', ') } : undefined,
  )
}

function s3PayloadHash(authorization: Authorization, headers: HeaderMap): string {
  const header = headers.get('x-amz-content-sha256')?.[0]?.trim()
  if (authorization.expiresIn !== undefined) return authorization.presignedHash ?? header ?? UNSIGNED
  if (header !== undefined) return header
  throw new ServiceError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256', {
    status: 400,
  })
}

/** An S3 body that was read before this check proves itself here, since nobody will read it through `decode`. */
function checkWholeBody(body: Uint8Array, payloadHash: string) {
  if (payloadHash !== UNSIGNED && sha256(body) !== payloadHash.toLowerCase())
    throw hashMismatch(payloadHash, sha256(body))
}

function mismatch(authorization: Authorization, canonical: string, text: string, family: ErrorFamily): ServiceError {
  if (family !== 's3') return signatureError(family, 'mismatch')
  return signatureError(family, 'mismatch', undefined, {
    AWSAccessKeyId: authorization.accessKeyId,
    StringToSign: text,
    SignatureProvided: authorization.signature,
    StringToSignBytes: hexBytes(text),
    CanonicalRequest: canonical,
    CanonicalRequestBytes: hexBytes(canonical),
  })
}

const hexBytes = (text: string) => (Buffer.from(text, 'utf8').toString('hex').match(/../g) ?? []).join(' ')
const isoSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`
