// Git as the rest of the house sees it: a root directory of repositories, each opened by its id.

import { rm } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { type CatFile, type ObjectHead, openCatFile } from './catFile.ts'
import { type Commit, commitContent, parseCommit, type Signature } from './commit.ts'
import { directoryOf, ensureDirectory } from './directory.ts'
import {
  type Difference,
  diffTrees,
  isAncestor,
  logOfPath,
  mergeBase,
  newFirstParents,
  type PathVersion,
} from './history.ts'
import { diffLines, type LineDiff, type LineDiffOptions } from './lineDiff.ts'
import { maintain } from './maintenance.ts'
import { type MergedTree, mergeTrees } from './merge.ts'
import { EMPTY_TREE, isObjectId } from './names.ts'
import { objectId } from './objectId.ts'
import { project, type ReferenceRows } from './projection.ts'
import { sweepQuarantines } from './quarantine.ts'
import { type PushOwner, receivePack } from './receivePack.ts'
import type { CommandResult } from './references.ts'
import { streamGit } from './run.ts'
import { bytesOf, type EntryMode, isDirectory, parseTree, textOf } from './tree.ts'
import { editTree, type TreeEdit } from './treeEdit.ts'
import { type UploadPackRequest, uploadPack } from './uploadPack.ts'
import { type NewObject, writeObjects } from './writeObjects.ts'

export type { ObjectHead } from './catFile.ts'
export type { CheckedCommand } from './checkObjects.ts'
export { type Commit, type Signature, signature } from './commit.ts'
export type { Difference, PathVersion } from './history.ts'
export type { Hunk, LineDiff } from './lineDiff.ts'
export type { ConflictStage, FileConflict, MergedTree } from './merge.ts'
export { EMPTY_TREE, isBranchName, isObjectId, isReferenceName, isTreePath, ZERO_ID } from './names.ts'
export { objectId } from './objectId.ts'
export type { ReferenceRows } from './projection.ts'
export { advertisement } from './pushRequest.ts'
export type { PushOwner } from './receivePack.ts'
export type { Command, CommandResult, Reference } from './references.ts'
export { isDirectory, isSubmodule, isSymlink } from './tree.ts'
export { TreeConflict, type TreeEdit } from './treeEdit.ts'
export type { NewObject } from './writeObjects.ts'

export interface TreeEntry {
  readonly name: string
  readonly mode: EntryMode
  readonly id: string
}

/** One repository's directory. Reading methods answer undefined for what is not there. */
export interface Repository {
  readonly dir: string
  /** Makes the directory when it is missing. */
  ensure(): Promise<void>
  /** Shows at least `version` of the references to git; `load` reads the rows. Makes the directory when it is missing. */
  project(version: number, load: () => Promise<ReferenceRows>): Promise<void>
  uploadPack(request: Omit<UploadPackRequest, 'dir'>): Promise<void>
  receivePack(request: PushStreams): Promise<readonly CommandResult[]>

  head(id: string): Promise<ObjectHead | undefined>
  commit(id: string): Promise<Commit | undefined>
  /** The entries of one tree, in git's order. */
  tree(id: string): Promise<TreeEntry[] | undefined>
  /** What is at `path` below tree `root`; the empty path is the tree itself. */
  find(root: string, path: string): Promise<TreeEntry | undefined>
  /** A blob in memory; undefined also when it is larger than `most` bytes: ask `head` first. */
  blob(id: string, most: number): Promise<Buffer | undefined>
  /** A blob of any size, as a stream. */
  streamBlob(id: string, signal?: AbortSignal): AsyncGenerator<Buffer>
  diff(before: string | undefined, after: string | undefined, signal?: AbortSignal): AsyncGenerator<Difference>
  /** The lines in which two blobs differ; undefined is an empty file. */
  diffLines(before: string | undefined, after: string | undefined, options: LineDiffOptions): Promise<LineDiff>
  log(start: string, path: string): AsyncGenerator<PathVersion>
  mergeBase(a: string, b: string): Promise<string | undefined>
  isAncestor(ancestor: string, descendant: string): Promise<boolean>
  /** The commits on the line of first parents from `to` that `from` has not. */
  newFirstParents(from: string, to: string): AsyncGenerator<string>
  merge(ours: string, theirs: string): Promise<MergedTree>

  /** Begins changing the tree `root` (undefined: an empty one). */
  edit(root: string | undefined): Promise<TreeEdit>
  /** Stores a commit together with the objects that it needs; answers its id. No reference is touched. */
  writeCommit(commit: NewCommit, objects: readonly NewObject[]): Promise<string>
  /** The files of a commit as a zip, streamed. */
  archive(commit: string, signal?: AbortSignal): Readable
  /** Packs what many pushes left, without removing any object. True when there was something to do. */
  maintain(): Promise<boolean>
  /** Ends its processes and removes everything. Again is fine. */
  remove(): Promise<void>
}

