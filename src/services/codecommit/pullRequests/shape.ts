// A pull request as CodeCommit shows it.

import type { MergeMetadata, PullRequest } from '@aws-sdk/client-codecommit'
import type { Call } from '../../../operation/call.ts'
import { ruleShape, rulesOf } from '../approvals/approvalRules.ts'
import { directoryOf } from '../store.ts'
import type { PullRequestRow } from './pullRequests.ts'

export async function pullRequestShape(call: Call, row: PullRequestRow): Promise<PullRequest> {
  const mergeBase = await currentMergeBase(call, row)
  const rules = await rulesOf(call.tx, row)
  return {
    pullRequestId: String(row.number),
    title: row.title,
    ...(row.description !== null && { description: row.description }),
    lastActivityDate: row.last_activity_at,
    creationDate: row.created_at,
    pullRequestStatus: row.status,
    authorArn: row.author_arn,
    pullRequestTargets: [
      {
        repositoryName: row.repository_name,
        sourceReference: row.source_reference,
        destinationReference: row.destination_reference,
        destinationCommit: row.destination_commit,
        sourceCommit: row.source_commit,
        ...(mergeBase !== null && { mergeBase }),
        mergeMetadata: mergeMetadata(row),
      },
    ],
    ...(row.client_request_token !== null && { clientRequestToken: row.client_request_token }),
    revisionId: row.revision_id,
    approvalRules: rules.map(ruleShape),
  }
}

export function mergeMetadata(row: PullRequestRow): MergeMetadata {
  return {
    isMerged: row.is_merged,
    ...(row.merged_by !== null && { mergedBy: row.merged_by }),
    ...(row.merge_commit_id !== null && { mergeCommitId: row.merge_commit_id }),
    ...(row.merge_option !== null && { mergeOption: row.merge_option }),
  }
}

/** What both sides have in common: looked for again only when the destination has moved since. */
export async function currentMergeBase(
  call: Pick<Call, 'config'>,
  row: Pick<
    PullRequestRow,
    'repository_id' | 'merge_base' | 'merge_base_of' | 'source_commit' | 'destination_commit' | 'status'
  >,
): Promise<string | null> {
  if (row.status === 'CLOSED' || row.merge_base_of === row.destination_commit) return row.merge_base
  const directory = await directoryOf(call.config, { id: row.repository_id })
  return (await directory.mergeBase(row.destination_commit, row.source_commit)) ?? null
}
