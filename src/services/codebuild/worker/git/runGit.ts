// Git as a client of other servers: in a process group that ends whole, with bounded time and bounded output.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { signalGroup } from '../../../../core/processes.ts'

export interface GitRun {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly cwd?: string
  /** Milliseconds; default an hour. */
  readonly deadline?: number
}

/** Git ended with another status than 0. */
export class GitFailure extends Error {
  readonly stderr: string
  constructor(args: readonly string[], status: number | null, stderr: string) {
    super(`git ${args[0]} failed (${status ?? 'ended'}): ${stderr.trim().slice(-500)}`)
    this.stderr = stderr
  }
}

const KEPT = 1 << 20

/** Standard output of `git ...args`. */
export async function runGit(
  args: readonly string[],
  { env, signal, cwd, deadline = 3_600_000 }: GitRun,
): Promise<string> {
  signal.throwIfAborted()
  const child = spawn('git', args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < KEPT) stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-16_384)
  })
  const kill = () => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
  }
  const timer = setTimeout(kill, deadline)
  signal.addEventListener('abort', kill, { once: true })
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    if (status !== 0) throw new GitFailure(args, status, stderr)
    return stdout.trim()
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  }
}
