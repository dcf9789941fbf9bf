// Questions about history that git answers better than we: differences, the log of a path, common ancestors.

import { EMPTY_TREE, ZERO_ID } from './names.ts'
import { runGit, runGitFully, streamGit } from './run.ts'

export interface Side {
  /** Six octal digits, as CodeCommit shows them. */
  readonly mode: string
  readonly id: string
}

/** One file that differs. */
export interface Difference {
  readonly path: string
  readonly change: 'A' | 'M' | 'D'
  readonly before?: Side
  readonly after?: Side
}

/** The files that differ between two trees (or commits), ordered by path, renames as delete and add. Leaving early ends git. */
export async function* diffTrees(
  dir: string,
  before: string = EMPTY_TREE,
  after: string = EMPTY_TREE,
  signal?: AbortSignal,
): AsyncGenerator<Difference> {
  const args = ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', '--end-of-options', before, after]
  let head: RegExpExecArray | undefined
  for await (const field of fields(streamGit(args, { dir, ...(signal && { signal }) }))) {
    if (!head) {
      head = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])/.exec(field) ?? undefined
      continue
    }
    const [, oldMode = '', newMode = '', oldId = '', newId = '', status] = head
    head = undefined
    yield {
      path: field,
      change: status === 'A' || status === 'D' ? status : 'M',
      ...(status !== 'A' && { before: { mode: oldMode, id: oldId } }),
      ...(status !== 'D' && { after: { mode: newMode, id: newId } }),
    }
  }
}

export interface PathVersion {
  readonly commit: string
  /** The file in that commit; undefined where it was deleted. */
  readonly blob?: string
  readonly path: string
}

/** Commits that changed the file `path`, newest first, from `start`. */
export async function* logOfPath(dir: string, start: string, path: string): AsyncGenerator<PathVersion> {
  const args = ['log', '-z', '--format=commit %H', '--raw', '--no-abbrev', '--no-renames', '--end-of-options', start]
  let commit: string | undefined
  let blob: string | undefined
  for await (const field of fields(streamGit([...args, '--', `:(literal,top)${path}`], { dir }))) {
    if (blob !== undefined && commit) {
      yield { commit, path: field, ...(blob !== ZERO_ID && { blob }) }
      blob = undefined
      continue
    }
    const text = field.trimStart()
    if (text.startsWith('commit ')) commit = text.slice(7, 47)
    else blob = /^:\d{6} \d{6} [0-9a-f]{40} ([0-9a-f]{40}) [A-Z]/.exec(text)?.[1]
  }
}

/** The best common ancestor, or undefined when the histories have nothing in common. */
export async function mergeBase(dir: string, a: string, b: string): Promise<string | undefined> {
  const { stdout } = await runGitFully(['merge-base', a, b], { dir, accept: [1] })
  return stdout.toString('latin1').trim() || undefined
}

/** Is `ancestor` reachable from `descendant`? */
export async function isAncestor(dir: string, ancestor: string, descendant: string): Promise<boolean> {
  const { exitCode } = await runGitFully(['merge-base', '--is-ancestor', ancestor, descendant], { dir, accept: [1] })
  return exitCode === 0
}

/** How many commits `to` has that `from` has not, counted up to `most`. */
export async function countCommits(dir: string, from: string, to: string, most: number): Promise<number> {
  const output = await runGit(['rev-list', '--count', `--max-count=${most}`, to, `^${from}`], { dir })
  return Number(output.toString('latin1'))
}

async function* fields(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let rest = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    for (let zero = rest.indexOf(0); zero !== -1; zero = rest.indexOf(0)) {
      yield rest.toString('utf8', 0, zero)
      rest = rest.subarray(zero + 1)
    }
    held = rest
  }
  if (held.length > 0) yield held.toString('utf8')
}
