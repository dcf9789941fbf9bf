// The files of a zip one after the other, for a new zip that is made of several.

import yauzl from 'yauzl'
import type { BuildFile } from './archives.ts'

/** Directories are left out. Names that leave the directory are refused, as are broken files. */
export async function* filesOfZip(file: string): AsyncGenerator<BuildFile> {
  const zip = await yauzl.openPromise(file, { strictFileNames: false, validateEntrySizes: true, autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      const mode = entry.externalFileAttributes >>> 16
      const content = await zip.openReadStreamPromise(entry)
      const common = { path: entry.fileName, size: entry.uncompressedSize, mtime: entry.getLastModDate(), content }
      if ((mode & 0o170000) === 0o120000) {
        const linkname = Buffer.concat(await content.toArray()).toString()
        yield { ...common, mode: 0o777, linkname }
      } else {
        yield { ...common, mode: mode & 0o777 || 0o644 }
      }
    }
  } finally {
    zip.close()
  }
}
