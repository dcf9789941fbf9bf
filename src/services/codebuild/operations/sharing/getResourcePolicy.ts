// GetResourcePolicy: the policy of a project or a report group as it was put.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findPolicy, sharedResource } from '../../sharing/policies.ts'

export const getResourcePolicy: Handler<'codebuild', 'GetResourcePolicy'> = async (call, input) => {
  const resource = sharedResource(input.resourceArn)
  if (!resource) return fail('InvalidInputException', `Invalid resource ARN: ${input.resourceArn}`)
  const policy = await findPolicy(call.tx, resource)
  // AWS: as in [terraform-provider-aws, aws_codebuild_resource_policy].
  if (policy === undefined) fail('ResourceNotFoundException', 'Resource ARN resource policy does not exist')
  return { policy }
}
