// One build of a batch: the batch's definition with what the buildspec says of this build, and where its artifacts go.

import type { EnvironmentVariable, ProjectArtifacts } from '@aws-sdk/client-codebuild'
import { SHARD_COUNT, SHARD_INDEX } from '../../../build/shards.ts'
import type { BatchBuild } from '../../../specs/buildspec/buildspec.ts'
import type { BuildRow } from '../builds.ts'
import type { BuildDefinition } from '../definition.ts'
import { artifactKey } from '../worker/artifactStore.ts'
import type { BatchRow } from './batches.ts'
import type { BatchDefinition } from './definition.ts'

/** What a build's definition says of its batch. */
export interface BatchMembership {
  /** `project:uuid` of the batch. */
  readonly id: string
  readonly identifier: string
  readonly shard?: BatchBuild['shard']
}

/** The definition of the batch's build that `plan` describes. */
export function memberDefinition(row: BatchRow, plan: BatchBuild): BuildDefinition {
  const { buildBatchConfig: _config, debugSession, autoRetryLimit: _retries, ...base } = row.definition
  const variables = Object.entries(plan.env.variables).map(
    ([name, value]): EnvironmentVariable => ({ name, value, type: 'PLAINTEXT' }),
  )
  const { env } = plan
  const environment = {
    ...base.environment!,
    ...(env.computeType !== undefined && { computeType: env.computeType as never }),
    ...(env.image !== undefined && { image: env.image }),
    ...(env.type !== undefined && { type: env.type as never }),
    ...(env.privilegedMode !== undefined && { privilegedMode: env.privilegedMode }),
    ...(env.fleet !== undefined && { fleet: { fleetArn: env.fleet } }),
    environmentVariables: over(base.environment?.environmentVariables ?? [], variables),
  }
  return {
    ...base,
    ...memberArtifacts(row, plan.identifier),
    source: { ...base.source!, ...(plan.buildspec !== undefined && { buildspec: plan.buildspec }) },
    // All builds of a batch build what its buildspec was read from.
    ...(row.state.resolvedVersion !== undefined &&
      base.source!.type !== 'CODEPIPELINE' && { sourceVersion: row.state.resolvedVersion }),
    environment,
    // AWS: like overrides of StartBuild: they win over the project's and the buildspec's.
    startVariables: over(base.startVariables, [...variables, ...shardVariables(plan)]),
    ...((plan.debugSession || debugSession) && { debugSession: true }),
    batch: { id: row.id, identifier: plan.identifier, ...sharedPlace(row) },
  }
}

/** For `codebuild-tests-run`. */
const shardVariables = ({ shard }: BatchBuild): EnvironmentVariable[] =>
  shard
    ? [
        { name: SHARD_INDEX, value: String(shard.index), type: 'PLAINTEXT' },
        { name: SHARD_COUNT, value: String(shard.count), type: 'PLAINTEXT' },
      ]
    : []

function over(base: readonly EnvironmentVariable[], more: readonly EnvironmentVariable[]): EnvironmentVariable[] {
  return [...new Map([...base, ...more].map(variable => [variable.name, variable])).values()]
}

/** Where artifacts of the whole batch go when they are combined, and how. */
export interface Combination {
  readonly bucket: string
  readonly key: string
  /** Zips that the builds leave below `key` are put together; else the builds write their files to `key` themselves. */
  readonly zipped: boolean
}

/** Undefined when every build keeps its artifacts. */
export function combinationOf(row: Pick<BatchRow, 'id' | 'project' | 'definition'>): Combination | undefined {
  const { artifacts, buildBatchConfig } = row.definition
  if (!buildBatchConfig.combineArtifacts || !artifacts?.location || artifacts.type === 'NO_ARTIFACTS') return undefined
  return {
    bucket: artifacts.location.replace(/^arn:aws[\w-]*:s3:::/, ''),
    key: artifactKey({ ...artifacts, overrideArtifactName: false }, row as unknown as BuildRow, { spec: {} as never }),
    zipped: artifacts.type === 'CODEPIPELINE' || artifacts.packaging === 'ZIP',
  }
}

/** Bucket key of one build's part of a combined zip. */
export const partKey = ({ key }: Combination, identifier: string) => `${key}.parts/${identifier}.zip`

// AWS: path, namespaceType and name say where each build's artifact is [ProjectArtifacts], nothing of them is the batch's: builds of a batch
// overwrite each other's, unless the namespace is BUILD_ID, the name is the buildspec's, or all are combined.
function sharedPlace({ definition, state, project }: BatchRow): { sharesArtifact?: string } {
  const { artifacts, buildBatchConfig } = definition
  const own = artifacts?.namespaceType === 'BUILD_ID' || artifacts?.overrideArtifactName
  if (artifacts?.type !== 'S3' || own || buildBatchConfig.combineArtifacts || state.groups.length < 2) return {}
  const key = [artifacts.path, artifacts.name ?? project].filter(part => part && part !== '/').join('/')
  return { sharesArtifact: `${artifacts.location}/${key}` }
}

type Artifacts = Pick<BatchDefinition, 'artifacts' | 'secondaryArtifacts'>

function memberArtifacts(row: BatchRow, identifier: string): Artifacts {
  const { definition } = row
  const combination = combinationOf(row)
  if (combination) {
    const { zipped, key } = combination
    const place = zipped ? partKey(combination, identifier) : key
    const cut = place.lastIndexOf('/')
    const artifacts: ProjectArtifacts = {
      ...definition.artifacts!,
      path: cut < 0 ? '' : place.slice(0, cut),
      name: place.slice(cut + 1) || '/',
      namespaceType: 'NONE',
      overrideArtifactName: false,
    }
    return { artifacts, secondaryArtifacts: definition.secondaryArtifacts }
  }
  return definition.artifacts?.type === 'CODEPIPELINE' || definition.source?.type === 'CODEPIPELINE'
    ? pipelineArtifacts(row, identifier)
    : { artifacts: definition.artifacts, secondaryArtifacts: definition.secondaryArtifacts }
}

// AWS: a pipeline's outputs are named `buildIdentifier` for primary artifacts and `buildIdentifier_artifactIdentifier` for secondary
// ones; what has no output is not kept [sample-pipeline-batch].
function pipelineArtifacts({ definition, state }: BatchRow, identifier: string): Artifacts {
  const outputs = [definition.artifacts!, ...(definition.secondaryArtifacts ?? [])].filter(
    ({ type }) => type === 'CODEPIPELINE',
  )
  const identifiers = state.groups.map(({ plan }) => plan.identifier)
  const ownerOf = (name: string) =>
    identifiers.includes(name)
      ? name
      : identifiers.filter(one => name.startsWith(`${one}_`)).sort((a, b) => b.length - a.length)[0]
  const own = outputs.filter(({ artifactIdentifier = '' }) => ownerOf(artifactIdentifier) === identifier)
  const primary = own.find(({ artifactIdentifier }) => artifactIdentifier === identifier)
  const secondary = own.filter(output => output !== primary)
  return {
    artifacts: primary ?? { type: 'NO_ARTIFACTS' },
    secondaryArtifacts: secondary.map(output => ({
      ...output,
      artifactIdentifier: output.artifactIdentifier!.slice(identifier.length + 1),
    })),
  }
}
