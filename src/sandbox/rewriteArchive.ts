// A tar stream with every entry checked and named anew while it passes: only headers are looked at, contents go through as the bytes they are.
// What unpacks and packs each file again takes most of the time that a cache of thousands of files takes.

import { Readable } from 'node:stream'
import { type ArchiveEntry, checkedName, checkedType, throughNoLink } from './archive.ts'
import { SandboxError } from './sandboxError.ts'

const BLOCK = 512
/** Pieces of an archive are gathered up to so many bytes: what comes after works a piece at a time. */
const PIECE = 1024 * 1024
/** Of an extended header: names and links, nothing larger. */
const LONGEST_EXTENSION = 1024 * 1024
/** From here on a size does not fit into a header's octal digits. */
const LARGE = 8 ** 11

export type EntryHeader = Omit<ArchiveEntry, 'content'>

export interface RewriteOptions {
  /** Comes before the entries of the archive. */
  readonly first?: EntryHeader | undefined
  /** The archive's pieces are good until the next is asked for; that it was cut off is only seen in itself. */
  readonly transient?: boolean
}

/**
 * The entries of `archive`, as `change` has them; those that it answers undefined for are left out. Rejects with EUNSAFE for what may not be in an
 * archive (see `readArchive`), and when the archive is broken or cut off. Entries belong to root.
 */
export function rewriteArchive(
  archive: AsyncIterable<Uint8Array>,
  change: (entry: EntryHeader) => EntryHeader | undefined,
  options: RewriteOptions = {},
): Readable {
  const pieces = (buffers?: readonly Buffer[]) => gathered(rewritten(archive, change, options), buffers)
  const stream = Readable.from(pieces(), { objectMode: false, highWaterMark: PIECE })
  // Other threads may look at them.
  offerTransient(stream, () => pieces([0, 1].map(() => Buffer.from(new SharedArrayBuffer(PIECE)))))
  return stream
}

const unread = new WeakMap<Readable, () => AsyncGenerator<Uint8Array>>()

/** What `transientPieces` reads instead of `stream`: the same, in pieces that are good until the next is asked for, or longer. */
export function offerTransient(stream: Readable, pieces: () => AsyncGenerator<Uint8Array>): void {
  unread.set(stream, pieces)
}

/**
 * What is in `archive`, which nobody has begun to read, in pieces that are good until the one after the next is asked for, where it can be had so:
 * whoever copies or compresses them needs no buffer for each.
 */
export async function* transientPieces(archive: Readable): AsyncGenerator<Uint8Array> {
  const pieces = unread.get(archive)
  try {
    yield* pieces ? pieces() : archive
  } finally {
    archive.destroy()
  }
}

/** In `buffers` by turns, else each piece in one of its own. */
async function* gathered(pieces: AsyncIterable<Uint8Array>, buffers?: readonly Buffer[]): AsyncGenerator<Buffer> {
  let count = 0
  const next = () => buffers?.[count++ % buffers.length] ?? Buffer.allocUnsafeSlow(PIECE)
  let buffer = next()
  let size = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + PIECE - size)
      buffer.set(part, size)
      size += part.length
      at += part.length
      if (size < PIECE) break
      yield buffer
      buffer = next()
      size = 0
    }
  }
  if (size > 0) yield buffer.subarray(0, size)
}

