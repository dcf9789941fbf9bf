// GetSessionToken: temporary credentials of the user, or root, who asks with lasting ones.
// DEVIATES: sessions made here may call IAM and STS as their user may; AWS asks for MFA first, which does not exist here.

import { loadMasterKey } from '../../../core/masterKey.ts'
import type { Handler } from '../../../operation/handler.ts'
import { sealSession } from '../../../operation/sessionToken.ts'
import { credentialsShape, wholeSecond } from '../credentials.ts'
import { denied } from '../errors.ts'

const HOUR = 3600

export const getSessionToken: Handler<'sts', 'GetSessionToken'> = async ({ principal, now, config, ids }, input) => {
  if ((principal.type !== 'user' && principal.type !== 'root') || principal.session) {
    return denied('Cannot call GetSessionToken with session credentials')
  }
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
    return denied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    )
  }
  // AWS: 12 hours unless told; root gets one hour at most [STS API reference, GetSessionToken]
  const seconds =
    principal.type === 'root' ? Math.min(input.DurationSeconds ?? HOUR, HOUR) : (input.DurationSeconds ?? 12 * HOUR)
  const issuedAt = wholeSecond(now)
  const made = sealSession(loadMasterKey(config.dataDir), ids, {
    account: principal.account,
    issuedAt,
    expires: issuedAt + seconds * 1000,
    who: principal.type === 'root' ? { kind: 'root' } : { kind: 'user', userId: principal.userId },
  })
  return { Credentials: credentialsShape(made) }
}
