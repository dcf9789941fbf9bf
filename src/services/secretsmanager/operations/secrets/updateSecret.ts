// UpdateSecret: another description, another key, and another value as a new current version.

import type { Handler } from '../../../../operation/handler.ts'
import { checkKeyAccess, namedKey, reEncrypt } from '../../encryption.ts'
import { checkWanted } from '../../notThere.ts'
import { lockLive, saveSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT } from '../../stages.ts'
import { listVersions, readValue, storeVersion } from '../../versions.ts'

export const updateSecret: Handler<'secretsmanager', 'UpdateSecret'> = async (call, input) => {
  checkWanted(input)
  const value = readValue(input)
  const before = await lockLive(call.tx, call.scope, input.SecretId)
  const secret = {
    ...before,
    description: input.Description ?? before.description,
    changed_at: call.now,
    kms_key_id: input.KmsKeyId === undefined ? before.kms_key_id : namedKey(input.KmsKeyId),
  }
  if (secret.kms_key_id !== before.kms_key_id) {
    await checkKeyAccess(call, secret)
    await reEncrypt(call, secret, await listVersions(call.tx, secret))
  }
  await saveSecret(call.tx, secret)
  if (!value) return identity(secret)
  const id = input.ClientRequestToken ?? call.ids.uuid()
  await storeVersion(call, secret, { id, value, stages: [CURRENT] })
  return { ...identity(secret), VersionId: id }
}
