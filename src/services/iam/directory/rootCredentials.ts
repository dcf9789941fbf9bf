// Root's first access key: made on the first start, kept in the data directory for its owner only, the same on every later start.

import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import type { Config } from '../../../core/config.ts'
import type { Ids } from '../../../core/ids.ts'
import { loadMasterKey, type MasterKey } from '../../../core/masterKey.ts'
import type { Store, Tx } from '../../../store/tx.ts'
import { type AccessKeyRow, insertKey, openSecret } from '../accessKeys.ts'

export interface RootCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface RootParts {
  readonly store: Store
  readonly config: Pick<Config, 'dataDir' | 'account' | 'dev'>
  readonly ids: Ids
  readonly clock: Clock
  /** false: they are not written to the data directory, which is a builder's. */
  readonly keep?: boolean
}

const FILE = 'root-credentials.json'

/**
 * The root key of the configured account, also written to `root-credentials.json` (0600). In development `test`/`test` works
 * besides. Throws when the database was sealed with another master key.
 */
export async function ensureRootCredentials({
  store,
  config,
  ids,
  clock,
  keep = true,
}: RootParts): Promise<RootCredentials> {
  const key = loadMasterKey(config.dataDir)
  const credentials = await store.transaction(async tx => {
    await tx.run`select pg_advisory_xact_lock(hashtext('iam.root'))` // processes that start together make one key
    await checkMasterKey(tx, key)
    const known = await rootKeys(tx, config.account)
    for (const row of known) {
      const secretAccessKey = openSecret(key, row)
      if (row.active && secretAccessKey !== undefined) return { accessKeyId: row.id, secretAccessKey }
    }
    const { id, secret } = await insertKey(tx, { ids, key, account: config.account, userId: null, now: clock.now() })
    return { accessKeyId: id, secretAccessKey: secret }
  })
  if (keep) await save(config.dataDir, credentials, ids)
  return credentials
}

/** What the last start wrote, for commands that are clients on the same machine. */
export async function readRootCredentials(dataDir: string): Promise<RootCredentials | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, FILE), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const rootKeys = (tx: Tx, account: string) => tx.rows<AccessKeyRow>`
  select * from iam.access_keys where account = ${account} and user_id is null order by created_at, id`

async function checkMasterKey(tx: Tx, key: MasterKey): Promise<void> {
  const row = await tx.one<{ fingerprint: string }>`select fingerprint from iam.sealed_with`
  if (!row) await tx.run`insert into iam.sealed_with (fingerprint) values (${key.fingerprint})`
  else if (row.fingerprint !== key.fingerprint) {
    throw new Error(
      'the secrets in this database were sealed with another master key: copy master.key from the data directory of the process that made it',
    )
  }
}

async function save(dataDir: string, credentials: RootCredentials, ids: Ids): Promise<void> {
  const path = join(dataDir, FILE)
  const text = `${JSON.stringify(credentials, null, 2)}\n`
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return chmod(path, 0o600)
  const fresh = `${path}.${ids.text(8)}` // processes that start together must not share it
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx', flush: true })
  await rename(fresh, path)
}
