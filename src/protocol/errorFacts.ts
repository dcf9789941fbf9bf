// What an error is called and which status it has on the wire: the model's declaration first, AWS's common errors after it.

import type { ServiceError } from '../core/serviceError.ts'
import type { ErrorModel, ServiceModel } from '../model/index.ts'

export interface ErrorFacts {
  /** JSON and CBOR: the shape's name. */
  readonly name: string
  /** Query, EC2 and S3. */
  readonly queryCode: string
  readonly fault: 'client' | 'server'
  readonly status: number
  readonly queryStatus: number
  readonly declared: ErrorModel | undefined
}

/** AWS's common errors whose status is not 400. A status on the error itself goes before. */
const STATUSES: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ExpiredToken: 403,
  InternalError: 500,
  InternalFailure: 500,
  InvalidClientTokenId: 403,
  MethodNotAllowed: 405,
  MissingAuthenticationToken: 403,
  NotImplemented: 501,
  OptInRequired: 403,
  RequestEntityTooLargeException: 413,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
}

/** Common errors that Query services call otherwise. AWS: IAM API reference, "Common Errors". */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ThrottlingException: 'Throttling',
  ValidationException: 'ValidationError',
  UnknownOperationException: 'InvalidAction',
  SerializationException: 'MalformedInput',
}

export function errorFacts(model: ServiceModel | undefined, error: ServiceError): ErrorFacts {
  const declared = model?.error(error.code)
  const status = error.status ?? declared?.status ?? STATUSES[error.code] ?? 400
  return {
    name: declared?.name ?? error.code,
    queryCode: declared?.queryCode ?? QUERY_CODES[error.code] ?? error.code,
    fault: status >= 500 ? 'server' : 'client',
    status,
    queryStatus: error.status ?? declared?.queryStatus ?? status,
    declared,
  }
}

/** `code;Sender` for services that once spoke Query and whose clients still switch on its codes. */
export function queryErrorHeader(model: ServiceModel | undefined, facts: ErrorFacts): Record<string, string> {
  if (!model?.queryCompatible) return {}
  return { 'x-amzn-query-error': `${facts.queryCode};${facts.fault === 'client' ? 'Sender' : 'Receiver'}` }
}
