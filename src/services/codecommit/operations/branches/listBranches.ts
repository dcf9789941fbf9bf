// Names of branches, page by page.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { listBranches as list } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'

const PAGE = 1000

export const listBranches: Handler<'codecommit', 'ListBranches'> = async (call, { repositoryName, nextToken }) => {
  const after = nextToken === undefined ? [''] : readPageToken(nextToken)
  if (after?.length !== 1) refuse('InvalidContinuationTokenException')
  const repository = await requireRepository(call, repositoryName)
  const names = await list(call.tx, repository.id, String(after![0]), PAGE + 1)
  const { items, nextToken: next } = page(names, PAGE, name => [name])
  return { branches: items, ...(next && { nextToken: next }) }
}
