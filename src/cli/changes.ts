// Which files of a directory change, without what git ignores: one watch for each directory that is not ignored.

import { existsSync, type FSWatcher, lstatSync, readFileSync, watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'

export interface ChangesOptions {
  readonly directory: string
  /** Absolute; what is in there is nobody's change. */
  readonly except: readonly string[]
  /** A path relative to the directory; also of a file that went. */
  changed(path: string): void
  /** Watching goes on no more. */
  failed(error: Error): void
}

/** Resolves when everything is watched; the answer ends it. */
export async function watchChanges(options: ChangesOptions): Promise<() => void> {
  const { directory, except } = options
  const watchers = new Map<string, FSWatcher>()
  const rules = ignoreRules(directory)
  let ended = false
  const isIgnored = (path: string, isDirectory: boolean) =>
    path.split(sep).includes('.git') ||
    except.some(one => join(directory, path) === one || join(directory, path).startsWith(one + sep)) ||
    rules.ignores(path, isDirectory)

  const add = async (path: string): Promise<void> => {
    if (ended || watchers.has(path)) return
    const full = join(directory, path)
    let names: { name: string; isDirectory(): boolean }[]
    try {
      const watcher = watch(full, (_event, name) => void (name && heard(join(path, name))))
      watcher.on('error', () => drop(path)) // the directory went
      watchers.set(path, watcher)
      names = await readdir(full, { withFileTypes: true })
    } catch (error) {
      drop(path)
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return
      const hint = code === 'ENOSPC' ? ' (more is allowed with sysctl fs.inotify.max_user_watches)' : ''
      return options.failed(new Error(`${full} can not be watched: ${(error as Error).message}${hint}`))
    }
    for (const entry of names) {
      const inside = join(path, entry.name)
      if (entry.isDirectory() && !isIgnored(inside, true)) await add(inside)
    }
  }
  const drop = (path: string) => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const heard = (path: string) => {
    if (ended) return
    const isDirectory = lstatSync(join(directory, path), { throwIfNoEntry: false })?.isDirectory() ?? false
    if (path.split(sep).at(-1) === '.gitignore') rules.forget()
    if (isIgnored(path, isDirectory)) return
    if (isDirectory) void add(path)
    else drop(path)
    options.changed(path)
  }
  await add('')
  return () => {
    ended = true
    for (const watcher of watchers.values()) watcher.close()
  }
}

/** The .gitignore files of the directory, of those below, and of those above as far as the repository goes. */
function ignoreRules(directory: string) {
  const top = repositoryOf(directory) ?? directory
  let known = new Map<string, Ignore | undefined>()
  const rulesIn = (folder: string) => {
    if (!known.has(folder)) {
      const file = join(folder, '.gitignore')
      known.set(folder, existsSync(file) ? ignore().add(readFileSync(file, 'utf8')) : undefined)
    }
    return known.get(folder)
  }
  const one = (full: string, isDirectory: boolean): boolean => {
    for (let folder = dirname(full); ; folder = dirname(folder)) {
      const path = relative(folder, full).split(sep).join('/')
      const found = rulesIn(folder)?.test(isDirectory ? `${path}/` : path)
      if (found?.ignored) return true
      if (found?.unignored || folder === top || folder === dirname(folder)) return false
    }
  }
  return {
    /** Something in an ignored directory is ignored, whatever is said of it. */
    ignores(path: string, isDirectory: boolean): boolean {
      const parts = path.split(sep)
      return parts.some((_, at) =>
        one(join(directory, ...parts.slice(0, at + 1)), isDirectory || at < parts.length - 1),
      )
    },
    forget() {
      known = new Map()
    },
  }
}

function repositoryOf(directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}
