// What makes a project's definition invalid, with AWS's sentences where they are known.

import type { LogsConfig, ProjectArtifacts, ProjectCache, ProjectSource } from '@aws-sdk/client-codebuild'
import { validateBatchConfig } from './batches/config.ts'
import { codecommitRepository, type ProjectDefinition, s3Location } from './definition.ts'
import { validateEnvironment } from './environment.ts'
import { fail } from './errors.ts'
import { ANY_REPOSITORY, isProviderType } from './providers/hosts.ts'

/** Fails with InvalidInputException when the definition can not be a project's. */
export function validateDefinition(definition: ProjectDefinition, account: string): void {
  const { source, artifacts, environment, serviceRole } = definition
  validateSource(source!, 'Project source')
  for (const secondary of definition.secondarySources ?? []) {
    if (!secondary.sourceIdentifier)
      fail('InvalidInputException', 'Invalid secondary sources: source identifier is required')
    validateSource(secondary, 'Secondary source')
  }
  for (const { sourceIdentifier } of [source!, ...(definition.secondarySources ?? [])])
    checkIdentifier(sourceIdentifier)
  for (const { artifactIdentifier } of [artifacts!, ...(definition.secondaryArtifacts ?? [])])
    checkIdentifier(artifactIdentifier)
  noDuplicates(
    definition.secondarySources?.map(({ sourceIdentifier }) => sourceIdentifier),
    'source',
  )
  validateArtifacts(artifacts!)
  for (const secondary of definition.secondaryArtifacts ?? []) {
    if (!secondary.artifactIdentifier) {
      fail('InvalidInputException', 'Invalid secondary artifacts: artifact identifier is required')
    }
    validateArtifacts(secondary)
  }
  noDuplicates(
    definition.secondaryArtifacts?.map(({ artifactIdentifier }) => artifactIdentifier),
    'artifact',
  )
  validateCache(definition.cache, environment!.privilegedMode)
  validateLogs(definition.logsConfig)
  validateBatchConfig(definition.buildBatchConfig)
  // AWS: a project is for a pipeline with both ends or not at all.
  if ((source!.type === 'CODEPIPELINE') !== (artifacts!.type === 'CODEPIPELINE')) {
    // AWS: verbatim (public issue threads).
    fail(
      'InvalidInputException',
      'Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE',
    )
  }
  validateEnvironment(environment!)
  for (const variable of environment!.environmentVariables ?? []) {
    if (!variable.name?.trim()) fail('InvalidInputException', 'Invalid environment variable: name must not be empty')
  }
  const [, roleAccount] = /^arn:aws[\w-]*:iam::(\d{12}):role\/.+$/.exec(serviceRole!) ?? []
  if (!roleAccount) fail('InvalidInputException', `Invalid service role: ${serviceRole} is not the ARN of a role`)
  if (roleAccount !== account) {
    // AWS: as reported; no public source is at hand.
    fail('InvalidInputException', "Invalid service role: Service role account ID does not match caller's account")
  }
  const limit = definition.concurrentBuildLimit
  if (limit !== undefined && limit !== -1 && limit < 1) {
    fail('InvalidInputException', 'Invalid concurrentBuildLimit: the limit must be greater than 0')
  }
  // AWS: badges are for sources that have branches [Build badges].
  if (definition.badgeEnabled && ['CODEPIPELINE', 'NO_SOURCE', 'S3'].includes(source!.type!))
    fail('InvalidInputException', `Build badges are not supported for source type ${source!.type}`)
}

