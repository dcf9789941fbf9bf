// Blobs as files of one directory: written under tmp/, made durable, then renamed to their place, so a name is a whole blob.

import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { type Clock, systemClock } from '../core/clock.ts'
import { giveBack } from '../core/ownMemory.ts'
import { ServiceError } from '../core/serviceError.ts'
import { type Blob, type BlobStore, NOBODY } from './blobStore.ts'
import { fileDigest } from './fileDigest.ts'
import { newName, partsOf } from './names.ts'
import { batches, chain } from './pieces.ts'

const READ_BYTES = 256 * 1024
/** What is written goes to the disk while more comes in, so that the end need not wait for all of it. */
const SYNC_BYTES = 16 * 1024 * 1024
/** A temporary file that nobody wrote to for so long belongs to a process that died. */
const LEFTOVER_AGE = 60 * 60 * 1000

/** Opens (and makes when missing) `directory`; leftovers of crashed writers are removed at first use. */
export function fileBlobs(directory: string, clock: Clock = systemClock): BlobStore {
  const temporary = join(directory, 'tmp')
  const pathOf = (id: string) => {
    const { owner, spread } = partsOf(id)
    return join(directory, 'blobs', owner, spread, id)
  }
  let ready: Promise<void> | undefined
  const prepare = () => {
    ready ??= mkdir(temporary, { recursive: true, mode: 0o700 })
      .then(() => sweep(temporary, clock))
      .catch(error => {
        ready = undefined // tried again by the next writer
        throw error
      })
    return ready
  }

  const store: BlobStore = {
    async put(bytes, owner = NOBODY) {
      const id = newName(owner)
      const draft = join(temporary, id)
      if (bytes instanceof Readable) bytes.on('error', () => {}) // it may fail before it is read; reading shows it
      try {
        await prepare()
        const written = await write(draft, bytes)
        await settle(draft, pathOf(id))
        return { id, ...written }
      } catch (error) {
        if (bytes instanceof Readable) bytes.destroy()
        await rm(draft, { force: true })
        throw explained(error)
      }
    },

    async get(id, range) {
      const file = await open(pathOf(id), 'r')
      return file.createReadStream({ ...range, highWaterMark: READ_BYTES })
    },

    concat: (ids, owner) => store.put(Readable.from(chain(ids, store.get), { objectMode: false }), owner),

    async delete(id) {
      await rm(pathOf(id), { force: true })
    },

    async *list(owner, before) {
      const root = join(directory, 'blobs', owner)
      for (const spread of await entries(root)) {
        for (const id of await entries(join(root, spread))) {
          const found = await stat(join(root, spread, id)).catch(() => undefined) // deleted meanwhile
          if (found && found.mtime < before) yield id
        }
      }
    },
  }
  return store
}

const entries = (path: string): Promise<string[]> =>
  readdir(path).catch(error => {
    if (error.code === 'ENOENT') return []
    throw error
  })

/** Takes one batch in while the kernel takes the one before. */
async function write(draft: string, bytes: Readable | Uint8Array): Promise<Pick<Blob, 'size' | 'md5'>> {
  const file = await open(draft, 'wx', 0o600)
  const digest = fileDigest(draft)
  try {
    let size = 0
    let synced = 0
    let writing: Promise<unknown> = Promise.resolve()
    let syncing: Promise<unknown> = Promise.resolve()
    for await (const batch of batches(bytes)) {
      await writing
      digest.written(size)
      if (size - synced >= SYNC_BYTES) {
        await syncing
        syncing = file.datasync()
        syncing.catch(() => {}) // seen by the next await, as below
        synced = size
      }
      writing = writeAll(file, batch).then(() => batch.forEach(giveBack))
      writing.catch(() => {})
      for (const buffer of batch) {
        digest.add(buffer)
        size += buffer.length
      }
    }
    await writing
    const md5 = digest.end(size)
    md5.catch(() => {})
    await syncing
    await file.datasync()
    return { size, md5: await md5 }
  } finally {
    await digest.close()
    await file.close()
  }
}

/** writev may write less than asked (a disk that is just full): the rest is tried, which names the reason. */
async function writeAll(file: FileHandle, batch: Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(batch)
  const total = batch.reduce((sum, buffer) => sum + buffer.length, 0)
  if (bytesWritten < total) await file.writeFile(Buffer.concat(batch).subarray(bytesWritten))
}

/** Gives the finished file its name; after this a power failure loses nothing. */
async function settle(draft: string, path: string): Promise<void> {
  const folder = dirname(path)
  await rename(draft, path).catch(async error => {
    if (error.code !== 'ENOENT') throw error
    await makeFolder(folder)
    await rename(draft, path)
  })
  await syncDirectory(folder)
}

/** mkdir -p, with each new entry made durable in the folder above it. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { mode: 0o700, recursive: true })
  if (!first) return
  for (let above = dirname(folder); above.length >= dirname(first).length; above = dirname(above)) {
    await syncDirectory(above)
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function sweep(temporary: string, clock: Clock): Promise<void> {
  const before = clock.now().getTime() - LEFTOVER_AGE
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name)
    const found = await stat(path).catch(() => undefined) // another process may sweep as well
    if (found && found.mtimeMs < before) await rm(path, { force: true })
  }
}

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A full disk is the server's state, not the caller's fault: 503, which every SDK tries again. */
function explained(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!NO_SPACE.has(code)) return error
  return new ServiceError(
    'ServiceUnavailable',
    'There is no space left on the device that holds object data. Free some space and try again.',
    { status: 503, cause: error },
  )
}
