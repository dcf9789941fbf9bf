// Aliases: their rows.

import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { fail, invalid } from './errors.ts'

export interface AliasRow extends Scope {
  name: string
  key_id: string
  created_at: Date
  updated_at: Date
}

/** Refuses names that are no aliases, or AWS's own. */
export function checkName(name: string): void {
  // AWS: as recorded on AWS [localstack, test_kms.snapshot.json].
  if (!name.startsWith('alias/'))
    invalid(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    )
  if (name.startsWith('alias/aws/')) fail('NotAuthorizedException', 'Aliases that begin with alias/aws/ belong to AWS')
  // AWS: the sentence that moto answers and tests [tests/test_kms], with the exception of CreateAlias's reference.
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name))
    fail('InvalidAliasNameException', `${name} contains invalid characters for an alias`)
}

/** False when there is one of that name. */
export async function insertAlias(tx: Tx, alias: AliasRow): Promise<boolean> {
  const count = await tx.run`
    insert into kms.aliases (account, region, name, key_id, created_at, updated_at)
    values (${alias.account}, ${alias.region}, ${alias.name}, ${alias.key_id}, ${alias.created_at}, ${alias.updated_at})
    on conflict do nothing`
  return count === 1
}

/** False when there is none of that name. */
export async function moveAlias(tx: Tx, { account, region }: Scope, name: string, keyId: string, now: Date) {
  const count = await tx.run`
    update kms.aliases set key_id = ${keyId}, updated_at = ${now}
    where account = ${account} and region = ${region} and name = ${name}`
  return count === 1
}

export async function deleteAlias(tx: Tx, { account, region }: Scope, name: string): Promise<boolean> {
  return (
    (await tx.run`
    delete from kms.aliases where account = ${account} and region = ${region} and name = ${name}`) === 1
  )
}

export const listAliases = (
  tx: Tx,
  { account, region }: Scope,
  { keyId, after, limit }: { keyId: string | undefined; after: string; limit: number },
) =>
  tx.rows<AliasRow>`
    select account, region, name, key_id, created_at, updated_at from kms.aliases
    where account = ${account} and region = ${region} and name > ${after}
      and (${keyId ?? null}::text is null or key_id = ${keyId ?? null}) order by name limit ${limit}`
