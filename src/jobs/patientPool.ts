// The pool as graphile-worker gets it: a lost database makes it wait. On its own it gives up on what it does not know to be
// passing, in a promise that nobody awaits: the end of a job would end the process.

import type pg from 'pg'
import { retryFor } from '../core/bounded.ts'
import { isConnectionError } from '../store/postgres.ts'

const PATIENCE = 60_000
/** cannot_connect_now: graphile-worker tries what failed with it again, for an hour and more. */
const PASSING = '57P03'

/** The same pool; only promises of `connect` and of its clients' `query` differ. */
export function patientPool(pool: pg.Pool): pg.Pool {
  const connect = async () => {
    try {
      return patientClient(await retryFor(PATIENCE, isConnectionError, () => pool.connect()))
    } catch (error) {
      throw marked(error)
    }
  }
  return withMethod(pool, 'connect', (...given: unknown[]) =>
    // With a callback it is the listener's connection, which has its own way to come back.
    given.length > 0 ? Reflect.apply(pool.connect, pool, given) : connect(),
  )
}

function patientClient(client: pg.PoolClient): pg.PoolClient {
  return withMethod(client, 'query', (...given: unknown[]) => {
    const answer: unknown = Reflect.apply(client.query, client, given)
    return answer instanceof Promise
      ? answer.catch(error => {
          throw marked(error)
        })
      : answer
  })
}

function withMethod<T extends object>(target: T, name: keyof T, method: (...given: unknown[]) => unknown): T {
  return new Proxy(target, {
    get(object, key) {
      if (key === name) return method
      const value: unknown = Reflect.get(object, key, object)
      return typeof value === 'function' ? value.bind(object) : value
    },
  })
}

function marked(error: unknown): unknown {
  return isConnectionError(error) ? Object.assign(error as Error, { code: PASSING }) : error
}
