// GetSecretValue: the value of the current version, or of one by id or staging label.

import type { Handler } from '../../../../operation/handler.ts'
import { openValue } from '../../encryption.ts'
import { invalidRequest, markedForDeletion, noSuchValue } from '../../errors.ts'
import { requireSecret, touchSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT } from '../../stages.ts'
import { findVersion } from '../../versions.ts'

export const getSecretValue: Handler<'secretsmanager', 'GetSecretValue'> = async (call, input) => {
  const { VersionId: id, VersionStage: stage } = input
  const secret = await requireSecret(call.tx, call.scope, input.SecretId)
  if (secret.delete_after) markedForDeletion()
  const version = await findVersion(call.tx, secret, { id, stage })
  if (!version) return noSuchValue(id ? `VersionId: ${id}` : `staging label: ${stage ?? CURRENT}`)
  if (id && stage && !version.stages.includes(stage))
    invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
  const bytes = await openValue(call, secret, version)
  await touchSecret(call.tx, secret, call.now)
  return {
    ...identity(secret),
    VersionId: version.version_id,
    ...(version.kind === 'string' ? { SecretString: bytes.toString('utf8') } : { SecretBinary: new Uint8Array(bytes) }),
    VersionStages: version.stages,
    CreatedDate: version.created_at,
  }
}
