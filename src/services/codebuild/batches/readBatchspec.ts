// DOWNLOAD_BATCHSPEC: finds the batch's buildspec and makes of its batch section the builds to run.
// DEVIATES: AWS runs a build named DOWNLOAD_SOURCE for this; here a job takes the one file out of the source, with the rights of the same
// role (the project's), so that no machine is asked for it and there is no such build group.

import type { Readable } from 'node:stream'
import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import { readArchive } from '../../../sandbox/archive.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { BatchBuild } from '../../../specs/buildspec/buildspec.ts'
import { parseBuildspec } from '../../../specs/buildspec/parseBuildspec.ts'
import { diagnosticLine } from '../../../specs/diagnostic.ts'
import type { BuildRow } from '../builds.ts'
import { s3Location } from '../definition.ts'
import { isInlineBuildspec } from '../validate.ts'
import { roleSession, sessionName } from '../worker/credentials.ts'
import { providerPorts } from '../worker/git/providerPorts.ts'
import { downloadSources } from '../worker/sources.ts'
import type { BatchRow } from './batches.ts'
import { checkRestrictions } from './restrictions.ts'

const DOWNLOAD_MS = 15 * 60_000
/** A buildspec is text that somebody wrote. */
const MOST_BYTES = 4 << 20

export interface Batchspec {
  readonly fastFail: boolean
  readonly builds: readonly BatchBuild[]
  readonly resolvedVersion?: string
}

/** Throws BuildFailure, or what a service said, when there is no usable batch section. */
export async function readBatchspec(call: OpenCall, row: BatchRow): Promise<Batchspec> {
  const { text, file, resolvedVersion } = await findBuildspec(call, row)
  if (text === undefined) {
    const missing = file === 'buildspec.yml' ? 'YAML file does not exist' : `stat ${file}: no such file or directory`
    throw new BuildFailure('YAML_FILE_ERROR', missing)
  }
  const { buildspec, diagnostics } = parseBuildspec(text, file)
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (!buildspec) throw new BuildFailure('YAML_FILE_ERROR', diagnosticLine(error!))
  const { batch } = buildspec
  if (!batch || batch.builds.length === 0) {
    throw new BuildFailure(
      'YAML_FILE_ERROR',
      `${file} has no batch section with build-list, build-graph, build-matrix or build-fanout`,
    )
  }
  checkRestrictions(row.definition, batch.builds)
  return { fastFail: batch.fastFail, builds: batch.builds, ...(resolvedVersion !== undefined && { resolvedVersion }) }
}

interface Found {
  readonly file: string
  readonly text?: string | undefined
  readonly resolvedVersion?: string | undefined
}

async function findBuildspec(call: OpenCall, row: BatchRow): Promise<Found> {
  const { buildspec, type } = row.definition.source!
  const file = (buildspec?.trim() && !isInlineBuildspec(buildspec) ? buildspec : 'buildspec.yml').replace(/^\.?\/+/, '')
  const versioned = type !== 'S3' && type !== 'NO_SOURCE' && type !== 'CODEPIPELINE'
  if (buildspec?.trim() && isInlineBuildspec(buildspec)) {
    // The text is here, but all builds are to build the same commit.
    const { resolvedVersion } = versioned ? await fromSource(call, row, file) : {}
    return { file, text: buildspec, resolvedVersion }
  }
  if (/^arn:aws[\w-]*:s3:::/.test(file)) {
    const { resolvedVersion } = versioned ? await fromSource(call, row, file) : {}
    return { file, text: await fromS3(call, row, file), resolvedVersion }
  }
  return fromSource(call, row, file)
}

async function fromS3(call: OpenCall, row: BatchRow, arn: string): Promise<string | undefined> {
  const { bucket, key } = s3Location({ location: arn })!
  const { invoke } = call.as(row.definition.serviceRole!, sessionName(row as unknown as BuildRow))
  try {
    const { Body } = await invoke('s3', 'GetObject', { Bucket: bucket, Key: key })
    return await textOf(Body as Readable, key)
  } catch (error) {
    if (isServiceError(error, 'NoSuchKey')) return undefined
    throw error
  }
}

/** One file of the primary source: whatever brings sources into sandboxes brings them here, and all but the file is dropped. */
async function fromSource(call: OpenCall, row: BatchRow, file: string): Promise<Found> {
  const { source, secondarySources: _, secondarySourceVersions: _versions, ...rest } = row.definition
  const asBuild = {
    ...row,
    definition: {
      ...rest,
      source: { ...source!, gitCloneDepth: 1, gitSubmodulesConfig: { fetchSubmodules: false } },
      cache: { type: 'NO_CACHE' },
    },
  } as unknown as BuildRow
  let text: string | undefined
  const sieve = {
    kind: 'host',
    name: `batchspec-${row.id.split(':')[1]}`,
    workspace: '/source',
    async put(path: string, tar: Readable) {
      for await (const entry of readArchive(tar)) {
        if (path === '/source' && entry.type === 'file' && entry.name === file) text = await textOf(entry.content, file)
      }
    },
  } as Partial<Sandbox> as Sandbox
  const directories = { primary: '/source', secondary: () => '/secondary' }
  const { resolvedVersion } = await downloadSources(asBuild, sieve, directories, {
    invoke: call.as(row.definition.serviceRole!, sessionName(asBuild)).invoke,
    endpoint: call.config.endpoint,
    credentials: roleSession(() => call, asBuild),
    ...providerPorts(
      asBuild,
      () => call,
      () => {},
    ),
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(DOWNLOAD_MS)]),
  })
  return { file, text, resolvedVersion }
}

async function textOf(content: AsyncIterable<Buffer>, file: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > MOST_BYTES) throw new BuildFailure('YAML_FILE_ERROR', `${file} is larger than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
