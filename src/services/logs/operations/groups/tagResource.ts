// TagResource, UntagResource and ListTagsForResource: tags by the group's ARN.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { addTags, removeTags, taggedGroup } from '../../tags.ts'

export const tagResource: Handler<'logs', 'TagResource'> = async (call, input) => {
  const group = await taggedGroup(call, input.resourceArn)
  await addTags(call, group, input.tags, text => fail('TooManyTagsException', text))
  return {}
}

export const untagResource: Handler<'logs', 'UntagResource'> = async (call, input) => {
  await removeTags(call, await taggedGroup(call, input.resourceArn), input.tagKeys)
  return {}
}

export const listTagsForResource: Handler<'logs', 'ListTagsForResource'> = async (call, input) => ({
  tags: (await taggedGroup(call, input.resourceArn)).tags,
})