export interface NewCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

export interface PushStreams {
  readonly input: Readable
  readonly output: Writable
  readonly owner: PushOwner
  readonly signal?: AbortSignal
  readonly drain: boolean
}

export interface Git {
  readonly root: string
  repository(id: string): Repository
  /** Removes quarantines that a crash left. */
  sweep(now: number): Promise<number>
  /** Ends the processes that wait for questions. The next question starts new ones. */
  close(): void
}

/** `root` is the directory that holds all repositories, for example `<dataDir>/git`. */
export function openGit(root: string): Git {
  const catFile = openCatFile()
  return {
    root,
    repository: id => repositoryAt(root, directoryOf(root, id), catFile),
    sweep: now => sweepQuarantines(root, now),
    close: () => catFile.close(),
  }
}

function repositoryAt(root: string, dir: string, objects: CatFile): Repository {
  const content = async (id: string, type: 'commit' | 'tree'): Promise<Buffer | undefined> => {
    if (id === EMPTY_TREE && type === 'tree') return Buffer.alloc(0)
    if (!isObjectId(id)) return undefined
    const found = await objects.read(dir, id)
    return found?.type === type ? found.content : undefined
  }
  const treeOrFail = async (id: string): Promise<Buffer> => {
    const found = await content(id, 'tree')
    if (!found) throw new Error(`the tree ${id} is missing in ${dir}`)
    return found
  }

  return {
    dir,
    ensure: () => ensureDirectory(dir),
    async project(version, load) {
      await ensureDirectory(dir)
      await project(dir, version, load)
    },
    uploadPack: request => uploadPack({ ...request, dir }),
    receivePack: request => receivePack({ ...request, root, dir }),

    head: async id => (isObjectId(id) ? objects.head(dir, id) : undefined),
    async commit(id) {
      const found = await content(id, 'commit')
      return found && parseCommit(id, found)
    },
    async tree(id) {
      const found = await content(id, 'tree')
      return found && [...parseTree(found)].map(([name, entry]) => ({ name: textOf(name), ...entry }))
    },
    async find(start, path) {
      let at: TreeEntry = { name: '', mode: '40000', id: start }
      for (const part of path.split('/').filter(Boolean)) {
        if (!isDirectory(at.mode)) return undefined
        const found = await content(at.id, 'tree')
        const entry = found && parseTree(found).get(bytesOf(part))
        if (!entry) return undefined
        at = { name: part, ...entry }
      }
      return at
    },
    async blob(id, most) {
      const found = isObjectId(id) ? await objects.head(dir, id) : undefined
      if (found?.type !== 'blob' || found.size > most) return undefined
      return (await objects.read(dir, id))?.content
    },
    streamBlob: (id, signal) => streamGit(['cat-file', 'blob', id], { dir, ...(signal && { signal }) }),
    diff: (before, after, signal) => diffTrees(dir, before, after, signal),
    async diffLines(before, after, options) {
      const empty = Buffer.alloc(0)
      if (before === undefined || after === undefined) await writeObjects(dir, [{ type: 'blob', content: empty }])
      const emptyId = objectId('blob', empty)
      return diffLines(dir, before ?? emptyId, after ?? emptyId, options)
    },
    log: (start, path) => logOfPath(dir, start, path),
    mergeBase: (a, b) => mergeBase(dir, a, b),
    isAncestor: (a, b) => isAncestor(dir, a, b),
    newFirstParents: (from, to) => newFirstParents(dir, from, to),
    merge: (ours, theirs) => mergeTrees(dir, ours, theirs),

    edit: start => editTree(start, treeOrFail),
    async writeCommit(commit, parts) {
      const written = commitContent(commit)
      await ensureDirectory(dir)
      await writeObjects(dir, [...parts, { type: 'commit', content: written }])
      return objectId('commit', written)
    },
    archive: (commit, signal) => archive(dir, commit, signal),
    maintain: () => maintain(dir),
    async remove() {
      objects.close(dir)
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The zip ends with an error when git fails; destroying it ends git. */
function archive(dir: string, commit: string, signal?: AbortSignal): Readable {
  if (!isObjectId(commit)) throw new Error(`not a commit id: ${commit}`)
  return Readable.from(streamGit(['archive', '--format=zip', commit], { dir, ...(signal && { signal }) }), {
    objectMode: false,
  })
}
