// Which permissions an operation needs: an action of its own name on the repository, with the reference where a branch changes.

import { parseArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { findComment } from './comments/comments.ts'
import { findPullRequest, readPullRequestId } from './pullRequests/pullRequests.ts'
import { repositoryArn } from './repositories.ts'

/** Operations that change a branch: policies may name it in codecommit:References [how-to-conditional-branch]. */
const BRANCH_MEMBER: Readonly<Record<string, string>> = {
  CreateBranch: 'branchName',
  DeleteBranch: 'branchName',
  PutFile: 'branchName',
  DeleteFile: 'branchName',
  CreateCommit: 'branchName',
  MergeBranchesByFastForward: 'targetBranch',
  MergeBranchesBySquash: 'targetBranch',
  MergeBranchesByThreeWay: 'targetBranch',
}

/** Operations about no repository in particular. */
const ANYWHERE = new Set([
  'ListRepositories',
  'CreateApprovalRuleTemplate',
  'DeleteApprovalRuleTemplate',
  'GetApprovalRuleTemplate',
  'ListApprovalRuleTemplates',
  'ListRepositoriesForApprovalRuleTemplate',
  'UpdateApprovalRuleTemplateContent',
  'UpdateApprovalRuleTemplateDescription',
  'UpdateApprovalRuleTemplateName',
  // AWS: the associations too are asked for without a resource [auth-and-access-control-permissions-reference].
  'AssociateApprovalRuleTemplateWithRepository',
  'BatchAssociateApprovalRuleTemplateWithRepositories',
  'BatchDisassociateApprovalRuleTemplateFromRepositories',
  'DisassociateApprovalRuleTemplateFromRepository',
  'ListAssociatedApprovalRuleTemplatesForRepository',
])

export function access(
  call: AccessCall,
  operation: string,
  input: any,
): readonly Access[] | Promise<readonly Access[]> {
  const { scope } = call
  const action = `codecommit:${operation}`
  const on = (name: unknown): string => (typeof name === 'string' ? repositoryArn(scope, name) : '*')
  if (ANYWHERE.has(operation)) return [{ action, resource: '*' }]
  switch (operation) {
    case 'BatchGetRepositories':
      return (input.repositoryNames as string[]).map(name => ({ action, resource: on(name) }))
    case 'UpdateRepositoryName':
      return [input.oldName, input.newName].map(name => ({ action, resource: on(name) }))
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource': {
      const valid = parseArn(input.resourceArn)?.service === 'codecommit'
      return [{ action, resource: valid ? input.resourceArn : '*', ...requestTags(input.tags) }]
    }
    case 'CreateRepository':
      return [{ action, resource: on(input.repositoryName), ...requestTags(input.tags) }]
    case 'GitPush': {
      // AWS: first asked without references, then with each [how-to-conditional-branch].
      const references = (input.references as { ref: string }[] | undefined) ?? []
      const plain = { action, resource: on(input.repositoryName) }
      return references.length === 0
        ? [plain]
        : references.map(({ ref }) => ({ ...plain, context: { 'codecommit:References': [ref] } }))
    }
    case 'CreatePullRequest':
      return (input.targets as { repositoryName: string }[]).map(target => ({
        action,
        resource: on(target.repositoryName),
      }))
    case 'MergePullRequestByFastForward':
    case 'MergePullRequestBySquash':
    case 'MergePullRequestByThreeWay':
      return mergeAccess(call, { action, resource: on(input.repositoryName) }, input.pullRequestId)
    case 'PostCommentReply':
      return throughComment(call, action, input.inReplyTo)
    case 'PostCommentForPullRequest':
      return [{ action, resource: on(input.repositoryName) }]
    default: {
      if (input.commentId !== undefined) return throughComment(call, action, input.commentId)
      if (input.pullRequestId !== undefined) return throughPullRequest(call, action, input.pullRequestId)
      const member = BRANCH_MEMBER[operation]
      const branch =
        member && (input[member] ?? (operation.startsWith('Merge') ? input.destinationCommitSpecifier : undefined))
      return [
        {
          action,
          resource: on(input.repositoryName),
          ...(branch && { context: { 'codecommit:References': [`refs/heads/${branch}`] } }),
        },
      ]
    }
  }
}

/** Policies may name the branch that a pull request is merged into [how-to-conditional-branch]. */
async function mergeAccess(call: AccessCall, plain: Access, id: string): Promise<readonly Access[]> {
  const row = await findPullRequest(call.tx, call.scope, readPullRequestId(id) ?? 0)
  return [{ ...plain, ...(row && { context: { 'codecommit:References': [row.destination_reference] } }) }]
}

/** A pull request is guarded by its repository; one that is not there by none, so that only those hear of it who may see all. */
async function throughPullRequest(call: AccessCall, action: string, id: string): Promise<readonly Access[]> {
  const row = await findPullRequest(call.tx, call.scope, readPullRequestId(id) ?? 0)
  return [{ action, resource: row ? repositoryArn(row, row.repository_name) : '*' }]
}

async function throughComment(call: AccessCall, action: string, id: string): Promise<readonly Access[]> {
  const row = await findComment(call.tx, call.scope, id)
  return [{ action, resource: row ? repositoryArn(row, row.repository_name) : '*' }]
}

function requestTags(tags: Record<string, string> | undefined): Pick<Access, 'context'> {
  if (!tags) return {}
  return {
    context: {
      ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
      'aws:TagKeys': Object.keys(tags),
    },
  }
}
