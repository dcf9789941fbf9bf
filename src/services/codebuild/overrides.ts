// A build's definition: the project's under what StartBuild overrides.

import type { EnvironmentVariable, ProjectSource, StartBuildCommandInput } from '@aws-sdk/client-codebuild'
import { artifactDefaults, type BuildDefinition, type ProjectDefinition, sourceDefaults } from './definition.ts'
import { validateEnvironment } from './environment.ts'
import { fail } from './errors.ts'
import type { ProjectRow } from './projects.ts'
import { validateArtifacts, validateCache, validateLogs, validateSource } from './validate.ts'

/** The definition of a new build; fails with InvalidInputException for overrides that do not fit. */
export function overriddenDefinition(
  project: ProjectRow,
  input: StartBuildCommandInput,
  initiator: string,
): BuildDefinition {
  const base = project.definition
  const source = overriddenSource(base.source!, input)
  const fromPipeline = source.type === 'CODEPIPELINE'
  if (fromPipeline && !input.artifactsOverride) {
    // AWS: verbatim (aws-codebuild-run-build issue 114).
    fail('InvalidInputException', 'ArtifactsOverride must be set when using artifacts type CodePipelines')
  }
  const artifacts = artifactDefaults(input.artifactsOverride ?? base.artifacts!, project.name)
  const secondaryArtifacts = (input.secondaryArtifactsOverride ?? base.secondaryArtifacts)?.map(artifact =>
    artifactDefaults(artifact, project.name),
  )
  for (const artifact of [artifacts, ...(secondaryArtifacts ?? [])]) validateArtifacts(artifact)
  if (!fromPipeline) validateSource(source, 'Project source')
  const secondarySources = (input.secondarySourcesOverride ?? base.secondarySources)?.map(sourceDefaults)
  for (const secondary of secondarySources ?? []) {
    if (!secondary.sourceIdentifier)
      fail('InvalidInputException', 'Invalid secondary sources: source identifier is required')
    validateSource(secondary, 'Secondary source')
  }
  const environment = overriddenEnvironment(base, input)
  const cache = input.cacheOverride ?? base.cache
  validateEnvironment(environment!)
  validateCache(cache, environment?.privilegedMode)
  validateLogs(input.logsConfigOverride)
  return withoutUndefined({
    ...base,
    source,
    artifacts,
    secondaryArtifacts,
    secondarySources,
    secondarySourceVersions: input.secondarySourcesVersionOverride ?? base.secondarySourceVersions,
    // AWS: a pipeline's build has its input's location as version, the revision as resolved version.
    sourceVersion: fromPipeline ? `arn:aws:s3:::${source.location}` : (input.sourceVersion ?? base.sourceVersion),
    resolvedSourceVersion: fromPipeline ? input.sourceVersion : undefined,
    cache,
    environment,
    serviceRole: input.serviceRoleOverride ?? base.serviceRole,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? base.timeoutInMinutes,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride ?? base.queuedTimeoutInMinutes,
    autoRetryLimit: input.autoRetryLimitOverride ?? base.autoRetryLimit,
    encryptionKey: input.encryptionKeyOverride ?? base.encryptionKey,
    logsConfig: input.logsConfigOverride ?? base.logsConfig,
    initiator,
    projectId: project.id,
    cacheGeneration: project.cache_generation,
    debugSession: input.debugSessionEnabled || undefined,
    startVariables: input.environmentVariablesOverride ?? [],
    projectVariables: base.environment?.environmentVariables ?? [],
  })
}

function overriddenSource(base: ProjectSource, input: StartBuildCommandInput): ProjectSource {
  const type = input.sourceTypeOverride ?? base.type
  const other = type !== base.type
  const source: ProjectSource = {
    ...(other ? { buildspec: base.buildspec } : base),
    type,
    location: input.sourceLocationOverride ?? (other ? undefined : base.location),
    gitCloneDepth: input.gitCloneDepthOverride ?? (other ? undefined : base.gitCloneDepth),
    gitSubmodulesConfig: input.gitSubmodulesConfigOverride ?? base.gitSubmodulesConfig,
    buildspec: input.buildspecOverride ?? base.buildspec,
    insecureSsl: input.insecureSslOverride ?? base.insecureSsl,
    auth: input.sourceAuthOverride ?? (other ? undefined : base.auth),
    reportBuildStatus: input.reportBuildStatusOverride ?? (other ? undefined : base.reportBuildStatus),
    buildStatusConfig: input.buildStatusConfigOverride ?? (other ? undefined : base.buildStatusConfig),
  }
  if (type === 'CODEPIPELINE' && !source.location) {
    fail(
      'InvalidInputException',
      'Project source location is required: builds of a CODEPIPELINE project are started by a pipeline',
    )
  }
  return withoutUndefined(sourceDefaults(source))
}

function overriddenEnvironment(
  base: ProjectDefinition,
  input: StartBuildCommandInput,
): ProjectDefinition['environment'] {
  const environment = base.environment!
  const overrides = input.environmentVariablesOverride ?? []
  for (const { name } of overrides) {
    if (!name?.trim()) fail('InvalidInputException', 'Invalid environment variable: name must not be empty')
  }
  return withoutUndefined({
    ...environment,
    type: input.environmentTypeOverride ?? environment.type,
    image: input.imageOverride ?? environment.image,
    computeType: input.computeTypeOverride ?? environment.computeType,
    certificate: input.certificateOverride ?? environment.certificate,
    hostKernel: input.hostKernelOverride ?? environment.hostKernel,
    fleet: input.fleetOverride ?? environment.fleet,
    privilegedMode: input.privilegedModeOverride ?? environment.privilegedMode,
    registryCredential: input.registryCredentialOverride ?? environment.registryCredential,
    imagePullCredentialsType: input.imagePullCredentialsTypeOverride ?? environment.imagePullCredentialsType,
    environmentVariables: mergedVariables(environment.environmentVariables ?? [], overrides),
  })
}

function mergedVariables(
  base: readonly EnvironmentVariable[],
  overrides: readonly EnvironmentVariable[],
): EnvironmentVariable[] {
  const byName = new Map([...base, ...overrides].map(variable => [variable.name, variable]))
  return [...byName.values()].map(variable => ({ ...variable, type: variable.type ?? 'PLAINTEXT' }))
}

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
