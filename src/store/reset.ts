// Empties a database back to what it was after the first start: for development, when a test wants a fresh house without a restart.

import type { Tx } from './tx.ts'

/** Tables that a first start fills. */
const KEPT = [
  'iam.sealed_with',
  'codebuild.house',
  'codebuild.builders',
  'codebuild.limits',
  'codebuild.api_endpoints',
  'sns.signing_keys',
]

/** All rows of `schemas` but root's keys go, and all waiting jobs, in the caller's transaction. */
export async function emptySchemas(tx: Tx, schemas: readonly string[]): Promise<void> {
  await tx.run`set local lock_timeout = '10s'`
  const tables = await tx.rows<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where (schemaname = any(${schemas}) and schemaname || '.' || tablename <> all(${KEPT}))
       or (schemaname = 'graphile_worker' and tablename = '_private_jobs')
    order by 1`
  await tx.run`create temporary table root_keys on commit drop as select * from iam.access_keys where user_id is null`
  await tx.run([`truncate ${tables.map(({ name }) => name).join(', ')}`] as unknown as TemplateStringsArray)
  await tx.run`insert into iam.access_keys select * from root_keys`
}
