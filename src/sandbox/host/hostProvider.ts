// Sandboxes that are directories and processes of this very machine, for where there is no Docker. Not a border against malice: what runs
// may read what its user may read; bubblewrap, where it works, keeps it from writing and from leaving anything behind.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { SandboxProvider, SandboxSpec } from '../sandbox.ts'
import { checkCommand, checkName } from '../sandboxError.ts'
import { type Boxes, probeBoxes } from './bubblewrap.ts'
import { openCgroup } from './cgroup.ts'
import { createHostSandbox } from './hostSandbox.ts'
import { asideOf, deserted, layoutOf, makeDirectories, type Recorded, readRecord, writeRecord } from './layout.ts'
import { removeTree } from './removeTree.ts'

export interface HostProviderOptions {
  /** Absolute; sandboxes are directories in it. Every user that commands run as must be able to pass through it. */
  readonly root: string
  /** `auto` (default): bubblewrap when it works here. */
  readonly bubblewrap?: 'auto' | 'never'
  /** Directories that commands must not see (the data directory ...): holds only with bubblewrap. */
  readonly hide?: readonly string[]
}

export function createHostProvider(options: HostProviderOptions): SandboxProvider & { readonly kind: 'host' } {
  let prepared: Promise<{ root: string; boxes: Boxes | undefined }> | undefined

  /** Once: the root, and what this machine has to contain commands. */
  function prepare() {
    prepared ??= (async () => {
      await mkdir(options.root, { recursive: true, mode: 0o711 })
      const root = await realpath(options.root)
      for (const directory of await deserted(root)) await removeTree(directory).catch(() => {}) // the next process tries it again
      const hide = (options.hide ?? []).filter(path => existsSync(path))
      return { root, boxes: options.bubblewrap === 'never' ? undefined : await probeBoxes(root, hide) }
    })()
    prepared.catch(() => {
      prepared = undefined
    })
    return prepared
  }

  async function open(recorded: Recorded) {
    const { root, boxes } = await prepare()
    // Moving a process into a group costs 10 ms (the kernel waits for all processors): in a box only limits are worth it.
    const wanted = !boxes || Object.keys(recorded.limits ?? {}).length > 0
    let opened: ReturnType<typeof openCgroup> | undefined
    const cgroup = async () => {
      if (!wanted) return undefined
      opened ??= openCgroup(recorded.name, recorded.limits)
      return await opened
    }
    return createHostSandbox(recorded, layoutOf(root, recorded.name), { boxes, cgroup })
  }

  async function find(name: string): Promise<Recorded | undefined> {
    const { root } = await prepare()
    return await readRecord<Recorded>(join(layoutOf(root, checkName('the sandbox', name)).control, 'sandbox.json'))
  }

  return {
    kind: 'host',
    async unavailable() {
      if (!existsSync('/proc/self/stat')) return 'sandboxes on this host need the /proc of Linux'
      if (!existsSync('/bin/sh')) return 'sandboxes on this host need /bin/sh'
      return undefined
    },
    async create(spec) {
      checkName('the sandbox', spec.name)
      checkCommand({ argv: ['sh'], env: spec.env ?? {} })
      const known = await find(spec.name)
      if (known) return await open(known)
      const { root } = await prepare()
      const { name, env = {}, labels, limits = {} } = spec
      const recorded: Recorded = { name, env, labels, limits }
      const aside = asideOf(root, `${randomBytes(4).toString('hex')}.${name}`)
      await makeDirectories(root, aside)
      await chmod(aside.tmp, 0o1777)
      await writeRecord(join(aside.control, 'sandbox.json'), recorded)
      try {
        await rename(aside.directory, layoutOf(root, name).directory)
      } catch (error) {
        await removeTree(aside.directory)
        // Somebody made it at the same moment.
        const other = await find(name)
        if (!other) throw error
        return await open(other)
      }
      return { ...(await open(recorded)), notes: notesOf(spec) }
    },
    async attach(name) {
      const known = await find(name)
      return known && (await open(known))
    },
    async list(labels) {
      const { root } = await prepare()
      const all = await Promise.all((await readdir(root)).filter(name => !name.startsWith('.')).map(find))
      const wanted = Object.entries(labels)
      return all.filter(one => one && wanted.every(([key, value]) => one.labels[key] === value)).map(one => one!.name)
    },
  }
}

function notesOf({ privileged, layers }: SandboxSpec): string[] {
  if (!privileged) return []
  return [
    'Privileged mode has no effect outside of Docker: commands have the rights of this sandbox',
    ...(layers ? ['There is no local Docker layer cache outside of Docker'] : []),
  ]
}
