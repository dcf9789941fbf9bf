// Source from S3: one object of a versioned bucket, copied into the artifact bucket.

import { type ActionProvider, artifactEncryption } from './provider.ts'

export const s3Source: ActionProvider = {
  category: 'Source',
  provider: 'S3',
  timeoutMinutes: 60,
  atOnce: false,
  async start({ invoke }, run) {
    const { configuration, outputs, override } = run
    const Bucket = configuration.S3Bucket!
    const Key = override?.revisionType === 'S3_OBJECT_KEY' ? override.revisionValue : configuration.S3ObjectKey!
    const wanted = override?.revisionType === 'S3_OBJECT_VERSION_ID' ? override.revisionValue : undefined
    const { Status } = await invoke('s3', 'GetBucketVersioning', { Bucket })
    if (Status !== 'Enabled') {
      // AWS: troubleshooting.md, "the source bucket must be versioned".
      const message = `The S3 bucket ${Bucket} is not versioned: enable versioning on a bucket that is the source of a pipeline`
      return { status: 'failed', code: 'ConfigurationError', message }
    }
    const { VersionId, ETag } = await invoke('s3', 'HeadObject', {
      Bucket,
      Key,
      ...(wanted ? { VersionId: wanted } : {}),
    })
    const [output] = outputs
    const source = `${encodeURIComponent(Bucket)}/${Key.split('/').map(encodeURIComponent).join('/')}`
    await invoke('s3', 'CopyObject', {
      Bucket: output!.bucket,
      Key: output!.key,
      CopySource: VersionId ? `${source}?versionId=${encodeURIComponent(VersionId)}` : source,
      ...artifactEncryption(run),
    })
    const revisionId = VersionId ?? ETag ?? ''
    return {
      status: 'succeeded',
      externalId: revisionId,
      summary: `Amazon S3 version id: ${revisionId}`,
      outputs,
      revision: { artifact: output!.name, revisionId, summary: `Amazon S3 version id: ${revisionId}` },
      // Source: action-reference-S3.md, output variables.
      variables: {
        BucketName: Bucket,
        ObjectKey: Key,
        ETag: (ETag ?? '').replaceAll('"', ''),
        VersionId: VersionId ?? '',
      },
    }
  },
}
