// The files of a scripted sandbox: a map of absolute paths in memory, filled and read as archives or directly by a test.

import { basename } from 'node:path/posix'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { addEntry, packArchive, readArchive } from '../archive.ts'
import { SandboxError } from '../sandboxError.ts'

type Node =
  | { readonly type: 'file'; readonly content: Buffer; readonly mode: number }
  | { readonly type: 'directory'; readonly mode: number }
  | { readonly type: 'symlink'; readonly target: string; readonly mode: number }

export interface ScriptedFiles {
  /** Content of the file at an absolute path, or undefined. */
  read(path: string): string | undefined
  write(path: string, content: string | Buffer, mode?: number): void
  /** Absolute paths of everything below `directory`. */
  list(directory: string): readonly string[]
  put(path: string, tar: Readable): Promise<void>
  get(path: string): Readable
}

export function createScriptedFiles(): ScriptedFiles {
  const nodes = new Map<string, Node>()

  function resolve(path: string, hops = 0): string {
    const node = nodes.get(path)
    if (node?.type !== 'symlink' || hops > 40) return path
    const { target } = node
    return resolve(target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/'))}/${target}`, hops + 1)
  }
  const list = (directory: string) => [...nodes.keys()].filter(path => path.startsWith(`${directory}/`)).sort()

  return {
    list,
    read(path) {
      const node = nodes.get(resolve(path))
      return node?.type === 'file' ? node.content.toString() : undefined
    },
    write(path, content, mode = 0o644) {
      nodes.set(path, { type: 'file', content: Buffer.from(content as string), mode })
    },
    async put(path, tar) {
      if (nodes.get(resolve(path))?.type === 'file') throw new SandboxError('EUNSAFE', `${path} is a file`)
      nodes.set(path, { type: 'directory', mode: 0o755 })
      for await (const entry of readArchive(tar)) {
        const at = entry.name === '' ? path : `${path}/${entry.name}`
        const { mode } = entry
        if (entry.type === 'directory') nodes.set(at, { type: 'directory', mode })
        else if (entry.type === 'symlink') nodes.set(at, { type: 'symlink', target: entry.linkname, mode })
        else if (entry.type === 'link') nodes.set(at, nodes.get(`${path}/${entry.linkname}`) ?? missing(entry.linkname))
        else nodes.set(at, { type: 'file', content: await buffer(entry.content), mode })
      }
    },
    get(path) {
      const from = resolve(path)
      const found = nodes.get(from)
      const below = list(from)
      if (!found && below.length === 0) missing(path)
      return packArchive(async pack => {
        const one = async (name: string, node: Node) => {
          const content = node.type === 'file' ? node.content : Buffer.alloc(0)
          const linkname = node.type === 'symlink' ? node.target : ''
          const bytes = content.length > 0 ? { content: streamOf(content) } : {}
          await addEntry(pack, {
            name,
            type: node.type,
            mode: node.mode,
            size: content.length,
            mtime: undefined,
            linkname,
            ...bytes,
          })
        }
        if (found && found.type !== 'directory') await one(basename(path), found)
        else for (const each of below) await one(each.slice(from.length + 1), nodes.get(each)!)
      })
    },
  }
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

function missing(path: string): never {
  throw new SandboxError('ENOENT', `${path} does not exist`)
}
