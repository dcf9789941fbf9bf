// LISTEN on one connection of its own, reconnecting for as long as the store is open.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../core/log.ts'
import { cut, isRemote, watchSilence } from './silence.ts'

type Heard = (payload: string) => void

/** `silent` is called when the server does not answer any more, before the listener connects again. */
export function createListener(connection: pg.ClientConfig, log: Log, silent: () => void) {
  const channels = new Map<string, Set<Heard>>()
  let client: pg.Client | undefined
  let opening: Promise<pg.Client> | undefined
  let closed = false
  // A connection that is tried in vain must end as well: nobody else would end it.
  const patience = { keepAlive: true, keepAliveInitialDelayMillis: 5_000, connectionTimeoutMillis: 10_000 }

  const tell = (channel: string, payload: string) => {
    for (const heard of channels.get(channel) ?? []) {
      try {
        heard(payload)
      } catch (error) {
        log.error({ err: error, channel }, 'a listener failed')
      }
    }
  }

  const connect = async (): Promise<pg.Client> => {
    for (let pause = 25; ; pause = Math.min(pause * 2, 1000)) {
      const fresh = new pg.Client({ ...connection, ...patience })
      try {
        await fresh.connect()
        fresh.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''))
        fresh.on('error', () => {})
        const unwatch = isRemote(connection)
          ? watchSilence(fresh, () => {
              log.warn('the database does not answer: all connections to it are made anew')
              cut(fresh)
              silent()
            })
          : () => {}
        fresh.on('end', () => {
          unwatch()
          if (client === fresh) client = undefined
          if (!closed && channels.size > 0) void reconnect()
        })
        for (const channel of channels.keys()) await fresh.query(`listen ${quote(channel)}`)
        client = fresh
        return fresh
      } catch (error) {
        void fresh.end().catch(() => {}) // never settles on a connection that was refused
        if (closed) throw error
        await delay(pause)
      }
    }
  }

  const ready = () => {
    if (client) return Promise.resolve(client)
    opening ??= connect().finally(() => {
      opening = undefined
    })
    return opening
  }

  const reconnect = async () => {
    try {
      await ready()
      for (const channel of channels.keys()) tell(channel, '') // something may have been missed
    } catch {
      // closed meanwhile
    }
  }

  return {
    async listen(channel: string, heard: Heard): Promise<() => Promise<void>> {
      let listeners = channels.get(channel)
      if (!listeners) {
        listeners = new Set()
        channels.set(channel, listeners)
      }
      listeners.add(heard)
      const connected = await ready()
      await connected.query(`listen ${quote(channel)}`)
      return async () => {
        listeners.delete(heard)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        await client?.query(`unlisten ${quote(channel)}`).catch(() => {})
      }
    },
    async close() {
      closed = true
      channels.clear()
      await client?.end().catch(() => {})
    },
  }
}

const quote = (channel: string) => `"${channel.replaceAll('"', '""')}"`
