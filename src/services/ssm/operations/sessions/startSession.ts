// StartSession: a token for a terminal in a build or a sandbox that runs. AWS's other targets, managed nodes, are not there.

import { formatArn } from '../../../../core/arn.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { fail } from '../../errors.ts'
import { SHELL_DOCUMENT, sessionKind } from '../../sessions/documents.ts'
import { digestOf, insertSession, TOKEN_MS } from '../../sessions/sessions.ts'

/** Longer than any build runs. */
const FORGET_MS = 48 * 3_600_000

export const startSession: Handler<'ssm', 'StartSession'> = async (call, input) => {
  const target = input.Target!
  const document = input.DocumentName ?? SHELL_DOCUMENT
  const parameters = input.Parameters ?? {}
  sessionKind(document, parameters)
  // AWS: verbatim (session-manager-plugin issue 5).
  if (!(await isConnected(call, target))) fail('TargetNotConnected', `${target} is not connected.`)
  const token = call.ids.text(64)
  const row = {
    ...call.scope,
    // AWS: who started it, and seventeen characters; at most 96.
    id: `${ownerName(principalArn(call.principal))}-${call.ids.text(25, 'abcdefghijklmnopqrstuvwxyz0123456789')}`,
    target,
    document,
    parameters,
    owner: principalArn(call.principal),
    token_digest: digestOf(token),
    token_expires_at: new Date(call.now.getTime() + TOKEN_MS),
    started_at: call.now,
  }
  await insertSession(call.tx, row)
  await call.addJob('forgetSession', { id: row.id }, { runAt: new Date(call.now.getTime() + FORGET_MS) })
  const base = (call.config.apiEndpoint ?? call.config.endpoint).replace(/^http/, 'ws').replace(/\/$/, '')
  return {
    SessionId: row.id,
    TokenValue: token,
    StreamUrl: `${base}/v1/data-channel/${row.id}?role=publish_subscribe&cell-number=0`,
  }
}

const ownerName = (arn: string) =>
  arn
    .split(/[/:]/)
    .at(-1)!
    .replace(/[^\w.-]/g, '-')
    .slice(0, 60)

/** AWS: the target of a build or sandbox is `codebuild:` and what names it. */
async function isConnected(call: Call, target: string): Promise<boolean> {
  const [, id] = /^codebuild:(.+:.+)$/.exec(target) ?? []
  if (id === undefined) return false
  const { builds } = await call.asService.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })
  const session = builds?.[0]?.debugSession
  if (session?.sessionEnabled && session.sessionTarget === target) return true
  const { sandboxes } = await call.asService.invoke('codebuild', 'BatchGetSandboxes', { ids: [id] })
  return sandboxes?.[0]?.currentSession?.currentPhase === 'RUN_SANDBOX'
}

/** The ARN by which policies allow a session. */
export function targetArn(scope: Call['scope'], target: string): string {
  // AWS: `arn:aws:codebuild:<region>:<account-id>:build/*` [sandbox, prerequisites].
  if (target.startsWith('codebuild:'))
    return formatArn('codebuild', scope, `build/${target.slice('codebuild:'.length)}`)
  return formatArn(
    target.startsWith('mi-') ? 'ssm' : 'ec2',
    scope,
    `${target.startsWith('mi-') ? 'managed-instance' : 'instance'}/${target}`,
  )
}
