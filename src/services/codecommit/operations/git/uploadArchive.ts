// AWS: "This is an IAM policy permission only": the call by which CodePipeline has a commit put into its artifact bucket as a zip.

import type { OpenHandler } from '../../../../operation/handler.ts'
import { requireCommit } from '../../commits.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const uploadArchive: OpenHandler<'codecommit', 'UploadArchive'> = async (call, input) => {
  const uploadId = call.ids.uuid()
  const { commitId, directory } = await call.transaction(async inner => {
    const repository = await requireRepository(inner, input.repositoryName)
    const directory = await directoryOf(call.config, repository)
    const { id: commitId } = await requireCommit(inner, repository, directory, input.commitId)
    await inner.tx.run`
      insert into codecommit.archive_uploads (id, repository_id, status, created_at)
      values (${uploadId}, ${repository.id}, 'InProgress', ${inner.now})`
    return { commitId, directory }
  })
  const zip = directory.archive(commitId, call.signal)
  try {
    const stored = await call.invoke('s3', 'PutObject', {
      Bucket: input.s3Bucket,
      Key: input.s3Key,
      Body: zip,
      ContentType: 'application/zip',
      ...input.s3Options,
    })
    await call.transaction(
      ({ tx }) => tx.run`
        update codecommit.archive_uploads set status = 'Complete', e_tag = ${stored.ETag}, version_id = ${stored.VersionId}
        where id = ${uploadId}`,
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await call.transaction(
      ({ tx }) =>
        tx.run`update codecommit.archive_uploads set status = 'Error', error_message = ${message} where id = ${uploadId}`,
    )
    throw error
  } finally {
    zip.destroy()
  }
  return { uploadId }
}
