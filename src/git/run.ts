// How git is started: no shell, none of the machine's or user's configuration, in a process group that can be ended whole.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { signalGroup } from '../core/processes.ts'

export interface GitOptions {
  /** The bare repository. */
  readonly dir: string
  /** On top of the fixed environment, for example GIT_OBJECT_DIRECTORY. */
  readonly env?: Readonly<Record<string, string>>
  /** Ends the process and everything that it started. */
  readonly signal?: AbortSignal
}

/** Git ended with another status than 0, or was ended. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly exitCode: number | null
  readonly stderr: string

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args[0]} failed (${exitCode ?? 'ended'}): ${stderr.trim().slice(-2000)}`)
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

/** `ended` rejects only when git could not be started at all. */
export interface GitProcess {
  readonly args: readonly string[]
  readonly child: ChildProcessWithoutNullStreams
  /** Exit code (null after a signal), and the last 8 KB of standard error unless `stderr` is read by the caller. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderr: string }>
  /** SIGTERM to the whole group now, SIGKILL when it is still there after two seconds. */
  kill(): void
}

const SETTINGS = [
  'safe.directory=*',
  'core.fsync=committed,loose-object',
  'gc.auto=0',
  'core.hooksPath=/dev/null',
  'protocol.allow=never',
].flatMap(setting => ['-c', setting])

const STDERR_KEPT = 8192

/** Starts git in `options.dir`. Errors of the pipes are swallowed here: the exit code tells. */
export function startGit(args: readonly string[], options: GitOptions): GitProcess {
  const child = spawn('git', [...SETTINGS, ...args], {
    cwd: options.dir,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      GIT_DIR: options.dir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      ...options.env,
    },
  })
  let stderr = ''
  child.stdin.on('error', () => {})
  child.stdout.on('error', () => {})
  child.stderr.on('error', () => {})
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)
  })

  let over = false
  const end = (signal: NodeJS.Signals) => {
    if (!over && child.pid !== undefined) signalGroup(child.pid, signal)
  }
  const kill = () => {
    if (over) return
    end('SIGTERM')
    setTimeout(() => end('SIGKILL'), 2000).unref()
  }
  const ended = (async () => {
    try {
      const [exitCode] = (await once(child, 'close')) as [number | null]
      return { exitCode, stderr }
    } finally {
      over = true
      options.signal?.removeEventListener('abort', kill)
    }
  })()
  ended.catch(() => {})
  if (options.signal?.aborted) kill()
  options.signal?.addEventListener('abort', kill, { once: true })
  return { args, child, ended, kill }
}

export interface RunOptions extends GitOptions {
  readonly input?: string | Uint8Array
  /** The most bytes of output that are taken into memory; default 64 MB. */
  readonly most?: number
  /** Milliseconds; default two minutes. */
  readonly deadline?: number
  /** Exit codes besides 0 that are an answer, not a failure. */
  readonly accept?: readonly number[]
}

/** Runs git to its end and answers its standard output; GitError for a status that is not accepted. */
export async function runGit(args: readonly string[], options: RunOptions): Promise<Buffer> {
  return (await runGitFully(args, options)).stdout
}

/** Like runGit, with the exit code. */
export async function runGitFully(
  args: readonly string[],
  options: RunOptions,
): Promise<{ stdout: Buffer; exitCode: number }> {
  const git = startGit(args, options)
  const most = options.most ?? 64 * 1024 * 1024
  const timer = setTimeout(git.kill, options.deadline ?? 120_000)
  const chunks: Buffer[] = []
  let size = 0
  git.child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > most) git.kill()
    else chunks.push(chunk)
  })
  git.child.stdin.end(options.input)
  try {
    const { exitCode, stderr } = await git.ended
    if (exitCode !== null && (exitCode === 0 || options.accept?.includes(exitCode))) {
      return { stdout: Buffer.concat(chunks), exitCode }
    }
    throw new GitError(args, exitCode, size > most ? `more than ${most} bytes of output` : stderr)
  } finally {
    clearTimeout(timer)
  }
}

/** Standard output in chunks as it comes; GitError at the end when git failed. Leaving the loop early ends git. */
export async function* streamGit(args: readonly string[], options: RunOptions): AsyncGenerator<Buffer> {
  const git = startGit(args, options)
  git.child.stdin.end(options.input)
  let whole = false
  try {
    for await (const chunk of git.child.stdout) yield chunk as Buffer
    whole = true
  } finally {
    if (!whole) git.kill()
  }
  const { exitCode, stderr } = await git.ended
  if (exitCode !== 0) throw new GitError(args, exitCode, stderr)
}
