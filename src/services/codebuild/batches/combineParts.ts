// COMBINE_ARTIFACTS: makes one zip of the zips that the batch's builds left, as the project's role, and clears the parts away.

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type BuildFile, zipOfFiles } from '../../../build/archives.ts'
import { BuildFailure } from '../../../build/build.ts'
import { filesOfZip } from '../../../build/zipFiles.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import { inTemporary } from '../../../core/temporary.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow, StoredArtifact } from '../builds.ts'
import { batchArn } from '../definition.ts'
import { serverSideEncryption } from '../serverSideEncryption.ts'
import { sessionName } from '../worker/credentials.ts'
import type { BatchRow } from './batches.ts'
import { type Combination, combinationOf, partKey } from './member.ts'

/** Where the combined artifacts are; null when no build made any. */
export async function combineParts(call: OpenCall, row: BatchRow): Promise<StoredArtifact | null> {
  const combination = combinationOf(row)
  if (!combination) return null
  const { bucket, key, zipped } = combination
  // The builds wrote their files to the one place themselves.
  if (!zipped) return { location: `arn:aws:s3:::${bucket}/${key}` }
  const { invoke } = call.as(row.definition.serviceRole!, sessionName(row as unknown as BuildRow))
  return inTemporary(async folder => {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(60 * 60_000)])
    const parts = await fetchParts(row, combination, folder, { invoke, signal })
    // Done before, by a job that died before it could say so: what it put there is the result.
    if (parts.length === 0) return await existing(invoke, combination)
    const target = join(folder, 'combined.zip')
    await zipOfFiles(target, mergedFiles(parts))
    const artifact = await store(row, combination, target, invoke)
    for (const { identifier } of parts) await forget(invoke, bucket, partKey(combination, identifier))
    return artifact
  })
}

interface Part {
  readonly identifier: string
  readonly file: string
}

async function fetchParts(
  row: BatchRow,
  combination: Combination,
  folder: string,
  { invoke, signal }: { invoke: Invoke; signal: AbortSignal },
): Promise<Part[]> {
  const parts: Part[] = []
  for (const { plan, current } of row.state.groups) {
    if (current.status !== 'SUCCEEDED') continue
    const file = join(folder, `${parts.length}.zip`)
    try {
      const { Body } = await invoke('s3', 'GetObject', {
        Bucket: combination.bucket,
        Key: partKey(combination, plan.identifier),
      })
      await pipeline(Body as Readable, createWriteStream(file, { mode: 0o600 }), { signal })
    } catch (error) {
      if (isServiceError(error, 'NoSuchKey')) continue // its buildspec has no artifacts
      throw error
    }
    parts.push({ identifier: plan.identifier, file })
  }
  return parts
}

// DEVIATES: AWS does not say what becomes of a path that several builds made. Here the first build's file keeps it, and those of the
// others are found below their build's identifier: nothing is lost.
async function* mergedFiles(parts: readonly Part[]): AsyncGenerator<BuildFile> {
  const taken = new Set<string>()
  for (const { identifier, file } of parts) {
    try {
      for await (const one of filesOfZip(file)) {
        const path = taken.has(one.path) ? `${identifier}/${one.path}` : one.path
        if (taken.has(path)) throw new BuildFailure('CLIENT_ERROR', `two builds of the batch made the artifact ${path}`)
        taken.add(path)
        yield { ...one, path }
      }
    } catch (error) {
      if (error instanceof BuildFailure) throw error
      throw new BuildFailure(
        'CLIENT_ERROR',
        `the artifact of build ${identifier} can not be combined: ${(error as Error).message}`,
      )
    }
  }
}

async function store(
  row: BatchRow,
  { bucket, key }: Combination,
  file: string,
  invoke: Invoke,
): Promise<StoredArtifact> {
  const { artifacts, encryptionKey } = row.definition
  const md5 = createHash('md5')
  const sha256 = createHash('sha256')
  for await (const chunk of createReadStream(file)) {
    md5.update(chunk)
    sha256.update(chunk)
  }
  const [md5sum, sha256sum] = [md5.digest('hex'), sha256.digest('hex')]
  await invoke('s3', 'PutObject', {
    Bucket: bucket,
    Key: key,
    Body: createReadStream(file),
    ContentLength: (await stat(file)).size,
    ContentType: 'application/zip',
    ...serverSideEncryption({ encryptionKey, encryptionDisabled: artifacts?.encryptionDisabled }),
    Metadata: {
      'codebuild-buildarn': batchArn(row, row.id),
      'codebuild-content-md5': md5sum,
      'codebuild-content-sha256': sha256sum,
    },
  })
  return { location: `arn:aws:s3:::${bucket}/${key}`, md5sum, sha256sum }
}

async function existing(invoke: Invoke, { bucket, key }: Combination): Promise<StoredArtifact | null> {
  try {
    const { Metadata } = await invoke('s3', 'HeadObject', { Bucket: bucket, Key: key })
    const md5sum = Metadata?.['codebuild-content-md5']
    const sha256sum = Metadata?.['codebuild-content-sha256']
    return { location: `arn:aws:s3:::${bucket}/${key}`, ...(md5sum && { md5sum }), ...(sha256sum && { sha256sum }) }
  } catch (error) {
    if (isServiceError(error, 'NotFound') || isServiceError(error, 'NoSuchKey')) return null
    throw error
  }
}

/** A role that may not delete leaves the part where it is. */
async function forget(invoke: Invoke, bucket: string, key: string): Promise<void> {
  await invoke('s3', 'DeleteObject', { Bucket: bucket, Key: key }).catch(error => {
    if (!isServiceError(error)) throw error
  })
}