export function validateSource(source: ProjectSource, what: string): void {
  // AWS: reportBuildStatus with a source that has no provider is an InvalidInputException [ProjectSource].
  if (source.reportBuildStatus && !isProviderType(source.type)) {
    fail(
      'InvalidInputException',
      `Invalid ${what.toLowerCase()}: reportBuildStatus is not supported for ${source.type}`,
    )
  }
  if (source.type === 'NO_SOURCE') {
    if (source.location)
      fail('InvalidInputException', `Invalid ${what.toLowerCase()}: type NO_SOURCE should have null location`)
    if (!isInlineBuildspec(source.buildspec ?? '') && what === 'Project source') {
      fail('InvalidInputException', 'Invalid project source: a NO_SOURCE project needs an inline buildspec')
    }
    return
  }
  if (source.type === 'CODEPIPELINE') return
  if (!source.location) fail('InvalidInputException', `${what} location is required`)
  if (isProviderType(source.type) && source.location !== ANY_REPOSITORY) validateCloneUrl(source.location!, what)
  if (source.type === 'CODECOMMIT' && !codecommitRepository(source.location!)) {
    fail(
      'InvalidInputException',
      `Invalid ${what.toLowerCase()} location: ${source.location} is not the clone URL of a CodeCommit repository`,
    )
  }
  if (source.type === 'S3' && !s3Location(source)) {
    fail('InvalidInputException', `Invalid ${what.toLowerCase()} location: ${source.location} is not bucket/key`)
  }
}

function validateCloneUrl(location: string, what: string): void {
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    fail('InvalidInputException', `Invalid ${what.toLowerCase()} location: ${location} is not an HTTPS clone URL`)
  }
  // It would be in every build's description.
  if (url?.password) fail('InvalidInputException', `Invalid ${what.toLowerCase()} location: it must hold no password`)
}

export function validateArtifacts(artifacts: ProjectArtifacts): void {
  if (artifacts.type === 'NO_ARTIFACTS' && artifacts.location) {
    // AWS: verbatim.
    fail('InvalidInputException', 'Invalid artifacts: artifact type NO_ARTIFACTS should have null location')
  }
  if (artifacts.type === 'NO_ARTIFACTS' && artifacts.name) {
    // AWS: verbatim (public issue threads).
    fail('InvalidInputException', 'Invalid artifacts: artifact type NO_ARTIFACTS should have null output name')
  }
  if (artifacts.type === 'S3' && !artifacts.location) {
    fail('InvalidInputException', 'Invalid artifacts: location is required for artifact type S3')
  }
}

export function validateCache(cache: ProjectCache | undefined, privileged: boolean | undefined): void {
  if (cache?.type === 'S3' && !cache.location?.replace(/^arn:aws[\w-]*:s3:::/, '').split('/')[0]) {
    fail('InvalidInputException', 'Invalid cache: location is a required field for type S3')
  }
  if (cache?.type !== 'LOCAL') return
  if (!cache.modes?.length) fail('InvalidInputException', 'Invalid cache: modes is a required field for type LOCAL')
  // AWS: the layer cache needs privileged mode [build-caching, caching-local].
  if (cache.modes?.includes('LOCAL_DOCKER_LAYER_CACHE') && !privileged) {
    fail('InvalidInputException', 'Invalid cache: LOCAL_DOCKER_LAYER_CACHE can only be used with privileged mode')
  }
}

export function validateLogs(logs: LogsConfig | undefined): void {
  const { status, location } = logs?.s3Logs ?? {}
  if (status !== 'ENABLED') return
  if (!location)
    fail('InvalidInputException', 'Invalid logs config: s3Logs location is required when s3Logs is enabled')
  // AWS: "acceptable formats are my-bucket/build-log or arn:aws:s3:::my-bucket/build-log" [S3LogsConfig].
  if (!/^(arn:aws[\w-]*:s3:::)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/.test(location!))
    fail('InvalidInputException', `Invalid logs config: s3Logs location ${location} is not BUCKET/PREFIX`)
}

function checkIdentifier(identifier: string | undefined): void {
  if (!identifier || /^\w{1,127}$/.test(identifier)) return
  // AWS: verbatim (public issue threads).
  fail(
    'InvalidInputException',
    'Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length',
  )
}

function noDuplicates(identifiers: readonly (string | undefined)[] | undefined, what: string): void {
  const seen = new Set<string | undefined>()
  for (const identifier of identifiers ?? []) {
    if (seen.has(identifier)) fail('InvalidInputException', `Duplicate ${what} identifier: ${identifier}`)
    seen.add(identifier)
  }
}

/** A buildspec member is a path, an S3 ARN, or the text itself: the text has more than one line or a `version:`. */
export const isInlineBuildspec = (text: string) => text.includes('\n') || /^\s*(\{|["']?version["']?\s*:)/.test(text)
