// The bytes of a file by the id of its content.

import { isObjectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { MOST_FILE_BYTES } from '../../fileModes.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getBlob: Handler<'codecommit', 'GetBlob'> = async (call, { repositoryName, blobId }) => {
  if (!isObjectId(blobId)) refuse('InvalidBlobIdException')
  const directory = await directoryOf(call.config, await requireRepository(call, repositoryName))
  const head = await directory.head(blobId)
  if (head?.type !== 'blob') refuse('BlobIdDoesNotExistException')
  return { content: (await directory.blob(blobId, MOST_FILE_BYTES)) ?? refuse('FileTooLargeException') }
}
