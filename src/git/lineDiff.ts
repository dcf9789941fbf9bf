// The lines in which two blobs differ, in hunks, as git diff finds them.

import { runGit } from './run.ts'

export interface LineDiffOptions {
  /** Unchanged lines around a change; default 3. */
  readonly context?: number | undefined
  readonly ignoreWhitespace?: boolean | undefined
}

export interface Hunk {
  readonly before: { readonly start: number; readonly count: number }
  readonly after: { readonly start: number; readonly count: number }
  readonly lines: readonly Line[]
}

/** Line numbers begin at 1; the text is without its line break. */
export type Line =
  | { readonly type: 'CONTEXT'; readonly before: number; readonly after: number; readonly text: string }
  | { readonly type: 'DELETE'; readonly before: number; readonly text: string }
  | { readonly type: 'ADD'; readonly after: number; readonly text: string }

export interface LineDiff {
  /** Git takes one of them for binary: then there are no hunks. */
  readonly binary: boolean
  readonly hunks: readonly Hunk[]
}

export async function diffLines(
  dir: string,
  before: string,
  after: string,
  options: LineDiffOptions,
): Promise<LineDiff> {
  const { context = 3, ignoreWhitespace = false } = options
  const flags = [
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    `--unified=${context}`,
    ...(ignoreWhitespace ? ['-w'] : []),
  ]
  const output = (await runGit(['diff', ...flags, '--end-of-options', before, after], { dir })).toString('utf8')
  const lines = output.split('\n')
  const hunks: { before: Hunk['before']; after: Hunk['after']; lines: Line[] }[] = []
  let left = 0
  let right = 0
  for (const line of lines) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (head) {
      left = Number(head[1])
      right = Number(head[3])
      const span = (start: number, count: string | undefined) => ({ start, count: Number(count ?? 1) })
      hunks.push({ before: span(left, head[2]), after: span(right, head[4]), lines: [] })
      continue
    }
    const hunk = hunks.at(-1)
    if (!hunk) {
      if (/^Binary files .* differ$/.test(line)) return { binary: true, hunks: [] }
      continue
    }
    const text = line.slice(1)
    if (line.startsWith(' ')) hunk.lines.push({ type: 'CONTEXT', before: left++, after: right++, text })
    else if (line.startsWith('-')) hunk.lines.push({ type: 'DELETE', before: left++, text })
    else if (line.startsWith('+')) hunk.lines.push({ type: 'ADD', after: right++, text })
  }
  return { binary: false, hunks }
}
