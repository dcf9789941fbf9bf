// Grants: their rows, whom they speak of and what their constraints let through.

import type { GrantConstraints, GrantOperation } from '@aws-sdk/client-kms'
import type { Scope } from '../../core/scope.ts'
import type { Principal } from '../../operation/principal.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'

export interface GrantRow extends Scope {
  key_id: string
  grant_id: string
  name: string | null
  grantee: string
  retiring: string | null
  issuing_account: string
  operations: GrantOperation[]
  constraints: GrantConstraints
  created_at: Date
}

const COLUMNS = sql`key_id, grant_id, account, region, name, grantee, retiring, issuing_account, operations, constraints, created_at`

export const insertGrant = (tx: Tx, grant: GrantRow) =>
  tx.run`
    insert into kms.grants (key_id, grant_id, account, region, name, grantee, retiring, issuing_account, operations, constraints,
      created_at)
    values (${grant.key_id}, ${grant.grant_id}, ${grant.account}, ${grant.region}, ${grant.name}, ${grant.grantee},
      ${grant.retiring}, ${grant.issuing_account}, ${grant.operations}::text[], ${JSON.stringify(grant.constraints)},
      ${grant.created_at})`

export const findGrant = (tx: Tx, keyId: string, grantId: string) =>
  tx.one<GrantRow>`select ${COLUMNS} from kms.grants where key_id = ${keyId} and grant_id = ${grantId}`

export const findGrantNamed = (tx: Tx, keyId: string, name: string) =>
  tx.rows<GrantRow>`select ${COLUMNS} from kms.grants where key_id = ${keyId} and name = ${name}`

export const countGrants = async (tx: Tx, keyId: string) =>
  (await tx.one<{ count: number }>`select count(*) as count from kms.grants where key_id = ${keyId}`)!.count

export const deleteGrant = (tx: Tx, keyId: string, grantId: string) =>
  tx.run`delete from kms.grants where key_id = ${keyId} and grant_id = ${grantId}`

export interface GrantFilter {
  readonly grantId: string | undefined
  readonly grantee: string | undefined
}

export const listGrants = (
  tx: Tx,
  keyId: string,
  { grantId, grantee }: GrantFilter,
  { after, limit }: { after: string; limit: number },
) =>
  tx.rows<GrantRow>`
    select ${COLUMNS} from kms.grants
    where key_id = ${keyId} and grant_id > ${after}
      and (${grantId ?? null}::text is null or grant_id = ${grantId ?? null})
      and (${grantee ?? null}::text is null or grantee = ${grantee ?? null})
    order by grant_id limit ${limit}`

export const retirableGrants = (tx: Tx, region: string, retiring: string, after: string, limit: number) =>
  tx.rows<GrantRow>`
    select ${COLUMNS} from kms.grants
    where retiring = ${retiring} and region = ${region} and grant_id > ${after} order by grant_id limit ${limit}`

/** The ARNs under which a grant may name a caller. */
export function namesOf(principal: Principal): string[] {
  switch (principal.type) {
    case 'service':
      return [principal.service]
    case 'anonymous':
      return []
    case 'assumedRole':
      return [principal.arn, principal.roleArn]
    default:
      return [principal.arn]
  }
}

/** The grants of a key that speak of a caller. */
export const grantsTo = (tx: Tx, keyId: string, principal: Principal) =>
  tx.rows<GrantRow>`
    select ${COLUMNS} from kms.grants where key_id = ${keyId} and grantee = any(${namesOf(principal)}::text[])`

type Context = Readonly<Record<string, string>>

/** Whether the constraints let a request with this encryption context through. */
export function constraintsHold(
  { EncryptionContextEquals, EncryptionContextSubset }: GrantConstraints,
  context: Context,
) {
  if (EncryptionContextEquals)
    return includes(context, EncryptionContextEquals) && includes(EncryptionContextEquals, context)
  return !EncryptionContextSubset || includes(context, EncryptionContextSubset)
}

const includes = (all: Context, some: Context) => Object.entries(some).every(([name, value]) => all[name] === value)

/** AWS: a grantee with CreateGrant can only give on what the grant itself allows, at least as constrained [grants]. */
export function covers(parent: GrantRow, operations: readonly string[], constraints: GrantConstraints | undefined) {
  if (!operations.every(operation => parent.operations.includes(operation as GrantOperation))) return false
  const { EncryptionContextEquals, EncryptionContextSubset } = parent.constraints
  const child = constraints?.EncryptionContextEquals ?? constraints?.EncryptionContextSubset ?? {}
  if (EncryptionContextEquals)
    return constraints?.EncryptionContextEquals !== undefined && constraintsHold(parent.constraints, child)
  return !EncryptionContextSubset || includes(child, EncryptionContextSubset)
}
