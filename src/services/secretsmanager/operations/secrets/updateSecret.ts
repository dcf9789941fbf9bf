// UpdateSecret: another description, and another value as a new current version.

import type { Handler } from '../../../../operation/handler.ts'
import { checkWanted } from '../../notThere.ts'
import { lockLive, saveSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT } from '../../stages.ts'
import { readValue, storeVersion } from '../../versions.ts'

export const updateSecret: Handler<'secretsmanager', 'UpdateSecret'> = async (call, input) => {
  checkWanted(input)
  const value = readValue(input)
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  const description = input.Description ?? secret.description
  await saveSecret(call.tx, { ...secret, description, changed_at: call.now })
  if (!value) return identity(secret)
  const id = input.ClientRequestToken ?? call.ids.uuid()
  await storeVersion(call, secret, { id, value, stages: [CURRENT] })
  return { ...identity(secret), VersionId: id }
}
