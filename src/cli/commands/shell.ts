// A terminal in a build, a sandbox, or what a local build kept.

import { setTimeout as delay } from 'node:timers/promises'
import { type Clients, clientsOf, connectionFromEnvironment } from '../clients.ts'
import type { Command } from '../command.ts'
import { passKeys } from '../keys.ts'
import { findKept, shellIn } from '../localShell.ts'
import { UsageError } from '../options.ts'
import { openSession, type SessionTicket } from '../sessionClient.ts'

const command: Command = {
  summary: 'a terminal in a build, a sandbox or a kept local build',
  arguments: 'ID [-- COMMAND...]',
  most: 1_000,
  options: { remove: { type: 'boolean', help: 'remove the environment that a local build kept' } },
  details: `ID is the id or ARN of a build that was started with debugSessionEnabled, of a sandbox, or local-... as
'codeyard build --keep-on-failure' names it. In a build that waits at codebuild-breakpoint the shell has the
environment and the directory of that command; codebuild-resume lets the build go on. With a COMMAND nothing
interactive happens: one word is a shell's line, several are a program and its arguments.
The exit code is that of the shell or the command. Uses AWS_ENDPOINT_URL and the keys of the environment.`,
  async run({ positionals: [id, ...words], flag: { remove } }) {
    if (!id) throw new UsageError('shell needs the id of a build or a sandbox (see: codeyard shell --help)')
    const line = words.length === 0 ? undefined : words.length === 1 ? words[0]! : words.map(quote).join(' ')
    if (id.startsWith('local-')) return await local(id, line, remove ?? false)
    if (remove) throw new UsageError('--remove is for what a local build kept: local-...')
    const connection = connectionFromEnvironment()
    const clients = clientsOf(connection)
    try {
      const place = await find(clients, id.replace(/^arn:[^/]*:(?:build|sandbox)\//, ''))
      if (place.kind === 'sandbox' && line !== undefined) return await runInSandbox(clients, place.id, line)
      const ticket =
        place.kind === 'sandbox'
          ? await sandboxTicket(clients, place.id)
          : await buildTicket(clients, place.target, line)
      return await attach(reachable(ticket, connection.endpoint), line === undefined)
    } finally {
      clients.close()
    }
  },
}
export default command

const EVERY_MS = 250
const quote = (word: string) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

async function local(name: string, line: string | undefined, remove: boolean): Promise<number> {
  const sandbox = await findKept(name)
  if (!remove) return await shellIn(sandbox, line)
  await sandbox.destroy()
  console.log(`${name} is removed`)
  return 0
}

type Place = { readonly kind: 'sandbox'; readonly id: string } | { readonly kind: 'build'; readonly target: string }

/** Waits until it can be entered. Throws a sentence when it never will be. */
async function find({ codebuild }: Clients, id: string): Promise<Place> {
  for (let said = false; ; said = true) {
    const { builds: [build] = [] } = id.includes(':') ? await codebuild.batchGetBuilds({ ids: [id] }) : {}
    const { sandboxes: [sandbox] = [] } = build ? {} : await codebuild.batchGetSandboxes({ ids: [id] })
    if (!build && !sandbox) throw new Error(`there is no build and no sandbox ${id}`)
    const status = build?.buildStatus ?? sandbox?.status
    if (status !== 'IN_PROGRESS') throw new Error(`${id} is over: ${status}`)
    if (build && !build.debugSession?.sessionEnabled)
      throw new Error(`${id} can not be entered: it was started without debugSessionEnabled`)
    const target = build?.debugSession?.sessionTarget
    if (target) return { kind: 'build', target }
    if (sandbox?.currentSession?.currentPhase === 'RUN_SANDBOX') return { kind: 'sandbox', id }
    if (!said) process.stderr.write(`waiting for the environment of ${id} ...\n`)
    await delay(EVERY_MS)
  }
}

async function sandboxTicket({ codebuild }: Clients, sandboxId: string): Promise<SessionTicket> {
  return (await codebuild.startSandboxConnection({ sandboxId })).ssmSession as SessionTicket
}

async function buildTicket({ ssm }: Clients, Target: string, line: string | undefined): Promise<SessionTicket> {
  const document = line !== undefined && {
    DocumentName: 'AWS-StartNonInteractiveCommand',
    Parameters: { command: [line] },
  }
  const { SessionId, TokenValue, StreamUrl } = await ssm.startSession({ Target, ...document })
  return { sessionId: SessionId!, tokenValue: TokenValue!, streamUrl: StreamUrl! }
}

/** The server names itself as it knows itself; from here it is where the API is. */
function reachable(ticket: SessionTicket, endpoint: string): SessionTicket {
  const { pathname, search } = new URL(ticket.streamUrl)
  return { ...ticket, streamUrl: new URL(pathname + search, endpoint.replace(/^http/, 'ws')).href }
}

async function attach(ticket: SessionTicket, interactive: boolean): Promise<number> {
  const session = await openSession(ticket, {
    output: bytes => void process.stdout.write(bytes),
    errorOutput: bytes => void process.stderr.write(bytes),
  })
  const stop = () => session.terminate()
  process.once('SIGTERM', stop).once('SIGHUP', stop)
  if (!interactive) process.once('SIGINT', stop)
  const { exitCode, reason } = interactive ? await passKeys(session, session.over) : await session.over
  if (exitCode !== undefined) return exitCode
  process.stderr.write(`codeyard: the session is over${reason ? `: ${reason}` : ''}\n`)
  return 1
}

async function runInSandbox({ codebuild }: Clients, sandboxId: string, line: string): Promise<number> {
  const { commandExecution } = await codebuild.startCommandExecution({ sandboxId, command: line })
  for (;;) {
    const commandExecutionIds = [commandExecution!.id!]
    const { commandExecutions } = await codebuild.batchGetCommandExecutions({ sandboxId, commandExecutionIds })
    const { status, exitCode, standardOutputContent = '', standardErrContent = '' } = commandExecutions![0]!
    if (status === 'IN_PROGRESS') {
      await delay(EVERY_MS)
      continue
    }
    process.stdout.write(standardOutputContent)
    process.stderr.write(standardErrContent)
    if (exitCode !== undefined) return Number(exitCode)
    process.stderr.write(`codeyard: the command ended as ${status}\n`)
    return 1
  }
}
