// DeleteRole: only one without policies that is in no instance profile.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteIdentity } from '../../identities.ts'
import { needOwnRole } from './updateRole.ts'

export const deleteRole: Handler<'iam', 'DeleteRole'> = async (call, { RoleName }) => {
  const { tx } = call
  const { id } = await needOwnRole(call, RoleName)
  const held = await tx.one<{ attached: boolean; inline: boolean; profiles: boolean }>`select
    exists (select 1 from iam.attachments where identity_id = ${id}) as attached,
    exists (select 1 from iam.inline_policies where identity_id = ${id}) as inline,
    exists (select 1 from iam.instance_profiles where role_id = ${id}) as profiles`
  if (held?.profiles)
    fail('DeleteConflictException', 'Cannot delete entity, must remove roles from instance profile first.')
  if (held?.attached) fail('DeleteConflictException', 'Cannot delete entity, must detach all policies first.')
  if (held?.inline) fail('DeleteConflictException', 'Cannot delete entity, must delete policies first.')
  await deleteIdentity(tx, id)
  return {}
}
