// The changes of a CreateCommit: checked as a whole before anything is read, then applied to the parent's tree.

import type { CreateCommitInput, FileMetadata, FileModeTypeEnum } from '@aws-sdk/client-codecommit'
import { type NewObject, objectId, type TreeEdit } from '../../git/index.ts'
import { putFile } from './apiCommit.ts'
import { KEEP_FILE, KEEP_NAME, keepFolder } from './emptyFolders.ts'
import { refuse } from './errors.ts'
import { fileModeName, MODE_OF, MOST_FILE_BYTES } from './fileModes.ts'
import { filePath } from './paths.ts'

interface Put {
  readonly path: string
  readonly mode?: FileModeTypeEnum | undefined
  readonly from: { readonly content: Buffer } | { readonly source: string; readonly isMove: boolean }
}

export interface FileEntries {
  readonly puts: readonly Put[]
  readonly deletes: readonly string[]
  readonly modes: readonly { readonly path: string; readonly mode: FileModeTypeEnum }[]
}

/** AWS: at most 100 files a commit, 6 MB a file, 7 MB together. */
const MOST_FILES = 100
const MOST_BYTES = 7 * 1024 * 1024

type Input = Pick<CreateCommitInput, 'putFiles' | 'deleteFiles' | 'setFileModes'>

export function checkEntries({ putFiles = [], deleteFiles = [], setFileModes = [] }: Input): FileEntries {
  const count = putFiles.length + deleteFiles.length + setFileModes.length
  if (count === 0) refuse('FileEntryRequiredException')
  if (count > MOST_FILES) refuse('MaximumFileEntriesExceededException')
  const puts = putFiles.map(checkPut)
  const deletes = deleteFiles.map(entry => filePath(entry.filePath))
  const modes = setFileModes.map(({ filePath: path, fileMode }) => ({
    path: filePath(path),
    mode: fileMode ?? refuse('FileModeRequiredException'),
  }))

  const moved = puts.flatMap(({ from }) => ('source' in from && from.isMove ? [from.source] : []))
  const written = puts.map(({ path }) => path)
  const touched = [...written, ...deletes, ...modes.map(({ path }) => path), ...moved]
  if (new Set(touched).size < touched.length) refuse('SamePathRequestException')
  if (written.some(path => written.some(other => other.startsWith(`${path}/`)))) refuse('PutFileEntryConflictException')
  const bytes = puts.reduce((sum, { from }) => sum + ('content' in from ? from.content.length : 0), 0)
  if (bytes > MOST_BYTES) refuse('FileContentSizeLimitExceededException')
  return { puts, deletes, modes }
}

function checkPut({ filePath: path, fileMode, fileContent, sourceFile }: NonNullable<Input['putFiles']>[number]): Put {
  const to = { path: filePath(path), mode: fileMode }
  if (fileContent !== undefined && sourceFile !== undefined) refuse('FileContentAndSourceFileSpecifiedException')
  if (sourceFile !== undefined) {
    const source = filePath(sourceFile.filePath)
    if (source.split('/').at(-1) === KEEP_NAME) refuse('RestrictedSourceFileException')
    return { ...to, from: { source, isMove: sourceFile.isMove ?? false } }
  }
  if (fileContent === undefined) return refuse('SourceFileOrContentRequiredException')
  if (fileContent.length > MOST_FILE_BYTES) refuse('FileContentSizeLimitExceededException')
  return { ...to, from: { content: Buffer.from(fileContent) } }
}

export interface Applied {
  readonly blobs: readonly NewObject[]
  readonly added: FileMetadata[]
  readonly updated: FileMetadata[]
  readonly deleted: FileMetadata[]
}

/** Sources are those of the parent, whatever else the commit does to them. Deletions come first, so that a file may become a folder. */
export async function applyEntries(edit: TreeEdit, entries: FileEntries, keepEmpty: boolean): Promise<Applied> {
  const { puts, deletes, modes } = entries
  const blobs: NewObject[] = []
  const added: FileMetadata[] = []
  const updated: FileMetadata[] = []
  const deleted: FileMetadata[] = []
  const file = async (path: string) => {
    const found = await edit.find(path)
    return found?.kind === 'file' ? found : refuse('FileDoesNotExistException')
  }
  const shown = (path: string, { id, mode }: { id: string; mode: string }): FileMetadata => ({
    absolutePath: path,
    blobId: id,
    fileMode: fileModeName(mode),
  })

  const resolved = []
  for (const { path, mode, from } of puts) {
    const before = await edit.find(path)
    const source = 'source' in from ? await file(from.source) : undefined
    if ('content' in from) blobs.push({ type: 'blob', content: from.content })
    const inherited = source ?? (before?.kind === 'file' ? before : undefined)
    const entry = {
      id: 'content' in from ? objectId('blob', from.content) : source!.id,
      mode: mode ? MODE_OF[mode] : (inherited?.mode ?? MODE_OF.NORMAL),
    }
    resolved.push({ path, entry, existed: before?.kind === 'file' })
  }
  const removals = [...deletes, ...puts.flatMap(({ from }) => ('source' in from && from.isMove ? [from.source] : []))]
  for (const path of removals) {
    deleted.push(shown(path, await file(path)))
    await edit.remove(path)
  }
  for (const { path, entry, existed } of resolved) {
    await putFile(edit, path, entry)
    ;(existed ? updated : added).push(shown(path, entry))
  }
  for (const { path, mode } of modes) {
    const entry = { id: (await file(path)).id, mode: MODE_OF[mode] }
    await putFile(edit, path, entry)
    updated.push(shown(path, entry))
  }
  if (keepEmpty) {
    const id = objectId('blob', KEEP_FILE)
    for (const path of removals) {
      if (!(await keepFolder(edit, path, id))) continue
      blobs.push({ type: 'blob', content: KEEP_FILE })
      const folder = path.split('/').slice(0, -1).join('/')
      added.push(shown(`${folder}/${KEEP_NAME}`, { id, mode: MODE_OF.NORMAL }))
    }
  }
  return { blobs, added, updated, deleted }
}
