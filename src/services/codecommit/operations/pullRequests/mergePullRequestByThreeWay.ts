// Merges and closes a pull request: puts a commit of two parents onto the destination.

import type { Handler } from '../../../../operation/handler.ts'
import { mergePullRequest } from '../../pullRequests/mergePullRequest.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

export const mergePullRequestByThreeWay: Handler<'codecommit', 'MergePullRequestByThreeWay'> = async (call, input) => ({
  pullRequest: await pullRequestShape(call, await mergePullRequest(call, input, 'THREE_WAY_MERGE')),
})
