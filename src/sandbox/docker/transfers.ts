// How many large transfers run: what can wait is not done beside them.

import type { Sandbox } from '../sandbox.ts'

export interface Transfers {
  running(): number
  /** The sandbox, with what it moves counted. */
  countedIn(sandbox: Sandbox): Sandbox
}

export function createTransfers(): Transfers {
  let running = 0
  return {
    running: () => running,
    countedIn: sandbox => ({
      ...sandbox,
      async put(path, tar, transfer) {
        if (!transfer?.large) return await sandbox.put(path, tar, transfer)
        running++
        try {
          await sandbox.put(path, tar, transfer)
        } finally {
          running--
        }
      },
      async get(path, transfer) {
        const tar = await sandbox.get(path, transfer)
        if (transfer?.large) {
          running++
          tar.once('close', () => running--)
        }
        return tar
      },
    }),
  }
}
