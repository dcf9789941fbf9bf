// ListAccessKeys and GetAccessKeyLastUsed.

import type { Handler } from '../../../../operation/handler.ts'
import { findKey, listKeys } from '../../accessKeys.ts'
import { fail } from '../../errors.ts'
import { listed } from '../../pages.ts'
import { keyOwner } from './keys.ts'

export const listAccessKeys: Handler<'iam', 'ListAccessKeys'> = async (call, input) => {
  const { userId, userName } = await keyOwner(call, input.UserName)
  const { items, rest } = listed(await listKeys(call.tx, call.scope.account, userId, input), input, row => row.id)
  const AccessKeyMetadata = items.map(row => ({
    UserName: userName,
    AccessKeyId: row.id,
    Status: row.active ? ('Active' as const) : ('Inactive' as const),
    CreateDate: row.created_at,
  }))
  return { AccessKeyMetadata, ...rest }
}

export const getAccessKeyLastUsed: Handler<'iam', 'GetAccessKeyLastUsed'> = async ({ tx, scope }, { AccessKeyId }) => {
  const row = await findKey(tx, AccessKeyId)
  // AWS: AccessDenied, not NoSuchEntity, for a key that does not exist or is another account's [IAM API reference]
  if (!row || row.account !== scope.account) {
    return fail('AccessDenied', `Access key ${AccessKeyId} does not exist in this account.`, { status: 403 })
  }
  const user = row.user_id
    ? await tx.one<{ name: string }>`select name from iam.identities where id = ${row.user_id}`
    : undefined
  return {
    UserName: user?.name ?? 'root',
    AccessKeyLastUsed: {
      ...(row.last_used_at ? { LastUsedDate: row.last_used_at } : {}),
      ServiceName: row.last_used_service ?? 'N/A',
      Region: row.last_used_region ?? 'N/A',
    } as never,
  }
}
