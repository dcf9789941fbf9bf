// Turns directories and zip files into tar streams for a sandbox, and files of a build into a zip.

import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'
import yazl from 'yazl'
import { addEntry, packArchive } from '../sandbox/archive.ts'

/** One file of a build, to be read before the next one is asked for. */
export interface BuildFile {
  /** Relative, with forward slashes. */
  readonly path: string
  readonly mode: number
  readonly size: number
  readonly mtime: Date | undefined
  /** Set for a symbolic link that is kept as one. */
  readonly linkname?: string
  readonly content: Readable
}

/** Everything below `directory`, symbolic links as links; `skip` leaves out a relative path with what is below. */
export function tarOfDirectory(directory: string, skip: (path: string) => boolean = () => false): Readable {
  return packArchive(async pack => {
    const walk = async (relative: string): Promise<void> => {
      for (const name of (await readdir(join(directory, relative))).sort()) {
        const path = relative === '' ? name : `${relative}/${name}`
        if (skip(path)) continue
        const full = join(directory, path)
        const stat = await lstat(full)
        const common = { name: path, mode: stat.mode & 0o777, mtime: stat.mtime, linkname: '' }
        if (stat.isDirectory()) {
          await addEntry(pack, { ...common, type: 'directory', size: 0 })
          await walk(path)
        } else if (stat.isSymbolicLink()) {
          await addEntry(pack, { ...common, type: 'symlink', size: 0, linkname: await readlink(full) })
        } else if (stat.isFile()) {
          await addEntry(pack, { ...common, type: 'file', size: stat.size, content: fileContent(full, stat.size) })
        }
      }
    }
    await walk('')
  })
}

const fileContent = (path: string, size: number) =>
  size === 0 ? Readable.from([]) : createReadStream(path, { end: size - 1, highWaterMark: 262_144 })

/** The entries of a zip file. Names that leave the directory are refused (`invalid relative path`), as are broken files. */
export function tarOfZip(file: string): Readable {
  return packArchive(async pack => {
    const zip = await yauzl.openPromise(file, { strictFileNames: false, validateEntrySizes: true, autoClose: false })
    try {
      for await (const entry of zip.eachEntry()) {
        const mode = entry.externalFileAttributes >>> 16
        const name = entry.fileName.replace(/\/+$/, '')
        if (name === '') continue
        const common = { name, mtime: entry.getLastModDate(), linkname: '' }
        if (entry.fileName.endsWith('/')) {
          await addEntry(pack, { ...common, type: 'directory', mode: mode & 0o777 || 0o755, size: 0 })
          continue
        }
        const content = await zip.openReadStreamPromise(entry)
        if ((mode & 0o170000) === 0o120000) {
          const linkname = Buffer.concat(await content.toArray()).toString()
          await addEntry(pack, { ...common, type: 'symlink', mode: 0o777, size: 0, linkname })
        } else {
          const size = entry.uncompressedSize
          await addEntry(pack, { ...common, type: 'file', mode: mode & 0o777 || 0o644, size, content })
        }
      }
    } finally {
      zip.close()
    }
  })
}

/** A tar of files given as text. */
export function tarOfTexts(files: Readonly<Record<string, string>>): Readable {
  return packArchive(async pack => {
    for (const [name, text] of Object.entries(files)) {
      const bytes = Buffer.from(text)
      const content = Readable.from([bytes])
      await addEntry(pack, {
        name,
        type: 'file',
        mode: 0o644,
        size: bytes.length,
        mtime: undefined,
        linkname: '',
        content,
      })
    }
  })
}

/** Writes `files` into a zip at `target`; answers how many there were. */
export async function zipOfFiles(target: string, files: AsyncIterable<BuildFile>): Promise<number> {
  const zip = new yazl.ZipFile()
  const sink = createWriteStream(target, { mode: 0o600 })
  const written = pipeline(zip.outputStream, sink)
  written.catch(() => {}) // awaited below
  let count = 0
  for await (const file of files) {
    count++
    const options = { mode: file.mode | 0o100000, ...(file.mtime && { mtime: file.mtime }) }
    if (file.linkname !== undefined) {
      zip.addBuffer(Buffer.from(file.linkname), file.path, { ...options, mode: 0o120777 })
      continue
    }
    zip.addReadStream(file.content, file.path, options)
    await Promise.race([finished(file.content, { writable: false }), written])
  }
  zip.end()
  await written
  return count
}
