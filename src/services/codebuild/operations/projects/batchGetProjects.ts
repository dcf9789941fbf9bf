// BatchGetProjects: projects by name or ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { findProjects, projectShape } from '../../projects.ts'

export const batchGetProjects: Handler<'codebuild', 'BatchGetProjects'> = async (call, input) => {
  const rows = await findProjects(call.tx, call.scope, input.names.map(projectName))
  const byName = new Map(rows.map(row => [row.name, row]))
  const found = input.names.map(name => byName.get(projectName(name)))
  const projects = found
    .filter(row => row !== undefined)
    .map(row => projectShape(call.scope, row, call.config.endpoint))
  return { projects, projectsNotFound: input.names.filter((_, index) => !found[index]) }
}
