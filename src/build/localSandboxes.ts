// The sandboxes of local builds. Nobody watches over them as a server does over its own: what a killed build left goes with the next one.

import { lstatSync, mkdirSync, readlinkSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createDockerProvider } from '../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../sandbox/host/hostProvider.ts'
import { isAlive, statOf } from '../sandbox/host/processes.ts'
import { reap } from '../sandbox/reap.ts'
import type { SandboxProvider, SandboxSpec } from '../sandbox/sandbox.ts'

/** On those that go with their build: the machine whose processes their names tell of. */
const PASSING = 'codeyard.local.passing'

/** Where they are, kept ones as well. Throws when another user took the directory for them. */
export function localProviders() {
  // One for each user: what one made another could not use.
  const { uid } = userInfo()
  const root = join(tmpdir(), `codeyard-builds-${uid}`)
  mkdirSync(root, { recursive: true, mode: 0o711 })
  const found = lstatSync(root)
  if (!found.isDirectory() || (uid >= 0 && found.uid !== uid))
    throw new Error(
      `${root} must be a directory of this user, and is not: remove it, or set TMPDIR to another directory`,
    )
  return { docker: createDockerProvider(), host: createHostProvider({ root }) }
}

/** What the sandbox of the build `uuid` is called. One that may be kept is whoever's who knows its name. */
export function localSandbox(uuid: string, mayBeKept: boolean): Pick<SandboxSpec, 'name' | 'labels'> {
  const own = statOf(process.pid)
  const labels = { 'codeyard.local': uuid }
  if (mayBeKept || !own) return { name: `local-${uuid}`, labels }
  return { name: `local-${own.pid}-${own.startTime}-${uuid}`, labels: { ...labels, [PASSING]: machine() } }
}

/** Removes the sandboxes of builds whose process has ended without doing so. What resists is tried again by the next build. */
export async function removeLeftovers(providers: readonly SandboxProvider[]): Promise<void> {
  for (const provider of providers) {
    if (await provider.unavailable()) continue
    await reap(provider, { [PASSING]: machine() }, name => {
      const [, pid, startTime = ''] = /^local-(\d+)-(\d+)-/.exec(name) ?? []
      return pid === undefined || isAlive({ pid: Number(pid), startTime })
    })
  }
}

/** An engine may serve several machines, and a machine several containers that count their processes each on its own. */
function machine(): string {
  return `${hostname()}-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]}`
}
