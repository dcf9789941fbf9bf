// Downloads an S3 revision into a file and makes sure that it is the one that was meant.

import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Credentials } from './commandsClient.ts'
import type { Revision } from './deploymentSpec.ts'

export interface BundleSource {
  /** Of S3; AWS's own when absent. */
  readonly endpoint?: string
  readonly region: string
  readonly credentials: () => Promise<Credentials>
}

type S3Revision = Extract<Revision, { type: 'S3' }>

/** DEVIATES: the agent of AWS gives up after its SDK's three attempts, within a second; a store that starts again takes longer. */
const RETRY_FOR_MS = 60_000
const LONGEST_PAUSE_MS = 5_000

/** The function rejects at once for what trying again does not change: a missing object, another ETag, a full disk. */
export function bundleFetcher(source: BundleSource) {
  return async (revision: S3Revision, file: string, signal?: AbortSignal): Promise<void> => {
    const { S3Client } = await import('@aws-sdk/client-s3')
    const client = new S3Client({
      ...(source.endpoint ? { endpoint: source.endpoint, forcePathStyle: true } : {}),
      region: source.region,
      credentials: source.credentials,
    })
    const end = performance.now() + RETRY_FOR_MS
    try {
      for (let pause = 200; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        try {
          return await download(client, revision, file, signal)
        } catch (error) {
          if (!isPassing(error) || signal?.aborted || performance.now() + pause > end) throw error
          await delay(pause, undefined, { signal })
        }
      }
    } finally {
      client.destroy()
    }
  }
}

async function download(
  client: import('@aws-sdk/client-s3').S3Client,
  revision: S3Revision,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3')
  const { bucket: Bucket, key: Key, version: VersionId } = revision
  const command = new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) })
  const object = await client.send(command, signal ? { abortSignal: signal } : {})
  const [expected, actual] = [revision.etag?.replaceAll('"', ''), object.ETag?.replaceAll('"', '')]
  if (expected && expected !== actual) {
    ;(object.Body as Readable).destroy()
    // AWS: the agent's text [command_executor.rb].
    throw new Error(`Expected deployment artifact bundle etag ${revision.etag} but was actually ${object.ETag}`)
  }
  await pipeline(object.Body as Readable, createWriteStream(file), { signal })
}

const LOST_CONNECTION =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE)$/

/** A lost connection, or a store that says that it is busy or broken. */
function isPassing(error: unknown): boolean {
  const { name, code, $metadata } = error as {
    readonly name?: string
    readonly code?: string
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  if (status !== undefined && status !== 200 && status !== 206) return status >= 500 || status === 429
  return LOST_CONNECTION.test(code ?? '') || name === 'TimeoutError'
}
