// TagLogGroup, UntagLogGroup and ListTagsLogGroup: the older names of tagging, by the group's name.

import type { Handler } from '../../../../operation/handler.ts'
import { invalid } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { addTags, removeTags } from '../../tags.ts'

export const tagLogGroup: Handler<'logs', 'TagLogGroup'> = async (call, input) => {
  await addTags(call, await findGroup(call.tx, call.scope, input.logGroupName), input.tags, invalid)
  return {}
}

export const untagLogGroup: Handler<'logs', 'UntagLogGroup'> = async (call, input) => {
  await removeTags(call, await findGroup(call.tx, call.scope, input.logGroupName), input.tags)
  return {}
}

export const listTagsLogGroup: Handler<'logs', 'ListTagsLogGroup'> = async (call, input) => ({
  tags: (await findGroup(call.tx, call.scope, input.logGroupName)).tags,
})
