// Access keys: the secret must be readable again to verify signatures, so it is sealed with the master key, bound to its key id.

import { ALPHANUMERIC, BASE32, type Ids } from '../../core/ids.ts'
import { loadMasterKey, type MasterKey } from '../../core/masterKey.ts'
import type { Tx } from '../../store/tx.ts'
import { after, limitOf, type PageInput } from './pages.ts'

export interface AccessKeyRow {
  readonly id: string
  readonly account: string
  readonly user_id: string | null
  readonly active: boolean
  readonly secret: string
  readonly created_at: Date
  readonly last_used_at: Date | null
  readonly last_used_service: string | null
  readonly last_used_region: string | null
}

export const KEYS_PER_USER = 2

/** A new pair for a user, or for root where there is no user. The secret is returned this once. */
export async function insertKey(
  tx: Tx,
  making: { ids: Ids; key: MasterKey; account: string; userId: string | null; now: Date },
): Promise<{ id: string; secret: string }> {
  const id = `AKIA${making.ids.text(16, BASE32)}`
  const secret = making.ids.text(40, `${ALPHANUMERIC}+/`)
  await tx.run`insert into iam.access_keys (id, account, user_id, active, secret, created_at)
    values (${id}, ${making.account}, ${making.userId}, true, ${sealSecret(making.key, id, secret)}, ${making.now})`
  return { id, secret }
}

export const sealSecret = (key: MasterKey, id: string, secret: string) => key.seal(`access-key/${id}`, secret)
export const openSecret = (key: MasterKey, row: Pick<AccessKeyRow, 'id' | 'secret'>) =>
  key.open(`access-key/${row.id}`, row.secret)?.toString('utf8')
export const keyOf = ({ config }: { config: { dataDir: string } }) => loadMasterKey(config.dataDir)

export const findKey = (tx: Tx, id: string) => tx.one<AccessKeyRow>`select * from iam.access_keys where id = ${id}`

export const listKeys = (tx: Tx, account: string, userId: string | null, input: PageInput) => tx.rows<AccessKeyRow>`
  select * from iam.access_keys where account = ${account} and user_id is not distinct from ${userId} and id > ${after(input)}
  order by id limit ${limitOf(input) + 1}`

export const setKeyActive = (tx: Tx, account: string, userId: string | null, id: string, active: boolean) =>
  tx.run`update iam.access_keys set active = ${active} where account = ${account} and user_id is not distinct from ${userId} and id = ${id}`

export const deleteKey = (tx: Tx, account: string, userId: string | null, id: string) =>
  tx.run`delete from iam.access_keys where account = ${account} and user_id is not distinct from ${userId} and id = ${id}`
