// Makes the job tables: graphile-worker's own, then ours.

import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import type { MigrationSource } from '../store/migrate.ts'

export const jobMigrations: MigrationSource = { owner: 'jobs', folder: new URL('./migrations/', import.meta.url) }

/** Brings graphile-worker's schema up to date. */
export async function prepareJobs(pool: pg.Pool): Promise<void> {
  await runMigrations({ pgPool: pool })
}
