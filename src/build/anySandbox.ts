// One provider out of Docker and the host: chooses when a sandbox is made, finds either when one is looked for.

import { chooseSandbox } from '../sandbox/chooseSandbox.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'

export interface AnySandboxOptions {
  readonly kind: 'auto' | 'docker' | 'host'
  readonly providers: { readonly docker: SandboxProvider; readonly host: SandboxProvider }
  /** Hears the sentence that says where it runs and why. */
  readonly chosen: (reason: string) => void | Promise<void>
}

export function anySandbox({ kind, providers, chosen }: AnySandboxOptions): SandboxProvider {
  const { docker, host } = providers
  const candidates = kind === 'host' ? [host] : kind === 'docker' ? [docker] : [docker, host]
  return {
    kind: kind === 'host' ? 'host' : 'docker',
    unavailable: async () =>
      (await Promise.all(candidates.map(one => one.unavailable()))).find(why => why === undefined),
    async create(spec) {
      const { provider, reason } = await chooseSandbox(kind, spec.image, providers, spec.registry)
      await chosen(reason)
      return provider.create(spec)
    },
    async attach(name) {
      for (const candidate of candidates) {
        if (await candidate.unavailable()) continue
        const sandbox = await candidate.attach(name)
        if (sandbox) return sandbox
      }
      return undefined
    },
    async list(labels) {
      const usable = await Promise.all(candidates.map(async one => ((await one.unavailable()) ? [] : one.list(labels))))
      return usable.flat()
    },
  }
}
