// PutSecretValue: a new version, current unless it gets other staging labels.

import type { Handler } from '../../../../operation/handler.ts'
import { invalidRequest } from '../../errors.ts'
import { lockLive, saveSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT } from '../../stages.ts'
import { readValue, storeVersion } from '../../versions.ts'

export const putSecretValue: Handler<'secretsmanager', 'PutSecretValue'> = async (call, input) => {
  if (input.RotationToken) invalidRequest('Codeyard does not rotate secrets: RotationToken can not be used')
  const value = readValue(input) ?? invalidRequest('You must provide either SecretString or SecretBinary.')
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  const id = input.ClientRequestToken ?? call.ids.uuid()
  const stages = await storeVersion(call, secret, { id, value, stages: input.VersionStages ?? [CURRENT] })
  await saveSecret(call.tx, { ...secret, changed_at: call.now })
  return { ...identity(secret), VersionId: id, VersionStages: [...stages] }
}
