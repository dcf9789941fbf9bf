// New objects go in as one small pack through one git process, which checks every object before it stores it.

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { runGit } from './run.ts'

export interface NewObject {
  readonly type: 'commit' | 'tree' | 'blob'
  readonly content: Buffer
}

const TYPE = { commit: 1, tree: 2, blob: 3 } as const
const compress = promisify<Uint8Array, Buffer>(deflate)

/** Stores `objects` durably in `dir`; whatever they refer to must be among them or there. Again is fine. */
export async function writeObjects(dir: string, objects: readonly NewObject[]): Promise<void> {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(objects.length, 8)
  const parts: Buffer[] = [head]
  for (const { type, content } of objects) parts.push(entryHead(TYPE[type], content.length), await compress(content))
  const body = Buffer.concat(parts)
  const pack = Buffer.concat([body, createHash('sha1').update(body).digest()])
  await runGit(['unpack-objects', '-q', '--strict'], { dir, input: pack })
}

/** Type and size: four bits of size in the first byte, then seven a byte, the top bit telling that more comes. */
function entryHead(type: number, size: number): Buffer {
  const bytes: number[] = []
  let rest = Math.floor(size / 16)
  let byte = (type << 4) | (size & 15)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest & 0x7f
    rest = Math.floor(rest / 128)
  }
  bytes.push(byte)
  return Buffer.from(bytes)
}
