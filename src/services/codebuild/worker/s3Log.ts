// A build's log on its way to S3: compressed piece by piece into a file of the builder, and stored as one object when the build is over. The
// file's size is saved with the build's progress, so that a process after this one cuts off what was written behind it and writes it again.

import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import { LONG_LINE, openAfter } from '../../../build/openLine.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow } from '../builds.ts'
import { buildArn } from '../definition.ts'
import { serverSideEncryption } from '../serverSideEncryption.ts'
import { s3LogOf } from '../shape.ts'

const compress = promisify(gzip)

/** What is compressed at once: a member of the file, which is a gzip file of many (RFC 1952, 2.2). */
const PIECE_BYTES = 1024 * 1024
/** Logs repeat themselves: more effort costs a multiple of the time for a tenth of the size. */
const LEVEL = 3
const SUFFIX = '.gz'

export interface S3Log {
  /** Resolves at once while there is room, after a piece was written when there is not. The bytes may be used again afterwards. */
  write(text: string | Buffer): void | Promise<void>
  /** Everything so far is in the file when it resolves, with the file's size; an unfinished line waits for its end, unless it is a long one. */
  flush(): Promise<number>
  /** Puts the object where the build's log belongs. Again is fine. Rejects when the file is not whole, or with the store's error. */
  store(invoke: Invoke): Promise<void>
  /** Closes the file; `forget` removes it too. */
  close(forget: boolean): Promise<void>
}

/** The files of all builds of this data directory. */
const directoryOf = (dataDir: string) => join(dataDir, 'build-logs')
const fileOf = (dataDir: string, { id }: Pick<BuildRow, 'id'>) =>
  join(directoryOf(dataDir), `${id.split(':')[1]}${SUFFIX}`)

/** Goes on behind byte `from` of what an earlier process wrote. */
export async function openS3Log(row: BuildRow, dataDir: string, from: number): Promise<S3Log> {
  const path = fileOf(dataDir, row)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a', 0o600)
  const found = (await file.stat()).size
  await file.truncate(Math.min(found, from))
  return new SpooledLog(
    row,
    path,
    file,
    found < from ? new Error('the file of the log was lost') : undefined,
    Math.min(found, from),
  )
}

class SpooledLog implements S3Log {
  readonly #row: BuildRow
  readonly #path: string
  readonly #file: FileHandle
  /** Why the file is not the whole log. */
  #broken: unknown
  #size: number
  #buffer: Buffer | undefined
  #filled = 0
  /** Bytes of the line that is not ended. */
  #open = 0
  readonly #free: Buffer[] = []
  #sending: Promise<void> = Promise.resolve()
  #before: Promise<void> = this.#sending

  constructor(row: BuildRow, path: string, file: FileHandle, broken: Error | undefined, size: number) {
    this.#row = row
    this.#path = path
    this.#file = file
    this.#broken = broken
    this.#size = size
  }

  write(text: string | Buffer): void | Promise<void> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const closed = this.#sending
    for (let at = 0; at < bytes.length; ) {
      this.#buffer ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
      const taken = bytes.copy(this.#buffer, this.#filled, at)
      this.#open = openAfter(this.#open, bytes.subarray(at, at + taken))
      this.#filled += taken
      at += taken
      if (this.#filled === PIECE_BYTES) this.#seal(this.#unfinished)
    }
    if (this.#sending !== closed) return this.#before
  }

  async flush(): Promise<number> {
    this.#seal(this.#unfinished)
    await this.#sending
    return this.#size
  }

  /** What a process after this one would read again. */
  get #unfinished(): number {
    return this.#open > LONG_LINE ? 0 : this.#open
  }

  async store(invoke: Invoke): Promise<void> {
    this.#seal(0)
    await this.#sending
    if (this.#broken !== undefined) throw this.#broken
    await invoke('s3', 'PutObject', {
      ...objectOf(this.#row),
      Body: createReadStream(this.#path, { end: Math.max(0, this.#size - 1) }),
      ContentLength: this.#size,
    })
  }

  async close(forget: boolean): Promise<void> {
    await this.#sending
    await this.#file.close()
    if (forget) await rm(this.#path, { force: true })
  }

  /** All but the last `rest` bytes are a piece. */
  #seal(rest: number) {
    const full = this.#buffer
    if (!full || this.#filled <= rest) return
    const piece = full.subarray(0, this.#filled - rest)
    this.#buffer = rest > 0 ? (this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)) : undefined
    this.#filled = this.#buffer ? full.copy(this.#buffer, 0, piece.length, piece.length + rest) : 0
    this.#before = this.#sending
    this.#sending = this.#sending
      .then(() => this.#append(piece))
      .catch(error => {
        this.#broken ??= error
      })
      .finally(() => this.#free.push(full))
  }

  async #append(piece: Buffer) {
    // Half of a member would make all behind it unreadable.
    if (this.#broken !== undefined) return
    const member = await compress(piece, { level: LEVEL })
    await this.#file.appendFile(member)
    this.#size += member.length
  }
}

// AWS: BUCKET/PREFIX/UUID.gz, encrypted with the build's key by default; READ_ONLY and FULL are the canned grants to the bucket's owner [S3LogsConfig].
function objectOf(row: BuildRow) {
  const { encryptionKey, logsConfig } = row.definition
  const { encryptionDisabled, bucketOwnerAccess } = logsConfig!.s3Logs!
  const { bucket, key } = s3LogOf(row)!
  const grants = { READ_ONLY: 'bucket-owner-read', FULL: 'bucket-owner-full-control' } as const
  const grant = bucketOwnerAccess && bucketOwnerAccess !== 'NONE' ? grants[bucketOwnerAccess] : undefined
  return {
    Bucket: bucket,
    Key: key,
    ContentType: 'application/gzip',
    ...serverSideEncryption({ encryptionKey, encryptionDisabled }),
    ...(grant && { ACL: grant }),
    Metadata: { 'codebuild-buildarn': buildArn(row, row.id) },
  } satisfies PutObjectCommandInput
}

/**
 * Fails when the log could not be stored there: before the build, and without a trace, since an object of less than the log would look like
 * the log to whoever waits for it.
 */
export async function checkS3Log(row: BuildRow, invoke: Invoke, asService: Invoke): Promise<void> {
  const object = objectOf(row)
  try {
    const { UploadId } = await invoke('s3', 'CreateMultipartUpload', object)
    const upload = { Bucket: object.Bucket, Key: object.Key, UploadId: UploadId! }
    await invoke('s3', 'AbortMultipartUpload', upload)
      .catch(() => asService('s3', 'AbortMultipartUpload', upload))
      .catch(() => {}) // An upload that is nobody's takes no room.
  } catch (error) {
    throw new Error(refusal(row, error))
  }
}

export const refusal = (row: BuildRow, error: unknown) => {
  const { bucket, key } = s3LogOf(row)!
  return `Unable to write the log of build ${buildArn(row, row.id)} to s3://${bucket}/${key} with service role ${row.definition.serviceRole}. Error message: ${(error as Error).message}`
}

/** Removes the files of builds that are over, by the UUID in their id. */
export async function clearS3Logs(dataDir: string, isOpen: (uuid: string) => Promise<boolean>): Promise<void> {
  const directory = directoryOf(dataDir)
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.endsWith(SUFFIX) && !(await isOpen(name.slice(0, -SUFFIX.length))))
      await rm(join(directory, name), { force: true })
  }
}
