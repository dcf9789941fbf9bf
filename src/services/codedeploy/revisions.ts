// Revisions: what was registered or deployed of an application. Only S3 locations can be deployed.

import type { GenericRevisionInfo, RevisionLocation, S3Location } from '@aws-sdk/client-codedeploy'
import type { Tx } from '../../store/tx.ts'
import type { ApplicationRow } from './applications.ts'
import { fail } from './errors.ts'

export interface RevisionRow {
  readonly key: string
  readonly location: RevisionLocation
  readonly description: string | null
  readonly registered_at: Date
  readonly first_used_at: Date | null
  readonly last_used_at: Date | null
  readonly groups: readonly string[]
}

/** An S3 location with what it must have; everything else is refused by name. */
export interface S3Revision {
  readonly bucket: string
  readonly key: string
  readonly bundleType: 'tar' | 'tgz' | 'zip'
  readonly version?: string
  readonly eTag?: string
}

export function readRevision(revision: RevisionLocation | undefined): S3Revision {
  if (!revision) fail('RevisionRequiredException', 'The revision was not specified.')
  const { revisionType, s3Location } = revision!
  if (revisionType === 'GitHub' || revision!.gitHubLocation) {
    fail('InvalidRevisionException', 'Codeyard does not deploy from GitHub; put the bundle into S3.')
  }
  if (revisionType === 'String' || revisionType === 'AppSpecContent' || revision!.string || revision!.appSpecContent) {
    fail(
      'InvalidRevisionException',
      `Revisions of the type ${revisionType} are for Lambda and Amazon ECS, which Codeyard does not deploy to yet.`,
    )
  }
  const { bucket, key, version, eTag } = s3Location ?? {}
  if (!bucket || !key) fail('InvalidRevisionException', 'An S3 revision must have a bucket and a key.')
  const bundleType = s3Location!.bundleType
  if (bundleType !== 'tar' && bundleType !== 'tgz' && bundleType !== 'zip') {
    fail(
      'InvalidRevisionException',
      `The bundle type ${bundleType} is not one of tar, tgz and zip, which agents of hosts unpack.`,
    )
  }
  return {
    bucket: bucket!,
    key: key!,
    bundleType: bundleType as S3Revision['bundleType'],
    ...(version ? { version } : {}),
    ...(eTag ? { eTag: eTag.replaceAll('"', '') } : {}),
  }
}

export const revisionLocation = (revision: S3Revision): RevisionLocation => ({
  revisionType: 'S3',
  s3Location: revision satisfies S3Location,
})

/** Equal for equal locations. */
export const revisionKey = ({ bucket, key, bundleType, version, eTag }: S3Revision) =>
  JSON.stringify([bucket, key, bundleType, version ?? null, eTag ?? null])

/** Registers, or says again; `used` when a deployment takes it. */
export async function registerRevision(
  tx: Tx,
  application: ApplicationRow,
  revision: S3Revision,
  { now, description, used }: { now: Date; description?: string | undefined; used: boolean },
): Promise<void> {
  const usedAt = used ? now : undefined
  await tx.run`
    insert into codedeploy.revisions as r
      (application_id, key, location, bucket, object_key, description, registered_at, first_used_at, last_used_at)
    values (${application.id}, ${revisionKey(revision)}, ${JSON.stringify(revisionLocation(revision))},
      ${revision.bucket}, ${revision.key}, ${description}, ${now}, ${usedAt}, ${usedAt})
    on conflict (application_id, key) do update set
      description = coalesce(excluded.description, r.description),
      first_used_at = coalesce(r.first_used_at, excluded.first_used_at),
      last_used_at = coalesce(excluded.last_used_at, r.last_used_at)`
}

/** Rows in the order of the keys that exist. */
export const findRevisions = (tx: Tx, application: ApplicationRow, keys: readonly string[]) =>
  tx.rows<RevisionRow>`
    select r.key, r.location, r.description, r.registered_at, r.first_used_at, r.last_used_at,
      array(select g.name from codedeploy.deployment_groups g
        where g.application_id = r.application_id and g.target_revision = r.location order by g.name) as groups
    from codedeploy.revisions r where r.application_id = ${application.id} and r.key = any(${keys}) order by r.key`

export function genericRevisionInfo(row: RevisionRow): GenericRevisionInfo {
  return {
    description: row.description ?? undefined,
    deploymentGroups: [...row.groups],
    firstUsedTime: row.first_used_at ?? undefined,
    lastUsedTime: row.last_used_at ?? undefined,
    registerTime: row.registered_at,
  }
}
