// Tags of keys.

import type { Handler } from '../../../../operation/handler.ts'
import { invalidState } from '../../errors.ts'
import { type KeyRow, requireKey, saveKey } from '../../keys.ts'
import { paged, readMarker } from '../../paging.ts'
import { keyArn } from '../../references.ts'
import { tagList, withTags } from '../../tags.ts'

export const tagResource: Handler<'kms', 'TagResource'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkTaggable(key)
  await saveKey(call.tx, { ...key, tags: withTags(key.tags, input.Tags) })
  return {}
}

export const untagResource: Handler<'kms', 'UntagResource'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkTaggable(key)
  const gone = new Set(input.TagKeys)
  await saveKey(call.tx, {
    ...key,
    tags: Object.fromEntries(Object.entries(key.tags).filter(([name]) => !gone.has(name))),
  })
  return {}
}

export const listResourceTags: Handler<'kms', 'ListResourceTags'> = async (call, { KeyId, Limit = 50, Marker }) => {
  const key = await requireKey(call, KeyId)
  const [after = ''] = readMarker(Marker, 1) ?? []
  const rows = tagList(key.tags).filter(({ TagKey }) => TagKey! > String(after))
  const { items, marks } = paged(rows.slice(0, Limit + 1), Limit, ({ TagKey }) => [TagKey!])
  return { Tags: items, ...marks }
}

function checkTaggable(key: KeyRow): void {
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
}
