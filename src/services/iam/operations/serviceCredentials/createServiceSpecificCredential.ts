// CreateServiceSpecificCredential: user name and password for git over HTTPS. The password is shown this once.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, overQuota } from '../../errors.ts'
import { needUser } from '../../identities.ts'
import { credentialShape, credentialsOf, insertCredential, newPassword } from '../../serviceCredentials.ts'

const MOST = 2
const DAY = 86_400_000

export const createServiceSpecificCredential: Handler<'iam', 'CreateServiceSpecificCredential'> = async (
  call,
  input,
) => {
  const { tx, ids, now, scope } = call
  if (input.ServiceName !== 'codecommit.amazonaws.com') {
    return fail(
      'ServiceNotSupportedException',
      `No such service ${input.ServiceName} is supported for Service Specific Credentials`,
    )
  }
  const user = await needUser(call, input.UserName)
  await tx.run`select 1 from iam.identities where id = ${user.id} for update`
  const names = (await credentialsOf(tx, user.id, input.ServiceName)).map(row => row.user_name)
  if (names.length >= MOST) overQuota('ServiceSpecificCredentialsPerUser', MOST)
  // AWS: alice-at-123456789012, a second one alice+1-at-123456789012
  const [user_name = ''] = [`${user.name}-at-${scope.account}`, `${user.name}+1-at-${scope.account}`].filter(
    name => !names.includes(name),
  )
  const { password, ...hashed } = newPassword(ids)
  const row = {
    id: `ACCA${ids.text(17, BASE32)}`,
    account: scope.account,
    user_id: user.id,
    service: input.ServiceName,
    user_name,
    ...hashed,
    active: true,
    created_at: now,
    expires_at: input.CredentialAgeDays ? new Date(now.getTime() + input.CredentialAgeDays * DAY) : null,
  }
  await insertCredential(tx, row)
  return { ServiceSpecificCredential: { ...credentialShape(row, user.name), ServicePassword: password } }
}