async function* rewritten(
  archive: AsyncIterable<Uint8Array>,
  change: (entry: EntryHeader) => EntryHeader | undefined,
  { first, transient = false }: RewriteOptions,
): AsyncGenerator<Uint8Array> {
  if (first) yield headerOf(first)
  const links = new Set<string>()
  const globals: Extension = {}
  let extension: Extension = {}
  /** An extended header that is being read, and its kind. */
  let extending: { readonly kind: string; readonly size: number; parts: Buffer[] } | undefined
  let held: Buffer = Buffer.alloc(0)
  /** Bytes of the content that are still to come, then of what fills its last block. */
  let content = 0
  let filling = 0
  let kept = false
  /** The last block was the archive's end. */
  let ended = false
  for await (const bytes of archive instanceof Readable ? transientPieces(archive) : archive) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < chunk.length; ) {
      if (content > 0) {
        const part = chunk.subarray(at, at + content)
        at += part.length
        content -= part.length
        if (extending) extending.parts.push(Buffer.from(part))
        else if (kept) yield part
        if (content > 0) break
        if (kept && !extending && filling > 0) yield ZEROS.subarray(0, filling)
        if (extending) {
          extend(extending.kind === 'g' ? globals : extension, extending.kind, Buffer.concat(extending.parts))
          extending = undefined
        }
      }
      if (filling > 0) {
        const skipped = Math.min(filling, chunk.length - at)
        filling -= skipped
        at += skipped
        continue
      }
      const part = chunk.subarray(at, at + BLOCK - held.length)
      at += part.length
      held = held.length === 0 && part.length === BLOCK ? part : Buffer.concat([held, part])
      if (held.length < BLOCK) break
      const block = held
      held = Buffer.alloc(0)
      ended = block.equals(ZEROS)
      if (ended) continue
      const raw = decode(block)
      content = raw.size
      if (EXTENSIONS.includes(raw.kind)) {
        if (content > LONGEST_EXTENSION)
          throw new SandboxError('EUNSAFE', 'an extended header of the archive is too long')
        filling = fillOf(content)
        extending = { kind: raw.kind, size: content, parts: [] }
        if (content === 0) extending = undefined
        continue
      }
      const known = { ...globals, ...extension }
      extension = {}
      const entry = checked({ ...raw, name: known.path ?? raw.name, linkname: known.linkpath ?? raw.linkname }, links)
      // Only files have content, whatever the header of a link says.
      content = entry.type === 'file' ? Number(known.size ?? raw.size) : 0
      if (!Number.isSafeInteger(content) || content < 0) throw new Error('the archive has a broken header')
      filling = fillOf(content)
      const changed = change({ ...entry, size: content })
      kept = changed !== undefined
      if (changed) yield headerOf(changed)
    }
  }
  if (content > 0 || filling > 0 || held.length > 0 || extending || (transient && !ended))
    throw new Error('the archive is cut off')
  yield ZEROS
  yield ZEROS
}

const ZEROS = Buffer.alloc(BLOCK)
const fillOf = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK

/** Extended headers: of one entry, of all that follow (POSIX), long links and names (GNU). */
const EXTENSIONS = ['x', 'g', 'K', 'L', 'N']

interface Extension {
  path?: string
  linkpath?: string
  size?: string
}

function extend(extension: Extension, kind: string, bytes: Buffer): void {
  if (kind === 'K') extension.linkpath = text(bytes)
  else if (kind === 'L' || kind === 'N') extension.path = text(bytes)
  else {
    // POSIX: `LENGTH KEY=VALUE\n`, the length of all of it [pax, extended header].
    for (let at = 0; at < bytes.length; ) {
      const space = bytes.indexOf(32, at)
      const length = space < 0 ? 0 : Number(bytes.toString('latin1', at, space))
      if (!(length > 0) || at + length > bytes.length) return
      const record = bytes.toString('utf8', space + 1, at + length - 1)
      const equals = record.indexOf('=')
      const key = record.slice(0, equals)
      if (key === 'path' || key === 'linkpath' || key === 'size') extension[key] = record.slice(equals + 1)
      at += length
    }
  }
}

interface RawHeader {
  readonly kind: string
  readonly name: string
  readonly linkname: string
  readonly mode: number
  readonly size: number
  readonly mtime: Date
}

