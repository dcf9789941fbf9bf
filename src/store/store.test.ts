import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createLog } from '../core/log.ts'
import { openStore } from './postgres.ts'
import { compile, sql } from './sql.ts'
import { notify, type Store } from './tx.ts'

describe('tagged SQL', () => {
  test('values become parameters and fragments are spliced in, however deep', () => {
    const by = (name: string) => sql`name = ${name}`
    const where = sql`where ${by('a')} and size > ${3}`
    const tag = (strings: TemplateStringsArray, ...values: unknown[]) => compile(strings, values)
    expect(tag`select * from x ${where} limit ${10}`).toEqual({
      text: 'select * from x where name = $1 and size > $2 limit $3',
      parameters: ['a', 3, 10],
    })
  })
})

describe('a store', () => {
  let store: Store
  beforeAll(async () => {
    // A database of its own: one test cuts every connection to it.
    const server = inject('postgres')
    const admin = new pg.Client({ ...server, database: 'postgres' })
    await admin.connect()
    await admin.query('create database store_test')
    await admin.end()
    store = openStore({ connection: { ...server, database: 'store_test' }, log: createLog('silent'), patience: 500 })
    await store.pool.query('create table store_test (id int primary key)')
  })
  afterAll(() => store.close())

  test('commits what a transaction did, and undoes it when the work throws', async () => {
    await store.transaction(tx => tx.run`insert into store_test values (1)`)
    const failing = store.transaction(async tx => {
      await tx.run`insert into store_test values (2)`
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.read(tx => tx.rows`select id from store_test order by id`)).toEqual([{ id: 1 }])
  })

  test('undoes only the nested part that failed', async () => {
    await store.transaction(async tx => {
      await tx.run`insert into store_test values (10)`
      await tx.nested(() => tx.run`insert into store_test values (10)`).catch(() => {})
      await tx.run`insert into store_test values (11)`
    })
    expect(await store.read(tx => tx.rows`select id from store_test where id >= 10 order by id`)).toEqual([
      { id: 10 },
      { id: 11 },
    ])
  })

  test('hears a notification once its transaction commits', async () => {
    const heard = Promise.withResolvers<string>()
    const stop = await store.listen('store-test', heard.resolve)
    await store.transaction(tx => notify(tx, 'store-test', 'hello'))
    expect(await heard.promise).toBe('hello')
    await stop()
  })

  test('carries on after its connections were cut', async () => {
    const cut =
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()'
    const heard = Promise.withResolvers<string>()
    const stop = await store.listen('after-cut', payload => payload && heard.resolve(payload))
    await store.pool.query(cut)
    expect(await store.read(tx => tx.one`select 1 as one`)).toEqual({ one: 1 })
    for (let tried = 0; tried < 100; tried++) {
      await store.transaction(tx => notify(tx, 'after-cut', 'again'))
      if (await Promise.race([heard.promise, new Promise(resolve => setImmediate(resolve))])) break
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    expect(await heard.promise).toBe('again')
    await stop()
  })

  test('says ServiceUnavailable when the server stays away', async () => {
    const away = openStore({
      connection: { host: '/nonexistent', database: 'x' },
      log: createLog('silent'),
      patience: 100,
    })
    await expect(away.read(tx => tx.one`select 1`)).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 })
    await away.close()
  })
})
