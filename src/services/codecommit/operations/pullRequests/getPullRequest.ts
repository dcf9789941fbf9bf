// One pull request.

import type { Handler } from '../../../../operation/handler.ts'
import { requirePullRequest } from '../../pullRequests/pullRequests.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

export const getPullRequest: Handler<'codecommit', 'GetPullRequest'> = async (call, { pullRequestId }) => ({
  pullRequest: await pullRequestShape(call, await requirePullRequest(call, pullRequestId)),
})
