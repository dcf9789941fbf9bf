// How S3 encrypts what builds leave there: under the project's key of KMS, by default S3's own managed one.

export interface EncryptionWish {
  /** Id, ARN, alias or alias ARN of a KMS key. */
  readonly encryptionKey?: string | undefined
  readonly encryptionDisabled?: boolean | undefined
}

/** Headers of PutObject. AWS: "If you don't specify a value, CodeBuild uses the managed CMK for Amazon S3" [CodeBuild API reference]. */
export function serverSideEncryption({ encryptionKey, encryptionDisabled }: EncryptionWish) {
  if (encryptionDisabled) return {} // then the bucket's default counts
  const own = ownKey(encryptionKey)
  return { ServerSideEncryption: 'aws:kms' as const, ...(own ? { SSEKMSKeyId: own } : {}) }
}

/** The key, unless it is the managed one: that belongs to the account of the role which writes, and is S3's default. */
export const ownKey = (encryptionKey: string | undefined): string | undefined =>
  encryptionKey?.endsWith('alias/aws/s3') ? undefined : encryptionKey
