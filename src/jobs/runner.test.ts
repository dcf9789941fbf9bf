import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createLog } from '../core/log.ts'
import { migrate } from '../store/migrate.ts'
import { openStore } from '../store/postgres.ts'
import type { Store } from '../store/tx.ts'
import { addJob } from './addJob.ts'
import { jobMigrations, prepareJobs } from './prepare.ts'
import { startJobRunner } from './runner.ts'

const log = createLog('silent')
let store: Store
let connection: pg.ClientConfig

beforeAll(async () => {
  const server = inject('postgres')
  const admin = new pg.Client({ ...server, database: 'postgres' })
  await admin.connect()
  await admin.query('create database jobs_runner_test')
  await admin.end()
  connection = { ...server, database: 'jobs_runner_test' }
  store = openStore({ connection, log })
  await prepareJobs(store.pool)
  await migrate(store.pool, [jobMigrations])
})
afterAll(() => store.close())

describe('jobs', () => {
  test('run when their transaction commits, never when it does not', async () => {
    const seen: string[] = []
    const done = Promise.withResolvers<void>()
    const runner = await startJobRunner({
      store,
      connection,
      log,
      handlers: {
        'x.note': async payload => {
          seen.push(payload.word)
          if (payload.word === 'kept') done.resolve()
        },
      },
    })
    const now = new Date()
    const undone = store.transaction(async tx => {
      await addJob(tx, { task: 'x.note', payload: { word: 'undone' }, now })
      throw new Error('rolled back')
    })
    await expect(undone).rejects.toThrow('rolled back')
    await store.transaction(tx => addJob(tx, { task: 'x.note', payload: { word: 'kept' }, now }))
    await done.promise
    await runner.stop()
    expect(seen).toEqual(['kept'])
  })

  test('a job key keeps one waiting job, with the newest payload', async () => {
    const now = new Date()
    const runAt = new Date(now.getTime() + 3_600_000)
    for (const word of ['first', 'second']) {
      await store.transaction(tx => addJob(tx, { task: 'x.wait', payload: { word }, now, runAt, jobKey: 'only' }))
    }
    const { rows } = await store.pool.query("select payload from graphile_worker._private_jobs where key = 'only'")
    expect(rows.map(row => row.payload)).toEqual([{ word: 'second' }])
  })

  test('of a dead process are freed and run by a living one', async () => {
    const now = new Date()
    await store.transaction(tx => addJob(tx, { task: 'x.orphan', payload: {}, now }))
    await store.pool.query(
      "update graphile_worker._private_jobs j set locked_by = 'worker-dead', locked_at = now() - interval '1 minute' from graphile_worker._private_tasks t where t.id = j.task_id and t.identifier = 'x.orphan'",
    )
    await store.pool.query("insert into codeyard.process (worker_ids) values ('{worker-dead}')")
    const done = Promise.withResolvers<void>()
    const runner = await startJobRunner({
      store,
      connection,
      log,
      handlers: { 'x.orphan': async () => done.resolve() },
    })
    await done.promise
    await runner.stop()
    expect((await store.pool.query('select * from codeyard.process')).rows).toEqual([])
  })

  test('whose connections are cut while they run end as if nothing had been', async () => {
    const ran = Promise.withResolvers<void>()
    const runner = await startJobRunner({
      store,
      connection,
      log,
      handlers: {
        'x.cut': async () => {
          await store.pool.query(
            'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
          )
          ran.resolve()
        },
      },
    })
    await store.transaction(tx => addJob(tx, { task: 'x.cut', payload: {}, now: new Date(), jobKey: 'cut' }))
    await ran.promise
    const left = async () =>
      (await store.read(tx => tx.rows`select 1 from graphile_worker._private_jobs where key = 'cut'`)).length
    for (const end = performance.now() + 15_000; (await left()) > 0 && performance.now() < end; )
      await new Promise(resolve => setTimeout(resolve, 50))
    expect(await left()).toBe(0)
    await runner.stop()
  })
})
