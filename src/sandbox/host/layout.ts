// Where everything of one host sandbox is. Commands see workspace, home and tmp; `control` is ours.

import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SandboxSpec } from '../sandbox.ts'
import { isAlive, statOf } from './processes.ts'

export interface Layout {
  readonly directory: string
  readonly workspace: string
  /** One home a user below. */
  readonly homes: string
  readonly tmp: string
  readonly control: string
  readonly runs: string
}

export function layoutOf(root: string, name: string): Layout {
  const directory = join(root, name)
  const control = join(directory, 'control')
  return {
    directory,
    workspace: join(directory, 'workspace'),
    homes: join(directory, 'home'),
    tmp: join(directory, 'tmp'),
    control,
    runs: join(control, 'runs'),
  }
}

/**
 * The same sandbox while this process makes or removes it: under a name that none has, and that says whose it is. So whatever is under a
 * sandbox's own name has its record, and what a dead process left half made or half removed is known by `deserted`.
 */
export function asideOf(root: string, name: string): Layout {
  return layoutOf(root, `.${process.pid}.${statOf(process.pid)?.startTime}.${name}`)
}

/** Directories in `root` that dead processes were making or removing. */
export async function deserted(root: string): Promise<string[]> {
  const left = (await readdir(root)).filter(name => {
    const [, pid, startTime = ''] = /^\.(\d+)\.(\d+)\./.exec(name) ?? []
    return pid !== undefined && !isAlive({ pid: Number(pid), startTime })
  })
  return left.map(name => join(root, name))
}

/** What an attaching process must know; holds environment values, so only the owner may read it. */
export type Recorded = Pick<SandboxSpec, 'name' | 'env' | 'labels' | 'limits'>

export async function makeDirectories(root: string, layout: Layout) {
  // Others may pass through (a command may run as another user), not look.
  await mkdir(root, { recursive: true, mode: 0o711 })
  await mkdir(layout.directory, { recursive: true, mode: 0o711 })
  await Promise.all([
    mkdir(layout.workspace, { recursive: true, mode: 0o755 }),
    mkdir(layout.homes, { recursive: true, mode: 0o711 }),
    mkdir(layout.tmp, { recursive: true }),
    mkdir(layout.control, { recursive: true, mode: 0o700 }).then(() =>
      mkdir(layout.runs, { recursive: true, mode: 0o700 }),
    ),
  ])
}

/** Reads a JSON file of the control directory; undefined when it is not there (or was never finished). */
export async function readRecord<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** Writes it so that a reader sees all of it or nothing. */
export async function writeRecord(path: string, value: unknown) {
  await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
