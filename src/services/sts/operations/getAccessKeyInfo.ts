// GetAccessKeyInfo: the account that an access key belongs to.

import type { Handler } from '../../../operation/handler.ts'
import { fail } from '../errors.ts'

export const getAccessKeyInfo: Handler<'sts', 'GetAccessKeyInfo'> = async ({ tx, principal }, { AccessKeyId }) => {
  if ('accessKeyId' in principal && principal.accessKeyId === AccessKeyId) return { Account: principal.account }
  // DEVIATES: the account of a temporary key is inside its token and nowhere else, so only one's own can be told.
  const row = await tx.one<{ account: string }>`select account from iam.key_owners where id = ${AccessKeyId}`
  return row ? { Account: row.account } : fail('ValidationError', `The access key ID ${AccessKeyId} is not known.`)
}
