// A terminal on the host: util-linux's `script` makes the pseudo-terminal, inside of the box so that its device is known there; `stty` sizes it.
// Without `script` the command gets pipes, and the terminal says so.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../core/bounded.ts'
import { signalAll } from '../../core/processes.ts'
import { SandboxError } from '../sandboxError.ts'
import { afterGreeting, readGreeting, saneSize, type Terminal, type TerminalSize } from '../terminal.ts'
import type { Account } from './accounts.ts'
import { sessionProcesses } from './processes.ts'

/** What is to run and what enters its box; both complete. */
export interface HostTerminalCommand {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Words before any command that bring it into the box; empty without one. */
  readonly entering: readonly string[]
  /** Taken on by the process itself where there is no box. */
  readonly account: Account | undefined
}

const SCRIPT = ['/usr/bin/script', '/bin/script'].find(path => existsSync(path))
const STTY = ['/bin/stty', '/usr/bin/stty'].find(path => existsSync(path))
const OPEN_MS = 15_000

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

export async function openHostTerminal(command: HostTerminalCommand, size: TerminalSize): Promise<Terminal> {
  const { entering, argv, env, account } = command
  const { columns, rows } = saneSize(size)
  const greet = `printf '\\036%s\\036' "$(tty)"; stty rows ${rows} cols ${columns} 2>/dev/null; exec ${argv.map(quote).join(' ')}`
  const words = SCRIPT ? [SCRIPT, '-q', '-e', '-f', '-E', 'always', '-c', greet, '/dev/null'] : ['/bin/sh', '-c', greet]
  const [program, ...args] = [...entering, ...words]
  const child: ChildProcessByStdio<Writable, Readable, Readable | null> = spawn(program!, args, {
    cwd: '/',
    // `script` asks SHELL for the shell of its command.
    env: { ...env, SHELL: '/bin/sh' },
    detached: true,
    stdio: ['pipe', 'pipe', SCRIPT ? 'ignore' : 'pipe'] as ['pipe', 'pipe', 'pipe'],
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15)))
  })
  exited.catch(() => {})
  child.stdin.on('error', () => {})
  const source = SCRIPT ? child.stdout : together(child.stdout, child.stderr!)
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let greeting: Awaited<ReturnType<typeof readGreeting>>
  try {
    greeting = await within(OPEN_MS, 'it did not answer', Promise.race([readGreeting(chunks), exited.then(unopened)]))
  } catch (error) {
    signalAll(allOf(child.pid), 'SIGKILL')
    throw new SandboxError('UNAVAILABLE', `the terminal could not be opened: ${(error as Error).message}`)
  }
  const device = /^\/dev\/pts\/\d+$/.test(greeting.word) ? greeting.word : undefined
  const output = Readable.from(afterGreeting(greeting.rest, chunks), { objectMode: false })
  output.on('error', () => {})
  let closing: Promise<void> | undefined
  return {
    output,
    isTerminal: device !== undefined,
    write: bytes => void (child.stdin.writable && child.stdin.write(bytes)),
    end: () => void child.stdin.end(),
    async resize(wanted) {
      if (device === undefined || !STTY || child.exitCode !== null) return
      const { columns, rows } = saneSize(wanted)
      const [stty, ...rest] = [...entering, STTY, '-F', device, 'rows', String(rows), 'cols', String(columns)]
      const sizing = spawn(stty!, rest, { stdio: 'ignore', env: {} })
      await within(5_000, 'no end', new Promise(resolve => sizing.once('exit', resolve).once('error', resolve))).catch(
        () => sizing.kill('SIGKILL'),
      )
    },
    result: exited.then(exitCode => ({ exitCode })),
    close() {
      // When `script` is gone its pseudo-terminal is, and the kernel hangs up on everybody who stands before it.
      closing ??= (async () => {
        child.stdin.destroy()
        signalAll(allOf(child.pid), 'SIGTERM')
        await Promise.race([exited, delay(500, undefined, { ref: false })]).catch(() => {})
        signalAll(allOf(child.pid), 'SIGKILL')
        output.destroy()
      })()
      return closing
    },
  }
}

const unopened = (code: number): never => {
  throw new Error(`it ended with ${code}`)
}

/** The door of the box and `script` itself; the command has a session of its own. */
const allOf = (pid: number | undefined) => (pid === undefined ? [] : sessionProcesses(pid, () => false))

function together(...streams: Readable[]): Readable {
  let open = streams.length
  const both = new Readable({ read() {} })
  for (const stream of streams) {
    stream.on('data', chunk => both.push(chunk))
    stream.once('close', () => {
      open--
      if (open === 0) both.push(null)
    })
  }
  return both
}
