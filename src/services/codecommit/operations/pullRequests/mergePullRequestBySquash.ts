// Merges and closes a pull request: puts the source's changes onto the destination as one commit.

import type { Handler } from '../../../../operation/handler.ts'
import { mergePullRequest } from '../../pullRequests/mergePullRequest.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

export const mergePullRequestBySquash: Handler<'codecommit', 'MergePullRequestBySquash'> = async (call, input) => ({
  pullRequest: await pullRequestShape(call, await mergePullRequest(call, input, 'SQUASH_MERGE')),
})
