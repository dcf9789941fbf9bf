// One file removed on the tip of a branch.

import { type NewObject, objectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { checkAuthorship, commitEdit, parentOf } from '../../apiCommit.ts'
import { KEEP_FILE, keepFolder } from '../../emptyFolders.ts'
import { refuse } from '../../errors.ts'
import { filePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const deleteFile: Handler<'codecommit', 'DeleteFile'> = async (call, input) => {
  const path = filePath(input.filePath)
  checkAuthorship({ ...input, message: input.commitMessage })
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const tip = await parentOf(call, repository, directory, input)

  const edit = await directory.edit(tip && (await directory.commit(tip))?.tree)
  const before = await edit.find(path)
  if (before?.kind !== 'file') return refuse('FileDoesNotExistException')
  await edit.remove(path)
  const blobs: NewObject[] = []
  if (input.keepEmptyFolders && (await keepFolder(edit, path, objectId('blob', KEEP_FILE)))) {
    blobs.push({ type: 'blob', content: KEEP_FILE })
  }
  const message = input.commitMessage ?? `Deleted ${path.split('/').at(-1)}\n`
  const plan = { repository, directory, branchName: input.branchName, tip, edit, blobs, message }
  const committed = await commitEdit(call, { ...plan, name: input.name, email: input.email })
  return { ...committed, blobId: before.id, filePath: path }
}
