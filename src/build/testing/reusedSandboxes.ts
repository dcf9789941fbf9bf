// Sandboxes that are directories of few real ones: hundreds of small builds share some containers, where making each its own would be most
// of the time. What a build does in its container is the same.

import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts'

/** `count` sandboxes of `provider`, each used by as many builds as come, one after the other or at once; `close` destroys them. */
export function reusedSandboxes(
  provider: SandboxProvider,
  count: number,
): SandboxProvider & { close(): Promise<void> } {
  const hosts = new Map<number, Promise<Sandbox>>()
  const open = new Map<string, Sandbox>()
  let made = 0
  return {
    kind: provider.kind,
    unavailable: () => provider.unavailable(),
    async create(spec) {
      const slot = made++ % count
      const host = hosts.get(slot) ?? provider.create(spec)
      hosts.set(slot, host)
      const sandbox = within(await host, spec.name, () => open.delete(spec.name))
      open.set(spec.name, sandbox)
      return sandbox
    },
    attach: async name => open.get(name),
    list: async () => [...open.keys()],
    async close() {
      for (const host of hosts.values()) await (await host).destroy()
    },
  }
}

function within(host: Sandbox, name: string, ended: () => void): Sandbox {
  const workspace = `${host.workspace}/${name}`
  return {
    kind: host.kind,
    name,
    workspace,
    run: (id, command, from) => host.run(`${name}-${id}`, { cwd: workspace, ...command }, from),
    put: (path, tar) => host.put(path, tar),
    get: path => host.get(path),
    destroy: async () => ended(),
  }
}
