// Another description for an open pull request; an empty one removes it.

import type { Handler } from '../../../../operation/handler.ts'
import { lockOpenPullRequest, requirePullRequest, setWords } from '../../pullRequests/pullRequests.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

export const updatePullRequestDescription: Handler<'codecommit', 'UpdatePullRequestDescription'> = async (
  call,
  { pullRequestId, description },
) => {
  const { title, ...row } = await lockOpenPullRequest(call, pullRequestId)
  await setWords(call, row, { title, description: description || null })
  return { pullRequest: await pullRequestShape(call, await requirePullRequest(call, pullRequestId)) }
}
