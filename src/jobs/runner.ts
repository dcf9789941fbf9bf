// Runs jobs in this process, and frees those of processes that died: a dead one no longer holds its advisory lock.

import { EventEmitter } from 'node:events'
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import type { Log } from '../core/log.ts'
import type { Store } from '../store/tx.ts'
import { patientPool } from './patientPool.ts'

export type JobHandler = (payload: any, attempt: { readonly number: number; readonly last: boolean }) => Promise<void>

export interface JobRunnerOptions {
  readonly store: Store
  readonly connection: pg.ClientConfig
  readonly handlers: Readonly<Record<string, JobHandler>>
  readonly log: Log
  readonly concurrency?: number
}

/** Class of the advisory locks that living processes hold. */
const PROCESS_LOCK = 4566001
const REAP_EVERY = 3_000

export async function startJobRunner({ store, connection, handlers, log, concurrency = 8 }: JobRunnerOptions) {
  const presence = await announce(connection, log)
  const events: WorkerEvents = new EventEmitter()
  events.on('worker:create', ({ worker }) => presence.addWorker(worker.workerId))
  const taskList: TaskList = {}
  for (const [name, handler] of Object.entries(handlers)) {
    taskList[name] = (payload, { job }) =>
      handler(payload, { number: job.attempts, last: job.attempts >= job.max_attempts })
  }
  let runner: Runner
  try {
    runner = await run({
      pgPool: patientPool(store.pool),
      taskList,
      concurrency,
      events,
      noHandleSignals: true,
      pollInterval: 2000,
      logger: graphileLogger(log),
    })
  } catch (error) {
    await presence.close()
    throw error
  }
  return {
    /** Lets running jobs end (bounded by their own timeouts), takes no new ones. */
    async stop() {
      await runner.stop().catch(error => log.warn({ err: error }, 'the job runner did not stop cleanly'))
      await presence.close()
    },
  }
}

/** Whose jobs are locked although no living process has such a worker; the second covers one that is just announcing itself. */
const ORPHANED_WORKERS = `
  select distinct locked_by from graphile_worker._private_jobs
  where locked_by is not null and locked_at < now() - interval '1 second'
    and not exists (select 1 from codeyard.process where locked_by = any(worker_ids))`

/** This process's row and lock; it also frees the jobs of rows whose lock nobody holds. */
async function announce(connection: pg.ClientConfig, log: Log) {
  const workers = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()
  /** One conversation at a time on the one connection. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  let client: pg.Client | undefined
  let id: number | undefined
  let closed = false

  const connect = async () => {
    const fresh = new pg.Client({ ...connection, keepAlive: true })
    fresh.on('error', () => {})
    fresh.on('end', () => {
      if (client === fresh) client = undefined
    })
    await fresh.connect()
    // The lock is taken before the row can be seen, so that nobody frees a process that is just starting.
    const next = await fresh.query<{ id: number }>("select nextval('codeyard.process_id_seq')::int as id")
    id = next.rows[0]!.id
    await fresh.query('select pg_advisory_lock($1, $2)', [PROCESS_LOCK, id])
    await fresh.query('insert into codeyard.process (id, worker_ids) values ($1, $2)', [id, [...workers]])
    client = fresh
  }

  const reap = async () => {
    if (!client) await connect()
    const session = client!
    await session.query('update codeyard.process set worker_ids = $2 where id = $1', [id, [...workers]])
    const { rows } = await session.query('select id from codeyard.process where id <> $1', [id])
    for (const { id: other } of rows) {
      const { rows: locked } = await session.query('select pg_try_advisory_lock($1, $2) as won', [PROCESS_LOCK, other])
      if (!locked[0].won) continue
      await session.query('delete from codeyard.process where id = $1', [other])
      await session.query('select pg_advisory_unlock($1, $2)', [PROCESS_LOCK, other])
    }
    const { rows: orphans } = await session.query(ORPHANED_WORKERS)
    if (orphans.length === 0) return
    await session.query('select graphile_worker.force_unlock_workers($1)', [orphans.map(row => row.locked_by)])
    log.info({ workers: orphans.length }, 'freed the jobs of a process that died')
  }

  await connect()
  await reap()
  const timer = setInterval(() => {
    inTurn(reap).catch(error => !closed && log.warn({ err: error }, 'could not look for dead processes'))
  }, REAP_EVERY)
  timer.unref()
  return {
    addWorker(workerId: string) {
      workers.add(workerId)
      const tell = async () =>
        await client?.query('update codeyard.process set worker_ids = $2 where id = $1', [id, [...workers]])
      inTurn(tell).catch(() => {}) // the next look tells it
    },
    async close() {
      closed = true
      clearInterval(timer)
      await inTurn(async () => await client?.query('delete from codeyard.process where id = $1', [id])).catch(() => {})
      await client?.end().catch(() => {})
    },
  }
}

function graphileLogger(log: Log) {
  return new Logger(() => (level, message, meta) => {
    if (level === 'error') log.error({ err: meta?.error }, message)
    else if (level === 'warning') log.warn(message)
    else log.debug(message)
  })
}
