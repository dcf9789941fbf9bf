// The condition keys of CodeBuild: which members of a request policies may ask for, tags of the request, and tags of what it touches.
// A key that is not told would make a Deny with a condition on it do nothing, so all of the service authorization reference are here.

import type { Access, AccessCall } from '../../operation/service.ts'

type Context = Record<string, string | readonly string[]>
type Shape = Readonly<Record<string, unknown>>

const below = (parent: string, members: string) => members.split(' ').map(member => `${parent}.${member}`)
const STORED = 'location encryptionDisabled bucketOwnerAccess'
const FETCHED =
  'location buildspec insecureSsl auth.type auth.resource buildStatusConfig.context buildStatusConfig.targetUrl'
const COMPUTE = 'disk instanceType machineType memory vCpu'

// AWS: keys and operations as in "Actions, resources, and condition keys for AWS CodeBuild"; `x/*.y` stands for `x/${name}.y`.
const OF_BUILDS = [
  ...['artifacts', ...below('artifacts', STORED), 'autoRetryLimit', 'encryptionKey', 'serviceRole'],
  ...['cache', ...below('cache', 'location modes type')],
  ...['environment', ...below('environment', 'certificate computeType fleet.fleetArn image imagePullCredentialsType')],
  ...below('environment', 'privilegedMode registryCredential registryCredential.credential'),
  ...below('environment', 'registryCredential.credentialProvider type environmentVariables'),
  ...below('environment', 'environmentVariables.name environmentVariables.value environmentVariables/*.value'),
  ...['logsConfig', 'logsConfig.s3Logs', ...below('logsConfig.s3Logs', `status ${STORED}`)],
  ...['secondaryArtifacts', ...below('secondaryArtifacts', `artifactIdentifier ${STORED}`)],
  ...below('secondaryArtifacts/*', STORED),
  ...['source', ...below('source', FETCHED)],
  ...['secondarySources', ...below('secondarySources', `sourceIdentifier ${FETCHED}`)],
  ...below('secondarySources/*', FETCHED),
]
const OF_BATCHES = ['buildBatchConfig', ...below('buildBatchConfig', 'serviceRole restrictions.computeTypesAllowed')]
OF_BATCHES.push('buildBatchConfig.restrictions.fleetsAllowed')
const OF_NETWORKS = ['vpcConfig', ...below('vpcConfig', 'vpcId subnets securityGroupIds')]
const OF_PROJECTS = [
  ...OF_BUILDS,
  ...OF_BATCHES,
  ...OF_NETWORKS,
  'concurrentBuildLimit',
  ...['environment.computeConfiguration', ...below('environment.computeConfiguration', COMPUTE)],
  ...below('fileSystemLocations', 'identifier location type'),
  ...below('fileSystemLocations/*', 'location type'),
]
const OF_FLEETS = ['computeConfiguration', ...below('computeConfiguration', COMPUTE), ...OF_NETWORKS]
OF_FLEETS.push('computeType', 'environmentType', 'fleetServiceRole', 'imageId')
const OF_GROUPS = below('exportConfig.s3Destination', 'bucket bucketOwner encryptionDisabled encryptionKey path')
const OF_WEBHOOKS = ['buildType', 'manualCreation', ...below('scopeConfiguration', 'domain name scope')]

/** The keys of each operation that has any, without `codebuild:`. */
export const CONDITION_KEYS: Readonly<Record<string, readonly string[]>> = {
  CreateProject: OF_PROJECTS,
  UpdateProject: OF_PROJECTS,
  StartBuild: OF_BUILDS,
  StartBuildBatch: [
    ...OF_BUILDS.filter(
      key => !/^(?:autoRetryLimit|environment\.fleet\.fleetArn|source\.buildStatusConfig\..*)$/.test(key),
    ),
    ...OF_BATCHES,
  ],
  CreateFleet: OF_FLEETS,
  UpdateFleet: OF_FLEETS,
  CreateReportGroup: OF_GROUPS,
  UpdateReportGroup: OF_GROUPS,
  CreateWebhook: OF_WEBHOOKS,
  UpdateWebhook: OF_WEBHOOKS,
  UpdateProjectVisibility: ['projectVisibility'],
  ImportSourceCredentials: ['authType', 'serverType', 'shouldOverwrite', 'token', 'username'],
}

/** By which member its items are told apart. */
const NAMES: Readonly<Record<string, string>> = {
  'environment.environmentVariables': 'name',
  secondarySources: 'sourceIdentifier',
  secondaryArtifacts: 'artifactIdentifier',
  fileSystemLocations: 'identifier',
}

/** What the request says, by condition key. */
export function requestKeys(operation: string, input: Shape): Context {
  const keys = CONDITION_KEYS[operation]
  const context: Context = requestTags(input.tags)
  if (!keys) return context
  const request = operation.startsWith('StartBuild') ? withoutOverride(input) : input
  for (const key of keys) {
    const [list, member] = key.split('/*.')
    if (member === undefined) tell(context, key, at(request, key.split('.')), key)
    else
      for (const item of listed(at(request, list!.split('.')))) {
        const name = (item as Shape)[NAMES[list!]!]
        if (typeof name === 'string') tell(context, `${list}/${name}.${member}`, at(item, member.split('.')), key)
      }
  }
  return context
}

