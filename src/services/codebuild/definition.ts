// What a project and a build are defined by, in AWS's own shapes, and the defaults that AWS fills in.

import type {
  CreateProjectCommandInput,
  EnvironmentVariable,
  ProjectArtifacts,
  ProjectSource,
} from '@aws-sdk/client-codebuild'
import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'

export type ProjectDefinition = Omit<Required_, 'name' | 'tags'>
type Required_ = CreateProjectCommandInput

/** A build: the project's definition under the overrides of StartBuild, and who started it. */
export interface BuildDefinition extends ProjectDefinition {
  readonly initiator: string
  readonly projectId: string
  /** Of StartBuild: they win over the project's, which are in `environment` together with them. */
  readonly startVariables: readonly EnvironmentVariable[]
  readonly projectVariables: readonly EnvironmentVariable[]
  /** Known before the download, from a pipeline. */
  readonly resolvedSourceVersion?: string
  /** Of a build that was started instead of another one: how many came before, and the last of them. */
  readonly autoRetryNumber?: number
  readonly previousAutoRetry?: string
  /** Of a build that a provider's event started. */
  readonly webhook?: WebhookBuild
  /** `codebuild-breakpoint` pauses it, and Session Manager enters it. */
  readonly debugSession?: boolean
  /** How often the project's cache was invalidated before the build. */
  readonly cacheGeneration?: number
  /** What its fleet asks for without effect. */
  readonly fleetNotes?: readonly string[]
  /** The batch that it is a build of, by id, which of its builds it is, and the place to which all of them write their artifacts. */
  readonly batch?: { readonly id: string; readonly identifier: string; readonly sharesArtifact?: string }
}

export interface WebhookBuild {
  /** CODEBUILD_WEBHOOK_... */
  readonly variables: Readonly<Record<string, string>>
  /** Whose status is reported. */
  readonly sha?: string
  readonly headRef?: string
  /** Everybody may propose what is built. */
  readonly isPublic?: boolean
}

/** The ARN of what has that id in `scope`; an ARN of elsewhere stays what it is. */
export const arnOf = (scope: Scope, kind: string, id: string): string =>
  parseArn(id) ? id : formatArn('codebuild', scope, `${kind}/${id}`)
/** The id in an ARN of `scope`, or the id that it is already. An ARN of another account or region stays one: nothing here is named so. */
export function idIn(scope: Scope, kind: string, idOrArn: string): string {
  const own = formatArn('codebuild', scope, `${kind}/`)
  return idOrArn.startsWith(own) ? idOrArn.slice(own.length) : idOrArn
}

export const projectArn = (scope: Scope, name: string) => arnOf(scope, 'project', name)
export const buildArn = (scope: Scope, id: string) => arnOf(scope, 'build', id)
export const batchArn = (scope: Scope, id: string) => arnOf(scope, 'build-batch', id)
export const projectName = (scope: Scope, nameOrArn: string) => idIn(scope, 'project', nameOrArn)
export const buildId = (scope: Scope, idOrArn: string) => idIn(scope, 'build', idOrArn)
export const batchId = (scope: Scope, idOrArn: string) => idIn(scope, 'build-batch', idOrArn)

// AWS: defaults as BatchGetProjects shows them after a CreateProject without them.
export function withDefaults(scope: Scope, name: string, given: ProjectDefinition): ProjectDefinition {
  const definition = withoutEmpty(given)
  return {
    ...definition,
    source: sourceDefaults(definition.source!),
    ...(definition.secondarySources && { secondarySources: definition.secondarySources.map(sourceDefaults) }),
    artifacts: artifactDefaults(definition.artifacts!, name),
    secondaryArtifacts: definition.secondaryArtifacts?.map(artifact => artifactDefaults(artifact, name)),
    cache: definition.cache ?? { type: 'NO_CACHE' },
    environment: {
      ...definition.environment!,
      environmentVariables:
        definition.environment!.environmentVariables?.map(variable => ({
          ...variable,
          type: variable.type ?? 'PLAINTEXT',
        })) ?? [],
      privilegedMode: definition.environment!.privilegedMode ?? false,
      imagePullCredentialsType: definition.environment!.imagePullCredentialsType ?? 'CODEBUILD',
    },
    timeoutInMinutes: definition.timeoutInMinutes ?? 60,
    queuedTimeoutInMinutes: definition.queuedTimeoutInMinutes ?? 480,
    encryptionKey: definition.encryptionKey ?? formatArn('kms', scope, 'alias/aws/s3'),
    badgeEnabled: definition.badgeEnabled ?? false,
  }
}

// AWS: an update takes a VPC, batches and mounts away by an empty value [terraform-provider-aws: resourceProjectUpdate].
function withoutEmpty(definition: ProjectDefinition): ProjectDefinition {
  const { vpcConfig, buildBatchConfig, fileSystemLocations, sourceVersion, ...rest } = definition
  const filled = (value: object | undefined) =>
    Object.values(value ?? {}).some(member => member !== undefined && member.length !== 0)
  return {
    ...rest,
    ...(filled(vpcConfig) && { vpcConfig }),
    ...(filled(buildBatchConfig) && { buildBatchConfig }),
    ...(fileSystemLocations?.length && { fileSystemLocations }),
    ...(sourceVersion && { sourceVersion }),
  }
}

// AWS: as projects and builds of every source show it [CLI examples of create-project and start-build].
export const sourceDefaults = (source: ProjectSource): ProjectSource => ({
  ...source,
  insecureSsl: source.insecureSsl ?? false,
})

// AWS: name defaults to the project's, packaging to NONE, namespaceType to NONE [ProjectArtifacts].
export function artifactDefaults(artifact: ProjectArtifacts, project: string): ProjectArtifacts {
  if (artifact.type === 'S3') {
    return {
      ...artifact,
      packaging: artifact.packaging ?? 'NONE',
      namespaceType: artifact.namespaceType ?? 'NONE',
      name: artifact.name ?? project,
      encryptionDisabled: artifact.encryptionDisabled ?? false,
    }
  }
  return artifact.type === 'CODEPIPELINE'
    ? {
        ...artifact,
        packaging: 'NONE',
        name: artifact.name ?? project,
        encryptionDisabled: artifact.encryptionDisabled ?? false,
      }
    : artifact
}

/** `https://git-codecommit.us-east-1.amazonaws.com/v1/repos/NAME`, or the same path on another host, as region and name. */
export function codecommitRepository(location: string): { name: string; region?: string } | undefined {
  const match =
    /^(?:https?:\/\/(?:git-codecommit(?:-fips)?\.([a-z0-9-]+)\.[^/]*|[^/]+)\/v1\/repos\/|codecommit::([a-z0-9-]+):\/\/(?:[^@/]+@)?)([\w.-]{1,100})\/?$/.exec(
      location,
    )
  const [, host, scheme, name] = match ?? []
  return name ? { name, region: host ?? scheme } : undefined
}

/** `bucket/key` (or an S3 ARN) of an S3 or pipeline source. */
export function s3Location(source: Pick<ProjectSource, 'location'>): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^(?:arn:aws[\w-]*:s3:::|s3:\/\/)?([^/]+)\/(.+)$/s.exec(source.location ?? '') ?? []
  return bucket && key ? { bucket, key } : undefined
}
