// DeleteGroup: only an empty one without policies.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteIdentity, needIdentity } from '../../identities.ts'

export const deleteGroup: Handler<'iam', 'DeleteGroup'> = async ({ tx, scope }, { GroupName }) => {
  const { id } = await needIdentity(tx, scope.account, 'group', GroupName)
  const held = await tx.one<{ members: boolean; attached: boolean; inline: boolean }>`select
    exists (select 1 from iam.memberships where group_id = ${id}) as members,
    exists (select 1 from iam.attachments where identity_id = ${id}) as attached,
    exists (select 1 from iam.inline_policies where identity_id = ${id}) as inline`
  if (held?.members) fail('DeleteConflictException', 'Cannot delete entity, must remove users from group first.')
  if (held?.attached) fail('DeleteConflictException', 'Cannot delete entity, must detach all policies first.')
  if (held?.inline) fail('DeleteConflictException', 'Cannot delete entity, must delete policies first.')
  await deleteIdentity(tx, id)
  return {}
}
