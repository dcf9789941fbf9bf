// The EventBridge events of pull requests, member for member as the user guide shows them.

import type { Call } from '../../../operation/call.ts'
import { type Principal, principalArn } from '../../../operation/principal.ts'
import { repositoryArn } from '../repositories.ts'
import type { PullRequestRow } from './pullRequests.ts'

export type PullRequestHappening =
  | { readonly event: 'pullRequestCreated' }
  | { readonly event: 'pullRequestSourceBranchUpdated' }
  | { readonly event: 'pullRequestStatusChanged' }
  | { readonly event: 'pullRequestMergeStatusUpdated' }
  | {
      readonly event:
        | 'pullRequestApprovalRuleCreated'
        | 'pullRequestApprovalRuleUpdated'
        | 'pullRequestApprovalRuleDeleted'
      readonly rule: { readonly id: string; readonly name: string; readonly content_sha256: string }
    }
  | { readonly event: 'pullRequestApprovalRuleOverridden'; readonly overrideStatus: string }
  | { readonly event: 'pullRequestApprovalStateChanged'; readonly approvalStatus: string }

/** `row` is as it is after what happened. */
export async function announcePullRequest(call: Call, row: PullRequestRow, happening: PullRequestHappening) {
  const caller = principalArn(call.principal)
  await call.emit({
    source: 'aws.codecommit',
    detailType: 'CodeCommit Pull Request State Change',
    resources: [repositoryArn(row, row.repository_name)],
    detail: {
      ...details(happening),
      author: row.author_arn,
      callerUserArn: caller,
      creationDate: longDate(row.created_at),
      ...(row.description !== null && { description: row.description }),
      destinationCommit: row.destination_commit,
      destinationReference: row.destination_reference,
      event: happening.event,
      isMerged: row.is_merged ? 'True' : 'False',
      lastModifiedDate: longDate(row.last_activity_at),
      ...(row.merge_option !== null && { mergeOption: row.merge_option }),
      notificationBody: `A pull request event occurred in the following AWS CodeCommit repository: ${row.repository_name}. ${sentence(row, happening, caller)} ${whereToLook(row)}`,
      pullRequestId: String(row.number),
      pullRequestStatus: row.status === 'OPEN' ? 'Open' : 'Closed',
      repositoryNames: [row.repository_name],
      revisionId: row.revision_id,
      sourceCommit: row.source_commit,
      sourceReference: row.source_reference,
      title: row.title,
      ...identityTags(call.principal),
    },
  })
}

function details(happening: PullRequestHappening): Record<string, unknown> {
  switch (happening.event) {
    case 'pullRequestApprovalRuleCreated':
    case 'pullRequestApprovalRuleUpdated':
    case 'pullRequestApprovalRuleDeleted': {
      const { id, name, content_sha256 } = happening.rule
      return { approvalRuleContentSha256: content_sha256, approvalRuleId: id, approvalRuleName: name }
    }
    case 'pullRequestApprovalRuleOverridden':
      return { overrideStatus: happening.overrideStatus }
    case 'pullRequestApprovalStateChanged':
      return { approvalStatus: happening.approvalStatus }
    default:
      return {}
  }
}

// AWS: the forms of notificationBody are those of the examples in [monitoring-events].
function sentence(row: PullRequestRow, happening: PullRequestHappening, caller: string): string {
  const id = row.number
  switch (happening.event) {
    case 'pullRequestCreated':
      return `User: ${caller}. Event: Created. The pull request was created with the following information: Pull Request ID as ${id} and title as ${row.title}.`
    case 'pullRequestSourceBranchUpdated':
      return `User: ${caller}. Event: Updated. The user updated the following pull request: ${id}. The pull request was updated with one or more commits to the source branch: ${row.source_reference.slice('refs/heads/'.length)}.`
    case 'pullRequestStatusChanged':
      return `${caller} updated the following PullRequest ${id}. The pull request status has been updated. The status is ${row.status.toLowerCase()}.`
    case 'pullRequestMergeStatusUpdated':
      return `${caller} updated the following PullRequest ${id}. The pull request merge status has been updated. The status is merged.`
    case 'pullRequestApprovalRuleCreated':
      return `User: ${caller}. Event: Updated. Pull request: ${id}. Additional information: An approval rule has been created with the following name: ${happening.rule.name}.`
    case 'pullRequestApprovalRuleUpdated':
      return `User: ${caller}. Event: Updated. Pull request name: ${id}. The content of an approval rule has been updated for the pull request. The name of the updated rule is: ${happening.rule.name}.`
    case 'pullRequestApprovalRuleDeleted':
      return `User: ${caller}. Event: Created. Pull request: ${id}. Additional information: An approval rule has been deleted: ${happening.rule.name} was deleted.`
    case 'pullRequestApprovalRuleOverridden':
      return `User: ${caller}. Event: Updated. Pull request name: ${id}. Additional information: An override event has occurred for the approval rules for this pull request. Override status: ${happening.overrideStatus}.`
    case 'pullRequestApprovalStateChanged':
      return `User: ${caller}. Event: Updated. Pull request name: ${id}. Additional information: A user has changed their approval state for the pull request. State change: ${happening.approvalStatus}.`
  }
}

/** The last sentence of every notificationBody about a pull request. */
export function whereToLook(
  { region, repository_name, number }: Pick<PullRequestRow, 'region' | 'repository_name' | 'number'>,
  place = '',
): string {
  return `For more information, go to the AWS CodeCommit console https://${region}.console.aws.amazon.com/codesuite/codecommit/repositories/${repository_name}/pull-requests/${number}${place}?region=${region}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** AWS: `Wed Nov 06 19:10:58 UTC 2019` [monitoring-events]. */
export function longDate(at: Date): string {
  const day = String(at.getUTCDate()).padStart(2, '0')
  const time = at.toISOString().slice(11, 19)
  return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${day} ${time} UTC ${at.getUTCFullYear()}`
}

// AWS: session tags displayName and emailAddress are shown in events when they are there [monitoring-events].
export function identityTags(principal: Principal): { displayName?: string; emailAddress?: string } {
  const tags = 'session' in principal ? principal.session?.tags : undefined
  return {
    ...(tags?.displayName && { displayName: tags.displayName }),
    ...(tags?.emailAddress && { emailAddress: tags.emailAddress }),
  }
}
