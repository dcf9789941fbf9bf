// Blobs as objects of a bucket in any S3-compatible store, for processes on several machines that share one `--blobs s3://bucket`.

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { type Clock, systemClock } from '../core/clock.ts'
import { ServiceError } from '../core/serviceError.ts'
import { type BlobStore, NOBODY } from './blobStore.ts'
import { newName, noSuchBlob, partsOf } from './names.ts'
import { batches, chain } from './pieces.ts'

type Sdk = typeof import('@aws-sdk/client-s3')
interface Target {
  readonly sdk: Sdk
  readonly client: S3Client
  readonly Bucket: string
  readonly Key: string
}

/** The first parts are so large; later ones grow so that 10,000 of them hold more than 400 GB. */
const PART_BYTES = 8 * 1024 * 1024
const LEFTOVER_AGE = 24 * 60 * 60 * 1000

/** `bucketUrl`: s3://bucket or s3://bucket/prefix. The bucket must exist. `config`: endpoint, region, credentials ... */
export function s3Blobs(bucketUrl: string, config: S3ClientConfig, clock: Clock = systemClock): BlobStore {
  const { hostname: Bucket, pathname } = new URL(bucketUrl)
  const prefix = pathname.replace(/^\/+|\/+$/g, '')
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined
  const target = async (id: string): Promise<Target> => {
    opened ??= connect(config).then(async connection => {
      await sweep({ ...connection, Bucket, Key: prefix }, clock).catch(() => {}) // only tidying: stores without it work
      return connection
    })
    return { ...(await opened), Bucket, Key: prefix ? `${prefix}/${id}` : id }
  }

  const store: BlobStore = {
    async put(bytes, owner = NOBODY) {
      const id = newName(owner)
      if (bytes instanceof Readable) bytes.on('error', () => {}) // it may fail before it is read; reading shows it
      const md5 = createHash('md5')
      let size = 0
      const counted = async function* () {
        for await (const batch of batches(bytes)) {
          for (const buffer of batch) {
            md5.update(buffer)
            size += buffer.length
          }
          yield batch
        }
      }
      try {
        await upload(await target(id), counted())
      } catch (error) {
        if (bytes instanceof Readable) bytes.destroy()
        throw explained(error)
      }
      return { id, size, md5: md5.digest('hex') }
    },

    async get(id, range) {
      partsOf(id)
      const { sdk, client, Bucket, Key } = await target(id)
      const Range = range && `bytes=${range.start}-${range.end}`
      try {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key, Range }))
        return Body as Readable
      } catch (error) {
        throw (error as Error).name === 'NoSuchKey' ? noSuchBlob(id) : explained(error)
      }
    },

    concat: (ids, owner) => store.put(Readable.from(chain(ids, store.get), { objectMode: false }), owner),

    async delete(id) {
      const { sdk, client, Bucket, Key } = await target(id)
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key })).catch(error => {
        throw explained(error)
      })
    },

    async *list(owner, before) {
      const { sdk, client, Bucket, Key } = await target(`${owner}-`)
      for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: Key })) {
        for (const object of Contents) {
          if (object.LastModified! < before) yield object.Key!.slice(Key.length - owner.length - 1)
        }
      }
    },
  }
  return store
}

async function connect(config: S3ClientConfig) {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', ...config })
  return { sdk, client }
}

/** One PutObject for what fits in a part; a multipart upload, part after part, for all else. */
async function upload(target: Target, batched: AsyncGenerator<Uint8Array[]>): Promise<void> {
  const { sdk, client, Bucket, Key } = target
  const parts = inParts(batched)
  const first = await parts.next()
  const second = first.done ? first : await parts.next()
  if (second.done) {
    await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: first.value ?? new Uint8Array(0) }))
    return
  }
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }))
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    const send = async (Body: Uint8Array) => {
      const PartNumber = Parts.length + 1
      const { ETag } = await client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))
      Parts.push({ PartNumber, ETag })
    }
    await send(first.value!)
    await send(second.value)
    for await (const part of parts) await send(part)
    await client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {})
    throw error
  }
}

async function* inParts(batched: AsyncGenerator<Uint8Array[]>): AsyncGenerator<Buffer, undefined> {
  let held: Uint8Array[] = []
  let size = 0
  let count = 0
  for await (const batch of batched) {
    held.push(...batch)
    for (const buffer of batch) size += buffer.length
    if (size < PART_BYTES * (1 + Math.floor(count / 1000))) continue
    count++
    yield Buffer.concat(held)
    held = []
    size = 0
  }
  if (held.length > 0) yield Buffer.concat(held)
}

/** Multipart uploads that a crashed process left open cost space and are seen by nobody. */
async function sweep({ sdk, client, Bucket, Key: prefix }: Target, clock: Clock): Promise<void> {
  const before = clock.now().getTime() - LEFTOVER_AGE
  const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: prefix }))
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Initiated && Initiated.getTime() < before) {
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    }
  }
}

/** A store that is away or full is not the caller's fault: 503, which every SDK tries again. Other errors stay as they are. */
function explained(error: unknown): unknown {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const away = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE'].includes(code)
  if (!away && !(status && status >= 500)) return error
  return new ServiceError('ServiceUnavailable', 'The store that holds object data does not answer. Try again.', {
    status: 503,
    cause: error,
  })
}
