// AUTOMERGE: what git could not merge is resolved by the entries of the request, one for each file in conflict.

import type { ConflictResolution, ReplaceContentEntry } from '@aws-sdk/client-codecommit'
import { type NewObject, objectId, type TreeEdit } from '../../git/index.ts'
import { refuse } from './errors.ts'
import { MODE_OF, MOST_FILE_BYTES } from './fileModes.ts'
import { filePath } from './paths.ts'
import { type Conflict, takeSide } from './takeSide.ts'

export interface Resolved {
  readonly edit: TreeEdit
  readonly blobs: readonly NewObject[]
}

const MOST_ENTRIES = 100

/** Undefined when a conflict has no entry. */
export async function applyResolution(
  edit: TreeEdit,
  conflicts: readonly Conflict[],
  { replaceContents = [], deleteFiles = [], setFileModes = [] }: ConflictResolution = {},
): Promise<Resolved | undefined> {
  const replaced = new Map(replaceContents.map(entry => [filePath(entry.filePath), entry]))
  const deleted = new Set(deleteFiles.map(entry => filePath(entry.filePath)))
  if (replaceContents.length + deleteFiles.length + setFileModes.length > MOST_ENTRIES) {
    refuse('MaximumConflictResolutionEntriesExceededException')
  }
  if (replaced.size < replaceContents.length || [...replaced.keys()].some(path => deleted.has(path))) {
    refuse('MultipleConflictResolutionEntriesException')
  }
  const blobs: NewObject[] = []
  for (const conflict of conflicts) {
    const entry = replaced.get(conflict.path)
    if (entry) {
      if (!(await replace(edit, conflict, entry, blobs))) return undefined
    } else if (!deleted.has(conflict.path) || !(await takeSide(edit, conflict.path, undefined))) return undefined
  }
  for (const { filePath: path, fileMode } of setFileModes) {
    const found = await edit.find(filePath(path))
    if (found?.kind !== 'file') refuse('InvalidConflictResolutionException')
    await edit.put(filePath(path), { mode: MODE_OF[fileMode ?? refuse('InvalidFileModeException')], id: found!.id })
  }
  return { edit, blobs }
}

async function replace(
  edit: TreeEdit,
  { path, base, ours, theirs }: Conflict,
  { replacementType, content, fileMode }: ReplaceContentEntry,
  blobs: NewObject[],
): Promise<boolean> {
  const kept = { KEEP_BASE: base, KEEP_DESTINATION: ours, KEEP_SOURCE: theirs }
  if (replacementType === undefined) return refuse('ReplacementTypeRequiredException')
  if (replacementType !== 'USE_NEW_CONTENT') {
    const side = kept[replacementType]
    return takeSide(edit, path, side && { id: side.id, mode: fileMode ? MODE_OF[fileMode] : side.mode })
  }
  if (content === undefined) return refuse('ReplacementContentRequiredException')
  if (content.length > MOST_FILE_BYTES) return refuse('FileContentSizeLimitExceededException')
  const bytes = Buffer.from(content)
  blobs.push({ type: 'blob', content: bytes })
  const mode = fileMode ? MODE_OF[fileMode] : (ours?.mode ?? theirs?.mode ?? MODE_OF.NORMAL)
  return takeSide(edit, path, { mode, id: objectId('blob', bytes) })
}
