// Brings a build's sources into its sandbox: repositories by git, S3 and pipeline artifacts as zips, as the project's role.

import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import { tarOfTexts, tarOfZip } from '../../../build/archives.ts'
import { BuildFailure, type Source, type SourceDirectories } from '../../../build/build.ts'
import { sourceVariable } from '../../../build/environment.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import { inTemporary } from '../../../core/temporary.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import { addEntry, packArchive } from '../../../sandbox/archive.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { BuildRow } from '../builds.ts'
import { s3Location } from '../definition.ts'
import { isProviderType } from '../providers/hosts.ts'
import { downloadGit, type GitPorts, isGitSource } from './git/gitSource.ts'

export interface SourcePorts extends GitPorts {
  /** Services as the project's role. */
  readonly invoke: Invoke
}

export async function downloadSources(
  row: BuildRow,
  sandbox: Sandbox,
  directories: SourceDirectories,
  ports: SourcePorts,
): Promise<Source> {
  const { definition } = row
  const primary = await downloadOne(
    row,
    definition.source!,
    definition.sourceVersion,
    sandbox,
    directories.primary,
    ports,
  )
  const resolvedVersion = definition.resolvedSourceVersion ?? primary
  const environment: Record<string, string> = {}
  if (resolvedVersion) environment.CODEBUILD_RESOLVED_SOURCE_VERSION = resolvedVersion
  for (const source of definition.secondarySources ?? []) {
    const identifier = source.sourceIdentifier!
    const directory = directories.secondary(identifier)
    const version = definition.secondarySourceVersions?.find(one => one.sourceIdentifier === identifier)?.sourceVersion
    const resolved = await downloadOne(row, source, version, sandbox, directory, ports)
    environment[sourceVariable('CODEBUILD_SRC_DIR', identifier)] = directory
    if (source.location) environment[sourceVariable('CODEBUILD_SOURCE_REPO_URL', identifier)] = repoUrl(source)
    if (version) environment[sourceVariable('CODEBUILD_SOURCE_VERSION', identifier)] = version
    if (resolved) environment[sourceVariable('CODEBUILD_RESOLVED_SOURCE_VERSION', identifier)] = resolved
  }
  return { resolvedVersion, environment }
}

// AWS: `s3://` and bucket and path for S3, the clone URL for CodeCommit, empty under a pipeline [build-env-ref-env-vars].
export function repoUrl(source: ProjectSource): string {
  if (source.type === 'S3') return `s3://${source.location}`
  return source.type === 'CODECOMMIT' || isProviderType(source.type) ? (source.location ?? '') : ''
}

async function downloadOne(
  row: BuildRow,
  source: ProjectSource,
  version: string | undefined,
  sandbox: Sandbox,
  directory: string,
  ports: SourcePorts,
): Promise<string | undefined> {
  if (isGitSource(source)) {
    const which = source.sourceIdentifier ? `secondary source ${source.sourceIdentifier}` : 'primary source'
    return await downloadGit(row, { source, version, which }, { sandbox, directory }, ports)
  }
  switch (source.type) {
    case 'NO_SOURCE':
      // The engine makes the directory when it starts the commands; a cache wants it before.
      if (row.definition.cache?.type !== 'NO_CACHE') await sandbox.put(directory, tarOfTexts({}))
      return undefined
    case 'S3':
      await fromS3(source, version, sandbox, directory, ports)
      return undefined
    case 'CODEPIPELINE':
      await fromS3(source, undefined, sandbox, directory, ports)
      return undefined
    default:
      throw new BuildFailure('CLIENT_ERROR', `source type ${source.type} is not supported`)
  }
}

async function fromS3(
  source: ProjectSource,
  version: string | undefined,
  sandbox: Sandbox,
  directory: string,
  { invoke, signal }: SourcePorts,
) {
  const place = s3Location(source)
  if (!place) throw new BuildFailure('CLIENT_ERROR', `invalid S3 source location ${source.location}`)
  const { bucket, key } = place
  try {
    if (key.endsWith('/')) {
      await folderFromS3(invoke, bucket, key, sandbox, directory)
      return
    }
    await inTemporary(async folder => {
      const file = join(folder, 'source.zip')
      const { Body } = await invoke('s3', 'GetObject', {
        Bucket: bucket,
        Key: key,
        ...(version && { VersionId: version }),
      })
      await pipeline(Body as Readable, createWriteStream(file), { signal })
      await sandbox.put(directory, tarOfZip(file))
    })
  } catch (error) {
    if (isServiceError(error)) {
      // AWS: `CLIENT_ERROR: error while downloading key KEY, error: CODE: MESSAGE for primary source`.
      throw new BuildFailure(
        'CLIENT_ERROR',
        `error while downloading key ${key}, error: ${error.code}: ${error.message} for primary source and source version ${version ?? ''}`,
      )
    }
    if (signal.aborted || error instanceof BuildFailure) throw error
    throw new BuildFailure('CLIENT_ERROR', `error while unpacking key ${key}: ${(error as Error).message}`)
  }
}

// AWS: a location that ends in a slash is a folder [create-project, source location].
async function folderFromS3(invoke: Invoke, bucket: string, prefix: string, sandbox: Sandbox, directory: string) {
  await sandbox.put(directory, tarOfTexts({}))
  let token: string | undefined
  do {
    const page = await invoke('s3', 'ListObjectsV2', {
      Bucket: bucket,
      Prefix: prefix,
      ...(token && { ContinuationToken: token }),
    })
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      const name = Key.slice(prefix.length)
      if (name === '' || name.endsWith('/')) continue
      const { Body } = await invoke('s3', 'GetObject', { Bucket: bucket, Key })
      await sandbox.put(directory, tarOfStream(name, Size, Body as Readable))
    }
    token = page.NextContinuationToken
  } while (token)
}

function tarOfStream(name: string, size: number, content: Readable): Readable {
  return packArchive(pack =>
    addEntry(pack, { name, type: 'file', mode: 0o644, size, mtime: undefined, linkname: '', content }),
  )
}
