// Secrets: their rows, and finding one by name, ARN or ARN without its last six characters.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { markedForDeletion, noSuchSecret } from './errors.ts'

export interface SecretRow extends Scope {
  name: string
  suffix: string
  description: string | null
  tags: Record<string, string>
  policy: string | null
  created_at: Date
  changed_at: Date
  accessed_at: Date | null
  delete_after: Date | null
  /** As the caller named it; null is alias/aws/secretsmanager. */
  kms_key_id: string | null
}

const COLUMNS = sql`account, region, name, suffix, description, tags, policy, created_at, changed_at, accessed_at, delete_after,
  kms_key_id`

export const secretArn = (secret: Scope & Pick<SecretRow, 'name' | 'suffix'>) =>
  formatArn('secretsmanager', secret, `secret:${secret.name}-${secret.suffix}`)

/** The secret that `id` means. An ARN may be of another account: its policies decide. */
export async function findSecret(tx: Tx, scope: Scope, id: string, lock = sql``): Promise<SecretRow | undefined> {
  const arn = parseArn(id)
  const [, named] = /^secret:(.+)$/s.exec(arn?.resource ?? '') ?? []
  if (arn && (arn.service !== 'secretsmanager' || arn.region !== scope.region || !named)) return undefined
  const account = arn?.account ?? scope.account
  // The name of a full ARN has six characters and a dash behind it, one of a partial ARN has not.
  const names = named ? [named, named.slice(0, -7)] : [id]
  const rows = await tx.rows<SecretRow>`
    select ${COLUMNS} from secretsmanager.secrets
    where account = ${account} and region = ${scope.region} and name = any(${names}::text[]) ${lock}`
  return rows.find(row => named === `${row.name}-${row.suffix}`) ?? rows.find(row => row.name === (named ?? id))
}

export const requireSecret = async (tx: Tx, scope: Scope, id: string) =>
  (await findSecret(tx, scope, id)) ?? noSuchSecret()

/** Locks it until the transaction ends. */
export const lockSecret = async (tx: Tx, scope: Scope, id: string) =>
  (await findSecret(tx, scope, id, sql`for update`)) ?? noSuchSecret()

/** Locks a secret that is not marked for deletion. */
export async function lockLive(tx: Tx, scope: Scope, id: string): Promise<SecretRow> {
  const secret = await lockSecret(tx, scope, id)
  return secret.delete_after ? markedForDeletion() : secret
}

/** False when there is one of that name. */
export async function insertSecret(tx: Tx, secret: SecretRow): Promise<boolean> {
  const count = await tx.run`
    insert into secretsmanager.secrets (account, region, name, suffix, description, tags, created_at, changed_at,
      kms_key_id)
    values (${secret.account}, ${secret.region}, ${secret.name}, ${secret.suffix}, ${secret.description},
      ${JSON.stringify(secret.tags)}, ${secret.created_at}, ${secret.changed_at},
      ${secret.kms_key_id}) on conflict do nothing`
  return count === 1
}

export const saveSecret = (tx: Tx, secret: SecretRow) =>
  tx.run`
    update secretsmanager.secrets set description = ${secret.description}, tags = ${JSON.stringify(secret.tags)},
      policy = ${secret.policy}, changed_at = ${secret.changed_at}, delete_after = ${secret.delete_after},
      kms_key_id = ${secret.kms_key_id}
    where account = ${secret.account} and region = ${secret.region} and name = ${secret.name}`

// AWS: LastAccessedDate is a day without a time [DescribeSecret]; so most reads write nothing.
export async function touchSecret(tx: Tx, secret: SecretRow, now: Date): Promise<void> {
  const day = new Date(now.toISOString().slice(0, 10))
  if (secret.accessed_at?.getTime() === day.getTime()) return
  await tx.run`
    update secretsmanager.secrets set accessed_at = ${day}
    where account = ${secret.account} and region = ${secret.region} and name = ${secret.name}`
}

export const deleteSecret = (tx: Tx, secret: Pick<SecretRow, 'account' | 'region' | 'name'>) =>
  tx.run`
    delete from secretsmanager.secrets
    where account = ${secret.account} and region = ${secret.region} and name = ${secret.name}`

export interface Order {
  readonly by: 'name' | 'created-date' | 'last-changed-date' | 'last-accessed-date'
  readonly ascending: boolean
}

const KEYS = {
  name: sql`name`,
  'created-date': sql`(extract(epoch from created_at) * 1000)::bigint`,
  'last-changed-date': sql`(extract(epoch from changed_at) * 1000)::bigint`,
  'last-accessed-date': sql`coalesce((extract(epoch from accessed_at) * 1000)::bigint, 0)`,
} satisfies Record<Order['by'], Sql>

export interface Listing {
  readonly where: Sql
  readonly order: Order
  readonly after: readonly (string | number)[] | undefined
  readonly limit: number
}

export function listSecrets(tx: Tx, { account, region }: Scope, { where, order, after, limit }: Listing) {
  const key = KEYS[order.by]
  const [last, name] = after ?? []
  const bound = order.by === 'name' ? sql`${last}::text` : sql`${last}::bigint`
  const beyond = order.ascending ? sql`(${key}, name) > (${bound}, ${name})` : sql`(${key}, name) < (${bound}, ${name})`
  const direction = order.ascending ? sql`asc` : sql`desc`
  return tx.rows<SecretRow & { key: string | number }>`
    select ${COLUMNS}, ${key} as key from secretsmanager.secrets
    where account = ${account} and region = ${region} and ${where} and ${after ? beyond : sql`true`}
    order by ${key} ${direction}, name ${direction} limit ${limit}`
}
