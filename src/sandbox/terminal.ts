// A terminal in a sandbox: what a person types goes in, what the screen shows comes out. It lives as long as this process holds it.

import type { Readable } from 'node:stream'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface Terminal {
  /** Everything the screen shows; ends when the command is over. Must be read. */
  readonly output: Readable
  /** False where only pipes could be had: no line editing, no Ctrl-C, no size. */
  readonly isTerminal: boolean
  /** What is typed; Ctrl-C is a byte like any other. After the end it is thrown away. */
  write(bytes: Buffer): void
  /** No more is typed: a shell that only has pipes ends. */
  end(): void
  resize(size: TerminalSize): Promise<void>
  /** 128 + n for a command that signal n ended; rejects when nobody can know it. */
  readonly result: Promise<{ readonly exitCode: number }>
  /** Hangs up: whatever runs in the terminal ends. Again is fine. */
  close(): Promise<void>
}

/** A size that a terminal can have: what a client sends is not to be believed. */
export function saneSize({ columns, rows }: TerminalSize): TerminalSize {
  const sane = (value: number, otherwise: number) =>
    Number.isInteger(value) && value > 0 ? Math.min(value, 1_000) : otherwise
  return { columns: sane(columns, 80), rows: sane(rows, 24) }
}

const SEPARATOR = 0x1e

/** Reads a terminal's first bytes: what its starter says between two record separators, before the user's program has it. */
export async function readGreeting(output: AsyncIterator<Buffer>): Promise<{ word: string; rest: Buffer }> {
  let seen = Buffer.alloc(0)
  for (;;) {
    const from = seen.indexOf(SEPARATOR)
    const to = from < 0 ? -1 : seen.indexOf(SEPARATOR, from + 1)
    if (to > 0) return { word: seen.toString('latin1', from + 1, to), rest: seen.subarray(to + 1) }
    const next = await output.next()
    if (next.done || seen.length > 4_096) throw new Error(seen.toString('utf8').trim() || 'it ended without a word')
    seen = Buffer.concat([seen, next.value])
  }
}

/** What follows the greeting. */
export async function* afterGreeting(rest: Buffer, output: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (rest.length > 0) yield rest
  for (let next = await output.next(); !next.done; next = await output.next()) yield next.value
}
