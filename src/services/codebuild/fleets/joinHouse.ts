// What a process of a house on several machines needs from the others, and gives to them: the key of the secrets, where the API is, limits.

import { join } from 'node:path'
import type { Config } from '../../../core/config.ts'
import type { Log } from '../../../core/log.ts'
import { hasMasterKey } from '../../../core/masterKey.ts'
import type { Store } from '../../../store/tx.ts'
import { followEndpoint, tellEndpoint } from './apiEndpoints.ts'
import { answerForMasterKey, askForMasterKey } from './keyHandover.ts'
import { setLimits } from './limits.ts'
import { setLostAfter } from './lost.ts'

export interface Joined {
  /** With the API's endpoint, as far as it is known. */
  readonly config: Config
  /** The key of the secrets was handed over: nothing of the house's secrets is written to this process's data directory. */
  readonly guest: boolean
  /** To be called once the API answers: others are told and answered until it is closed. */
  share(): Promise<() => Promise<void>>
}

/** Before anything reads secrets. Asks for the master key when this process only builds and has none. */
export async function joinHouse(store: Store, wanted: Config, log: Log): Promise<Joined> {
  const { dataDir, roles, databaseUrl, buildLimits, lostAfter, blobs } = wanted
  if (buildLimits) await store.transaction(tx => setLimits(tx, buildLimits))
  if (lostAfter) await store.transaction(tx => setLostAfter(tx, lostAfter))
  const alone = databaseUrl === undefined
  const guest = !alone && !roles.includes('api') && !roles.includes('jobs') && !hasMasterKey(dataDir)
  if (guest) {
    if (blobs === join(dataDir, 'blobs'))
      throw new Error(
        'a builder with a data directory of its own needs --blobs: the place where the other processes keep object bytes',
      )
    await askForMasterKey(store, dataDir)
  }
  const follower = alone || roles.includes('api') ? undefined : await followEndpoint(store, wanted, log)
  return {
    config: follower?.config ?? wanted,
    guest,
    async share() {
      const closings: (() => Promise<void>)[] = [async () => follower?.close()]
      if (!alone && roles.includes('api')) closings.push(await tellEndpoint(store, wanted, log))
      if (!alone && !guest && !onlyBuilds(roles)) closings.push(await answerForMasterKey(store, dataDir, log))
      return async () => {
        for (const close of closings.reverse()) await close()
      }
    },
  }
}

const onlyBuilds = (roles: Config['roles']) => roles.every(role => role === 'build')
