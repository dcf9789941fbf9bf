// Takes tags away by their keys.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { setTags, taggedRepository } from '../../tags.ts'

export const untagResource: Handler<'codecommit', 'UntagResource'> = async (call, { resourceArn, tagKeys }) => {
  if (tagKeys.length === 0) refuse('TagKeysListRequiredException')
  if (tagKeys.some(key => /^aws:/i.test(key))) refuse('InvalidSystemTagUsageException')
  const repository = await taggedRepository(call, resourceArn)
  const kept = Object.entries(repository.tags).filter(([key]) => !tagKeys.includes(key))
  await setTags(call, repository, Object.fromEntries(kept))
  return {}
}
