// The database as operators know it: an external PostgreSQL, two processes that share it, and the schema that migrations make.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { jobMigrations, prepareJobs } from '../src/jobs/prepare.ts'
import { services } from '../src/registry.ts'
import { migrate } from '../src/store/migrate.ts'
import { type Delivery, executionOf, freePort, openDelivery, served } from './chaos/delivery.ts'
import { stuck } from './chaos/leftovers.ts'
import { describeSchema } from './database/describeSchema.ts'
import { type ExternalPostgres, startPostgres } from './database/externalPostgres.ts'
import { openYard, type Yard } from './harness/yard.ts'

/** The schema with a heading that tells how to renew it. */
const HEADING = `-- What all migrations together make; graphile-worker's own schema is not shown. Made by tests/database.test.ts, renewed by:
--   ./node_modules/.bin/vitest run tests/database.test.ts -t 'schema.sql' -u
`

async function pushArrives(yard: Yard, delivery: Delivery, message: string) {
  const commit = await delivery.commit(message)
  await delivery.push()
  const { status, reason } = await executionOf(yard, commit)
  expect(status, `${reason}\n${yard.log().slice(-3000)}`).toBe('Succeeded')
  expect(await served(delivery.url)).toContain(commit)
}

describe('on a PostgreSQL of its own', () => {
  let postgres: ExternalPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 60_000)
  afterAll(() => postgres?.stop(), 60_000)

  test('everything works as an ordinary role, and a start finds what the one before has left', async () => {
    const url = await postgres.createDatabase('one_process')
    const args = ['--database-url', url, '--sandbox', 'host']
    let yard = await openYard({ args })
    const delivery = await openDelivery(yard)
    try {
      await pushArrives(yard, delivery, 'Over an external database')
      const { port } = new URL(yard.endpoint)
      await yard.stop()
      yard = await openYard({ args, dataDir: yard.dataDir, port: Number(port) })
      expect((await yard.clients.codecommit.listRepositories({})).repositories).toHaveLength(1)
      expect(await stuck({ connectionString: url })).toEqual([])
    } finally {
      await delivery.close()
      await yard.close()
    }
  }, 180_000)

  test('a process for calls and a process for jobs and builds share the work of one pipeline', async () => {
    const url = await postgres.createDatabase('two_processes')
    const port = await freePort()
    const shared = ['--database-url', url, '--sandbox', 'host']
    const api = await openYard({ port, args: [...shared, '--roles', 'api'] })
    // It listens nowhere: the port only says where the calls are answered.
    const jobs = await openYard({ port, dataDir: api.dataDir, args: [...shared, '--roles', 'jobs,build'] })
    const delivery = await openDelivery(api)
    try {
      await pushArrives(api, delivery, 'Through two processes')
      await jobs.kill()
      const late = await delivery.commit('While nobody works')
      await delivery.push()
      const again = await openYard({ port, dataDir: api.dataDir, args: [...shared, '--roles', 'jobs,build'] })
      try {
        expect((await executionOf(api, late)).status).toBe('Succeeded')
        expect(await served(delivery.url)).toContain(late)
        expect(await stuck({ connectionString: url })).toEqual([])
      } finally {
        await again.stop()
      }
    } finally {
      await delivery.close()
      await jobs.kill()
      await api.close()
      await rm(api.dataDir, { recursive: true, force: true })
    }
  }, 180_000)

  test('processes that start at once on an empty database all start; one without the key of its secrets says so', async () => {
    const url = await postgres.createDatabase('at_once')
    const dataDir = await mkdtemp(join(tmpdir(), 'codeyard-yard-'))
    const args = ['--database-url', url, '--sandbox', 'host']
    const started = await Promise.allSettled([1, 2].map(() => openYard({ dataDir, args })))
    try {
      expect(started.map(one => (one.status === 'fulfilled' ? 'started' : String(one.reason)))).toEqual([
        'started',
        'started',
      ])
      await expect(openYard({ args })).rejects.toThrow('copy master.key from the data directory')
    } finally {
      for (const one of started) if (one.status === 'fulfilled') await one.value.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('the schema', () => {
  const name = `schema_${process.pid}`
  let admin: pg.Pool

  beforeAll(() => {
    admin = new pg.Pool({ ...inject('postgres'), database: 'postgres', max: 1 })
  })
  afterAll(async () => {
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.end()
  })

  test('schema.sql is what a fresh database becomes', async () => {
    await admin.query(`create database ${name}`)
    const pool = new pg.Pool({ ...inject('postgres'), database: name, max: 2 })
    pool.on('error', () => {}).on('connect', client => client.on('error', () => {})) // graphile-worker wants handlers
    try {
      await prepareJobs(pool)
      await migrate(pool, [
        jobMigrations,
        ...services.flatMap(({ name: owner, migrations }) => (migrations ? [{ owner, folder: migrations }] : [])),
      ])
      const file = fileURLToPath(new URL('../src/store/schema.sql', import.meta.url))
      await expect(`${HEADING}\n${await describeSchema(pool)}`).toMatchFileSnapshot(file)
    } finally {
      await pool.end()
    }
  }, 60_000)
})
