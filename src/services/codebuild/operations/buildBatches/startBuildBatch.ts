// StartBuildBatch: a batch of a project's builds, with overrides. Its buildspec says which builds; a job reads it.
//
// A pipeline starts one as it starts a build (see startBuild.ts); each of its output artifacts is an artifact override whose
// artifactIdentifier is the output's name: `buildIdentifier` or `buildIdentifier_artifactIdentifier`.

import { createHash } from 'node:crypto'
import type { Handler } from '../../../../operation/handler.ts'
import { announceBatch, beginBatch } from '../../batches/advance.ts'
import { type BatchRow, findBatchByToken, insertBatch, takeBatchNumber } from '../../batches/batches.ts'
import { batchDefinition } from '../../batches/definition.ts'
import { submitted } from '../../batches/machine.ts'
import { combinationOf } from '../../batches/member.ts'
import { batchShapes } from '../../batches/shape.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { findProject } from '../../projects.ts'
import { initiatorOf } from '../../startBuild.ts'
import { TOKEN_MS } from '../builds/startBuild.ts'

export const startBuildBatch: Handler<'codebuild', 'StartBuildBatch'> = async (call, input) => {
  const name = projectName(call.scope, input.projectName)
  const project = await findProject(call.tx, call.scope, name)
  if (!project) return fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
  const definition = batchDefinition(project, input, initiatorOf(call.principal))
  // Taking the number makes a second call with the same token wait for the first.
  const number = await takeBatchNumber(call.tx, project.id)
  const token = input.idempotencyToken || null
  const digest = digestOf(input)
  if (token) {
    const since = new Date(call.now.getTime() - TOKEN_MS)
    const known = await findBatchByToken(call.tx, call.scope, name, token, since)
    if (known && known.token_digest !== digest) tokenMismatch()
    if (known) return { buildBatch: (await batchShapes(call, [known]))[0]! }
  }
  const id = `${name}:${call.ids.uuid()}`
  const row: BatchRow = {
    account: call.scope.account,
    region: call.scope.region,
    id,
    project: name,
    number,
    status: 'IN_PROGRESS',
    started_at: call.now,
    ended_at: null,
    definition,
    state: submitted(call.now, combinationOf({ id, project: name, definition }) !== undefined),
    artifact: null,
    idempotency_token: token,
    token_digest: token && digest,
    retry_token: null,
    retry_digest: null,
    retried_at: null,
  }
  await insertBatch(call.tx, row)
  await beginBatch(call, row)
  await announceBatch(call, row)
  return { buildBatch: (await batchShapes(call, [row]))[0]! }
}

export const digestOf = (input: object) => createHash('sha256').update(JSON.stringify(input)).digest('hex')

// AWS: "If you repeat the request with the same token, but change a parameter, CodeBuild returns a parameter mismatch error" [StartBuildBatch].
export const tokenMismatch = () =>
  fail('InvalidInputException', 'Parameter mismatch: the idempotency token was used with other parameters')