// AWS: structures, and buildspecs, are there or not there: their keys are for the operator Null [action-context-keys].
function tell(context: Context, key: string, value: unknown, pattern: string): void {
  const values = listed(value)
  if (values.length === 0) return
  const present = pattern.endsWith('buildspec') || values.some(one => typeof one === 'object')
  const texts = present ? ['true'] : values.map(String)
  context[`codebuild:${key}`] = Array.isArray(value) && !present ? texts : texts[0]!
}

/** The value at a path; through a list, the values of all its items. */
function at(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path
  if (first === undefined || value === undefined || value === null) return value
  if (Array.isArray(value)) return value.flatMap(item => listed(at(item, path)))
  return typeof value === 'object' ? at((value as Shape)[first], rest) : undefined
}

const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

/** StartBuild and StartBuildBatch as if they said a project: `imageOverride` is environment.image. */
function withoutOverride(input: Shape): Shape {
  const { environment, source, ...own } = Object.groupBy(Object.entries(input), ([member, value]) =>
    value === undefined ? 'none' : (PLACES[member]?.[0] ?? 'own'),
  )
  const renamed = (entries: readonly [string, unknown][] | undefined) =>
    entries && Object.fromEntries(entries.map(([member, value]) => [nameOf(member), value]))
  return { ...renamed(own.own), environment: renamed(environment), source: renamed(source) }
}

const nameOf = (member: string) => PLACES[member]?.[1] ?? member.replace(/Override$/, '')

const PLACES: Readonly<Record<string, readonly [string, string]>> = {
  sourceLocationOverride: ['source', 'location'],
  sourceAuthOverride: ['source', 'auth'],
  sourceTypeOverride: ['source', 'type'],
  buildspecOverride: ['source', 'buildspec'],
  insecureSslOverride: ['source', 'insecureSsl'],
  buildStatusConfigOverride: ['source', 'buildStatusConfig'],
  gitCloneDepthOverride: ['source', 'gitCloneDepth'],
  gitSubmodulesConfigOverride: ['source', 'gitSubmodulesConfig'],
  reportBuildStatusOverride: ['source', 'reportBuildStatus'],
  reportBuildBatchStatusOverride: ['source', 'reportBuildStatus'],
  certificateOverride: ['environment', 'certificate'],
  computeTypeOverride: ['environment', 'computeType'],
  environmentTypeOverride: ['environment', 'type'],
  environmentVariablesOverride: ['environment', 'environmentVariables'],
  fleetOverride: ['environment', 'fleet'],
  hostKernelOverride: ['environment', 'hostKernel'],
  imageOverride: ['environment', 'image'],
  imagePullCredentialsTypeOverride: ['environment', 'imagePullCredentialsType'],
  privilegedModeOverride: ['environment', 'privilegedMode'],
  registryCredentialOverride: ['environment', 'registryCredential'],
}

function requestTags(tags: unknown): Context {
  if (!Array.isArray(tags)) return {}
  return {
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, String(value ?? '')])),
    'aws:TagKeys': tags.map(({ key }) => String(key)),
  }
}

// AWS: projects and report groups have aws:ResourceTag/${TagKey}.
/** `all` with the tags of the projects and report groups that they touch; the account's root is asked for no conditions. */
export async function withResourceTags({ tx, principal }: AccessCall, all: readonly Access[]): Promise<Access[]> {
  const arns =
    principal.type === 'root' ? [] : all.flatMap(({ resource }) => (OF_TAGGED.test(resource) ? [resource] : []))
  if (arns.length === 0) return [...all]
  const rows = await tx.rows<{ arn: string; tags: readonly { key: string; value: string }[] }>`
    select arn, tags from (
      select 'arn:aws:codebuild:' || region || ':' || account || ':project/' || name as arn, tags from codebuild.projects
      where (region, account, name) in (select split_part(a, ':', 4), split_part(a, ':', 5), split_part(a, 'project/', 2)
        from unnest(${arns}::text[]) a where a like '%:project/%')
      union all
      select 'arn:aws:codebuild:' || region || ':' || account || ':report-group/' || name, tags from codebuild.report_groups
      where (region, account, name) in (select split_part(a, ':', 4), split_part(a, ':', 5), split_part(a, 'report-group/', 2)
        from unnest(${arns}::text[]) a where a like '%:report-group/%')) tagged`
  const tags = new Map(rows.map(row => [row.arn, row.tags]))
  return all.map(one => {
    const own = (tags.get(one.resource) ?? []).map(({ key, value }) => [`aws:ResourceTag/${key}`, value])
    return own.length === 0 ? one : { ...one, context: { ...one.context, ...Object.fromEntries(own) } }
  })
}

const OF_TAGGED = /^arn:[^:]*:codebuild:[^:]*:[^:]*:(?:project|report-group)\//
