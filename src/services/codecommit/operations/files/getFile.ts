// A file as it is in a commit.

import { isDirectory, isSubmodule } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { requireCommit } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { fileModeName, MOST_FILE_BYTES } from '../../fileModes.ts'
import { filePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getFile: Handler<'codecommit', 'GetFile'> = async (call, input) => {
  const path = filePath(input.filePath)
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const commit = await requireCommit(call, repository, directory, input.commitSpecifier)
  const entry = await directory.find(commit.tree, path)
  if (!entry || isDirectory(entry.mode) || isSubmodule(entry.mode)) return refuse('FileDoesNotExistException')
  const content = await directory.blob(entry.id, MOST_FILE_BYTES)
  if (!content) return refuse('FileTooLargeException')
  return {
    commitId: commit.id,
    blobId: entry.id,
    filePath: path,
    fileMode: fileModeName(entry.mode),
    fileSize: content.length,
    fileContent: content,
  }
}
