// UploadSSHPublicKey: for git over SSH; the key's id is the user name there.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, insertOr, overQuota } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import { insertSshKey, readPublicKey, sshKeyShape, sshKeysOf } from '../../sshKeys.ts'

const MOST = 5

export const uploadSSHPublicKey: Handler<'iam', 'UploadSSHPublicKey'> = async ({ tx, scope, ids, now }, input) => {
  const user = await needIdentity(tx, scope.account, 'user', input.UserName)
  const { body, fingerprint } = readPublicKey(input.SSHPublicKeyBody)
  if ((await sshKeysOf(tx, user.id)).length >= MOST) overQuota('SSHPublicKeysPerUser', MOST)
  const row = {
    id: `APKA${ids.text(16, BASE32)}`,
    account: scope.account,
    user_id: user.id,
    fingerprint,
    body,
    active: true,
    uploaded_at: now,
  }
  await insertOr(
    () => tx.nested(() => insertSshKey(tx, row)),
    () =>
      fail('DuplicateSSHPublicKeyException', 'The SSH public key is already associated with the specified IAM user.'),
  )
  return {
    SSHPublicKey: {
      ...sshKeyShape(row, user.name),
      Fingerprint: fingerprint,
      SSHPublicKeyBody: input.SSHPublicKeyBody,
    },
  }
}
