// The SQL of webhooks and their deliveries, and a webhook as AWS shows it.

import type { CreateWebhookCommandInput, Webhook } from '@aws-sdk/client-codebuild'
import { loadMasterKey } from '../../../core/masterKey.ts'
import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import type { ProviderType } from '../providers/hosts.ts'
import type { HookPlace } from '../providers/provider.ts'

export const HOOK_PATH = '/webhooks'

export type HookDefinition = Pick<
  CreateWebhookCommandInput,
  'branchFilter' | 'filterGroups' | 'buildType' | 'manualCreation' | 'scopeConfiguration' | 'pullRequestBuildPolicy'
>

export interface WebhookRow extends Scope {
  readonly project: string
  readonly token: string
  readonly payload_url: string
  readonly source_type: ProviderType
  readonly place: HookPlace
  readonly api: string
  readonly insecure: boolean
  readonly hook_id: string | null
  readonly url: string | null
  readonly sealed_secret: string
  readonly definition: HookDefinition
  readonly secret_modified_at: Date
}

const COLUMNS = sql`account, region, project, token, payload_url, source_type, place, api, insecure, hook_id, url, sealed_secret, definition,
  secret_modified_at`

/** Answers false when the project has one. */
export async function insertWebhook(tx: Tx, row: WebhookRow): Promise<boolean> {
  const inserted = await tx.run`
    insert into codebuild.webhooks (${COLUMNS})
    values (${row.account}, ${row.region}, ${row.project}, ${row.token}, ${row.payload_url}, ${row.source_type}, ${JSON.stringify(row.place)}, ${row.api},
            ${row.insecure}, ${row.hook_id}, ${row.url}, ${row.sealed_secret}, ${JSON.stringify(row.definition)}, ${row.secret_modified_at})
    on conflict (account, region, project) do nothing`
  return inserted === 1
}

export async function findWebhook(tx: Tx, scope: Scope, project: string): Promise<WebhookRow | undefined> {
  return (await findWebhooks(tx, scope, [project]))[0]
}

export function findWebhooks(tx: Tx, { account, region }: Scope, projects: readonly string[]): Promise<WebhookRow[]> {
  return tx.rows<WebhookRow>`
    select ${COLUMNS} from codebuild.webhooks
    where account = ${account} and region = ${region} and project = any(${projects}::text[])`
}

export function findByPayloadToken(tx: Tx, token: string): Promise<WebhookRow | undefined> {
  return tx.one<WebhookRow>`select ${COLUMNS} from codebuild.webhooks where token = ${token}`
}

export async function saveWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.run`
    update codebuild.webhooks set sealed_secret = ${row.sealed_secret}, definition = ${JSON.stringify(row.definition)},
      secret_modified_at = ${row.secret_modified_at}
    where account = ${row.account} and region = ${row.region} and project = ${row.project}`
}

export async function deleteWebhook(tx: Tx, { account, region }: Scope, project: string): Promise<void> {
  await tx.run`
    delete from codebuild.webhooks where account = ${account} and region = ${region} and project = ${project}`
}

/** Notes a delivery; false when it came before. */
export async function insertDelivery(
  tx: Tx,
  { account, region, project }: WebhookRow,
  delivery: string,
  { now, waiting }: { now: Date; waiting: unknown },
): Promise<boolean> {
  const inserted = await tx.run`
    insert into codebuild.webhook_deliveries (account, region, project, delivery, received_at, waiting)
    values (${account}, ${region}, ${project}, ${delivery}, ${now}, ${waiting === undefined ? null : JSON.stringify(waiting)})
    on conflict do nothing`
  return inserted === 1
}

/** What the delivery waits with, locked; undefined when it is done. */
export async function lockDelivery<T>(
  tx: Tx,
  { account, region }: Scope,
  project: string,
  delivery: string,
): Promise<T | undefined> {
  const row = await tx.one<{ waiting: T | null }>`
    select waiting from codebuild.webhook_deliveries
    where account = ${account} and region = ${region} and project = ${project} and delivery = ${delivery} for update`
  return row?.waiting ?? undefined
}

export async function endDelivery(
  tx: Tx,
  { account, region }: Scope,
  project: string,
  delivery: string,
): Promise<void> {
  await tx.run`
    update codebuild.webhook_deliveries set waiting = null
    where account = ${account} and region = ${region} and project = ${project} and delivery = ${delivery}`
}

export async function forgetDeliveries(tx: Tx, { account, region, project }: WebhookRow, before: Date): Promise<void> {
  await tx.run`
    delete from codebuild.webhook_deliveries
    where account = ${account} and region = ${region} and project = ${project} and received_at < ${before}`
}

const purpose = ({ account, region, project }: Pick<WebhookRow, 'account' | 'region' | 'project'>) =>
  `codebuild-webhook/${account}/${region}/${project}`

export const sealSecret = (dataDir: string, row: Pick<WebhookRow, 'account' | 'region' | 'project'>, secret: string) =>
  loadMasterKey(dataDir).seal(purpose(row), secret)

export function openSecret(dataDir: string, row: WebhookRow): string {
  const secret = loadMasterKey(dataDir).open(purpose(row), row.sealed_secret)
  if (!secret) throw new Error(`the secret of the webhook of ${row.project} was encrypted with another master key`)
  return secret.toString('utf8')
}

// AWS: `https://codebuild.REGION.amazonaws.com/webhooks?t=TOKEN&v=1`.
export const payloadUrl = (base: string, token: string) => `${base}${HOOK_PATH}?t=${token}&v=1`

/** `secret` is shown once, to who has to make the hook at the provider. */
export function webhookShape(row: WebhookRow, secret?: string): Webhook {
  const { manualCreation, ...definition } = row.definition
  return {
    ...(row.url && { url: row.url }),
    ...(manualCreation && { manualCreation, payloadUrl: row.payload_url }),
    ...(secret && { secret }),
    ...definition,
    // AWS: always there; clients read it without looking [terraform-provider-aws: flattenWebhookFilterData].
    ...(definition.filterGroups && {
      filterGroups: definition.filterGroups.map(group =>
        group.map(filter => ({ ...filter, excludeMatchedPattern: filter.excludeMatchedPattern ?? false })),
      ),
    }),
    buildType: definition.buildType ?? 'BUILD',
    lastModifiedSecret: row.secret_modified_at,
    status: 'ACTIVE',
  }
}
