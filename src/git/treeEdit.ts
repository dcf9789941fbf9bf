// Changes paths of a tree without a work tree: only the directories on the way are read and written again.

import { isTreePath } from './names.ts'
import { objectId } from './objectId.ts'
import { bytesOf, type EntryMode, isDirectory, isSubmodule, parseTree, type RawEntry, treeContent } from './tree.ts'

/** What is at a path: a file (also a symbolic link), a directory, a submodule, or nothing. */
export type Found = { readonly kind: 'file' | 'directory' | 'submodule'; readonly mode: EntryMode; readonly id: string }

/** Why a path can not be written. */
export type PathConflict = 'isDirectory' | 'parentIsFile' | 'inSubmodule'

export class TreeConflict extends Error {
  override readonly name = 'TreeConflict'
  readonly conflict: PathConflict
  readonly path: string

  constructor(conflict: PathConflict, path: string) {
    super(`${path}: ${conflict}`)
    this.conflict = conflict
    this.path = path
  }
}

export interface WrittenTree {
  readonly id: string
  /** New tree objects, to be stored together with the blobs and the commit. */
  readonly objects: readonly { readonly type: 'tree'; readonly content: Buffer }[]
}

export interface TreeEdit {
  find(path: string): Promise<Found | undefined>
  /** Puts a file; throws TreeConflict where a directory, a file on the way or a submodule is in the way. */
  put(path: string, entry: RawEntry): Promise<void>
  /** Removes a file; directories that become empty vanish. False when there was none. */
  remove(path: string): Promise<boolean>
  write(): WrittenTree
}

interface Node {
  readonly entries: Map<string, RawEntry>
  readonly loaded: Map<string, Node>
  changed: boolean
}

/** `root` undefined starts empty; `readTree` gives a tree's content by id. */
export async function editTree(root: string | undefined, readTree: (id: string) => Promise<Buffer>): Promise<TreeEdit> {
  const load = async (id: string | undefined): Promise<Node> => ({
    entries: id ? parseTree(await readTree(id)) : new Map(),
    loaded: new Map(),
    changed: false,
  })
  const top = await load(root)

  const child = async (node: Node, name: string): Promise<Node | undefined> => {
    const known = node.loaded.get(name)
    if (known) return known
    const entry = node.entries.get(name)
    if (!entry || !isDirectory(entry.mode)) return undefined
    const fresh = await load(entry.id)
    node.loaded.set(name, fresh)
    return fresh
  }

  /** The nodes from the top to the directory of `parts`, as far as they exist. */
  const walk = async (parts: readonly string[]): Promise<Node[]> => {
    const nodes = [top]
    for (const name of parts) {
      const next = await child(nodes.at(-1)!, name)
      if (!next) break
      nodes.push(next)
    }
    return nodes
  }

  const split = (path: string) => {
    if (!isTreePath(path)) throw new Error(`not a path of a tree: ${path}`)
    const parts = bytesOf(path).split('/')
    return { parents: parts.slice(0, -1), name: parts.at(-1)! }
  }

  return {
    async find(path) {
      const { parents, name } = split(path)
      const nodes = await walk(parents)
      if (nodes.length <= parents.length) return undefined
      const entry = nodes.at(-1)!.entries.get(name)
      if (!entry) return undefined
      return { kind: isDirectory(entry.mode) ? 'directory' : isSubmodule(entry.mode) ? 'submodule' : 'file', ...entry }
    },

    async put(path, entry) {
      const { parents, name } = split(path)
      const nodes = await walk(parents)
      const missing = parents.slice(nodes.length - 1)
      const obstacle = missing[0] === undefined ? undefined : nodes.at(-1)!.entries.get(missing[0])
      if (obstacle) throw new TreeConflict(isSubmodule(obstacle.mode) ? 'inSubmodule' : 'parentIsFile', path)
      for (const directory of missing) {
        const fresh: Node = { entries: new Map(), loaded: new Map(), changed: true }
        const parent = nodes.at(-1)!
        parent.entries.set(directory, { mode: '40000', id: '' })
        parent.loaded.set(directory, fresh)
        nodes.push(fresh)
      }
      const before = nodes.at(-1)!.entries.get(name)
      if (before && isDirectory(before.mode)) throw new TreeConflict('isDirectory', path)
      if (before && isSubmodule(before.mode)) throw new TreeConflict('inSubmodule', path)
      nodes.at(-1)!.entries.set(name, entry)
      for (const node of nodes) node.changed = true
    },

    async remove(path) {
      const { parents, name } = split(path)
      const nodes = await walk(parents)
      const entry = nodes.length > parents.length ? nodes.at(-1)!.entries.get(name) : undefined
      if (!entry || isDirectory(entry.mode)) return false
      nodes.at(-1)!.entries.delete(name)
      for (const node of nodes) node.changed = true
      for (let depth = nodes.length - 1; depth > 0 && nodes[depth]!.entries.size === 0; depth--) {
        nodes[depth - 1]!.entries.delete(parents[depth - 1]!)
        nodes[depth - 1]!.loaded.delete(parents[depth - 1]!)
      }
      return true
    },

    write() {
      const objects: { type: 'tree'; content: Buffer }[] = []
      const store = (node: Node): string => {
        for (const [name, inner] of node.loaded) {
          if (inner.changed) node.entries.set(name, { mode: '40000', id: store(inner) })
        }
        const content = treeContent(node.entries)
        objects.push({ type: 'tree', content })
        return objectId('tree', content)
      }
      if (!top.changed && root) return { id: root, objects: [] }
      const id = store(top)
      return { id, objects }
    },
  }
}
