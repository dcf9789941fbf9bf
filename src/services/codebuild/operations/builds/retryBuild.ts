// RetryBuild: a new build with the definition of an old one.

import type { Handler } from '../../../../operation/handler.ts'
import { enqueueMember, orderOf } from '../../batches/memberOrder.ts'
import { findBuild, findByToken } from '../../builds.ts'
import { buildArn, buildId, projectArn } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { takeNumber } from '../../projects.ts'
import { buildShape } from '../../shape.ts'
import { enqueueBuild, initiatorOf } from '../../startBuild.ts'
import { TOKEN_MS } from './startBuild.ts'

export const retryBuild: Handler<'codebuild', 'RetryBuild'> = async (call, input) => {
  if (!input.id) return fail('InvalidInputException', 'Build ID is required')
  const id = buildId(call.scope, input.id)
  if (!id.includes(':')) fail('InvalidInputException', 'Invalid build ID provided')
  const old = await findBuild(call.tx, call.scope, id)
  if (!old) return fail('ResourceNotFoundException', `The provided build does not exist: ${buildArn(call.scope, id)}`)
  if (old.definition.source?.type === 'CODEPIPELINE') {
    fail('InvalidInputException', 'Builds of a pipeline are retried in the pipeline')
  }
  const project = await takeNumber(call.tx, call.scope, old.project)
  if (!project)
    return fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, old.project)}`)
  if (input.idempotencyToken) {
    const since = new Date(call.now.getTime() - TOKEN_MS)
    const known = await findByToken(call.tx, call.scope, old.project, input.idempotencyToken, since)
    if (known) return { build: buildShape(known) }
  }
  const order = orderOf(input)
  if (order) return { build: buildShape(await enqueueMember(call, project, order)) }
  const definition = { ...old.definition, initiator: initiatorOf(call.principal) }
  return { build: buildShape(await enqueueBuild(call, project, definition, input.idempotencyToken)) }
}
