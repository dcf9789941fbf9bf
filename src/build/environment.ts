// The environment variables of a build, with the documented names and the documented precedence.

import { formatArn } from '../core/arn.ts'
import type { Scope } from '../core/scope.ts'
import { BuildFailure } from './build.ts'

export interface BuildIdentity {
  readonly scope: Scope
  /** `project:uuid` */
  readonly id: string
  readonly number: number
  readonly image: string
  readonly initiator: string
  readonly projectUuid: string
  readonly startTime: Date
  readonly encryptionKey?: string
  readonly logStream?: string
  readonly batchIdentifier?: string
  readonly sourceRepoUrl?: string
  readonly sourceVersion?: string
}

export const buildArn = (scope: Scope, id: string) => formatArn('codebuild', scope, `build/${id}`)

/** What AWS documents for every build [build-env-ref-env-vars]; the source's own variables come with the download. */
export function documentedEnvironment(build: BuildIdentity, sourceDirectory: string): Record<string, string> {
  const { scope } = build
  return defined({
    AWS_DEFAULT_REGION: scope.region,
    AWS_REGION: scope.region,
    CODEBUILD_AGENT_ENV_CODEBUILD_REGION: scope.region,
    CODEBUILD_BATCH_BUILD_IDENTIFIER: build.batchIdentifier,
    CODEBUILD_BUILD_ARN: buildArn(scope, build.id),
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.image,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_SUCCEEDING: '1',
    CODEBUILD_BUILD_URL: undefined,
    CODEBUILD_CI: 'true',
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_KMS_KEY_ID: build.encryptionKey ?? formatArn('kms', scope, 'alias/aws/s3'),
    CODEBUILD_LOG_PATH: build.logStream,
    CODEBUILD_PROJECT_UUID: build.projectUuid,
    CODEBUILD_SOURCE_REPO_URL: build.sourceRepoUrl,
    CODEBUILD_SOURCE_VERSION: build.sourceVersion,
    CODEBUILD_SRC_DIR: sourceDirectory,
    CODEBUILD_START_TIME: String(build.startTime.getTime()),
  })
}

export interface EnvironmentSources {
  /** Lowest: the buildspec's own values. */
  readonly buildspec: Readonly<Record<string, string>>
  readonly project: Readonly<Record<string, string>>
  readonly startBuild: Readonly<Record<string, string>>
  /** Parameters and secrets; those that another source's plain value hides are not among them. */
  readonly resolved: Readonly<Record<string, string>>
  /** The build's own: CODEBUILD_..., the region, where the AWS endpoint is. */
  readonly documented: Readonly<Record<string, string>>
}

// AWS: StartBuild > project > buildspec; values are literal; CODEBUILD_ is reserved [build-spec-ref, env/variables].
export function mergeEnvironment(sources: EnvironmentSources): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      ...sources.documented,
      ...unreserved(sources.buildspec),
      ...unreserved(sources.project),
      ...unreserved(sources.startBuild),
      ...unreserved(sources.resolved),
    }).filter(([name]) => isVariableName(name)),
  )
}

/** Linux gives a program at most 32 pages for one variable, and a quarter of its stack's 8 MiB for all of them and its arguments. */
const LONGEST_VARIABLE = 131_072
const MOST_VARIABLES = 1_800_000
/** The pointer to it. */
const EACH_VARIABLE = 10

/** Throws a BuildFailure for an environment that no command could be started with. */
export function checkSize(environment: Readonly<Record<string, string>>): void {
  let all = 0
  for (const [name, value] of Object.entries(environment)) {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + 2
    all += bytes + EACH_VARIABLE
    if (bytes > LONGEST_VARIABLE) {
      const most = `${LONGEST_VARIABLE} that Linux allows`
      throw new BuildFailure(
        'CLIENT_ERROR',
        `The environment variable ${name} has ${bytes} bytes, more than the ${most}`,
      )
    }
  }
  if (all <= MOST_VARIABLES) return
  const many = `The environment variables of the build have ${all} bytes together`
  throw new BuildFailure('CLIENT_ERROR', `${many}, more than the ${MOST_VARIABLES} that a command can be started with`)
}

const unreserved = (variables: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('CODEBUILD_')))

/** What a shell takes for a name. */
export const isVariableName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** The variable name of a secondary source: CODEBUILD_SRC_DIR_<identifier>. */
export const sourceVariable = (name: string, identifier: string) =>
  `${name}_${identifier.replace(/[^A-Za-z0-9_]/g, '_')}`

export function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
