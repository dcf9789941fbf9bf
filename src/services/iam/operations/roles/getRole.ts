// GetRole.

import type { Handler } from '../../../../operation/handler.ts'
import { fullRoleShape, needIdentity } from '../../identities.ts'

export const getRole: Handler<'iam', 'GetRole'> = async ({ tx, scope }, { RoleName }) => ({
  Role: fullRoleShape(await needIdentity(tx, scope.account, 'role', RoleName)),
})
