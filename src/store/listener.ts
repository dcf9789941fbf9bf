// LISTEN on one connection of its own, reconnecting for as long as the store is open.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../core/log.ts'

type Heard = (payload: string) => void

export function createListener(connection: pg.ClientConfig, log: Log) {
  const channels = new Map<string, Set<Heard>>()
  let client: pg.Client | undefined
  let opening: Promise<pg.Client> | undefined
  let closed = false

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
      const fresh = new pg.Client({ ...connection, keepAlive: true })
      try {
        await fresh.connect()
        fresh.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''))
        fresh.on('error', () => {})
        fresh.on('end', () => {
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
