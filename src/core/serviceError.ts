// The one error that is meant for the caller. Everything else thrown becomes InternalFailure at the gateway.

export interface ServiceErrorOptions {
  /** HTTP status; without it the operation's model decides (400 for client faults). */
  readonly status?: number
  /** Members of the error shape besides the message, for example `{ BucketName: 'x' }`. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Response headers, lower-case names (S3 says `x-amz-delete-marker: true` with its 404, and 304s have no body to say anything). */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly status: number | undefined
  readonly fields: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  /** `code` is the AWS error code (`NoSuchBucket`, `ValidationException`), `message` AWS's text where it is known. */
  constructor(code: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status
    this.fields = options.fields ?? {}
    this.headers = options.headers ?? {}
  }
}

/** True for a ServiceError, of `code` when one is given. */
export function isServiceError(error: unknown, code?: string): error is ServiceError {
  return error instanceof ServiceError && (code === undefined || error.code === code)
}
