// Merges and closes a pull request: moves the destination to the source's commit.

import type { Handler } from '../../../../operation/handler.ts'
import { mergePullRequest } from '../../pullRequests/mergePullRequest.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

export const mergePullRequestByFastForward: Handler<'codecommit', 'MergePullRequestByFastForward'> = async (
  call,
  input,
) => ({
  pullRequest: await pullRequestShape(call, await mergePullRequest(call, input, 'FAST_FORWARD_MERGE')),
})
