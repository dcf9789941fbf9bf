// From a request's signature to who calls, in which account and region.

import type { Readable } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import type { Config } from '../core/config.ts'
import type { Scope } from '../core/scope.ts'
import { factsOf, type ModelName, type ProtocolName } from '../model/index.ts'
import type { Principal } from '../operation/principal.ts'
import type { WireRequest } from '../protocol/index.ts'
import type { ErrorFamily } from '../protocol/sigv4/signatureErrors.ts'
import { verifyRequest } from '../protocol/sigv4/verifyRequest.ts'
import type { IdentityDirectory } from './identity.ts'

const FAMILIES: Record<ProtocolName, ErrorFamily> = {
  awsJson1_0: 'json',
  awsJson1_1: 'json',
  rpcV2Cbor: 'json',
  restJson: 'restJson',
  awsQuery: 'query',
  ec2Query: 'ec2',
  restXml: 's3',
}

/** AWS: "does not require the use of AWS security credentials" [AWS STS API reference]. */
const UNSIGNED = new Set(['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'])

function isSigned({ headers, rawQuery }: WireRequest): boolean {
  return headers.authorization !== undefined || /(?:^|&)(?:X-Amz-Signature|AWSAccessKeyId)=/i.test(rawQuery)
}

export interface AuthenticationParts {
  readonly identity: IdentityDirectory
  readonly clock: Clock
  readonly config: Config
}

/** The function that the HTTP transport asks; it throws ServiceError for what is not signed as it must be. */
export function authenticator({ identity, clock, config }: AuthenticationParts) {
  const find = async (accessKeyId: string, sessionToken?: string) => {
    const credential = await identity.findCredential(accessKeyId, sessionToken)
    if (!credential) return undefined
    const { principal } = credential
    return { ...credential, expires: 'session' in principal ? principal.session?.expires : undefined }
  }
  const anonymous: Principal = { type: 'anonymous', account: config.account }
  return async (
    request: WireRequest,
    service: string,
    protocol: ProtocolName,
    operation: string,
  ): Promise<{
    principal: Principal
    scope: Scope
    body: Readable
    trailers: Promise<Readonly<Record<string, string>>>
  }> => {
    if (UNSIGNED.has(operation) && !isSigned(request)) {
      const scope = { account: config.account, region: config.region }
      return { principal: anonymous, scope, body: request.body, trailers: Promise.resolve({}) }
    }
    const verified = await verifyRequest<Principal>(
      {
        method: request.method,
        path: request.path,
        rawQuery: request.rawQuery,
        headers: request.rawHeaders,
        now: clock.now(),
        service: factsOf(service as ModelName)?.signingNames[0] ?? service,
        family: FAMILIES[protocol],
        anonymous,
        ...(request.bytes ? { body: request.signedBytes ?? request.bytes } : {}),
      },
      find,
    )
    const { principal, region = config.region, trailers, accessKeyId } = verified
    if (accessKeyId !== undefined) identity.used?.(principal, accessKeyId, service, region)
    return {
      principal,
      scope: { account: principal.account, region },
      // A body that was read whole is covered by the signature already.
      get body() {
        return request.bytes ? request.body : verified.decode(request.body)
      },
      trailers,
    }
  }
}
