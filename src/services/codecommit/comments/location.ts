// Where in a comparison a comment is: the two commits, the file in both, a line of one.

import type { Location } from '@aws-sdk/client-codecommit'
import { type Commit, isDirectory, isObjectId, type Repository } from '../../../git/index.ts'
import { refuse } from '../errors.ts'
import { MOST_FILE_BYTES } from '../fileModes.ts'
import { filePath } from '../paths.ts'
import type { CommentRow } from './comments.ts'

export interface Comparison {
  readonly repository: { readonly id: string }
  readonly directory: Repository
  readonly before: Commit | undefined
  readonly after: Commit
}

export type Place = Pick<
  CommentRow,
  | 'before_commit'
  | 'after_commit'
  | 'before_blob'
  | 'after_blob'
  | 'file_path'
  | 'file_position'
  | 'relative_file_version'
>

/** Full ids of commits that are there, and not one twice. */
export async function compared(
  directory: Repository,
  beforeId: string | undefined,
  afterId: string,
): Promise<Pick<Comparison, 'before' | 'after'>> {
  for (const id of [beforeId, afterId]) if (id !== undefined && !isObjectId(id)) refuse('InvalidCommitIdException')
  const after = (await directory.commit(afterId)) ?? refuse('CommitDoesNotExistException')
  const before =
    beforeId === undefined ? undefined : ((await directory.commit(beforeId)) ?? refuse('CommitDoesNotExistException'))
  if (beforeId === afterId) refuse('BeforeCommitIdAndAfterCommitIdAreSameException')
  return { before, after }
}

/** PathDoesNotExist-, InvalidFilePosition-, InvalidRelativeFileVersionEnumException where there is no such place. */
export async function placeOf(comparison: Comparison, location: Location | undefined): Promise<Place> {
  const { directory, before, after } = comparison
  const commits = { before_commit: before?.id ?? null, after_commit: after.id }
  if (!location || Object.values(location).every(one => one === undefined)) {
    return { ...commits, ...NOWHERE }
  }
  if (!location.filePath) return refuse('InvalidFileLocationException')
  const path = filePath(location.filePath)
  const { filePosition: position, relativeFileVersion: version } = location
  if (version === undefined) return refuse('InvalidRelativeFileVersionEnumException')
  const [before_blob, after_blob] = await Promise.all([before, after].map(side => blobOf(directory, side, path)))
  const blob = version === 'BEFORE' ? before_blob : after_blob
  if (!blob) return refuse('PathDoesNotExistException')
  if (position !== undefined && !(await hasLine(directory, blob, position))) refuse('InvalidFilePositionException')
  return {
    ...commits,
    before_blob: before_blob ?? null,
    after_blob: after_blob ?? null,
    file_path: path,
    file_position: position ?? null,
    relative_file_version: version,
  }
}

const NOWHERE = {
  before_blob: null,
  after_blob: null,
  file_path: null,
  file_position: null,
  relative_file_version: null,
}

async function blobOf(directory: Repository, commit: Commit | undefined, path: string): Promise<string | undefined> {
  const found = commit && (await directory.find(commit.tree, path))
  return found && !isDirectory(found.mode) ? found.id : undefined
}

/** Lines begin at 1. Files too large to look into have every line. */
async function hasLine(directory: Repository, blob: string, line: number): Promise<boolean> {
  if (!Number.isSafeInteger(line) || line < 1) return false
  const content = await directory.blob(blob, MOST_FILE_BYTES)
  if (!content) return true
  let lines = content.length > 0 && content.at(-1) !== NEWLINE ? 1 : 0
  for (const byte of content) if (byte === NEWLINE) lines++
  return line <= lines
}

const NEWLINE = 10

/** What answers show of a place. */
export function placeShape(row: Place) {
  return {
    ...(row.before_commit !== null && { beforeCommitId: row.before_commit }),
    afterCommitId: row.after_commit,
    ...(row.before_blob !== null && { beforeBlobId: row.before_blob }),
    ...(row.after_blob !== null && { afterBlobId: row.after_blob }),
    ...(row.file_path !== null && {
      location: {
        filePath: row.file_path,
        ...(row.file_position !== null && { filePosition: row.file_position }),
        ...(row.relative_file_version !== null && { relativeFileVersion: row.relative_file_version }),
      },
    }),
  }
}
