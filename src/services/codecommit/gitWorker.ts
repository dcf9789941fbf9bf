// Looks after the git directories as long as the process runs: leftovers of crashed pushes go at the start, idle processes at the end.

import { systemClock } from '../../core/clock.ts'
import type { Worker } from '../../operation/service.ts'
import { gitOf } from './store.ts'

export const gitWorker: Worker = {
  role: 'api',
  async start(openCall) {
    const { config, log } = openCall({ account: '000000000000', region: 'us-east-1' })
    const git = gitOf(config)
    const removed = await git.sweep(systemClock.now().getTime())
    if (removed > 0) log.info({ removed }, 'removed what interrupted pushes left')
    return async () => git.close()
  },
}
