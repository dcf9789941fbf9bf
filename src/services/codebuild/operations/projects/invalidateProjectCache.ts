// InvalidateProjectCache: the next builds start with an empty cache.

import type { Handler } from '../../../../operation/handler.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { raiseCacheGeneration } from '../../projects.ts'

export const invalidateProjectCache: Handler<'codebuild', 'InvalidateProjectCache'> = async (call, input) => {
  const name = projectName(call.scope, input.projectName)
  if (!(await raiseCacheGeneration(call.tx, call.scope, name))) {
    fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
  }
  return {}
}
