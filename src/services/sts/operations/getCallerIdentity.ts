// GetCallerIdentity: who calls. Needs no permission.

import type { Handler } from '../../../operation/handler.ts'
import type { Principal } from '../../../operation/principal.ts'
import { principalArn } from '../../../operation/principal.ts'

export const getCallerIdentity: Handler<'sts', 'GetCallerIdentity'> = async ({ principal }) => ({
  UserId: userId(principal),
  Account: principal.account,
  Arn: principalArn(principal),
})

function userId(principal: Principal): string {
  switch (principal.type) {
    case 'user':
      return principal.userId
    case 'assumedRole':
      return `${principal.roleId}:${principal.sessionName}`
    case 'service':
      return principal.service
    default:
      return principal.account // AWS: root's id is the account
  }
}
