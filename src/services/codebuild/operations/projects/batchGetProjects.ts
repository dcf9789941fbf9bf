// BatchGetProjects: projects by name or ARN, in the order asked for; ARNs may be of accounts that share them.

import type { Handler } from '../../../../operation/handler.ts'
import { projectName } from '../../definition.ts'
import { findProjects, projectShape } from '../../projects.ts'
import { byOwner } from '../../sharing/owner.ts'
import { findWebhooks } from '../../webhooks/webhooks.ts'

export const batchGetProjects: Handler<'codebuild', 'BatchGetProjects'> = async (call, input) => {
  const found = new Map<string, ReturnType<typeof projectShape>>()
  for (const { scope, items } of byOwner(call.scope, input.names)) {
    const rows = await findProjects(
      call.tx,
      scope,
      items.map(item => projectName(scope, item)),
    )
    const byName = new Map(rows.map(row => [row.name, row]))
    const webhooks = await findWebhooks(call.tx, scope, [...byName.keys()])
    const hooks = new Map(webhooks.map(hook => [hook.project, hook]))
    for (const item of items) {
      const row = byName.get(projectName(scope, item))
      if (row) found.set(item, projectShape(scope, row, call.config.endpoint, hooks.get(row.name)))
    }
  }
  return {
    projects: input.names.flatMap(name => found.get(name) ?? []),
    projectsNotFound: input.names.filter(name => !found.has(name)),
  }
}
