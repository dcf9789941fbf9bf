// One file added or changed on the tip of a branch.

import { type NewObject, objectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { checkAuthorship, commitEdit, parentOf, putFile as put } from '../../apiCommit.ts'
import { refuse } from '../../errors.ts'
import { MODE_OF, MOST_FILE_BYTES } from '../../fileModes.ts'
import { filePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const putFile: Handler<'codecommit', 'PutFile'> = async (call, input) => {
  const path = filePath(input.filePath)
  checkAuthorship({ ...input, message: input.commitMessage })
  const content = Buffer.from(input.fileContent)
  if (content.length === 0) refuse('FileContentRequiredException')
  if (content.length > MOST_FILE_BYTES) refuse('FileContentSizeLimitExceededException')
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const tip = await parentOf(call, repository, directory, input)

  const edit = await directory.edit(tip && (await directory.commit(tip))?.tree)
  const before = await edit.find(path)
  const blobId = objectId('blob', content)
  const mode = input.fileMode ? MODE_OF[input.fileMode] : before?.kind === 'file' ? before.mode : MODE_OF.NORMAL
  if (before?.kind === 'file' && before.id === blobId && before.mode === mode) refuse('SameFileContentException')
  await put(edit, path, { mode, id: blobId })
  const blob: NewObject = { type: 'blob', content }
  const message = input.commitMessage ?? `${before ? 'Edited' : 'Added'} ${path.split('/').at(-1)}\n`
  const plan = { repository, directory, branchName: input.branchName, tip, edit, blobs: [blob], message }
  return { ...(await commitEdit(call, { ...plan, name: input.name, email: input.email })), blobId }
}
