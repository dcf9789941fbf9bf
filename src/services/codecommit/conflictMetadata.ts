// A conflict as CodeCommit shows it: sizes, modes and kinds of the three versions, and what each side did.

import type { ChangeTypeEnum, ConflictMetadata, ObjectTypeEnum } from '@aws-sdk/client-codecommit'
import { type ConflictStage, isDirectory, isSubmodule, isSymlink, type Repository } from '../../git/index.ts'
import { fileModeName, MOST_FILE_BYTES } from './fileModes.ts'
import type { Conflict } from './takeSide.ts'

/** `merged` is the tree with conflict markers. */
export async function conflictMetadata(
  directory: Repository,
  merged: string,
  { path, base, ours, theirs }: Conflict,
): Promise<ConflictMetadata> {
  const of = async <T>(value: (stage: ConflictStage) => T | Promise<T>) => ({
    ...(theirs && { source: await value(theirs) }),
    ...(ours && { destination: await value(ours) }),
    ...(base && { base: await value(base) }),
  })
  const contentConflict = theirs?.id !== ours?.id
  const isBinaryFile = await of(stage => isBinary(directory, stage))
  const text = contentConflict && !Object.values(isBinaryFile).includes(true)
  return {
    filePath: path,
    fileSizes: await of(async ({ id }) => (await directory.head(id))?.size ?? 0),
    fileModes: await of(({ mode }) => fileModeName(mode)),
    objectTypes: await of(({ mode }) => objectType(mode)),
    numberOfConflicts: text ? Math.max(1, await markers(directory, merged, path)) : 1,
    isBinaryFile,
    contentConflict,
    fileModeConflict: theirs !== undefined && ours !== undefined && theirs.mode !== ours.mode,
    objectTypeConflict: theirs !== undefined && ours !== undefined && objectType(theirs.mode) !== objectType(ours.mode),
    mergeOperations: {
      ...operation('source', base, theirs),
      ...operation('destination', base, ours),
    },
  }
}

function operation(side: 'source' | 'destination', base: ConflictStage | undefined, now: ConflictStage | undefined) {
  const change: ChangeTypeEnum | undefined = !base && now ? 'A' : base && !now ? 'D' : base && now ? 'M' : undefined
  return change && { [side]: change }
}

function objectType(mode: string): ObjectTypeEnum {
  if (isDirectory(mode)) return 'DIRECTORY'
  if (isSubmodule(mode)) return 'GIT_LINK'
  return isSymlink(mode) ? 'SYMBOLIC_LINK' : 'FILE'
}

/** Git's own rule: a NUL among the first 8,000 bytes. */
async function isBinary(directory: Repository, { id, mode }: ConflictStage): Promise<boolean> {
  if (isSubmodule(mode)) return false
  const content = await directory.blob(id, MOST_FILE_BYTES)
  return content?.subarray(0, 8000).includes(0) ?? true
}

async function markers(directory: Repository, tree: string, path: string): Promise<number> {
  const entry = await directory.find(tree, path)
  const content = entry && (await directory.blob(entry.id, MOST_FILE_BYTES))
  return content?.toString('latin1').match(/^<{7} /gm)?.length ?? 0
}
