// StartSandboxConnection: a session of Session Manager in a sandbox, started with the project's own role, as on AWS.

import { isServiceError } from '../../../../core/serviceError.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { isReady } from '../../sandboxes/machine.ts'
import { findSandbox, sandboxArn, sandboxId } from '../../sandboxes/sandboxes.ts'
import { asBuild } from '../../sandboxes/shape.ts'
import { sessionTarget } from '../../shape.ts'
import { sessionName } from '../../worker/credentials.ts'

export const startSandboxConnection: Handler<'codebuild', 'StartSandboxConnection'> = async (call, input) => {
  const id = sandboxId(call.scope, input.sandboxId!)
  const arn = sandboxArn(call.scope, id)
  const sandbox = await findSandbox(call.tx, call.scope, id)
  if (!sandbox) return fail('ResourceNotFoundException', `The provided sandbox does not exist: ${arn}`)
  const target = sessionTarget(id)
  // AWS: `Failed to start SSM session for sandbox ARN: codebuild:UUID is not connected.` [sandbox-troubleshooting].
  if (!isReady(sandbox))
    fail('InvalidInputException', `Failed to start SSM session for sandbox ${arn}: ${target} is not connected.`)
  try {
    const role = call.as(sandbox.definition.serviceRole!, sessionName(asBuild(sandbox)))
    const { SessionId, TokenValue, StreamUrl } = await role.invoke('ssm', 'StartSession', { Target: target })
    return { ssmSession: { sessionId: SessionId, tokenValue: TokenValue, streamUrl: StreamUrl } }
  } catch (error) {
    if (!isServiceError(error)) throw error
    // AWS: `Failed to start SSM session for ARN User: ... is not authorized to perform: ssm:StartSession on resource` [ibidem].
    return fail('InvalidInputException', `Failed to start SSM session for ${arn} ${error.message}`)
  }
}
