// The store over a PostgreSQL server, embedded or external: transactions that wait out a lost server, and notifications.

import pg from 'pg'
import { retryFor } from '../core/bounded.ts'
import type { Log } from '../core/log.ts'
import { ServiceError } from '../core/serviceError.ts'
import { connectionTx } from './connection.ts'
import { createListener } from './listener.ts'
import { cut, isRemote, VANISHED_CLIENTS } from './silence.ts'
import type { Store, Tx } from './tx.ts'

export interface StoreOptions {
  readonly connection: pg.PoolConfig
  readonly log: Log
  /** Connections at most; default 24. */
  readonly connections?: number
  /** How long a call waits for a server that is gone, in ms; default 15,000. */
  readonly patience?: number
}

const SERIALIZATION = new Set(['40001', '40P01'])
const ATTEMPTS = 5

export function openStore({ connection, log, connections = 24, patience = 15_000 }: StoreOptions): Store {
  const pool = new pg.Pool({
    max: connections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    // Awaited before anybody gets the connection; a server that knows no such settings does without.
    ...(isRemote(connection) && {
      async onConnect(client) {
        await client.query(VANISHED_CLIENTS).catch(() => {})
      },
    }),
    ...connection,
  })
  let closing = false
  pool.on('error', error => {
    if (!closing) log.warn({ err: error }, 'an idle database connection was lost')
  })
  const clients = new Set<pg.PoolClient>()
  pool.on('connect', client => {
    clients.add(client)
    client.on('error', () => {}) // the query in flight reports it
  })
  pool.on('remove', client => clients.delete(client))
  const listener = createListener(connection, log, () => clients.forEach(cut))

  const connect = async () => {
    try {
      return await retryFor(patience, isConnectionError, () => pool.connect())
    } catch (cause) {
      if (!isConnectionError(cause)) throw cause
      log.error({ err: cause }, 'the database can not be reached')
      throw new ServiceError('ServiceUnavailable', 'The service is temporarily unavailable. Please try again.', {
        status: 503,
        cause,
      })
    }
  }

  const attempt = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const result = await work(connectionTx(client))
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch((lost: Error) => {
        broken = lost
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  return {
    pool,
    async transaction(work) {
      for (let tried = 1; ; tried++) {
        try {
          return await attempt(work)
        } catch (error) {
          const code = (error as { code?: string }).code ?? ''
          if (tried < ATTEMPTS && SERIALIZATION.has(code)) continue
          throw unavailable(error)
        }
      }
    },
    async read(work) {
      for (let tried = 1; ; tried++) {
        const client = await connect()
        let broken: Error | undefined
        try {
          return await work(connectionTx(client))
        } catch (error) {
          if (isConnectionError(error)) {
            broken = error as Error
            if (tried < ATTEMPTS) continue // nothing was changed: ask again
          }
          throw unavailable(error)
        } finally {
          client.release(broken)
        }
      }
    },
    listen: listener.listen,
    async close() {
      closing = true
      await listener.close()
      await pool.end()
    },
  }
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08006',
  '53300',
])

/** The server is gone, going, coming or full: worth waiting for. */
export function isConnectionError(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (
    CONNECTION_CODES.has(code ?? '') ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed/i.test(message ?? '')
  )
}

/** A connection that broke in the middle becomes an error that every AWS client tries again. */
function unavailable(error: unknown): unknown {
  if (!isConnectionError(error)) return error
  return new ServiceError('ServiceUnavailable', 'The service is temporarily unavailable. Please try again.', {
    status: 503,
    cause: error,
  })
}
