// How far an archive for a pipeline is.

import type { Handler } from '../../../../operation/handler.ts'
import type { UploadArchiveStatus } from '../../../../operation/internalCodeCommit.ts'
import { fail } from '../../errors.ts'
import { requireRepository } from '../../repositories.ts'

interface UploadRow {
  readonly status: UploadArchiveStatus['status']
  readonly error_message: string | null
  readonly e_tag: string | null
  readonly version_id: string | null
}

export const getUploadArchiveStatus: Handler<'codecommit', 'GetUploadArchiveStatus'> = async (call, input) => {
  const { id } = await requireRepository(call, input.repositoryName)
  const valid = /^[0-9a-f-]{36}$/.test(input.uploadId)
  const upload = valid
    ? await call.tx.one<UploadRow>`
        select status, error_message, e_tag, version_id from codecommit.archive_uploads
        where id = ${input.uploadId} and repository_id = ${id}`
    : undefined
  if (!upload) return fail('OperationNotAllowedException', `There is no archive upload ${input.uploadId}`)
  return {
    status: upload.status,
    ...(upload.error_message !== null && { errorMessage: upload.error_message }),
    ...(upload.e_tag !== null && { eTag: upload.e_tag }),
    ...(upload.version_id !== null && { versionId: upload.version_id }),
  }
}
