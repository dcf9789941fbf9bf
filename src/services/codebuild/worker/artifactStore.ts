// Stores a build's artifacts in S3 as the project's role: one zip, or file by file, at the key that project and buildspec make.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ProjectArtifacts } from '@aws-sdk/client-codebuild'
import { zipOfFiles } from '../../../build/archives.ts'
import { type Artifact, BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import { inTemporary } from '../../../core/temporary.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow, StoredArtifact } from '../builds.ts'
import { buildArn } from '../definition.ts'
import { serverSideEncryption } from '../serverSideEncryption.ts'

export interface Stored {
  readonly count: number
  readonly artifact?: StoredArtifact
}

/** The project's artifact of an identifier, '' being the primary. */
export function targetOf(row: BuildRow, identifier: string): ProjectArtifacts | undefined {
  const { artifacts, secondaryArtifacts } = row.definition
  return identifier === ''
    ? artifacts
    : secondaryArtifacts?.find(artifact => artifact.artifactIdentifier === identifier)
}

/** Identifiers of what the project wants stored. */
export function wantedArtifacts({ definition }: BuildRow): string[] {
  const primary = definition.artifacts?.type === 'NO_ARTIFACTS' ? [] : ['']
  return [...primary, ...(definition.secondaryArtifacts ?? []).map(artifact => artifact.artifactIdentifier!)]
}

// AWS: `MyArtifacts/<build-ID>/MyArtifact.zip`: path, then the build id with namespaceType BUILD_ID, then name; the
// buildspec's name wins only with overrideArtifactName; a name of `/` is the top [ProjectArtifacts, build-spec-ref].
export function artifactKey(
  target: ProjectArtifacts,
  row: BuildRow,
  artifact: Pick<Artifact, 'name' | 'spec'>,
): string {
  const name = target.overrideArtifactName && artifact.name ? artifact.name : (target.name ?? row.project)
  const namespace = target.namespaceType === 'BUILD_ID' ? [artifact.spec.s3Prefix, row.id.split(':')[1]] : []
  return [target.path, ...namespace, name]
    .filter(part => part !== undefined)
    .flatMap(part => part.split('/'))
    .filter(part => part !== '' && part !== '.')
    .join('/')
}

export async function storeArtifact(row: BuildRow, artifact: Artifact, invoke: Invoke): Promise<Stored> {
  const target = targetOf(row, artifact.identifier)!
  const key = artifactKey(target, row, artifact)
  const bucket = target.location!.replace(/^arn:aws[\w-]*:s3:::/, '')
  const zipped = target.type === 'CODEPIPELINE' || target.packaging === 'ZIP'
  try {
    return zipped
      ? await storeZip(row, target, artifact, invoke, bucket, key || row.project)
      : await storeFiles(row, target, artifact, invoke, bucket, key)
  } catch (error) {
    if (!isServiceError(error)) throw error
    // AWS: `CLIENT_ERROR: Error in UPLOAD_ARTIFACTS phase: [CODE: MESSAGE]`.
    throw new BuildFailure(
      'CLIENT_ERROR',
      `Error in UPLOAD_ARTIFACTS phase: [${artifact.identifier || 'artifacts'}: ${error.code}: ${error.message}]`,
    )
  }
}

async function storeZip(
  row: BuildRow,
  target: ProjectArtifacts,
  artifact: Artifact,
  invoke: Invoke,
  bucket: string,
  key: string,
): Promise<Stored> {
  return inTemporary(async folder => {
    const file = join(folder, 'artifact.zip')
    const count = await zipOfFiles(file, artifact.files())
    if (count === 0) return { count }
    const md5 = createHash('md5')
    const sha256 = createHash('sha256')
    await pipeline(createReadStream(file), async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        md5.update(chunk)
        sha256.update(chunk)
      }
      yield* []
    })
    const [md5sum, sha256sum] = [md5.digest('hex'), sha256.digest('hex')]
    await invoke('s3', 'PutObject', {
      Bucket: bucket,
      Key: key,
      Body: createReadStream(file),
      ContentLength: (await stat(file)).size,
      ContentType: 'application/zip',
      ...encryptionOf(row, target),
      ...grant(target),
      Metadata: {
        'codebuild-buildarn': buildArn(row, row.id),
        'codebuild-content-md5': md5sum,
        'codebuild-content-sha256': sha256sum,
      },
    })
    return { count, artifact: { location: `arn:aws:s3:::${bucket}/${key}`, md5sum, sha256sum } }
  })
}

async function storeFiles(
  row: BuildRow,
  target: ProjectArtifacts,
  artifact: Artifact,
  invoke: Invoke,
  bucket: string,
  prefix: string,
): Promise<Stored> {
  let count = 0
  for await (const file of artifact.files()) {
    count++
    if (file.linkname !== undefined) continue
    await invoke('s3', 'PutObject', {
      Bucket: bucket,
      Key: prefix === '' ? file.path : `${prefix}/${file.path}`,
      Body: file.content,
      ContentLength: file.size,
      ...encryptionOf(row, target),
      ...grant(target),
      Metadata: { 'codebuild-buildarn': buildArn(row, row.id) },
    })
  }
  return { count, artifact: { location: `arn:aws:s3:::${bucket}/${prefix}` } }
}

const encryptionOf = ({ definition }: BuildRow, { encryptionDisabled }: ProjectArtifacts) =>
  serverSideEncryption({ encryptionKey: definition.encryptionKey, encryptionDisabled })

// AWS: READ_ONLY and FULL are the canned grants to the bucket's owner [ProjectArtifacts].
function grant({ bucketOwnerAccess }: ProjectArtifacts) {
  if (bucketOwnerAccess === 'READ_ONLY') return { ACL: 'bucket-owner-read' as const }
  return bucketOwnerAccess === 'FULL' ? { ACL: 'bucket-owner-full-control' as const } : {}
}
