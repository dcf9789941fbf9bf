// Buckets: names are global over accounts, settings are documents by name.

import type {
  CORSRule,
  LifecycleRule,
  NotificationConfiguration,
  OwnershipControls,
  ServerSideEncryptionConfiguration,
} from '@aws-sdk/client-s3'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'

export interface Bucket {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly created_at: Date
  readonly versioning: 'Enabled' | 'Suspended' | null
  /** Settings that every write looks at. */
  readonly encryption: ServerSideEncryptionConfiguration | null
  readonly notification: NotificationConfiguration | null
}

const COLUMNS = sql`name, account, region, created_at, versioning,
  settings->'encryption' as encryption, settings->'notification' as notification`

/** The documents of a bucket's subresources, as the API shows them. */
export interface Settings {
  /** The policy's text. */
  readonly policy?: string
  readonly tagging?: readonly { Key: string; Value: string }[]
  readonly cors?: readonly CORSRule[]
  readonly lifecycle?: readonly LifecycleRule[]
  readonly encryption?: ServerSideEncryptionConfiguration
  readonly publicAccessBlock?: PublicAccessBlock
  readonly ownership?: OwnershipControls
  readonly notification?: NotificationConfiguration
}
export type Setting = keyof Settings

export interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean
  readonly IgnorePublicAcls: boolean
  readonly BlockPublicPolicy: boolean
  readonly RestrictPublicBuckets: boolean
}

/** What every operation on a bucket is given. */
export interface BucketInput {
  readonly Bucket?: string
  readonly ExpectedBucketOwner?: string
}

export async function findBucket(tx: Tx, name: string): Promise<Bucket | undefined> {
  return tx.one<Bucket>`select ${COLUMNS} from s3.buckets where name = ${name}`
}

/** The input's bucket; NoSuchBucket, or AccessDenied when it is not the expected owner's. */
export async function requireBucket(tx: Tx, input: BucketInput): Promise<Bucket> {
  return checked(await findBucket(tx, input.Bucket!), input)
}

/** The same, and nobody deletes the bucket until the transaction ends. */
export async function holdBucket(tx: Tx, input: BucketInput): Promise<Bucket> {
  const bucket = await tx.one<Bucket>`
    select ${COLUMNS} from s3.buckets where name = ${input.Bucket} for key share`
  return checked(bucket, input)
}

/** The same, and nobody writes objects of the bucket until the transaction ends. */
export async function closeBucket(tx: Tx, input: BucketInput): Promise<Bucket> {
  const bucket = await tx.one<Bucket>`
    select ${COLUMNS} from s3.buckets where name = ${input.Bucket} for update`
  return checked(bucket, input)
}

function checked(bucket: Bucket | undefined, input: BucketInput): Bucket {
  if (!bucket) return fail('NoSuchBucket', { fields: { BucketName: input.Bucket } })
  if (input.ExpectedBucketOwner && input.ExpectedBucketOwner !== bucket.account) fail('AccessDenied')
  return bucket
}

export type NewBucket = Pick<Bucket, 'name' | 'account' | 'region' | 'created_at'>

/** False when the name is taken. */
export async function insertBucket(tx: Tx, bucket: NewBucket, settings: Settings): Promise<boolean> {
  const inserted = await tx.run`
    insert into s3.buckets (name, account, region, created_at, settings)
    values (${bucket.name}, ${bucket.account}, ${bucket.region}, ${bucket.created_at}, ${JSON.stringify(settings)})
    on conflict do nothing`
  return inserted === 1
}

export async function removeBucket(tx: Tx, name: string): Promise<void> {
  await tx.run`delete from s3.buckets where name = ${name}`
}

export async function hasObjects(tx: Tx, name: string): Promise<boolean> {
  return (await tx.one`select 1 from s3.objects where bucket = ${name} limit 1`) !== undefined
}

export async function listBuckets(
  tx: Tx,
  account: string,
  {
    after,
    from,
    before,
    region,
    limit,
  }: { after: string; from: string; before?: string; region?: string; limit: number },
): Promise<Bucket[]> {
  return tx.rows<Bucket>`
    select ${COLUMNS} from s3.buckets
    where account = ${account} and name > ${after} and name >= ${from} and (${before}::text is null or name < ${before})
      and (${region}::text is null or region = ${region})
    order by name limit ${limit}`
}

export async function setVersioning(tx: Tx, name: string, status: 'Enabled' | 'Suspended'): Promise<void> {
  await tx.run`update s3.buckets set versioning = ${status} where name = ${name}`
}

/** One subresource's document, or undefined. */
export async function getSetting<S extends Setting>(tx: Tx, name: string, setting: S): Promise<Settings[S]> {
  const row = await tx.one<{ value: Settings[S] | null }>`
    select settings->${setting}::text as value from s3.buckets where name = ${name}`
  return row?.value ?? undefined
}

export async function putSetting<S extends Setting>(
  tx: Tx,
  name: string,
  setting: S,
  value: Settings[S],
): Promise<void> {
  await tx.run`
    update s3.buckets set settings = settings || jsonb_build_object(${setting}::text, ${JSON.stringify(value)}::jsonb)
    where name = ${name}`
}

export async function deleteSetting(tx: Tx, name: string, setting: Setting): Promise<void> {
  await tx.run`update s3.buckets set settings = settings - ${setting}::text where name = ${name}`
}

/** Who may own a bucket that is asked for: used by the gateway before anything else is known. */
export async function ownerOf(tx: Tx, name: string | undefined): Promise<string | undefined> {
  if (!name) return undefined
  return (await tx.one<{ account: string }>`select account from s3.buckets where name = ${name}`)?.account
}

export const bucketArn = (name: string) => `arn:aws:s3:::${name}`
