// Migrations: every service owns a PostgreSQL schema and numbered .sql files that only ever grow.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

export interface MigrationSource {
  /** Whose they are: the service's name. */
  readonly owner: string
  /** Folder of 0001_name.sql ... */
  readonly folder: URL
}

/** Brings the database up to date in one transaction; several processes may start at once. Refuses a file that changed after it ran. */
export async function migrate(pool: pg.Pool, sources: readonly MigrationSource[]): Promise<void> {
  const files = (await Promise.all(sources.map(readSource))).flat()
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(4566)')
    await client.query(`
      create schema if not exists codeyard;
      create table if not exists codeyard.migration (
        owner text not null, name text not null, hash text not null, ran_at timestamptz not null default now(),
        primary key (owner, name))`)
    const done = new Map<string, string>()
    for (const row of (await client.query('select owner, name, hash from codeyard.migration')).rows) {
      done.set(`${row.owner}/${row.name}`, row.hash)
    }
    for (const file of files) {
      const hash = done.get(`${file.owner}/${file.name}`)
      if (hash === file.hash) continue
      if (hash)
        throw new Error(`migration ${file.owner}/${file.name} was changed after it had run: add a new file instead`)
      await client.query(file.text)
      await client.query('insert into codeyard.migration (owner, name, hash) values ($1, $2, $3)', [
        file.owner,
        file.name,
        file.hash,
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

async function readSource({ owner, folder }: MigrationSource) {
  const names = (await readdir(folder)).filter(name => /^\d{4}_\w+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async name => {
      const text = await readFile(new URL(name, folder), 'utf8')
      return { owner, name, text, hash: createHash('sha256').update(text).digest('hex') }
    }),
  )
}
