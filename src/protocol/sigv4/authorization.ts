// Finds the signature in a request: in the Authorization header or, presigned, in the query. Says exactly what is missing, as AWS does.

import { ServiceError } from '../../core/serviceError.ts'
import { type HeaderMap, queryPairs } from './canonicalRequest.ts'
import { ALGORITHM, amzDate, type CredentialScope, readAmzDate } from './signature.ts'
import { type ErrorFamily, signatureError } from './signatureErrors.ts'

export interface Authorization {
  readonly accessKeyId: string
  readonly scope: CredentialScope
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** yyyymmddThhmmssZ, as signed. */
  readonly dateTime: string
  readonly date: Date
  readonly sessionToken: string | undefined
  /** Seconds for which a presigned request is good; undefined for one signed in its header. */
  readonly expiresIn: number | undefined
  /** `X-Amz-Content-Sha256` of a presigned query. */
  readonly presignedHash: string | undefined
}

/** Undefined when the request carries no signature at all. */
export function readAuthorization(
  headers: HeaderMap,
  rawQuery: string,
  family: ErrorFamily,
): Authorization | undefined {
  const header = headers.get('authorization')?.[0]
  if (header !== undefined) return fromHeader(header, headers, family)
  if (/(^|&)X-Amz-(Algorithm|Signature|Credential)=/i.test(rawQuery)) return fromQuery(rawQuery, family)
  if (/(^|&)(AWSAccessKeyId|SignatureVersion)=/.test(rawQuery)) throw oldSignature(family)
  return undefined
}

function fromHeader(header: string, headers: HeaderMap, family: ErrorFamily): Authorization {
  const [algorithm = '', ...rest] = header.trim().split(/\s+/)
  if (algorithm !== ALGORITHM) {
    if (algorithm === 'AWS') throw oldSignature(family)
    if (algorithm.startsWith('AWS4-')) {
      throw signatureError(
        family,
        'incomplete',
        `Unsupported AWS 'algorithm': '${algorithm}' (only ${ALGORITHM} for now). Authorization=${algorithm}`,
      )
    }
    throw family === 's3'
      ? new ServiceError('InvalidArgument', 'Unsupported Authorization Type', { status: 400 })
      : signatureError(family, 'missing')
  }
  const fields = new Map(
    rest
      .join('')
      .split(',')
      .filter(part => part.includes('='))
      .map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const),
  )
  const dateTime = readDate(headers)
  const missing = [
    ...['Credential', 'Signature', 'SignedHeaders']
      .filter(name => !fields.get(name))
      .map(name => `Authorization header requires '${name}' parameter.`),
    ...(dateTime ? [] : ["Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."]),
  ]
  if (missing.length > 0 || !dateTime) {
    throw family === 's3'
      ? signatureError(family, dateTime ? 'incomplete' : 'missing', malformed(missing[0]!))
      : signatureError(family, 'incomplete', `${missing.join(' ')} Authorization=${algorithm}`)
  }
  return {
    ...readCredential(fields.get('Credential')!, family, 'incomplete'),
    signedHeaders: readSignedHeaders(fields.get('SignedHeaders')!),
    signature: fields.get('Signature')!,
    ...dateTime,
    sessionToken: headers.get('x-amz-security-token')?.[0]?.trim(),
    expiresIn: undefined,
    presignedHash: undefined,
  }
}

function fromQuery(rawQuery: string, family: ErrorFamily): Authorization {
  const query = new Map(queryPairs(rawQuery).map(([name, value]) => [name.toLowerCase(), value]))
  const get = (name: string) => query.get(`x-amz-${name.toLowerCase()}`)
  const names = [
    'Algorithm',
    'Credential',
    'Signature',
    'SignedHeaders',
    'Date',
    ...(family === 's3' ? ['Expires'] : []),
  ]
  const missing = names.filter(name => !get(name))
  if (missing.length > 0) throw signatureError(family, 'malformedQuery', missingParameters(missing, family))
  if (get('Algorithm') !== ALGORITHM) {
    const text =
      family === 's3'
        ? `X-Amz-Algorithm only supports "${ALGORITHM}"`
        : `Unsupported AWS 'algorithm': '${get('Algorithm')}' (only ${ALGORITHM} for now).`
    throw signatureError(family, 'malformedQuery', text)
  }
  const dateTime = get('Date')!
  const date = readAmzDate(dateTime)
  if (!date) {
    throw signatureError(
      family,
      'malformedQuery',
      "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    )
  }
  return {
    ...readCredential(get('Credential')!, family, 'malformedQuery'),
    signedHeaders: readSignedHeaders(get('SignedHeaders')!),
    signature: get('Signature')!,
    dateTime,
    date,
    sessionToken: get('Security-Token'),
    expiresIn: readExpires(get('Expires'), family),
    presignedHash: get('Content-Sha256'),
  }
}

const WEEK = 604_800

function readExpires(text: string | undefined, family: ErrorFamily): number {
  if (text === undefined) return 900 // AWS: services other than S3 accept a presigned request for 15 minutes
  const seconds = Number(text)
  const wrong = (detail: string) => signatureError(family, 'malformedQuery', detail)
  if (!/^-?\d+$/.test(text)) throw wrong('X-Amz-Expires should be a number')
  if (seconds < 0) throw wrong('X-Amz-Expires must be non-negative')
  if (seconds > WEEK) {
    throw wrong(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${WEEK} seconds`,
    )
  }
  return seconds
}

function readCredential(text: string, family: ErrorFamily, fault: 'incomplete' | 'malformedQuery') {
  const parts = text.split('/')
  const terminator = parts.pop()
  const [service, region, date] = [parts.pop(), parts.pop(), parts.pop()]
  const accessKeyId = parts.join('/')
  if (!service || region === undefined || !date || !accessKeyId) {
    throw signatureError(
      family,
      fault,
      family === 's3'
        ? malformed(
            'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
            fault,
          )
        : `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${text}'`,
    )
  }
  if (terminator !== 'aws4_request') {
    throw signatureError(
      family,
      family === 's3' ? fault : 'mismatch',
      family === 's3'
        ? malformed(`incorrect terminal "${terminator}". This endpoint uses "aws4_request".`, fault)
        : `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`,
    )
  }
  return { accessKeyId, scope: { date, region, service } satisfies CredentialScope }
}

function readSignedHeaders(text: string): string[] {
  return text
    .split(';')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '')
}

/** X-Amz-Date, else Date in either form. */
function readDate(headers: HeaderMap): { dateTime: string; date: Date } | undefined {
  const text = (headers.get('x-amz-date') ?? headers.get('date'))?.[0]?.trim()
  if (text === undefined) return undefined
  const date = readAmzDate(text) ?? new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : { dateTime: readAmzDate(text) ? text : amzDate(date), date }
}

function missingParameters(missing: readonly string[], family: ErrorFamily): string {
  return family === 's3'
    ? 'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.'
    : missing.map(name => `AWS query-string parameters must include 'X-Amz-${name}'.`).join(' ')
}

function oldSignature(family: ErrorFamily): ServiceError {
  const text = 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.'
  return family === 's3'
    ? new ServiceError('InvalidRequest', text, { status: 400 })
    : signatureError(family, 'incomplete', text)
}

const malformed = (text: string, fault: 'incomplete' | 'malformedQuery' = 'incomplete') =>
  fault === 'incomplete'
    ? `The authorization header is malformed; ${text}`
    : `Error parsing the X-Amz-Credential parameter; ${text}`
