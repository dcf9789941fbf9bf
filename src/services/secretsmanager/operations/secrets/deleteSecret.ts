// DeleteSecret and RestoreSecret: a recovery window, or gone at once with ForceDeleteWithoutRecovery.

import type { Handler } from '../../../../operation/handler.ts'
import { invalidParameter, invalidRequest, noSuchSecret } from '../../errors.ts'
import { deleteSecret as deleteRow, findSecret, lockSecret, saveSecret, secretArn } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { schedulePurge } from '../../tasks.ts'

const DAY = 24 * 3600 * 1000
const WINDOW = 30

export const deleteSecret: Handler<'secretsmanager', 'DeleteSecret'> = async (call, input) => {
  const { SecretId: id, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = input
  if (force && days !== undefined)
    invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
  if (days !== undefined && (days < 7 || days > 30))
    invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
  if (force) {
    const secret = await findSecret(call.tx, call.scope, id)
    if (secret) await deleteRow(call.tx, secret)
    // AWS: forcibly deleting what is not there succeeds [DeleteSecret].
    const answer = secret ? identity(secret) : missing(call.scope, id, call.ids.text(6))
    return { ...answer, DeletionDate: call.now }
  }
  const secret = await lockSecret(call.tx, call.scope, id)
  if (secret.delete_after)
    invalidRequest("You can't perform this operation on the secret because it was already scheduled for deletion.")
  const at = new Date(call.now.getTime() + (days ?? WINDOW) * DAY)
  await saveSecret(call.tx, { ...secret, delete_after: at })
  await schedulePurge(call, secret, at)
  return { ...identity(secret), DeletionDate: at }
}

export const restoreSecret: Handler<'secretsmanager', 'RestoreSecret'> = async (call, input) => {
  const secret = await lockSecret(call.tx, call.scope, input.SecretId)
  if (secret.delete_after) await saveSecret(call.tx, { ...secret, delete_after: null })
  return identity(secret)
}

const missing = (scope: { account: string; region: string }, id: string, suffix: string) =>
  id.startsWith('arn:') ? noSuchSecret() : { ARN: secretArn({ ...scope, name: id, suffix }), Name: id }
