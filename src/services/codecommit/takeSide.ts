// One side of a conflict put into the merged tree.

import { type ConflictStage, type FileConflict, TreeConflict, type TreeEdit } from '../../git/index.ts'

/** A file both sides changed, each in its own way: `ours` is the destination's, `theirs` the source's. */
export type Conflict = FileConflict

/** False where a file and a folder of one name are in conflict: that is for people. */
export async function takeSide(edit: TreeEdit, path: string, side: ConflictStage | undefined): Promise<boolean> {
  const there = await edit.find(path)
  if (there && there.kind !== 'file') return false
  if (!side) {
    await edit.remove(path)
    return true
  }
  try {
    await edit.put(path, side)
    return true
  } catch (error) {
    if (!(error instanceof TreeConflict)) throw error
    return false
  }
}
