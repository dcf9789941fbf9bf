// Keys: their rows, and finding one by what a request calls it.

import type { KeySpec, KeyState, KeyUsageType, OriginType } from '@aws-sdk/client-kms'
import type { Scope } from '../../core/scope.ts'
import type { Call } from '../../operation/call.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { noSuchAlias, noSuchKey } from './errors.ts'
import { factsOf } from './keySpecs.ts'
import { managedKeyById, managedKeyOf } from './managedKeys.ts'
import { makeMaterial, materialIdOf, openMaterial, sealMaterial } from './material.ts'
import { aliasArn, keyArn, type Reference, readReference } from './references.ts'
import { scheduleRotation } from './tasks.ts'

export interface KeyRow extends Scope {
  key_id: string
  created_at: Date
  description: string
  spec: KeySpec
  usage: KeyUsageType
  origin: OriginType
  manager: 'CUSTOMER' | 'AWS'
  state: KeyState
  deletes_at: Date | null
  policy: string
  tags: Record<string, string>
  rotation_days: number | null
  rotates_at: Date | null
  material_id: string | null
  expires_at: Date | null
  public_key: Buffer | null
}

const COLUMNS = sql`k.key_id, k.account, k.region, k.created_at, k.description, k.spec, k.usage, k.origin, k.manager, k.state,
  k.deletes_at, k.policy, k.tags, k.rotation_days, k.rotates_at, k.material_id, k.expires_at, k.public_key`

const byId = (tx: Tx, { account, region }: Scope, keyId: string, lock = sql``) =>
  tx.one<KeyRow>`
    select ${COLUMNS} from kms.keys k
    where k.key_id = ${keyId} and k.account = ${account} and k.region = ${region} ${lock}`

/** Ids are unique, so a ciphertext needs to name no account. */
export const findByIdAnywhere = (tx: Tx, region: string, keyId: string) =>
  tx.one<KeyRow>`select ${COLUMNS} from kms.keys k where k.key_id = ${keyId} and k.region = ${region}`

const byAlias = (tx: Tx, { account, region }: Scope, alias: string, lock = sql``) =>
  tx.one<KeyRow>`
    select ${COLUMNS} from kms.aliases a join kms.keys k using (key_id)
    where a.account = ${account} and a.region = ${region} and a.name = ${alias} ${lock}`

const scopeOf = (scope: Scope, { account }: Reference): Scope => ({ account, region: scope.region })

/** The key that a request means, or undefined when it is not there (yet, for an AWS-managed one). */
export function findKey(tx: Tx, scope: Scope, reference: Reference, lock = sql``): Promise<KeyRow | undefined> {
  const where = scopeOf(scope, reference)
  return reference.by === 'id' ? byId(tx, where, reference.value, lock) : byAlias(tx, where, reference.value, lock)
}

export function notThere(scope: Scope, reference: Reference): never {
  const where = scopeOf(scope, reference)
  if (reference.by === 'alias') return noSuchAlias(aliasArn(where, reference.value))
  return noSuchKey(keyArn({ ...where, key_id: reference.value }))
}

/** The AWS-managed key that a request means, in the caller's own account, made or not. */
export function managedKeyNamed(scope: Scope, reference: Reference) {
  if (reference.account !== scope.account) return undefined
  return reference.by === 'alias' ? managedKeyOf(scope, reference.value) : managedKeyById(scope, reference.value)
}

/** The key that a request means; an AWS-managed one is made now if need be. `lock` holds it until the transaction ends. */
export async function requireKey(call: Call, text: string, { lock = false } = {}): Promise<KeyRow> {
  const reference = readReference(call.scope, text)
  const locking = lock ? sql`for update of k` : sql``
  const found = await findKey(call.tx, call.scope, reference, locking)
  if (found) return found
  const managed = managedKeyNamed(call.scope, reference)
  if (!managed) return notThere(call.scope, reference)
  await makeManagedKey(call, managed)
  return (await findKey(call.tx, call.scope, reference, locking)) ?? notThere(call.scope, reference)
}

// AWS: its managed keys rotate every year [rotate-keys].
const MANAGED_ROTATION_DAYS = 365

