// Which error a broken signature is answered with: the same fault has another code in each family of protocols.

import { ServiceError, type ServiceErrorOptions } from '../../core/serviceError.ts'

/** How a service's errors are named: S3, AWS JSON and CBOR, REST JSON, Query, EC2's Query. */
export type ErrorFamily = 's3' | 'json' | 'restJson' | 'query' | 'ec2'

export type SignatureFault =
  | 'mismatch'
  | 'unknownKey'
  | 'badToken'
  | 'expiredToken'
  | 'expired'
  | 'tooSkewed'
  | 'missing'
  | 'incomplete'
  | 'malformedQuery'
  | 'notSigned'

type Codes = readonly [code: string, status: number]

// AWS: Common Errors of each service's API reference; Amazon S3 API reference, "Error responses"; EC2 "Error codes".
const CODES: Record<ErrorFamily, Record<SignatureFault, Codes>> = {
  s3: {
    mismatch: ['SignatureDoesNotMatch', 403],
    unknownKey: ['InvalidAccessKeyId', 403],
    badToken: ['InvalidToken', 400],
    expiredToken: ['ExpiredToken', 400],
    expired: ['AccessDenied', 403],
    tooSkewed: ['RequestTimeTooSkewed', 403],
    missing: ['AccessDenied', 403],
    incomplete: ['AuthorizationHeaderMalformed', 400],
    malformedQuery: ['AuthorizationQueryParametersError', 400],
    notSigned: ['AccessDenied', 403],
  },
  json: {
    mismatch: ['InvalidSignatureException', 400],
    unknownKey: ['UnrecognizedClientException', 400],
    badToken: ['UnrecognizedClientException', 400],
    expiredToken: ['ExpiredTokenException', 400],
    expired: ['InvalidSignatureException', 400],
    tooSkewed: ['InvalidSignatureException', 400],
    missing: ['MissingAuthenticationTokenException', 400],
    incomplete: ['IncompleteSignatureException', 400],
    malformedQuery: ['IncompleteSignatureException', 400],
    notSigned: ['InvalidSignatureException', 400],
  },
  restJson: {
    mismatch: ['InvalidSignatureException', 403],
    unknownKey: ['UnrecognizedClientException', 403],
    badToken: ['UnrecognizedClientException', 403],
    expiredToken: ['ExpiredTokenException', 403],
    expired: ['InvalidSignatureException', 403],
    tooSkewed: ['InvalidSignatureException', 403],
    missing: ['MissingAuthenticationTokenException', 403],
    incomplete: ['IncompleteSignatureException', 403],
    malformedQuery: ['IncompleteSignatureException', 403],
    notSigned: ['InvalidSignatureException', 403],
  },
  query: {
    mismatch: ['SignatureDoesNotMatch', 403],
    unknownKey: ['InvalidClientTokenId', 403],
    badToken: ['InvalidClientTokenId', 403],
    expiredToken: ['ExpiredToken', 403],
    expired: ['SignatureDoesNotMatch', 403],
    tooSkewed: ['SignatureDoesNotMatch', 403],
    missing: ['MissingAuthenticationToken', 403],
    incomplete: ['IncompleteSignature', 400],
    malformedQuery: ['IncompleteSignature', 400],
    notSigned: ['SignatureDoesNotMatch', 403],
  },
  ec2: {
    mismatch: ['AuthFailure', 401],
    unknownKey: ['AuthFailure', 401],
    badToken: ['AuthFailure', 401],
    expiredToken: ['RequestExpired', 400],
    expired: ['RequestExpired', 400],
    tooSkewed: ['RequestExpired', 400],
    missing: ['MissingAuthenticationToken', 403],
    incomplete: ['IncompleteSignature', 400],
    malformedQuery: ['IncompleteSignature', 400],
    notSigned: ['AuthFailure', 401],
  },
}

const TEXTS: Record<ErrorFamily, Partial<Record<SignatureFault, string>>> = {
  s3: {
    mismatch:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    unknownKey: 'The AWS Access Key Id you provided does not exist in our records.',
    badToken: 'The provided token is malformed or otherwise invalid.',
    expiredToken: 'The provided token has expired.',
    tooSkewed: 'The difference between the request time and the current time is too large.',
    expired: 'Request has expired',
    missing: 'Access Denied',
    notSigned: 'There were headers present in the request which were not signed',
  },
  json: {},
  restJson: {},
  query: {},
  ec2: {
    mismatch: 'AWS was not able to validate the provided access credentials',
    unknownKey: 'AWS was not able to validate the provided access credentials',
    badToken: 'AWS was not able to validate the provided access credentials',
    expiredToken: 'Request has expired.',
    expired: 'Request has expired.',
    tooSkewed: 'Request has expired.',
  },
}

const COMMON: Record<SignatureFault, string> = {
  mismatch:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  unknownKey: 'The security token included in the request is invalid.',
  badToken: 'The security token included in the request is invalid.',
  expiredToken: 'The security token included in the request is expired',
  expired: 'Signature expired',
  tooSkewed: 'Signature expired',
  missing: 'Request is missing Authentication Token',
  incomplete: 'The request signature does not conform to AWS standards.',
  malformedQuery: 'The request signature does not conform to AWS standards.',
  notSigned: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
}

/** The error of a family for a fault; `detail` replaces the common text except where the family has one fixed text. */
export function signatureError(
  family: ErrorFamily,
  fault: SignatureFault,
  detail?: string,
  fields?: ServiceErrorOptions['fields'],
): ServiceError {
  const [code, status] = CODES[family][fault]
  return new ServiceError(
    code,
    TEXTS[family][fault] ?? detail ?? COMMON[fault],
    fields ? { status, fields } : { status },
  )
}
