// How S3 names accounts: a canonical user id of 64 hex digits, made from the account so that it is the same everywhere.

import { createHash } from 'node:crypto'

export function canonicalId(account: string): string {
  return createHash('sha256').update(`codeyard canonical user ${account}`).digest('hex')
}

export const owner = (account: string) => ({ ID: canonicalId(account) })
