// Unpacks a bundle of a stranger: nothing leaves the directory, nothing is followed, and there is an end to size and number.

import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, lchown, link, lstat, mkdir, open, symlink, utimes } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { open as openZip, type Entry as ZipEntry, type ZipFile } from 'yauzl'
import type { BundleType } from './deploymentSpec.ts'

export interface UnpackLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}

const LIMITS: UnpackLimits = { maxBytes: 16 * 1024 ** 3, maxEntries: 1_000_000 }

interface Entry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link'
  readonly mode: number
  readonly modified?: Date | undefined
  /** Of a link. */
  readonly target?: string | undefined
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly content?: Readable
}

/** Unpacks `bundle` into `directory`, which must be empty or missing. Rejects with a sentence; what was written stays. */
export async function unpack(bundle: string, type: BundleType, directory: string, limits = LIMITS): Promise<void> {
  const what = type === 'zip' ? 'zip' : 'tar'
  await mkdir(directory, { recursive: true })
  const into = createWriter(directory, limits)
  try {
    await (type === 'zip' ? readZip(bundle, into.add) : readTar(bundle, type, into.add))
    await into.finish()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new Error('The disk is (or was) full during extraction.')
    throw new Error(`Error extracting ${what} archive: ${(error as Error).message}`, { cause: error })
  }
}

/** Links come last, so that no entry is ever written through one. */
function createWriter(directory: string, limits: UnpackLimits) {
  const links = new Map<string, Entry>() // by path: of equal names the last one counts
  const directories: { mode: number; path: string }[] = []
  let entries = 0
  let bytes = 0
  const count = () =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        done(bytes > limits.maxBytes ? new Error(`it unpacks to more than ${limits.maxBytes} bytes`) : null, chunk)
      },
    })
  const setOwner = async (entry: Entry, path: string) => {
    if (entry.owner && process.getuid?.() === 0) await lchown(path, entry.owner.uid, entry.owner.gid)
  }
  return {
    async add(entry: Entry): Promise<void> {
      if (++entries > limits.maxEntries) throw new Error(`it has more than ${limits.maxEntries} entries`)
      const path = join(directory, safeName(entry.name))
      if (entry.type === 'directory') {
        await mkdir(path, { recursive: true })
        directories.push({ mode: entry.mode, path })
        await setOwner(entry, path)
        return
      }
      await mkdir(dirname(path), { recursive: true })
      if (entry.type !== 'file') {
        links.set(path, entry)
        return
      }
      await pipeline(entry.content!, count(), createWriteStream(path))
      await setOwner(entry, path)
      await chmod(path, entry.mode & 0o7777)
      if (entry.modified) await utimes(path, entry.modified, entry.modified)
    },
    async finish(): Promise<void> {
      for (const [path, entry] of links) {
        if (entry.type !== 'link') continue
        const target = join(directory, safeName(entry.target ?? ''))
        if (!(await lstat(target)).isFile()) throw new Error(`${entry.name} links to something that is no file`)
        await link(target, path)
      }
      for (const [path, entry] of links) {
        if (entry.type !== 'symlink') continue
        // The parent was made before any symbolic link was: it is a real directory unless a link took its name, which fails.
        await symlink(entry.target ?? '', path)
        await setOwner(entry, path)
      }
      for (const { mode, path } of directories.reverse()) await chmod(path, mode & 0o7777)
    },
  }
}

/** Relative and inside, or refused. Leading slashes go, as tar does. */
function safeName(name: string): string {
  const parts = name.replace(/^\/+/, '').split('/')
  if (parts.includes('..') || name.includes('\0'))
    throw new Error(`the entry ${JSON.stringify(name)} leaves the directory`)
  return posix.normalize(parts.join('/') || '.')
}

async function readTar(bundle: string, type: BundleType, add: (entry: Entry) => Promise<void>): Promise<void> {
  const compressed = await isGzip(bundle)
  if (type === 'tgz' && !compressed) throw new Error('not in gzip format')
  const tar = extract()
  const feeding = compressed
    ? pipeline(createReadStream(bundle), createGunzip(), tar)
    : pipeline(createReadStream(bundle), tar)
  feeding.catch(() => {}) // awaited below; the loop may fail first
  let seen = 0
  for await (const entry of tar) {
    seen++
    const { header } = entry
    const kind = KINDS[header.type ?? 'file']
    if (kind === 'ignore') {
      entry.resume()
      continue
    }
    if (!kind) throw new Error(`the entry ${JSON.stringify(header.name)} is a ${header.type}, which is not unpacked`)
    await add({
      name: header.name,
      type: kind,
      mode: header.mode ?? 0o644,
      modified: header.mtime,
      target: header.linkname ?? undefined,
      owner: { uid: header.uid ?? 0, gid: header.gid ?? 0 },
      content: entry as unknown as Readable,
    })
    entry.resume()
  }
  await feeding
  if (seen === 0) throw new Error('it is empty, or no tar archive')
}

const KINDS: Readonly<Record<string, Entry['type'] | 'ignore' | undefined>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'link',
  'pax-global-header': 'ignore',
}

async function isGzip(bundle: string): Promise<boolean> {
  const file = await open(bundle)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  } finally {
    await file.close()
  }
}

async function readZip(bundle: string, add: (entry: Entry) => Promise<void>): Promise<void> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    openZip(bundle, { lazyEntries: true, autoClose: false }, (error, file) => (error ? reject(error) : resolve(file))),
  )
  try {
    for (let left = zip.entryCount; left > 0; left--) {
      const entry = await nextEntry(zip)
      if (!entry) return
      await addZipEntry(zip, entry, add)
    }
  } finally {
    zip.close()
  }
}

function nextEntry(zip: ZipFile): Promise<ZipEntry | undefined> {
  return new Promise((resolve, reject) => {
    const done = (entry?: ZipEntry, error?: Error) => {
      zip.removeAllListeners()
      if (error) reject(error)
      else resolve(entry)
    }
    zip.once('entry', (entry: ZipEntry) => done(entry))
    zip.once('end', () => done())
    zip.once('error', (error: Error) => done(undefined, error))
    zip.readEntry()
  })
}

const SYMLINK = 0o120000
const FILE_TYPE = 0o170000
const LONGEST_TARGET = 4096

async function addZipEntry(zip: ZipFile, entry: ZipEntry, add: (entry: Entry) => Promise<void>): Promise<void> {
  const unix = entry.externalFileAttributes >>> 16
  const isDirectory = entry.fileName.endsWith('/')
  const mode = (unix & 0o7777) === 0 ? (isDirectory ? 0o755 : 0o644) : unix & 0o7777
  const common = { name: entry.fileName, mode, modified: entry.getLastModDate() }
  if (isDirectory) return add({ ...common, type: 'directory' })
  const content = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  )
  if ((unix & FILE_TYPE) !== SYMLINK) return add({ ...common, type: 'file', content })
  let target = ''
  for await (const chunk of content) {
    target += chunk
    if (target.length > LONGEST_TARGET)
      throw new Error(`the link ${JSON.stringify(entry.fileName)} has no sensible target`)
  }
  return add({ ...common, type: 'symlink', target })
}
