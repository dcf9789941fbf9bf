// PutResourcePolicy: shares a project or a report group, as the policy says; one that is there is replaced.
//
// DEVIATES: there is no Resource Access Manager: a policy shares at once, with accounts, users and roles, not with organizations.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findProject } from '../../projects.ts'
import { findGroup } from '../../reportGroups.ts'
import { checkPolicy } from '../../sharing/checkPolicy.ts'
import { savePolicy, sharedResource } from '../../sharing/policies.ts'

export const putResourcePolicy: Handler<'codebuild', 'PutResourcePolicy'> = async (call, input) => {
  const resource = sharedResource(input.resourceArn)
  if (!resource) return fail('InvalidInputException', `Invalid resource ARN: ${input.resourceArn}`)
  const { scope, kind, name } = resource
  const found = await (kind === 'project' ? findProject(call.tx, scope, name) : findGroup(call.tx, scope, name))
  // AWS: as in [terraform-provider-aws, aws_codebuild_resource_policy].
  if (!found) return fail('ResourceNotFoundException', 'Resource ARN does not exist')
  const consumers = checkPolicy(input.policy, { kind, arn: input.resourceArn })
  await savePolicy(call.tx, resource, { policy: input.policy, consumers, now: call.now })
  return { resourceArn: input.resourceArn }
}
