// Many changes of files as one commit on the tip of a branch.

import type { Handler } from '../../../../operation/handler.ts'
import { checkAuthorship, commitEdit, parentOf } from '../../apiCommit.ts'
import { refuse } from '../../errors.ts'
import { applyEntries, checkEntries } from '../../fileEntries.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const createCommit: Handler<'codecommit', 'CreateCommit'> = async (call, input) => {
  const { authorName: name, email, commitMessage: message = '', branchName } = input
  checkAuthorship({ name, email, message })
  const entries = checkEntries(input)
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const tip = await parentOf(call, repository, directory, input)
  const before = tip && (await directory.commit(tip))?.tree
  const edit = await directory.edit(before)
  const { blobs, added, updated, deleted } = await applyEntries(edit, entries, input.keepEmptyFolders ?? false)
  if (edit.write().id === before) refuse('NoChangeException')
  const committed = await commitEdit(call, {
    repository,
    directory,
    branchName,
    tip,
    edit,
    blobs,
    message,
    name,
    email,
  })
  return { ...committed, filesAdded: added, filesUpdated: updated, filesDeleted: deleted }
}
