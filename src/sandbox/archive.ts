// Tar streams that come from or go to a sandbox. Nothing in one may reach outside of its directory, be a device, or take an owner or setuid along.

import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar, { type Pack } from 'tar-stream'
import { SandboxError } from './sandboxError.ts'

export interface ArchiveEntry {
  /** Relative, without `.` or `..` or trailing slash; empty for the directory itself. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link'
  readonly mode: number
  readonly size: number
  readonly mtime: Date | undefined
  /** A symlink's target as written, or a hard link's target as a checked name. */
  readonly linkname: string
  readonly content: AsyncIterable<Buffer>
}

/**
 * The entries of `archive`, checked; rejects with EUNSAFE for absolute names, `..`, devices, pipes, and names that go through a symlink
 * of the same archive. Each entry's content is skipped when it was not read.
 */
export async function* readArchive(archive: Readable): AsyncGenerator<ArchiveEntry> {
  const extract = tar.extract()
  const feeding = pipeline(archive, extract as unknown as Writable)
  feeding.catch(() => {}) // the loop below throws the same
  const links = new Set<string>()
  for await (const entry of extract) {
    const name = checkedName(entry.header.name)
    const type = checkedType(entry.header.type, name)
    throughNoLink(name, links)
    const linkname = type === 'link' ? checkedName(entry.header.linkname ?? '') : (entry.header.linkname ?? '')
    if (type === 'link') throughNoLink(linkname, links)
    if (type === 'symlink') links.add(name)
    else links.delete(name)
    const mode = (entry.header.mode ?? (type === 'directory' ? 0o755 : 0o644)) & 0o777
    yield {
      name,
      type,
      mode,
      size: entry.header.size ?? 0,
      mtime: entry.header.mtime,
      linkname,
      content: entry as AsyncIterable<Buffer>,
    }
    entry.resume()
  }
  await feeding
}

export function checkedName(raw: string): string {
  const parts = raw.split('/').filter(part => part !== '' && part !== '.')
  if (raw.startsWith('/') || parts.includes('..') || raw.includes('\0')) {
    throw new SandboxError(
      'EUNSAFE',
      `the archive's entry ${JSON.stringify(raw)} leaves the directory it is unpacked in`,
    )
  }
  return parts.join('/')
}

export function checkedType(type: string | null | undefined, name: string): ArchiveEntry['type'] {
  if (name === '' && type !== 'directory') throw new SandboxError('EUNSAFE', 'an entry of the archive has no name')
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return 'file'
    case 'directory':
    case 'symlink':
    case 'link':
      return type
    default:
      throw new SandboxError(
        'EUNSAFE',
        `the archive's entry ${JSON.stringify(name)} is a ${type ?? 'thing of unknown type'}`,
      )
  }
}

export function throughNoLink(name: string, links: ReadonlySet<string>) {
  if (links.size === 0) return
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    if (links.has(name.slice(0, at))) {
      throw new SandboxError(
        'EUNSAFE',
        `the archive's entry ${JSON.stringify(name)} goes through a link of the archive`,
      )
    }
  }
}

/** Adds one entry to `pack`, owned by root (the sandbox's own user), and resolves when its content is through. */
export function addEntry(
  pack: Pack,
  entry: Omit<ArchiveEntry, 'content'> & { readonly content?: AsyncIterable<Buffer> },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const isFile = entry.type === 'file'
  const header = {
    name: entry.type === 'directory' ? `${entry.name}/` : entry.name,
    type: entry.type,
    mode: entry.mode,
    size: isFile ? entry.size : 0,
    uid: 0,
    gid: 0,
    ...(entry.mtime && { mtime: entry.mtime }),
    ...(entry.linkname !== '' && { linkname: entry.linkname }),
  }
  const sink = pack.entry(header, error => (error ? reject(error) : resolve())) as unknown as Writable
  if (isFile && entry.content) pipeline(entry.content, sink).catch(reject)
  else sink.end()
  return promise
}

/** A tar stream made by `fill`; a failure of `fill` becomes the stream's error, and a closed stream ends `fill` at its next entry. */
export function packArchive(fill: (pack: Pack) => Promise<void>): Readable {
  const pack = tar.pack()
  fill(pack).then(
    () => pack.finalize(),
    error => pack.destroy(error),
  )
  // tar-stream's streams are look-alikes: what leaves this room is a real one.
  return Readable.from(pack, { objectMode: false, highWaterMark: 262_144 })
}
