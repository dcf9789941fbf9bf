// How secrets look in answers.

import type { SecretListEntry } from '@aws-sdk/client-secrets-manager'
import { type SecretRow, secretArn } from './secrets.ts'
import { tagList } from './tags.ts'
import type { VersionRow } from './versions.ts'

export const identity = (secret: SecretRow) => ({ ARN: secretArn(secret), Name: secret.name })

export const describedSecret = (secret: SecretRow) =>
  ({
    ...identity(secret),
    ...(secret.kms_key_id !== null && { KmsKeyId: secret.kms_key_id }),
    ...(secret.description !== null && { Description: secret.description }),
    LastChangedDate: secret.changed_at,
    ...(secret.accessed_at && { LastAccessedDate: secret.accessed_at }),
    ...(secret.delete_after && { DeletedDate: secret.delete_after }),
    ...(Object.keys(secret.tags).length > 0 && { Tags: tagList(secret.tags) }),
    CreatedDate: secret.created_at,
  }) satisfies SecretListEntry

/** The labels of the versions that have any. */
export const versionStages = (versions: readonly Pick<VersionRow, 'version_id' | 'stages'>[]) =>
  Object.fromEntries(
    versions.filter(({ stages }) => stages.length > 0).map(({ version_id, stages }) => [version_id, stages]),
  )
