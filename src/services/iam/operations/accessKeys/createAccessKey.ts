// CreateAccessKey: the secret is shown this once.

import type { Handler } from '../../../../operation/handler.ts'
import { insertKey, KEYS_PER_USER, keyOf, listKeys } from '../../accessKeys.ts'
import { overQuota } from '../../errors.ts'
import { keyOwner } from './keys.ts'

export const createAccessKey: Handler<'iam', 'CreateAccessKey'> = async (call, { UserName }) => {
  const { tx, scope, ids, now } = call
  const { userId, userName } = await keyOwner(call, UserName)
  await tx.run`select 1 from iam.identities where id = ${userId} for update` // two at once must not both pass the limit
  if ((await listKeys(tx, scope.account, userId, {})).length >= KEYS_PER_USER)
    overQuota('AccessKeysPerUser', KEYS_PER_USER)
  const { id, secret } = await insertKey(tx, { ids, key: keyOf(call), account: scope.account, userId, now })
  return {
    AccessKey: { UserName: userName, AccessKeyId: id, Status: 'Active', SecretAccessKey: secret, CreateDate: now },
  }
}
