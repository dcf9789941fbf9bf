// A terminal in a container: an exec with the engine's own pseudo-terminal. The engine ends nothing when a client goes, so the hanging up is ours.

import { type Duplex, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import type { Command } from '../sandbox.ts'
import { SandboxError } from '../sandboxError.ts'
import { enterAndExec } from '../supervisor.ts'
import { afterGreeting, readGreeting, saneSize, type Terminal, type TerminalSize } from '../terminal.ts'
import { CALL_TIMEOUT_MS, engineMessage } from './engine.ts'

/** Says which session it is, then becomes the command. */
const GREET = `printf '\\036%s\\036' "$$"; exec "$@"`

/** As root: ends the session $1, first as a terminal that is hung up does. */
const HANG_UP = `
cy_all() {
  cy_count=0
  for cy_p in /proc/[0-9]*; do
    read -r cy_stat 2>/dev/null <"$cy_p/stat" || continue
    cy_stat=\${cy_stat##*) }
    set -- "$1" "$2" $cy_stat
    [ "$6" = "$2" ] && [ "$3" != Z ] || continue
    cy_count=$((cy_count+1)); kill -s "$1" "\${cy_p#/proc/}" 2>/dev/null
  done
}
cy_all HUP "$1"; cy_all CONT "$1"
[ $cy_count = 0 ] || { sleep 0.2 2>/dev/null || sleep 1; cy_all KILL "$1"; }
`

export async function openDockerTerminal(
  container: Docker.Container,
  command: Command,
  { workspace, size }: { readonly workspace: string; readonly size: TerminalSize },
): Promise<Terminal> {
  const exec = await container.exec({
    Cmd: ['/bin/sh', '-c', GREET, 'codeyard', ...enterAndExec(command.cwd ?? workspace, command.argv)],
    Env: Object.entries(command.env ?? {}).map(([key, value]) => `${key}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    WorkingDir: '/',
    ...(command.user !== undefined && { User: command.user }),
  })
  const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: true })
  stream.on('error', () => {}) // the reader hears it; a writer has nothing to do about it
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let greeting: Awaited<ReturnType<typeof readGreeting>>
  try {
    greeting = await within(CALL_TIMEOUT_MS, 'the terminal did not answer within a minute', readGreeting(chunks))
  } catch (error) {
    stream.destroy()
    throw new SandboxError('ENGINE', `the terminal could not be opened: ${(error as Error).message}`)
  }
  const session = greeting.word
  const resize = async (wanted: TerminalSize) => {
    const { columns, rows } = saneSize(wanted)
    // It may be over by now.
    await within(CALL_TIMEOUT_MS, 'no answer', exec.resize({ h: rows, w: columns })).catch(() => {})
  }
  await resize(size)
  const output = Readable.from(afterGreeting(greeting.rest, chunks), { objectMode: false })
  const over = new Promise<void>(resolve => output.once('close', resolve))
  output.on('error', () => {})
  const result = over.then(() => exitCodeOf(exec))
  result.catch(() => {})
  let closing: Promise<void> | undefined
  return {
    output,
    isTerminal: true,
    write: bytes => void (stream.writable && stream.write(bytes)),
    end: () => void (stream.writable && stream.write(Buffer.from([4]))),
    resize,
    result,
    close() {
      closing ??= hangUp(container, session).finally(() => {
        stream.destroy()
        output.destroy()
      })
      return closing
    },
  }
}

async function exitCodeOf(exec: Docker.Exec): Promise<{ exitCode: number }> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { Running, ExitCode } = await exec.inspect().catch(error => {
      throw new SandboxError('LOST', `how the command ended is unknown (${engineMessage(error)})`)
    })
    if (!Running && typeof ExitCode === 'number') return { exitCode: ExitCode }
    await delay(100)
  }
  throw new SandboxError('LOST', 'how the command ended is unknown: the engine says that it runs')
}

/** A container that is gone has hung up by itself. */
async function hangUp(container: Docker.Container, session: string): Promise<void> {
  try {
    const exec = await container.exec({
      Cmd: ['/bin/sh', '-c', HANG_UP, 'codeyard', session],
      AttachStdout: true,
      AttachStderr: true,
      User: '0:0',
      WorkingDir: '/',
    })
    const stream: Readable = (await exec.start({})) as unknown as Readable
    stream.resume()
    const ended = new Promise<void>(resolve =>
      stream
        .once('close', resolve)
        .once('end', resolve)
        .once('error', () => resolve()),
    )
    await within(10_000, 'no answer', ended).finally(() => stream.destroy())
  } catch {
    // the sandbox's end is the end of what runs in it
  }
}
