// Adds tags to those that are there.

import type { Handler } from '../../../../operation/handler.ts'
import { setTags, taggedRepository } from '../../tags.ts'

export const tagResource: Handler<'codecommit', 'TagResource'> = async (call, { resourceArn, tags }) => {
  const repository = await taggedRepository(call, resourceArn)
  await setTags(call, repository, { ...repository.tags, ...tags })
  return {}
}
