// Downloads an S3 revision into a file and makes sure that it is the one that was meant.

import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Credentials } from './commandsClient.ts'
import type { Revision } from './deploymentSpec.ts'

export interface BundleSource {
  /** Of S3; AWS's own when absent. */
  readonly endpoint?: string
  readonly region: string
  readonly credentials: () => Promise<Credentials>
}

const ATTEMPTS = 3

export function bundleFetcher(source: BundleSource) {
  return async (revision: Extract<Revision, { type: 'S3' }>, file: string): Promise<void> => {
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3')
    const client = new S3Client({
      ...(source.endpoint ? { endpoint: source.endpoint, forcePathStyle: true } : {}),
      region: source.region,
      credentials: source.credentials,
    })
    try {
      for (let attempt = 1; ; attempt++) {
        const object = await client.send(
          new GetObjectCommand({
            Bucket: revision.bucket,
            Key: revision.key,
            ...(revision.version ? { VersionId: revision.version } : {}),
          }),
        )
        const [expected, actual] = [revision.etag?.replaceAll('"', ''), object.ETag?.replaceAll('"', '')]
        if (expected && expected !== actual) {
          ;(object.Body as Readable).destroy()
          // AWS: the agent's text [command_executor.rb].
          throw new Error(`Expected deployment artifact bundle etag ${revision.etag} but was actually ${object.ETag}`)
        }
        try {
          await pipeline(object.Body as Readable, createWriteStream(file))
          return
        } catch (error) {
          // A connection lost in the middle: from the start again.
          if (attempt === ATTEMPTS || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error
        }
      }
    } finally {
      client.destroy()
    }
  }
}
