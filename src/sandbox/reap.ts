// Removes what a crash left: sandboxes that carry our labels and belong to nothing that lives any more.

import type { SandboxProvider } from './sandbox.ts'

export interface Reaped {
  readonly removed: readonly string[]
  /** Those that would not go, with the reason; the next time tries again. */
  readonly failed: readonly { readonly name: string; readonly error: unknown }[]
}

/** Destroys every sandbox with all of `labels` whose name `isLive` denies. One that resists does not keep the others. */
export async function reap(
  provider: SandboxProvider,
  labels: Readonly<Record<string, string>>,
  isLive: (name: string) => boolean | Promise<boolean>,
): Promise<Reaped> {
  const removed: string[] = []
  const failed: { name: string; error: unknown }[] = []
  for (const name of await provider.list(labels)) {
    if (await isLive(name)) continue
    try {
      const sandbox = await provider.attach(name)
      await sandbox?.destroy()
      removed.push(name)
    } catch (error) {
      failed.push({ name, error })
    }
  }
  return { removed, failed }
}
