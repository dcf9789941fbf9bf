// The tags of a repository.

import type { Handler } from '../../../../operation/handler.ts'
import { taggedRepository } from '../../tags.ts'

/** At most 50 tags: always one page. */
export const listTagsForResource: Handler<'codecommit', 'ListTagsForResource'> = async (call, { resourceArn }) => ({
  tags: (await taggedRepository(call, resourceArn)).tags,
})
