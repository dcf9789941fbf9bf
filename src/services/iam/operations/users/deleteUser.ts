// DeleteUser: only when nothing hangs on it any more.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteIdentity, needIdentity } from '../../identities.ts'

// AWS: DeleteConflict, "Cannot delete entity, must ... first." [IAM API reference, DeleteUser]
const FIRST: readonly [string, string][] = [
  ['keys', 'delete access keys'],
  ['attached', 'detach all policies'],
  ['inline', 'delete policies'],
  ['groups', 'remove users from group'],
  ['ssh', 'delete SSH public keys'],
  ['credentials', 'delete service specific credentials'],
]

export const deleteUser: Handler<'iam', 'DeleteUser'> = async ({ tx, scope }, { UserName }) => {
  const { id } = await needIdentity(tx, scope.account, 'user', UserName)
  const held = await tx.one<Record<string, boolean>>`select
    exists (select 1 from iam.access_keys where account = ${scope.account} and user_id = ${id}) as keys,
    exists (select 1 from iam.attachments where identity_id = ${id}) as attached,
    exists (select 1 from iam.inline_policies where identity_id = ${id}) as inline,
    exists (select 1 from iam.memberships where user_id = ${id}) as groups,
    exists (select 1 from iam.ssh_keys where user_id = ${id}) as ssh,
    exists (select 1 from iam.service_credentials where user_id = ${id}) as credentials`
  for (const [what, remedy] of FIRST) {
    if (held?.[what]) fail('DeleteConflictException', `Cannot delete entity, must ${remedy} first.`)
  }
  await deleteIdentity(tx, id)
  return {}
}
