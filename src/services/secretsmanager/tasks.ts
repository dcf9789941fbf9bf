// What happens later: the end of a recovery window.

import type { Call } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'
import { deleteSecret, findSecret, type SecretRow, secretArn } from './secrets.ts'

interface Purge {
  readonly arn: string
}

/** Deletes the secret for good, unless it was restored or deleted anew with a longer window. */
const purge: Task = async (call, { arn }: Purge) => {
  await call.transaction(async inner => {
    const secret = await findSecret(inner.tx, call.scope, arn)
    if (secret?.delete_after && secret.delete_after <= inner.now) await deleteSecret(inner.tx, secret)
  })
}

export const tasks = { purge }

export async function schedulePurge(call: Call, secret: SecretRow, runAt: Date): Promise<void> {
  const arn = secretArn(secret)
  await call.addJob('purge', { arn } satisfies Purge, { runAt, jobKey: `secretsmanager.purge/${arn}` })
}
