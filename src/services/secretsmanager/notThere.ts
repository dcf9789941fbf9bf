// Parts of requests that need what is not there: refused by name.

import { invalidParameter } from './errors.ts'

export const DEFAULT_KEY = 'alias/aws/secretsmanager'

interface Wanted {
  readonly KmsKeyId?: string
  readonly Type?: string
  readonly AddReplicaRegions?: readonly unknown[]
}

export function checkWanted({ KmsKeyId, Type, AddReplicaRegions }: Wanted): void {
  if (KmsKeyId && !/^(arn:aws:kms:[\w-]+:\d{12}:)?alias\/aws\/secretsmanager$/.test(KmsKeyId))
    invalidParameter(`Codeyard has no KMS: KmsKeyId ${KmsKeyId} can not be used, ${DEFAULT_KEY} can`)
  if (Type) invalidParameter(`Codeyard does not support managed external secrets: Type ${Type}`)
  if (AddReplicaRegions?.length) invalidParameter('Codeyard does not replicate secrets: AddReplicaRegions')
}
