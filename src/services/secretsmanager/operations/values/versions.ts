// ListSecretVersionIds and UpdateSecretVersionStage.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { MANAGED } from '../../encryption.ts'
import { invalidParameter } from '../../errors.ts'
import { readToken } from '../../paging.ts'
import { lockLive, requireSecret, saveSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'
import { CURRENT, dropStage, holderOf, moveStage } from '../../stages.ts'
import { listVersions, pageOfVersions, saveStages, stagesOf } from '../../versions.ts'

export const listSecretVersionIds: Handler<'secretsmanager', 'ListSecretVersionIds'> = async (call, input) => {
  const { MaxResults: limit = 100, IncludeDeprecated: deprecated = false } = input
  const secret = await requireSecret(call.tx, call.scope, input.SecretId)
  const [after = 0] = readToken(input.NextToken, 1) ?? []
  const rows = await pageOfVersions(call.tx, secret, { after: Number(after) || 0, limit: limit + 1, deprecated })
  const { items, nextToken } = page(rows, limit, row => [row.number])
  return {
    ...identity(secret),
    Versions: items.map(row => ({
      VersionId: row.version_id,
      ...(row.stages.length > 0 && { VersionStages: row.stages }),
      CreatedDate: row.created_at,
      KmsKeyIds: row.data_keys?.map(({ key }) => key) ?? [MANAGED],
    })),
    NextToken: nextToken,
  }
}

export const updateSecretVersionStage: Handler<'secretsmanager', 'UpdateSecretVersionStage'> = async (call, input) => {
  const { VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to } = input
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  const before = stagesOf(await listVersions(call.tx, secret))
  if (!from && !to) invalidParameter('You must provide RemoveFromVersionId, MoveToVersionId or both.')
  for (const id of [from, to]) {
    if (id && !before.has(id)) invalidParameter(`Not a valid version: ${id}`)
  }
  if (from && !before.get(from)!.includes(stage))
    invalidParameter(`Version stage ${stage} not found in version ${from}`)
  const holder = holderOf(before, stage)
  if (to && holder && holder !== to && from !== holder) {
    invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    )
  }
  if (!to && stage === CURRENT)
    invalidParameter(
      `You can only move staging label ${CURRENT} to a different secret version. It can’t be completely removed.`,
    )
  const after = to ? moveStage(before, stage, to) : dropStage(before, stage, from!)
  await saveStages(call.tx, secret, before, after)
  await saveSecret(call.tx, { ...secret, changed_at: call.now })
  return identity(secret)
}
