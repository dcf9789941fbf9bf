// The EventBridge events of comments and of reactions to them, member for member as the user guide shows them.

import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import { identityTags, whereToLook } from '../pullRequests/announce.ts'
import { repositoryArn } from '../repositories.ts'
import type { CommentRow } from './comments.ts'
import type { Reaction } from './reactions.ts'

// AWS: the forms of notificationBody are those of the examples in [monitoring-events].
export async function announceComment(call: Call, row: CommentRow, what: 'Created' | 'Updated'): Promise<void> {
  const caller = principalArn(call.principal)
  const { displayName, emailAddress } = identityTags(call.principal)
  const who = [
    ...(displayName ? [`The display name for the user is ${displayName}.`] : []),
    ...(emailAddress ? [`The email address for the user is ${emailAddress}.`] : []),
    `The user ${caller} ${what === 'Created' ? 'made a comment' : 'updated a comment or replied to a comment'}.`,
  ].join(' ')
  const on = row.pull_request === null ? 'Commit' : 'Pull Request'
  await call.emit({
    source: 'aws.codecommit',
    detailType: `CodeCommit Comment on ${on}`,
    resources: [repositoryArn(row, row.repository_name)],
    detail: {
      afterCommitId: row.after_commit,
      ...(row.before_commit !== null && { beforeCommitId: row.before_commit }),
      callerUserArn: caller,
      commentId: row.id,
      event: `commentOn${on.replace(' ', '')}${what}`,
      ...(row.in_reply_to !== null && { inReplyTo: row.in_reply_to }),
      notificationBody: `A comment event occurred in the following AWS CodeCommit repository: ${row.repository_name}. ${who} ${whatAbout(row)}`,
      ...(row.pull_request !== null && { pullRequestId: String(row.pull_request) }),
      repositoryId: row.repository_id,
      repositoryName: row.repository_name,
      ...identityTags(call.principal),
    },
  })
}

function whatAbout(row: CommentRow): string {
  const { region, repository_name, pull_request: number } = row
  if (number !== null) {
    const link = whereToLook({ region, repository_name, number }, '/activity')
    return `The comment was made on the following Pull Request: ${number}. ${link}#${row.id}`
  }
  const sides = `${row.before_commit === null ? '' : `${row.before_commit}/.../`}${row.after_commit}`
  return `The comment was made on the following comment ID: ${row.id}. For more information, go to the AWS CodeCommit console https://${region}.console.aws.amazon.com/codesuite/codecommit/repositories/${repository_name}/compare/${sides}?region=${region}`
}

export async function announceReaction(
  call: Call,
  row: CommentRow,
  { formats }: Reaction,
  what: 'Created' | 'Updated',
) {
  const caller = principalArn(call.principal)
  const did =
    what === 'Created' ? `made a comment reaction ${formats.emoji}` : `updated a reaction ${formats.shortCode}`
  await call.emit({
    source: 'aws.codecommit',
    detailType: 'CodeCommit Comment Reaction Change',
    resources: [repositoryArn(row, row.repository_name)],
    detail: {
      callerUserArn: caller,
      commentId: row.id,
      event: `commentReaction${what}`,
      notificationBody: `A comment reaction event occurred in the following AWS CodeCommit Repository: ${row.repository_name}. The user: ${caller} ${did} to the comment with comment ID: ${row.id}`,
      reactionEmojis: [formats.emoji],
      reactionShortcodes: [formats.shortCode],
      reactionUnicodes: [formats.unicode],
      repositoryId: row.repository_id,
      repositoryName: row.repository_name,
    },
  })
}
