// UpdateProjectVisibility: the builds of a project with their logs and artifacts are for everybody, at an address that nobody can guess, or not.

import type { Handler } from '../../../../operation/handler.ts'
import { projectArn } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { checkServiceRole } from '../../serviceRole.ts'
import { sharedResource } from '../../sharing/policies.ts'
import { setVisibility } from '../../sharing/visibility.ts'

const ALIAS_LENGTH = 48

export const updateProjectVisibility: Handler<'codebuild', 'UpdateProjectVisibility'> = async (call, input) => {
  const { projectArn: arn, projectVisibility, resourceAccessRole } = input
  const { kind, name, scope } = sharedResource(arn) ?? {}
  if (kind !== 'project' || arn !== projectArn(call.scope, name!) || scope?.account !== call.scope.account)
    return fail('InvalidInputException', `Invalid project ARN: ${arn}`)
  if (resourceAccessRole !== undefined) {
    const own = `arn:aws:iam::${call.scope.account}:role/`
    if (!resourceAccessRole.startsWith(own))
      fail('InvalidInputException', `Invalid resource access role: ${resourceAccessRole} is not a role of this account`)
    await checkServiceRole(call, resourceAccessRole)
  }
  const alias = await setVisibility(call.tx, call.scope, name!, {
    visibility: projectVisibility!,
    role: resourceAccessRole,
    alias: call.ids.text(ALIAS_LENGTH),
    now: call.now,
  })
  if (alias === undefined) return fail('ResourceNotFoundException', `Project cannot be found: ${arn}`)
  return {
    projectArn: arn,
    projectVisibility,
    ...(projectVisibility === 'PUBLIC_READ' && { publicProjectAlias: alias }),
  }
}
