// Operations of CodeCommit that AWS has and no SDK: permissions with these names exist, CloudTrail shows them, and the git doors
// and CodePipeline call them. They are reached in process only.

import type { Handler as SdkHandler } from '@smithy/types'

type Internal<I extends object, O extends object> = abstract new (
  ...args: any[]
) => { input: I; resolveMiddleware(stack: any, config: any, options: any): SdkHandler<I, O> }

export interface InternalCodeCommit {
  UploadArchiveCommand: Internal<UploadArchiveInput, { uploadId: string }>
  GetUploadArchiveStatusCommand: Internal<{ repositoryName: string; uploadId: string }, UploadArchiveStatus>
  GitPullCommand: Internal<{ repositoryName: string }, { repositoryId: string }>
  GitPushCommand: Internal<GitPushInput, GitPushOutput>
}

/** A zip of the commit's files (without .git) goes to the bucket with the caller's own permissions. */
export interface UploadArchiveInput {
  repositoryName: string
  commitId: string
  s3Bucket: string
  s3Key: string
  /** Headers of PutObject, where the caller's bucket wants encryption. */
  s3Options?: { ServerSideEncryption?: 'AES256' | 'aws:kms'; SSEKMSKeyId?: string; ContentType?: string }
}

export interface UploadArchiveStatus {
  status: 'InProgress' | 'Complete' | 'Error'
  /** Why, for `Error`. */
  errorMessage?: string
  /** ETag and version of the object in S3, for `Complete`. */
  eTag?: string
  versionId?: string
}

export interface GitPushInput {
  repositoryName: string
  /** Absent: only asks whether pushing is allowed, and what is there. */
  references?: GitReferenceChange[]
  /** All or none. */
  atomic?: boolean
}

/** The names of CloudTrail's requestParameters. 40 zeros as `oldCommit` create, as `commit` delete. */
export interface GitReferenceChange {
  ref: string
  commit: string
  oldCommit: string
  /** Of the new object. */
  type?: 'commit' | 'tag' | 'tree' | 'blob'
  /** What an annotated tag finally points to. */
  peeled?: string
}

export interface GitPushOutput {
  repositoryId: string
  /** What is there; only without `references` in the input. */
  references?: { name: string; id: string }[]
  /** One a change, in their order; `reason` for those that were refused. */
  results?: { ref: string; reason?: string }[]
}
