// TagResource and UntagResource.

import type { Handler } from '../../../../operation/handler.ts'
import { lockLive, saveSecret } from '../../secrets.ts'
import { withTags } from '../../tags.ts'

export const tagResource: Handler<'secretsmanager', 'TagResource'> = async (call, input) => {
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  await saveSecret(call.tx, { ...secret, tags: withTags(secret.tags, input.Tags) })
  return {}
}

export const untagResource: Handler<'secretsmanager', 'UntagResource'> = async (call, input) => {
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  const kept = Object.entries(secret.tags).filter(([key]) => !input.TagKeys.includes(key))
  await saveSecret(call.tx, { ...secret, tags: Object.fromEntries(kept) })
  return {}
}
