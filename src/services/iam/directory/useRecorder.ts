// When keys and roles were last used: gathered in memory, written in batches; what a crash loses is seconds of "last used".

import type { Clock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { Store } from '../../../store/tx.ts'

const EVERY = 5000

interface Use {
  readonly service: string
  readonly region: string
  readonly at: Date
}

export function createUseRecorder(store: Store, clock: Clock, log: Log) {
  let keys = new Map<string, Use>()
  let roles = new Map<string, Use>()
  let writing = Promise.resolve()

  const write = async () => {
    const [usedKeys, usedRoles] = [keys, roles]
    if (usedKeys.size + usedRoles.size === 0) return
    keys = new Map()
    roles = new Map()
    await store
      .transaction(async tx => {
        await tx.run`update iam.access_keys k set last_used_at = u.at, last_used_service = u.service, last_used_region = u.region
          from jsonb_to_recordset(${rows(usedKeys)}) as u (id text, at timestamptz, service text, region text) where k.id = u.id`
        await tx.run`update iam.identities r set last_used_at = u.at, last_used_region = u.region
          from jsonb_to_recordset(${rows(usedRoles)}) as u (id text, at timestamptz, region text) where r.id = u.id`
      })
      .catch(error => log.warn({ err: error }, 'last uses of keys and roles could not be written'))
  }
  const timer = setInterval(() => {
    writing = writing.then(write)
  }, EVERY)
  timer.unref()

  return {
    keyUsed(id: string, service: string, region: string) {
      keys.set(id, { service, region, at: clock.now() })
    },
    roleUsed(id: string, region: string) {
      roles.set(id, { service: '', region, at: clock.now() })
    },
    async close() {
      clearInterval(timer)
      await writing
      await write()
    },
  }
}

/** In the order of ids, so that two processes lock rows alike. */
const rows = (uses: ReadonlyMap<string, Use>) =>
  JSON.stringify([...uses].map(([id, use]) => ({ id, ...use })).sort((a, b) => (a.id < b.id ? -1 : 1)))
