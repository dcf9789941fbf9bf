// UpdateRole, UpdateRoleDescription and UpdateAssumeRolePolicy.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { fullRoleShape, needIdentity, type RoleRow, saveRole } from '../../identities.ts'
import { checkedTrust } from '../../trust.ts'

/** AWS: UnmodifiableEntity, "Cannot perform the operation on the protected role". */
export async function needOwnRole({ tx, scope }: Call, name: string): Promise<RoleRow> {
  const role = await needIdentity(tx, scope.account, 'role', name)
  if (role.service_linked) {
    fail(
      'UnmodifiableEntityException',
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    )
  }
  return role
}

export const updateRole: Handler<'iam', 'UpdateRole'> = async (call, input) => {
  const role = await needOwnRole(call, input.RoleName)
  await saveRole(call.tx, role.id, {
    trust: role.trust,
    description: input.Description ?? role.description,
    max_session: input.MaxSessionDuration ?? role.max_session,
  })
  return {}
}

export const updateRoleDescription: Handler<'iam', 'UpdateRoleDescription'> = async (call, input) => {
  const role = { ...(await needOwnRole(call, input.RoleName)), description: input.Description }
  await saveRole(call.tx, role.id, role)
  return { Role: fullRoleShape(role) }
}

export const updateAssumeRolePolicy: Handler<'iam', 'UpdateAssumeRolePolicy'> = async (call, input) => {
  const role = await needOwnRole(call, input.RoleName)
  const trust = await checkedTrust(call.tx, call.scope.account, input.PolicyDocument)
  await saveRole(call.tx, role.id, { ...role, trust })
  return {}
}
