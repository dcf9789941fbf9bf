// User names and passwords for one service (git over HTTPS). Passwords are 256 random bits, shown once, kept as a salted hash.

import { createHash } from 'node:crypto'
import { ALPHANUMERIC, type Ids } from '../../core/ids.ts'
import type { Tx } from '../../store/tx.ts'

export interface ServiceCredentialRow {
  readonly id: string
  readonly account: string
  readonly user_id: string
  readonly service: string
  readonly user_name: string
  readonly salt: string
  readonly password_hash: string
  readonly active: boolean
  readonly created_at: Date
  readonly expires_at: Date | null
}

/** A fast hash is enough: there is nothing to guess in a random password. */
export const hashPassword = (salt: string, password: string) =>
  createHash('sha256').update(`${salt}:${password}`, 'utf8').digest('hex')

export function newPassword(ids: Ids): { password: string; salt: string; password_hash: string } {
  const password = `${ids.text(43, `${ALPHANUMERIC}+/`)}=`
  const salt = ids.text(16)
  return { password, salt, password_hash: hashPassword(salt, password) }
}

export const insertCredential = (tx: Tx, row: ServiceCredentialRow) => tx.run`
  insert into iam.service_credentials (id, account, user_id, service, user_name, salt, password_hash, active, created_at, expires_at)
  values (${row.id}, ${row.account}, ${row.user_id}, ${row.service}, ${row.user_name}, ${row.salt}, ${row.password_hash}, true, ${row.created_at}, ${row.expires_at})`

export const credentialsOf = (tx: Tx, userId: string, service: string | undefined) => tx.rows<ServiceCredentialRow>`
  select * from iam.service_credentials where user_id = ${userId} and (${service ?? null}::text is null or service = ${service ?? null}) order by id`

export const findCredential = (tx: Tx, userId: string, id: string) =>
  tx.one<ServiceCredentialRow>`select * from iam.service_credentials where user_id = ${userId} and id = ${id}`

export const setCredentialActive = (tx: Tx, id: string, active: boolean) =>
  tx.run`update iam.service_credentials set active = ${active} where id = ${id}`

export const savePassword = (
  tx: Tx,
  id: string,
  { salt, password_hash }: Pick<ServiceCredentialRow, 'salt' | 'password_hash'>,
) => tx.run`update iam.service_credentials set salt = ${salt}, password_hash = ${password_hash} where id = ${id}`

export const deleteCredential = (tx: Tx, id: string) => tx.run`delete from iam.service_credentials where id = ${id}`

export const credentialShape = (row: ServiceCredentialRow, userName: string) => ({
  UserName: userName,
  Status: row.active ? ('Active' as const) : ('Inactive' as const),
  ServiceUserName: row.user_name,
  CreateDate: row.created_at,
  ServiceSpecificCredentialId: row.id,
  ServiceName: row.service,
  ...(row.expires_at ? { ExpirationDate: row.expires_at } : {}),
})