async function makeManagedKey(call: Call, managed: NonNullable<ReturnType<typeof managedKeyOf>>): Promise<void> {
  const { secret } = await makeMaterial(factsOf('SYMMETRIC_DEFAULT').material)
  const materialId = materialIdOf(managed.keyId, secret)
  const { account, region } = call.scope
  const rotates = new Date(call.now.getTime() + MANAGED_ROTATION_DAYS * 86_400_000)
  // One statement, since reads come here too and have no transaction around them.
  const { count } = (await call.tx.one<{ count: number }>`
    with made as (
      insert into kms.keys (key_id, account, region, created_at, description, spec, usage, origin, manager, state, policy,
        rotation_days, rotates_at, material_id)
      values (${managed.keyId}, ${account}, ${region}, ${call.now}, ${managed.description}, 'SYMMETRIC_DEFAULT',
        'ENCRYPT_DECRYPT', 'AWS_KMS', 'AWS', 'Enabled', ${managed.policy}, ${MANAGED_ROTATION_DAYS}, ${rotates}, ${materialId})
      on conflict do nothing returning key_id
    ), material as (
      insert into kms.materials (key_id, material_id, created_at, sealed)
      select key_id, ${materialId}, ${call.now}, ${sealMaterial(call.config, managed.keyId, materialId, secret)} from made
    ), alias as (
      insert into kms.aliases (account, region, name, key_id, created_at, updated_at)
      select ${account}, ${region}, ${managed.alias}, key_id, ${call.now}, ${call.now} from made
    )
    select count(*) as count from made`)!
  if (count > 0) await scheduleRotation(call, managed.keyId, rotates)
}

export const insertKey = (tx: Tx, key: KeyRow) =>
  tx.run`
    insert into kms.keys (key_id, account, region, created_at, description, spec, usage, origin, manager, state, policy, tags,
      material_id, public_key)
    values (${key.key_id}, ${key.account}, ${key.region}, ${key.created_at}, ${key.description}, ${key.spec}, ${key.usage},
      ${key.origin}, ${key.manager}, ${key.state}, ${key.policy}, ${JSON.stringify(key.tags)}, ${key.material_id},
      ${key.public_key})`

/** Saves what changes in a key's life. */
export const saveKey = (tx: Tx, key: KeyRow) =>
  tx.run`
    update kms.keys set description = ${key.description}, state = ${key.state}, deletes_at = ${key.deletes_at},
      policy = ${key.policy}, tags = ${JSON.stringify(key.tags)}, rotation_days = ${key.rotation_days},
      rotates_at = ${key.rotates_at}, material_id = ${key.material_id}, expires_at = ${key.expires_at}
    where key_id = ${key.key_id}`

export const deleteKey = (tx: Tx, keyId: string) => tx.run`delete from kms.keys where key_id = ${keyId}`

export const listKeys = (tx: Tx, { account, region }: Scope, after: string, limit: number) =>
  tx.rows<KeyRow>`
    select ${COLUMNS} from kms.keys k
    where k.account = ${account} and k.region = ${region} and k.key_id > ${after} order by k.key_id limit ${limit}`

export interface MaterialRow {
  material_id: string
  number: number
  created_at: Date
  rotation: 'AUTOMATIC' | 'ON_DEMAND' | null
  sealed: string | null
}

export const findMaterial = (tx: Tx, keyId: string, materialId: string) =>
  tx.one<MaterialRow>`
    select material_id, number, created_at, rotation, sealed from kms.materials
    where key_id = ${keyId} and material_id = ${materialId}`

export const listMaterials = (tx: Tx, keyId: string, after: number, limit: number) =>
  tx.rows<MaterialRow>`
    select material_id, number, created_at, rotation, sealed from kms.materials
    where key_id = ${keyId} and number > ${after} order by number limit ${limit}`

/** The secret of one of a key's materials, or undefined when it is not there. */
export async function secretOf(call: Call, keyId: string, materialId: string | null): Promise<Buffer | undefined> {
  const row = materialId === null ? undefined : await findMaterial(call.tx, keyId, materialId)
  return row?.sealed ? openMaterial(call.config, keyId, row.material_id, row.sealed) : undefined
}

/** Adds a material; with `rotation` it says how it came. */
export async function addMaterial(
  call: Call,
  key: Pick<KeyRow, 'key_id'>,
  secret: Uint8Array,
  rotation: MaterialRow['rotation'],
): Promise<string> {
  const materialId = materialIdOf(key.key_id, secret)
  await call.tx.run`
    insert into kms.materials (key_id, material_id, created_at, rotation, sealed)
    values (${key.key_id}, ${materialId}, ${call.now}, ${rotation},
      ${sealMaterial(call.config, key.key_id, materialId, secret)})
    on conflict (key_id, material_id) do update set sealed = excluded.sealed`
  return materialId
}

export const forgetMaterial = (tx: Tx, keyId: string, materialId: string) =>
  tx.run`update kms.materials set sealed = null where key_id = ${keyId} and material_id = ${materialId}`
