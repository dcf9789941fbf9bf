// Git has no empty folders: keepEmptyFolders leaves a .gitkeep where the last file went, as CodeCommit does.

import type { TreeEdit } from '../../git/index.ts'

export const KEEP_FILE = Buffer.alloc(0)
export const KEEP_NAME = '.gitkeep'

/** Puts a .gitkeep into the folder of the removed file `path` when that is gone; true when it did. */
export async function keepFolder(edit: TreeEdit, path: string, emptyBlob: string): Promise<boolean> {
  const folder = path.split('/').slice(0, -1).join('/')
  if (folder === '' || (await edit.find(folder))) return false
  await edit.put(`${folder}/${KEEP_NAME}`, { mode: '100644', id: emptyBlob })
  return true
}
