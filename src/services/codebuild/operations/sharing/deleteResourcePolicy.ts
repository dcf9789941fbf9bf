// DeleteResourcePolicy: nobody else sees the project or the report group any more. Deleting what is not there is fine.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deletePolicy, sharedResource } from '../../sharing/policies.ts'

export const deleteResourcePolicy: Handler<'codebuild', 'DeleteResourcePolicy'> = async (call, input) => {
  const resource = sharedResource(input.resourceArn)
  if (!resource) return fail('InvalidInputException', `Invalid resource ARN: ${input.resourceArn}`)
  await deletePolicy(call.tx, resource)
  return {}
}
