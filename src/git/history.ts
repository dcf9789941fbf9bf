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
  /** The next newer commits that changed the file; none for the newest. */
  readonly children: readonly string[]
}

/** Commits that changed the file `path`, newest first, from `start`. */
export async function* logOfPath(dir: string, start: string, path: string): AsyncGenerator<PathVersion> {
  const format = '--format=commit %H %P'
  const how = ['-z', '--raw', '--no-abbrev', '--no-renames', '--topo-order', '--parents']
  const args = ['log', format, ...how, '--end-of-options', start, '--', `:(literal,top)${path}`]
  const children = new Map<string, string[]>()
  let at: { commit: string; parents: string[]; newer: string[] } | undefined
  let blob: string | undefined
  /** A commit that is not shown itself (a merge) hands on the newer ones. */
  const handOn = (shown: boolean) => {
    for (const parent of at?.parents ?? []) {
      const known = children.get(parent) ?? []
      const more = shown ? [at!.commit] : at!.newer
      children.set(parent, [...known, ...more.filter(id => !known.includes(id))])
    }
    at = undefined
  }
  for await (const field of fields(streamGit(args, { dir }))) {
    if (blob !== undefined && at) {
      yield { commit: at.commit, path: field, children: at.newer, ...(blob !== ZERO_ID && { blob }) }
      blob = undefined
      handOn(true)
      continue
    }
    const text = field.trimStart()
    if (!text.startsWith('commit ')) {
      blob = /^:\d{6} \d{6} [0-9a-f]{40} ([0-9a-f]{40}) [A-Z]/.exec(text)?.[1]
      continue
    }
    handOn(false)
    const [commit = '', ...parents] = text.slice(7).trim().split(' ')
    at = { commit, parents, newer: children.get(commit) ?? [] }
    children.delete(commit)
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

/** The commits that came by moving from `from` to `to` without a merge: first parents only, newest first. Leaving early ends git. */
export async function* newFirstParents(dir: string, from: string, to: string): AsyncGenerator<string> {
  const args = ['rev-list', '--first-parent', '--end-of-options', to, `^${from}`]
  let held = ''
  for await (const chunk of streamGit(args, { dir })) {
    const lines = (held + chunk.toString('latin1')).split('\n')
    held = lines.pop()!
    yield* lines
  }
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
