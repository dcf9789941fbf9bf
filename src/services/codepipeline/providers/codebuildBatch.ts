// The batch of a CodeBuild action with BatchEnabled: its outputs are named after the batch's builds, or all are combined into one.

import type { BuildBatch, StartBuildCommandInput } from '@aws-sdk/client-codebuild'
import type { ActionRun, Port, Progress } from './provider.ts'

/** StartBuildBatch with what StartBuild would be given. */
export async function startBatch(
  { invoke }: Port,
  { configuration, outputs }: ActionRun,
  build: StartBuildCommandInput & { projectName: string },
): Promise<Progress> {
  const combined = configuration.CombineArtifacts === 'true'
  // AWS: "If combined artifacts is enabled for the batch build, there is only one output allowed" [sample-pipeline-batch].
  if (combined && outputs.length > 1) {
    const message = `CombineArtifacts allows one output artifact, but the action has ${outputs.length}`
    return { status: 'failed', code: 'ConfigurationError', message }
  }
  const { artifactsOverride: _one, secondaryArtifactsOverride: _more, ...shared } = build
  const [first, ...more] = outputs.map(({ name, bucket, key }) => {
    const cut = key.lastIndexOf('/')
    const place = { location: bucket, path: key.slice(0, cut), name: key.slice(cut + 1) }
    return { type: 'CODEPIPELINE' as const, ...place, artifactIdentifier: name }
  })
  const { buildBatch } = await invoke('codebuild', 'StartBuildBatch', {
    ...shared,
    artifactsOverride: first ?? { type: 'NO_ARTIFACTS' },
    ...(more.length > 0 && { secondaryArtifactsOverride: more }),
    // What the action says counts; when it says nothing, what the project says.
    ...(configuration.CombineArtifacts && { buildBatchConfigOverride: { combineArtifacts: combined } }),
  })
  return { status: 'running', externalId: buildBatch!.id! }
}

type Missing = (outputs: ActionRun['outputs']) => Promise<string | undefined>

/** How the batch stands; `missing` names an output that was not made. */
export async function inspectBatch(
  { invoke }: Port,
  { externalId, outputs }: ActionRun & { externalId: string },
  missing: Missing,
): Promise<Progress> {
  const { buildBatches } = await invoke('codebuild', 'BatchGetBuildBatches', { ids: [externalId] })
  const [batch] = buildBatches ?? []
  if (!batch) return { status: 'failed', externalId, code: 'JobFailed', message: `Batch ${externalId} is gone` }
  switch (batch.buildBatchStatus) {
    case 'IN_PROGRESS':
      return { status: 'running', externalId }
    case 'SUCCEEDED': {
      const output = await missing(outputs)
      if (!output) return { status: 'succeeded', externalId, outputs }
      const message = `Batch ${externalId} succeeded but made no output artifact ${output}: outputs are named like a build of the batch, or buildIdentifier_artifactIdentifier for its secondary artifacts`
      return { status: 'failed', externalId, code: 'JobFailed', message }
    }
    default:
      return { status: 'failed', externalId, code: 'JobFailed', message: failureOf(batch) }
  }
}

function failureOf({ buildBatchStatus, phases, buildGroups }: BuildBatch): string {
  const reasons = phases?.flatMap(({ contexts }) => contexts ?? []).map(({ message }) => message) ?? []
  const failed = (buildGroups ?? []).filter(
    ({ ignoreFailure, currentBuildSummary }) => !ignoreFailure && currentBuildSummary?.buildStatus !== 'SUCCEEDED',
  )
  const builds = failed.map(
    ({ identifier, currentBuildSummary }) => `${identifier} ${currentBuildSummary?.buildStatus}`,
  )
  return [`Build batch terminated with state: ${buildBatchStatus}.`, ...builds, ...reasons].join(' ')
}
