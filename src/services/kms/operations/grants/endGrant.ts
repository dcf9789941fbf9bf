// The end of a grant: revoked by who manages the key, or retired by who was named for it.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { dryRun, fail } from '../../errors.ts'
import { deleteGrant, findGrant } from '../../grants.ts'
import { openGrantToken } from '../../grantTokens.ts'
import { requireKey } from '../../keys.ts'

export const revokeGrant: Handler<'kms', 'RevokeGrant'> = async (call, input) => {
  const { key_id } = await requireKey(call, input.KeyId)
  await end(call, key_id, input.GrantId, input.DryRun)
  return {}
}

export const retireGrant: Handler<'kms', 'RetireGrant'> = async (call, input) => {
  if (input.GrantToken !== undefined) {
    const { keyId, grantId } = openGrantToken(call.config, input.GrantToken)
    await end(call, keyId, grantId, input.DryRun)
  } else {
    const { key_id } = await requireKey(call, input.KeyId ?? '')
    await end(call, key_id, input.GrantId ?? '', input.DryRun)
  }
  return {}
}

async function end(call: Call, keyId: string, grantId: string, dry: boolean | undefined): Promise<void> {
  if (!(await findGrant(call.tx, keyId, grantId))) fail('NotFoundException', `Grant ID ${grantId} not found`)
  if (dry) dryRun()
  await deleteGrant(call.tx, keyId, grantId)
}
