// TagResource, UntagResource and ListTagsForResource.

import type { Handler } from '../../../../operation/handler.ts'
import { changeTags, readTags, tagMap } from '../../tags.ts'

export const tagResource: Handler<'cloudwatch', 'TagResource'> = async (call, input) => {
  await changeTags(call, input.ResourceARN, tags => ({ ...tags, ...tagMap(input.Tags) }))
  return {}
}

export const untagResource: Handler<'cloudwatch', 'UntagResource'> = async (call, input) => {
  const gone = new Set(input.TagKeys)
  await changeTags(call, input.ResourceARN, tags =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
  )
  return {}
}

export const listTagsForResource: Handler<'cloudwatch', 'ListTagsForResource'> = async (call, input) => {
  const tags = await readTags(call, input.ResourceARN)
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
}
