// A program in a terminal, as a person has it: util-linux's `script` makes the terminal, what is typed and shown is here.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

export const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))

export interface Person {
  readonly process: ChildProcess
  type(text: string): void
  /** Waits until the screen has shown it. */
  sees(pattern: RegExp): Promise<void>
  screen(): string
  /** The exit code. */
  readonly over: Promise<number | null>
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

/** `codeyard ...` in a terminal of 33 rows and 77 columns. */
export function atTerminal(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Person {
  const line = `stty rows 33 cols 77; exec ${[launcher, ...args].map(quote).join(' ')}`
  return follow(
    spawn('script', ['-q', '-e', '-f', '-E', 'always', '-c', line, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } }),
  )
}

/** `codeyard ...` without one. */
export function withoutTerminal(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Person {
  return follow(spawn(launcher, args, { env }))
}

function follow(child: ReturnType<typeof spawn>): Person {
  let shown = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', text => {
      shown += text
    })
  }
  child.stdin!.on('error', () => {})
  const over = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  return {
    process: child,
    type: text => void child.stdin!.write(text),
    sees: pattern => expect.poll(() => shown, { timeout: 40_000 }).toMatch(pattern),
    screen: () => shown,
    over,
  }
}