function decode(block: Buffer): RawHeader {
  if (number(block, 148, 8) !== checksum(block)) throw new Error('the archive has a broken header')
  const magic = block.toString('latin1', 257, 262)
  if (magic !== 'ustar') throw new Error('the archive is of an unknown format')
  // GNU's own format has other things where POSIX has the beginning of a long name.
  const prefix = block[262] === 0 && block[345] !== 0 ? `${text(block.subarray(345, 500))}/` : ''
  const name = prefix + text(block.subarray(0, 100))
  return {
    kind: String.fromCharCode(block[156]! || 48),
    name,
    linkname: text(block.subarray(157, 257)),
    mode: number(block, 100, 8),
    size: number(block, 124, 12),
    mtime: new Date(number(block, 136, 12) * 1000),
  }
}

const KINDS: Readonly<Record<string, string>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
}

function checked(raw: RawHeader, links: Set<string>): EntryHeader {
  const name = checkedName(raw.name)
  // Old archives: a name that ends so is a directory's.
  const kind = raw.kind === '0' && raw.name.endsWith('/') ? '5' : raw.kind
  const type = checkedType(KINDS[kind], name)
  throughNoLink(name, links)
  const linkname = type === 'link' ? checkedName(raw.linkname) : type === 'symlink' ? raw.linkname : ''
  if (type === 'link') throughNoLink(linkname, links)
  if (type === 'symlink') links.add(name)
  else links.delete(name)
  return { name, type, mode: raw.mode & 0o777, size: raw.size, mtime: raw.mtime, linkname }
}

/** The text up to the first zero byte. */
function text(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? field.length : end)
}

/** Octal digits, or a number as such behind a set first bit. */
function number(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80) {
    let value = block[at]! & 0x7f
    for (let byte = at + 1; byte < at + length; byte++) value = value * 256 + block[byte]!
    return value
  }
  const digits = text(block.subarray(at, at + length)).trim()
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Of the bytes of a header, its own field taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32
  for (let at = 0; at < 148; at++) sum += block[at]!
  for (let at = 156; at < BLOCK; at++) sum += block[at]!
  return sum
}

const FLAGS: Readonly<Record<EntryHeader['type'], string>> = { file: '0', link: '1', symlink: '2', directory: '5' }

/** One block, or an extended header in front of it where something does not fit. */
function headerOf({ name, type, mode, size, mtime, linkname }: EntryHeader): Buffer {
  const full = type === 'directory' ? `${name || '.'}/` : name
  const records = [
    ...(isShort(full) ? [] : [record('path', full)]),
    ...(isShort(linkname) ? [] : [record('linkpath', linkname)]),
    ...(size >= LARGE ? [record('size', String(size))] : []),
  ]
  const fields = { flag: FLAGS[type], mode, size: type === 'file' ? size : 0, mtime: mtime ?? new Date(0) }
  // A name that was cut off might end as a directory's does.
  const own = encode({ ...fields, name: isShort(full) ? full : 'PaxName', linkname })
  if (records.length === 0) return own
  const extension = Buffer.concat(records)
  return Buffer.concat([
    encode({ flag: 'x', mode: 0o644, size: extension.length, mtime: fields.mtime, name: 'PaxHeader', linkname: '' }),
    extension,
    ZEROS.subarray(0, fillOf(extension.length)),
    own,
  ])
}

const isShort = (name: string) => name.length <= 100 && Buffer.byteLength(name) === name.length

function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length++
  return Buffer.from(`${length} ${key}=${value}\n`)
}

interface Fields {
  readonly flag: string
  readonly mode: number
  readonly size: number
  readonly mtime: Date
  readonly name: string
  readonly linkname: string
}

function encode({ flag, mode, size, mtime, name, linkname }: Fields): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${Math.max(0, Math.floor(value)).toString(8).slice(-digits).padStart(digits, '0')}\0`, at, 'latin1')
  block.write(name, 0, 100)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(mtime.getTime() / 1000, 136, 11)
  block.write(flag, 156, 'latin1')
  block.write(linkname, 157, 100)
  block.write('ustar\x0000', 257, 'latin1')
  block.write(checksum(block).toString(8).padStart(6, '0'), 148, 'latin1')
  block[155] = 32
  return block
}
