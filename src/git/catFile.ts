// Objects on demand: git cat-file processes that stay open while they are used, few a repository, answered in order.

import type { GitProcess } from './run.ts'
import { startGit } from './run.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export interface ObjectHead {
  readonly id: string
  readonly type: ObjectType
  readonly size: number
}

export interface GitObject extends ObjectHead {
  readonly content: Buffer
}

interface Waiting {
  readonly wantsContent: boolean
  resolve(found: ObjectHead | GitObject | undefined): void
  reject(error: Error): void
}

/** One process. `waiting` is in the order of the questions, which is the order of the answers. */
interface Reader {
  readonly git: GitProcess
  readonly waiting: Waiting[]
  idle?: NodeJS.Timeout
}

export interface CatFile {
  /** Type and size, or undefined when there is no such object. */
  head(dir: string, id: string): Promise<ObjectHead | undefined>
  /** The whole object in memory: ask for the size of a blob before. */
  read(dir: string, id: string): Promise<GitObject | undefined>
  /** Ends the processes of one repository (before its directory is removed), or all. */
  close(dir?: string): void
}

const PER_REPOSITORY = 2
const IDLE = 15_000
const MOST_REPOSITORIES = 32
const ANSWER_WITHIN = 60_000

export function openCatFile(): CatFile {
  const readers = new Map<string, Reader[]>()

  const drop = (dir: string, reader: Reader) => {
    clearTimeout(reader.idle)
    const rest = (readers.get(dir) ?? []).filter(other => other !== reader)
    if (rest.length > 0) readers.set(dir, rest)
    else readers.delete(dir)
    reader.git.child.stdin.end()
    for (const waiting of reader.waiting.splice(0)) waiting.reject(new Error('git cat-file ended'))
  }

  const start = (dir: string): Reader => {
    const git = startGit(['cat-file', '--batch-command'], { dir })
    const reader: Reader = { git, waiting: [] }
    const parser = answers(reader.waiting, () => {
      if (reader.waiting.length === 0) rest(dir, reader)
    })
    git.child.stdout.on('data', parser)
    git.ended.then(
      ({ stderr }) => {
        for (const waiting of reader.waiting.splice(0)) waiting.reject(new Error(`git cat-file ended: ${stderr}`))
        drop(dir, reader)
      },
      error => {
        for (const waiting of reader.waiting.splice(0)) waiting.reject(error)
        drop(dir, reader)
      },
    )
    return reader
  }

  const rest = (dir: string, reader: Reader) => {
    clearTimeout(reader.idle)
    reader.idle = setTimeout(() => drop(dir, reader), IDLE).unref()
  }

  const readerFor = (dir: string): Reader => {
    const open = readers.get(dir) ?? []
    readers.delete(dir)
    readers.set(dir, open) // most recently used last
    const free = open.find(reader => reader.waiting.length === 0)
    if (free) return free
    if (open.length >= PER_REPOSITORY) return open.reduce((a, b) => (b.waiting.length < a.waiting.length ? b : a))
    const reader = start(dir)
    open.push(reader)
    if (readers.size > MOST_REPOSITORIES) {
      const unused = [...readers].find(([, those]) => those.every(one => one.waiting.length === 0))
      for (const one of unused?.[1] ?? []) drop(unused![0], one)
    }
    return reader
  }

  const ask = <T>(dir: string, command: 'info' | 'contents', id: string): Promise<T | undefined> =>
    new Promise<T | undefined>((resolve, reject) => {
      const reader = readerFor(dir)
      clearTimeout(reader.idle)
      const timer = setTimeout(() => {
        reader.git.kill()
        reject(new Error(`git cat-file did not answer within ${ANSWER_WITHIN} ms`))
      }, ANSWER_WITHIN).unref()
      reader.waiting.push({
        wantsContent: command === 'contents',
        resolve(found) {
          clearTimeout(timer)
          resolve(found as T | undefined)
        },
        reject(error) {
          clearTimeout(timer)
          reject(error)
        },
      })
      reader.git.child.stdin.write(`${command} ${id}\n`)
    })

  return {
    head: (dir, id) => ask<ObjectHead>(dir, 'info', id),
    read: (dir, id) => ask<GitObject>(dir, 'contents', id),
    close(dir) {
      for (const [open, those] of [...readers]) {
        if (dir === undefined || dir === open) for (const reader of those) drop(open, reader)
      }
    },
  }
}

/** Takes standard output apart: `<id> <type> <size>` and, for contents, the bytes and a newline; or `<id> missing`. */
function answers(waiting: Waiting[], answered: () => void): (chunk: Buffer) => void {
  let line: Buffer = Buffer.alloc(0)
  let body: { head: ObjectHead; chunks: Buffer[]; left: number } | undefined

  return chunk => {
    let rest: Buffer = chunk
    while (rest.length > 0) {
      if (body) {
        const taken = rest.subarray(0, body.left)
        rest = rest.subarray(taken.length)
        body.chunks.push(taken)
        body.left -= taken.length
        if (body.left > 0) return
        const { head, chunks } = body
        body = undefined
        const content = Buffer.concat(chunks).subarray(0, head.size)
        waiting.shift()?.resolve({ ...head, content })
        answered()
        continue
      }
      const end = rest.indexOf(10)
      if (end === -1) {
        line = Buffer.concat([line, rest])
        return
      }
      const text = Buffer.concat([line, rest.subarray(0, end)]).toString('latin1')
      line = Buffer.alloc(0)
      rest = rest.subarray(end + 1)
      const [id = '', type = '', size] = text.split(' ')
      const head = size === undefined ? undefined : { id, type: type as ObjectType, size: Number(size) }
      if (head && waiting[0]?.wantsContent) body = { head, chunks: [], left: head.size + 1 }
      else {
        waiting.shift()?.resolve(head)
        answered()
      }
    }
  }
}
