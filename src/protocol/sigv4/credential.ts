// Is the key that a signature names there, active, and used with its own token?

import type { Authorization } from './authorization.ts'
import { sameText } from './signature.ts'
import { type ErrorFamily, signatureError } from './signatureErrors.ts'
import type { SigningCredential } from './verification.ts'

/** Throws the family's error for a key that can not sign; the token is compared in constant time. */
export function checkCredential<P>(
  credential: SigningCredential<P> | undefined,
  authorization: Pick<Authorization, 'accessKeyId' | 'sessionToken'>,
  now: Date,
  family: ErrorFamily,
): asserts credential is SigningCredential<P> {
  const { accessKeyId, sessionToken } = authorization
  if (!credential) {
    // AWS: a temporary key without its token is unknown to S3; with a foreign token the token is what is wrong.
    if (sessionToken !== undefined && accessKeyId.startsWith('ASIA')) throw signatureError(family, 'badToken')
    throw signatureError(family, 'unknownKey', undefined, s3Key(family, accessKeyId))
  }
  if (!credential.active) throw signatureError(family, 'unknownKey', undefined, s3Key(family, accessKeyId))
  if (!sameText(credential.sessionToken ?? '', sessionToken ?? '')) {
    throw credential.sessionToken !== undefined && sessionToken === undefined
      ? signatureError(family, 'unknownKey', undefined, s3Key(family, accessKeyId))
      : signatureError(family, 'badToken')
  }
  if (credential.expires && credential.expires <= now) {
    throw signatureError(family, 'expiredToken', undefined, family === 's3' ? { 'Token-0': sessionToken } : undefined)
  }
}

const s3Key = (family: ErrorFamily, accessKeyId: string) =>
  family === 's3' ? { AWSAccessKeyId: accessKeyId } : undefined
