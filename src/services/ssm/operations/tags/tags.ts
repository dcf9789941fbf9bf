// AddTagsToResource, RemoveTagsFromResource and ListTagsForResource, for parameters.

import type { Handler } from '../../../../operation/handler.ts'
import { readName } from '../../names.ts'
import { currentVersions, lockParameter, saveTags, tagsOf } from '../../parameters.ts'
import { checkCount, checkResourceType, noSuchResource, tagMap } from '../../tags.ts'

export const addTagsToResource: Handler<'ssm', 'AddTagsToResource'> = async (call, input) => {
  checkResourceType(input.ResourceType)
  const parameter = await lockParameter(call.tx, call.scope, readName(call.scope, input.ResourceId))
  if (!parameter) return noSuchResource()
  await saveTags(call.tx, call.scope, parameter.name, checkCount({ ...parameter.tags, ...tagMap(input.Tags) }))
  return {}
}

export const removeTagsFromResource: Handler<'ssm', 'RemoveTagsFromResource'> = async (call, input) => {
  checkResourceType(input.ResourceType)
  const parameter = await lockParameter(call.tx, call.scope, readName(call.scope, input.ResourceId))
  if (!parameter) return noSuchResource()
  const kept = Object.entries(parameter.tags).filter(([key]) => !input.TagKeys.includes(key))
  await saveTags(call.tx, call.scope, parameter.name, Object.fromEntries(kept))
  return {}
}

export const listTagsForResource: Handler<'ssm', 'ListTagsForResource'> = async (call, input) => {
  checkResourceType(input.ResourceType)
  const [present] = await currentVersions(call.tx, call.scope, readName(call.scope, input.ResourceId))
  const row = present && (await tagsOf(call.tx, call.scope, present.name))
  if (!row) return noSuchResource()
  return { TagList: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) }
}
