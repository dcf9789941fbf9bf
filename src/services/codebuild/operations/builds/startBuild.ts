// StartBuild: a build of a project, with overrides.
//
// How a pipeline starts one, as its own role's session:
//   sourceTypeOverride CODEPIPELINE, sourceLocationOverride `bucket/key` of the input artifact's zip, sourceVersion its
//   revision (the commit), secondarySourcesOverride [{ type: CODEPIPELINE, location: `bucket/key`, sourceIdentifier: artifact }],
//   artifactsOverride { type: CODEPIPELINE, location: bucket, path: key's folder, name: key's last part } for one output,
//   NO_ARTIFACTS and secondaryArtifactsOverride with artifactIdentifier = artifact for several, idempotencyToken = the action's run.
// Output artifacts are zips at exactly path/name. The project's service role reads and writes them.

import type { Handler } from '../../../../operation/handler.ts'
import { enqueueMember, orderOf } from '../../batches/memberOrder.ts'
import { findByToken } from '../../builds.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { overriddenDefinition } from '../../overrides.ts'
import { takeNumber } from '../../projects.ts'
import { buildShape } from '../../shape.ts'
import { enqueueBuild, initiatorOf } from '../../startBuild.ts'

/** AWS: an idempotency token is valid for five minutes. */
export const TOKEN_MS = 5 * 60_000

export const startBuild: Handler<'codebuild', 'StartBuild'> = async (call, input) => {
  const name = projectName(call.scope, input.projectName)
  // Taking the number locks the project: of two calls with one token the second sees the first's build.
  const project = await takeNumber(call.tx, call.scope, name)
  if (!project) {
    // AWS: `Project cannot be found: arn:...`.
    return fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
  }
  const order = orderOf(input)
  if (order) return { build: buildShape(await enqueueMember(call, project, order)) }
  const definition = overriddenDefinition(project, input, initiatorOf(call.principal))
  if (input.idempotencyToken) {
    const since = new Date(call.now.getTime() - TOKEN_MS)
    const known = await findByToken(call.tx, call.scope, name, input.idempotencyToken, since)
    if (known) return { build: buildShape(known) }
  }
  return { build: buildShape(await enqueueBuild(call, project, definition, input.idempotencyToken)) }
}
