// GetUser: the named user, or without a name whoever calls.

import type { Handler } from '../../../../operation/handler.ts'
import { fullUserShape, needIdentity, ownName } from '../../identities.ts'

export const getUser: Handler<'iam', 'GetUser'> = async ({ tx, scope, principal }, { UserName }) => {
  if (UserName === undefined && principal.type === 'root') {
    // AWS: root has no name, its id is the account [IAM API reference, GetUser]
    const created = await tx.one<{ created_at: Date }>`
      select min(created_at) as created_at from iam.access_keys where account = ${scope.account} and user_id is null`
    return {
      User: {
        Path: '/',
        UserName: undefined as never,
        UserId: scope.account,
        Arn: principal.arn,
        CreateDate: created?.created_at ?? new Date(0),
      },
    }
  }
  return { User: fullUserShape(await needIdentity(tx, scope.account, 'user', UserName ?? ownName(principal))) }
}
