// Runs one script in its own process group and always comes back: exit, time over, or outputs that something else holds open.

import { type ChildProcess, spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import { signalGroup } from '../core/processes.ts'

export interface ScriptRun {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** For the script and then for its outputs to close. */
  readonly timeoutMs: number
  /** Whole lines, newline included. Called in order. */
  readonly onLines: (stream: 'stdout' | 'stderr', lines: readonly string[]) => void
  /** Called before anything else can happen in this process. */
  readonly onStart?: (pid: number) => void
  /** The script has ended, yet its output is still held open after a while: something was left in the background. */
  readonly onOutputsHeld?: () => void
  /** Aborting kills the process group. */
  readonly signal?: AbortSignal
}

export type ScriptOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'outputsLeftOpen'; readonly stream: 'STDOUT' | 'STDERR' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'notStarted'; readonly error: Error }

const KILL_AFTER_MS = 5000
const HELD_AFTER_MS = 2000
/** A line longer than this is cut: endless output without a newline must not fill the memory. */
const LONGEST_LINE = 64 * 1024

export async function runScript(run: ScriptRun): Promise<ScriptOutcome> {
  const child = spawn(run.command, run.args, { env: run.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const started = new Promise<Error | undefined>(resolve => {
    child.once('spawn', () => resolve(undefined))
    child.once('error', resolve)
  })
  if (child.pid !== undefined) run.onStart?.(child.pid)
  const error = await started
  if (error) return { kind: 'notStarted', error }
  child.on('error', () => {}) // a failed kill shows as the timeout that it is
  const deadline = performance.now() + run.timeoutMs
  const left = () => Math.max(0, deadline - performance.now())
  const open = { STDOUT: true, STDERR: true }
  const ended = new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  const closed = Promise.all([
    readLines(child, 'stdout', run.onLines).then(() => {
      open.STDOUT = false
    }),
    readLines(child, 'stderr', run.onLines).then(() => {
      open.STDERR = false
    }),
  ])
  try {
    const result = await first(ended, left(), run.signal)
    if (result === 'timeout' || result === 'aborted') {
      await endGroup(child.pid!, ended)
      return { kind: result === 'timeout' ? 'timedOut' : 'aborted' }
    }
    const held = setTimeout(() => run.onOutputsHeld?.(), HELD_AFTER_MS)
    const drained = await first(closed, left(), run.signal)
    clearTimeout(held)
    if (drained === 'timeout') return { kind: 'outputsLeftOpen', stream: open.STDOUT ? 'STDOUT' : 'STDERR' }
    if (drained === 'aborted') return { kind: 'aborted' }
    return result.code === null
      ? { kind: 'killed', signal: result.signal ?? '' }
      : { kind: 'exited', code: result.code }
  } finally {
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.unref()
  }
}

/** SIGTERM to the group, then SIGKILL: the agent of AWS stops at the first and leaves what ignores it. */
export async function endGroup(pid: number, ended: Promise<unknown>): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  const result = await first(ended, KILL_AFTER_MS)
  signalGroup(pid, 'SIGKILL')
  if (result === 'timeout') await first(ended, KILL_AFTER_MS)
}

async function first<T>(
  work: Promise<T>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<T | 'timeout' | 'aborted'> {
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  try {
    return await Promise.race([
      work,
      new Promise<'timeout'>(resolve => {
        timer = setTimeout(resolve, milliseconds, 'timeout')
      }),
      new Promise<'aborted'>(resolve => {
        if (signal?.aborted) return resolve('aborted')
        abort = () => resolve('aborted')
        signal?.addEventListener('abort', abort, { once: true })
      }),
    ])
  } finally {
    clearTimeout(timer)
    if (abort) signal?.removeEventListener('abort', abort)
  }
}

async function readLines(child: ChildProcess, name: 'stdout' | 'stderr', heard: ScriptRun['onLines']): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const chunk of child[name]!) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop()!
      if (rest.length > LONGEST_LINE) {
        lines.push(rest)
        rest = ''
      }
      if (lines.length > 0)
        heard(
          name,
          lines.map(line => `${line}\n`),
        )
    }
  } catch {
    // our own end was destroyed after a timeout
  }
  rest += decoder.end()
  if (rest !== '') heard(name, [`${rest}\n`])
}
