// CreateProject: a new build project, its role checked.

import type { Handler } from '../../../../operation/handler.ts'
import { projectArn, withDefaults } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { onFleet } from '../../fleets/environment.ts'
import { kindOf } from '../../fleets/kind.ts'
import { checkProjectLimit } from '../../fleets/limits.ts'
import { insertProject, type ProjectRow, projectShape } from '../../projects.ts'
import { checkSources } from '../../providers/checkSource.ts'
import { checkServiceRole } from '../../serviceRole.ts'
import { validateDefinition } from '../../validate.ts'

export const createProject: Handler<'codebuild', 'CreateProject'> = async (call, input) => {
  const { name, tags, ...given } = input
  const definition = withDefaults(call.scope, name, given)
  validateDefinition(definition, call.scope.account)
  await checkSources(call, [definition.source, ...(definition.secondarySources ?? [])])
  await onFleet(call, definition.environment!)
  await checkProjectLimit(call.tx, kindOf(definition.environment!), definition.concurrentBuildLimit)
  await checkServiceRole(call, definition.serviceRole!)
  const row: ProjectRow = {
    name,
    id: call.ids.uuid(),
    definition,
    tags: tags ?? [],
    created_at: call.now,
    modified_at: call.now,
    last_number: 0,
    cache_generation: 0,
  }
  if (!(await insertProject(call.tx, call.scope, row))) {
    // AWS: verbatim.
    fail('ResourceAlreadyExistsException', `Project already exists: ${projectArn(call.scope, name)}`)
  }
  return { project: projectShape(call.scope, row, call.config.endpoint) }
}
