// TagResource, UntagResource and ListTagsForResource, for rules and buses.

import type { Handler } from '../../../../operation/handler.ts'
import { changeTags, readTags, tagMap } from '../../tags.ts'

export const tagResource: Handler<'events', 'TagResource'> = async (call, input) => {
  await changeTags(call, input.ResourceARN, tags => ({ ...tags, ...tagMap(input.Tags) }))
  return {}
}

export const untagResource: Handler<'events', 'UntagResource'> = async (call, input) => {
  await changeTags(call, input.ResourceARN, tags =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key))),
  )
  return {}
}

export const listTagsForResource: Handler<'events', 'ListTagsForResource'> = async (call, input) => ({
  Tags: Object.entries(await readTags(call, input.ResourceARN)).map(([Key, Value]) => ({ Key, Value })),
})
