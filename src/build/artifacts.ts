// Which files of a finished build are its artifacts, and their bytes, by CodeBuild's rules.

import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { type ArchiveEntry, readArchive } from '../sandbox/archive.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { FileSelection } from '../specs/buildspec/buildspec.ts'
import type { BuildFile } from './archives.ts'
import { globMatcher, hasWildcard, normal, staticPrefix } from './globs.ts'

export interface CollectOptions {
  readonly sandbox: Sandbox
  /** CODEBUILD_SRC_DIR */
  readonly sourceDirectory: string
  readonly selection: FileSelection
  /** Keep symbolic links as links; else their targets are taken. */
  readonly keepLinks: boolean
  /** Hears a sentence for the log. */
  readonly say: (text: string) => void
}

interface Selector {
  /** Directories or files, absolute, that hold everything that can match. */
  readonly roots: readonly string[]
  /** The path inside of the artifact, or undefined for a file that is none. */
  select(absolute: string): string | undefined
}

/** The artifact files, each once. Reading order is the sandbox's; the iteration ends with what symbolic links point at. */
export async function* collectFiles(options: CollectOptions): AsyncGenerator<BuildFile> {
  const { selection, keepLinks, say } = options
  const selector = makeSelector(options.sourceDirectory, selection)
  const seen = new Set<string>()
  const links = new Map<string, string>()
  const emit = (path: string): string | undefined => {
    const target = selection.discardPaths ? posix.basename(path) : path
    if (seen.has(target)) {
      say(`Skipping ${path}: a file named ${target} is already in the artifact`)
      return undefined
    }
    seen.add(target)
    return target
  }
  for (const root of selector.roots) {
    for await (const [absolute, entry] of entriesBelow(options.sandbox, root)) {
      const path = selector.select(absolute)
      if (path === undefined || entry.type === 'directory') continue
      if (entry.type === 'symlink' && !keepLinks) {
        links.set(absolute, posix.resolve(posix.dirname(absolute), entry.linkname))
        continue
      }
      const target = emit(path)
      if (target === undefined) continue
      yield { ...file(entry, target), ...(entry.type === 'symlink' && { linkname: entry.linkname }) }
    }
  }
  yield* followLinks(options, links, (link, rest) => {
    const path = selector.select(link)
    return path === undefined ? undefined : emit(rest === '' ? path : `${path}/${rest}`)
  })
}

/** The files that `links` (absolute link -> absolute target) stand for; links out of the source directory are said and left out. */
async function* followLinks(
  { sandbox, sourceDirectory, say }: CollectOptions,
  links: ReadonlyMap<string, string>,
  place: (link: string, rest: string) => string | undefined,
): AsyncGenerator<BuildFile> {
  const byTarget = new Map<string, string[]>()
  for (const [link, first] of links) {
    let target = first
    for (let hops = 0; links.has(target) && hops < 10; hops++) target = links.get(target)!
    if (!within(target, sourceDirectory)) say(`Skipping symbolic link ${link}: it points outside of the source`)
    else if (!within(link, target)) byTarget.set(target, [...(byTarget.get(target) ?? []), link])
  }
  if (byTarget.size === 0) return
  const few = byTarget.size <= 4
  for (const root of few ? byTarget.keys() : [sourceDirectory]) {
    for await (const [absolute, entry] of entriesBelow(sandbox, root)) {
      if (entry.type !== 'file') continue
      const places = ancestors(absolute).flatMap(target =>
        (byTarget.get(target) ?? []).map(link => place(link, absolute.slice(target.length + 1))),
      )
      const wanted = places.filter(path => path !== undefined)
      if (wanted.length === 0) continue
      if (wanted.length === 1) yield file(entry, wanted[0]!)
      else {
        const bytes = Buffer.concat(await Array.fromAsync(entry.content))
        for (const path of wanted) yield { ...file(entry, path), content: Readable.from([bytes]) }
      }
    }
  }
}

const file = (entry: ArchiveEntry, path: string): BuildFile => ({
  path,
  mode: entry.mode,
  size: entry.size,
  mtime: entry.mtime,
  content: Readable.from(entry.content, { objectMode: false }),
})

/** Entries below `root` with absolute paths; nothing when it is not there. */
async function* entriesBelow(sandbox: Sandbox, root: string): AsyncGenerator<[string, ArchiveEntry]> {
  let archive: Readable
  try {
    archive = await sandbox.get(root)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const base = posix.basename(root)
  for await (const entry of readArchive(archive)) {
    const isItself = entry.name === '' || (entry.name === base && entry.type !== 'directory')
    yield [isItself ? root : posix.join(root, entry.name), entry]
  }
}

function makeSelector(sourceDirectory: string, selection: FileSelection): Selector {
  const baseText = normal(selection.baseDirectory ?? '.')
  const basePattern = baseText.startsWith('/') ? baseText : normal(`${sourceDirectory}/${baseText}`)
  const baseMatches = hasWildcard(basePattern) ? globMatcher(basePattern) : undefined
  const baseRoot = `/${staticPrefix(basePattern)}`.replace(/^\/+/, '/')
  const absolute = selection.files.filter(pattern => pattern.startsWith('/')).map(normal)
  const relative = selection.files.filter(pattern => !pattern.startsWith('/')).map(normal)
  const includes = relative.map(globMatcher)
  const outside = absolute.map(globMatcher)
  const excludes = selection.excludePaths.map(globMatcher)
  const roots = baseMatches ? [baseRoot] : relative.map(pattern => normal(`${basePattern}/${staticPrefix(pattern)}`))
  const depth = basePattern.split('/').length
  return {
    roots: withoutNested([...roots, ...absolute.map(pattern => `/${staticPrefix(pattern)}`.replace(/^\/+/, '/'))]),
    select(path) {
      if (outside.some(matches => matches(path))) return path.slice(1)
      const base = baseMatches ? path.split('/').slice(0, depth).join('/') : basePattern
      if (!within(path, base) || path === base || (baseMatches && !baseMatches(base))) return undefined
      const inside = path.slice(base.length + 1)
      const chosen = includes.some(matches => matches(inside)) && !excludes.some(matches => matches(inside))
      return chosen ? inside : undefined
    },
  }
}

const within = (path: string, directory: string) => path === directory || path.startsWith(`${directory}/`)

function withoutNested(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)]
  return unique.filter(path => !unique.some(other => other !== path && within(path, other)))
}

function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/')).filter(part => part !== '')
}
