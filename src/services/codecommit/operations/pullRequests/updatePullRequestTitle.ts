// Another title for an open pull request.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { lockOpenPullRequest, requirePullRequest, setWords } from '../../pullRequests/pullRequests.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

// AWS: neither title nor description of a closed or merged one can be changed [how-to-update-pull-request].
export const updatePullRequestTitle: Handler<'codecommit', 'UpdatePullRequestTitle'> = async (call, input) => {
  const { pullRequestId, title } = input
  if (title.trim() === '') refuse('TitleRequiredException')
  const { description, ...row } = await lockOpenPullRequest(call, pullRequestId)
  await setWords(call, row, { title, description })
  return { pullRequest: await pullRequestShape(call, await requirePullRequest(call, pullRequestId)) }
}
