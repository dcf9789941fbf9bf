// Git has no empty folders: keepEmptyFolders leaves a .gitkeep where the last file went, as CodeCommit does.

import { type NewObject, objectId, type Repository, type TreeEdit } from '../../git/index.ts'

export const KEEP_FILE = Buffer.alloc(0)
export const KEEP_NAME = '.gitkeep'

/** Puts a .gitkeep into the folder of the removed file `path` when that is gone; true when it did. */
export async function keepFolder(edit: TreeEdit, path: string, emptyBlob: string): Promise<boolean> {
  const folder = path.split('/').slice(0, -1).join('/')
  if (folder === '' || (await edit.find(folder))) return false
  await edit.put(`${folder}/${KEEP_NAME}`, { mode: '100644', id: emptyBlob })
  return true
}

/** After a merge: a .gitkeep in every folder that lost its last file against `before`. Answers the blobs to store. */
export async function keepFolders(directory: Repository, before: string, edit: TreeEdit): Promise<NewObject[]> {
  const id = objectId('blob', KEEP_FILE)
  const after = edit.write()
  const blobs: NewObject[] = []
  // The edited tree need not be stored yet: deletions are found by asking the edit for each file of the tree before.
  if (after.id === before) return blobs
  for await (const { path } of directory.diff(undefined, before)) {
    if (await edit.find(path)) continue
    if (await keepFolder(edit, path, id)) blobs.push({ type: 'blob', content: KEEP_FILE })
  }
  return blobs
}
