// What is in a folder of a commit, one level deep.

import { isDirectory, isSubmodule, isSymlink, isTreePath } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { requireCommit } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { fileModeName } from '../../fileModes.ts'
import { normalizePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getFolder: Handler<'codecommit', 'GetFolder'> = async (call, input) => {
  const folderPath = normalizePath(input.folderPath)
  if (folderPath !== '' && !isTreePath(folderPath)) refuse('InvalidPathException')
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const commit = await requireCommit(call, repository, directory, input.commitSpecifier)
  const folder = await directory.find(commit.tree, folderPath)
  if (!folder || !isDirectory(folder.mode)) return refuse('FolderDoesNotExistException')

  const entries = ((await directory.tree(folder.id)) ?? []).map(({ name, mode, id }) => ({
    id,
    mode,
    paths: { absolutePath: folderPath === '' ? name : `${folderPath}/${name}`, relativePath: name },
  }))
  const plain = (mode: string) => !isDirectory(mode) && !isSubmodule(mode) && !isSymlink(mode)
  const blobs = (kind: (mode: string) => boolean) =>
    entries
      .filter(({ mode }) => kind(mode))
      .map(({ id, mode, paths }) => ({ blobId: id, ...paths, fileMode: fileModeName(mode) }))
  return {
    commitId: commit.id,
    folderPath,
    treeId: folder.id,
    subFolders: entries.filter(({ mode }) => isDirectory(mode)).map(({ id, paths }) => ({ treeId: id, ...paths })),
    files: blobs(plain),
    symbolicLinks: blobs(isSymlink),
    subModules: entries.filter(({ mode }) => isSubmodule(mode)).map(({ id, paths }) => ({ commitId: id, ...paths })),
  }
}
