// Temporary credentials as STS shows them.

import type { SessionCredentials } from '../../operation/sessionToken.ts'

export const credentialsShape = (made: SessionCredentials) => ({
  AccessKeyId: made.accessKeyId,
  SecretAccessKey: made.secretAccessKey,
  SessionToken: made.sessionToken,
  Expiration: made.expires,
})

/** Clients see expirations in whole seconds, so tokens carry no more. */
export const wholeSecond = (date: Date) => Math.floor(date.getTime() / 1000) * 1000
