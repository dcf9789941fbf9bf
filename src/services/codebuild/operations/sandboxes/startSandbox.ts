// StartSandbox: an environment of a project, with its sources and its role's credentials, for people and commands.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { notify } from '../../../../store/tx.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { submitted } from '../../machine.ts'
import { overriddenDefinition } from '../../overrides.ts'
import { findProject } from '../../projects.ts'
import { findSandboxByToken, insertSandbox, SANDBOX_CHANNEL, type SandboxRow } from '../../sandboxes/sandboxes.ts'
import { sandboxShape } from '../../sandboxes/shape.ts'
import { initiatorOf } from '../../startBuild.ts'
import { TOKEN_MS } from '../builds/startBuild.ts'

export const startSandbox: Handler<'codebuild', 'StartSandbox'> = async (call, input) => {
  const name = projectName(call.scope, input.projectName ?? '')
  if (name === '') fail('InvalidInputException', 'Project name is required')
  // Of two calls with one token the second waits for the first.
  await call.tx
    .one`select pg_advisory_xact_lock(hashtextextended(${`sandbox ${call.scope.account} ${call.scope.region} ${name}`}, 0))`
  const project = await findProject(call.tx, call.scope, name)
  if (!project) return fail('ResourceNotFoundException', `Project cannot be found: ${projectArn(call.scope, name)}`)
  const { idempotencyToken: token } = input
  const since = new Date(call.now.getTime() - TOKEN_MS)
  const known = token && (await findSandboxByToken(call.tx, call.scope, { project: name, token, since }))
  if (known) return { sandbox: sandboxShape(known) }
  if (project.definition.source?.type === 'CODEPIPELINE')
    fail(
      'InvalidInputException',
      'A sandbox has no source in a project of type CODEPIPELINE: its source comes with each run of the pipeline',
    )
  const row: SandboxRow = {
    ...call.scope,
    id: `${name}:${call.ids.uuid()}`,
    project: name,
    status: 'IN_PROGRESS',
    requested_at: call.now,
    ended_at: null,
    definition: overriddenDefinition(project, { projectName: name }, initiatorOf(call.principal)),
    progress: submitted(call.now),
    idempotency_token: token ?? null,
    stop_requested: false,
    lease_owner: null,
    lease_until: null,
    place: null,
  }
  await insertSandbox(call.tx, row)
  await limitTheWait(call, row)
  await notify(call.tx, SANDBOX_CHANNEL, '')
  return { sandbox: sandboxShape(row) }
}

async function limitTheWait(call: Call, { id, definition }: SandboxRow): Promise<void> {
  const wait = (definition.queuedTimeoutInMinutes ?? 480) * 60_000
  await call.addJob('sandboxQueueTimeout', { id }, { runAt: new Date(call.now.getTime() + wait) })
}
