// UpdateProject: members that are given replace the old ones, the others stay.

import type { Handler } from '../../../../operation/handler.ts'
import { projectArn, withDefaults } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { onFleet } from '../../fleets/environment.ts'
import { kindOf } from '../../fleets/kind.ts'
import { checkProjectLimit } from '../../fleets/limits.ts'
import { findProject, projectShape, updateProject as saveProject } from '../../projects.ts'
import { checkSources } from '../../providers/checkSource.ts'
import { checkServiceRole } from '../../serviceRole.ts'
import { validateDefinition } from '../../validate.ts'
import { findWebhook } from '../../webhooks/webhooks.ts'

export const updateProject: Handler<'codebuild', 'UpdateProject'> = async (call, input) => {
  const { name, tags, ...given } = input
  const row = await findProject(call.tx, call.scope, name)
  if (!row) {
    return fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
  }
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const merged = { ...row.definition, ...changes }
  // AWS: a limit of -1 takes the limit away.
  if (merged.concurrentBuildLimit === -1) delete merged.concurrentBuildLimit
  const definition = withDefaults(call.scope, name, merged)
  validateDefinition(definition, call.scope.account)
  if (given.source || given.secondarySources)
    await checkSources(call, [definition.source, ...(definition.secondarySources ?? [])])
  await onFleet(call, definition.environment!)
  await checkProjectLimit(call.tx, kindOf(definition.environment!), definition.concurrentBuildLimit)
  if (given.serviceRole) await checkServiceRole(call, given.serviceRole)
  const updated = { ...row, definition, tags: tags ?? row.tags, modified_at: call.now }
  await saveProject(call.tx, call.scope, updated)
  const webhook = await findWebhook(call.tx, call.scope, name)
  return { project: projectShape(call.scope, updated, call.config.endpoint, webhook) }
}
