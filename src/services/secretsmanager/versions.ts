// Versions of secrets: their rows, their sealed values, and storing a new one.

import type { Scope } from '../../core/scope.ts'
import type { Call } from '../../operation/call.ts'
import type { Tx } from '../../store/tx.ts'
import { openValue, type SealedVersion, sealValue } from './encryption.ts'
import { fail, invalidParameter } from './errors.ts'
import { type SecretRow, secretArn } from './secrets.ts'
import { CURRENT, moveStage, type Stages } from './stages.ts'

export interface VersionRow extends SealedVersion {
  kind: 'string' | 'binary'
  created_at: Date
  number: number
}

/** What a caller stores. */
export type SecretValue = { readonly kind: 'string' | 'binary'; readonly bytes: Buffer }

/** AWS: versions without labels are deleted, but never the newest 100 and none of the last 24 hours [getting-started]. */
const KEPT_VERSIONS = 100
const KEPT_MS = 24 * 3600 * 1000
const MOST_STAGES = 20

export const listVersions = (tx: Tx, { account, region, name }: SecretRow) =>
  tx.rows<VersionRow>`
    select version_id, kind, value, data_keys, stages, created_at, number from secretsmanager.versions
    where account = ${account} and region = ${region} and name = ${name} order by number`

export const pageOfVersions = (
  tx: Tx,
  { account, region, name }: SecretRow,
  { after, limit, deprecated }: { after: number; limit: number; deprecated: boolean },
) =>
  tx.rows<VersionRow>`
    select version_id, kind, value, data_keys, stages, created_at, number from secretsmanager.versions
    where account = ${account} and region = ${region} and name = ${name} and number > ${after}
      and (${deprecated} or stages <> '{}') order by number limit ${limit}`

/** By id, else by label. */
export const findVersion = (
  tx: Tx,
  { account, region, name }: SecretRow,
  { id, stage }: { id?: string; stage?: string },
) =>
  tx.one<VersionRow>`
    select version_id, kind, value, data_keys, stages, created_at, number from secretsmanager.versions
    where account = ${account} and region = ${region} and name = ${name}
      and (version_id = ${id ?? null} or (${id ?? null}::text is null and ${stage ?? CURRENT} = any(stages)))`

export const stagesOf = (versions: readonly VersionRow[]): Stages =>
  new Map(versions.map(({ version_id, stages }) => [version_id, stages]))

/** Saves the labels that are not as they were. */
export async function saveStages(tx: Tx, { account, region, name }: SecretRow, before: Stages, after: Stages) {
  for (const [id, labels] of after) {
    if (labels.length > MOST_STAGES)
      fail('LimitExceededException', `A version can have at most ${MOST_STAGES} staging labels.`)
    if (before.get(id) === labels) continue
    await tx.run`
      update secretsmanager.versions set stages = ${labels}::text[]
      where account = ${account} and region = ${region} and name = ${name} and version_id = ${id}`
  }
}

/** The value of a request, or undefined when it has none. */
export function readValue(input: { SecretString?: string; SecretBinary?: Uint8Array }): SecretValue | undefined {
  const { SecretString: text, SecretBinary: binary } = input
  if (text !== undefined && binary !== undefined)
    invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
  if (text !== undefined) return { kind: 'string', bytes: Buffer.from(text, 'utf8') }
  return binary && { kind: 'binary', bytes: Buffer.from(binary) }
}

/** Stores `value` as version `id`. The same id with the same value changes nothing; with another it is refused. */
export async function storeVersion(
  call: Call,
  secret: SecretRow,
  { id, value, stages }: { id: string; value: SecretValue; stages: readonly string[] },
): Promise<readonly string[]> {
  const versions = await listVersions(call.tx, secret)
  const same = versions.find(({ version_id }) => version_id === id)
  if (same) {
    if (same.kind === value.kind && (await openValue(call, secret, same)).equals(value.bytes)) return same.stages
    return fail(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secretArn(secret)}.`,
    )
  }
  const { account, region, name } = secret
  const sealed = await sealValue(call, secret, id, value.bytes)
  await call.tx.run`
    insert into secretsmanager.versions (account, region, name, version_id, kind, value, data_keys, created_at)
    values (${account}, ${region}, ${name}, ${id}, ${value.kind}, ${sealed.value}, ${JSON.stringify(sealed.data_keys)},
      ${call.now})`
  // AWS: the first version is always the current one [PutSecretValue].
  const wanted = versions.length === 0 ? [...new Set([...stages, CURRENT])] : stages
  const before: Stages = new Map(stagesOf(versions)).set(id, [])
  const after = wanted.reduce((map, label) => moveStage(map, label, id), before)
  await saveStages(call.tx, secret, before, after)
  await dropDeprecated(call, secret)
  return after.get(id)!
}

async function dropDeprecated(call: Call, { account, region, name }: SecretRow): Promise<void> {
  const before = new Date(call.now.getTime() - KEPT_MS)
  await call.tx.run`
    delete from secretsmanager.versions where account = ${account} and region = ${region} and name = ${name}
      and stages = '{}' and created_at < ${before} and number <= coalesce((
        select number from secretsmanager.versions
        where account = ${account} and region = ${region} and name = ${name}
        order by number desc offset ${KEPT_VERSIONS} limit 1), 0)`
}

/** The labelled versions of several secrets. */
export const versionsOfSecrets = (tx: Tx, { account, region }: Scope, names: readonly string[]) =>
  tx.rows<Pick<VersionRow, 'version_id' | 'stages'> & { name: string }>`
    select name, version_id, stages from secretsmanager.versions
    where account = ${account} and region = ${region} and name = any(${names}::text[]) and stages <> '{}'
    order by number`
