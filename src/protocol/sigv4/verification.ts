// What the verification of a request is given, and what it finds out.

import type { RawRequest } from './canonicalRequest.ts'
import type { Payload } from './payload.ts'
import type { ErrorFamily } from './signatureErrors.ts'

/** A key pair that can sign. `Credential` of the gateway is one. */
export interface SigningCredential<P> {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Set for temporary credentials: the request must carry exactly this token. */
  readonly sessionToken?: string | undefined
  /** When temporary credentials end. */
  readonly expires?: Date | undefined
  readonly active: boolean
  readonly principal: P
}

export type FindCredential<P> = (
  accessKeyId: string,
  sessionToken?: string,
) => Promise<SigningCredential<P> | undefined>

export interface RequestToVerify<P> extends RawRequest {
  readonly now: Date
  /** The signing name of the service that is called, for example `codecommit`, `monitoring`, `s3`. */
  readonly service: string
  /** How errors are named; `s3` for S3 and `json` for all others when absent. */
  readonly family?: ErrorFamily
  /** The whole body as received, for every service but S3: its hash is part of what is signed. Absent = empty. */
  readonly body?: Uint8Array
  /** S3 only: who stands for a request without a signature. Without it such a request is refused. */
  readonly anonymous?: P
}

export interface Verified<P> extends Payload {
  readonly principal: P
  /** Undefined for an anonymous request. */
  readonly accessKeyId: string | undefined
  /** The region in the credential scope; undefined for an anonymous request. */
  readonly region: string | undefined
  /** The service in the credential scope; undefined for an anonymous request. */
  readonly signedService: string | undefined
  readonly presigned: boolean
}
