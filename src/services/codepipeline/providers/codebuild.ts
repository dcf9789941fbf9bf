// Build and test with CodeBuild: StartBuild on the action's artifacts, then the build's own state.

import type { StartBuildCommandInput } from '@aws-sdk/client-codebuild'
import { isServiceError } from '../../../core/serviceError.ts'
import { inspectBatch, startBatch } from './codebuildBatch.ts'
import type { ActionProvider, ActionRun, Port, Progress } from './provider.ts'

export const codebuildBuild: ActionProvider = {
  category: 'Build',
  provider: 'CodeBuild',
  timeoutMinutes: 480,
  atOnce: true,
  start,
  inspect,
}

export const codebuildTest: ActionProvider = { ...codebuildBuild, category: 'Test' }

interface EnvironmentVariable {
  readonly name: string
  readonly value: string
  readonly type?: 'PLAINTEXT' | 'PARAMETER_STORE' | 'SECRETS_MANAGER'
}

async function start(port: Port, run: ActionRun): Promise<Progress> {
  const { configuration, inputs, outputs } = run
  const variables = readVariables(configuration.EnvironmentVariables)
  if (typeof variables === 'string') return { status: 'failed', code: 'ConfigurationError', message: variables }
  const primary = inputs.find(({ name }) => name === configuration.PrimarySource) ?? inputs[0]!
  const others = inputs.filter(input => input !== primary)
  const destination = ({ name, bucket, key }: (typeof outputs)[number]) => {
    const cut = key.lastIndexOf('/')
    return {
      type: 'CODEPIPELINE' as const,
      location: bucket,
      path: key.slice(0, cut),
      name: key.slice(cut + 1),
      artifactIdentifier: name,
    }
  }
  const [first, ...more] = outputs
  // AWS: with one output the project's main artifacts are it; with several their names are the secondary identifiers.
  const single = first && more.length === 0
  // Made from the source itself, or from what an earlier action made of it: the build knows the revision either way.
  const revision = run.revisions.find(({ artifact }) => artifact === primary.name) ?? run.revisions[0]
  const input: StartBuildCommandInput & { projectName: string } = {
    projectName: configuration.ProjectName!,
    idempotencyToken: run.id,
    ...(revision ? { sourceVersion: revision.revisionId } : {}),
    sourceTypeOverride: 'CODEPIPELINE',
    sourceLocationOverride: `${primary.bucket}/${primary.key}`,
    ...(others.length > 0
      ? {
          secondarySourcesOverride: others.map(({ name, bucket, key }) => ({
            type: 'CODEPIPELINE' as const,
            location: `${bucket}/${key}`,
            sourceIdentifier: name,
          })),
        }
      : {}),
    artifactsOverride: single ? destination(first) : { type: 'NO_ARTIFACTS' },
    ...(single || !first ? {} : { secondaryArtifactsOverride: outputs.map(destination) }),
    // The key of the artifact store is for all that goes there; without one the project's own key counts.
    ...(run.encryptionKey ? { encryptionKeyOverride: run.encryptionKey } : {}),
    ...(variables.length > 0 ? { environmentVariablesOverride: variables } : {}),
    ...(configuration.BuildspecOverride ? { buildspecOverride: configuration.BuildspecOverride } : {}),
  }
  if (isBatch(run)) return startBatch(port, run, input)
  const { build } = await port.invoke('codebuild', 'StartBuild', input)
  return {
    status: 'running',
    externalId: build!.id!,
    ...(build?.logs?.deepLink ? { externalUrl: build.logs.deepLink } : {}),
  }
}

const isBatch = ({ configuration }: ActionRun) => configuration.BatchEnabled === 'true'

async function inspect(port: Port, run: ActionRun & { externalId: string }): Promise<Progress> {
  const { invoke } = port
  const { externalId, outputs } = run
  if (isBatch(run)) return inspectBatch(port, run, made => missingOutput(invoke, made))
  const { builds } = await invoke('codebuild', 'BatchGetBuilds', { ids: [externalId] })
  const [build] = builds ?? []
  if (!build) return { status: 'failed', externalId, code: 'JobFailed', message: `Build ${externalId} is gone` }
  const externalUrl = build.logs?.deepLink
  const outside = { externalId, ...(externalUrl ? { externalUrl } : {}) }
  switch (build.buildStatus) {
    case 'IN_PROGRESS':
      return { status: 'running', ...outside }
    case 'SUCCEEDED': {
      const missing = await missingOutput(invoke, outputs)
      if (missing) {
        const message = `Build ${externalId} succeeded but made no output artifact ${missing}: its buildspec needs an artifacts section${outputs.length > 1 ? ` with secondary artifacts named like the action's outputs` : ''}`
        return { status: 'failed', ...outside, code: 'JobFailed', message }
      }
      return {
        status: 'succeeded',
        ...outside,
        outputs,
        variables: Object.fromEntries(
          (build.exportedEnvironmentVariables ?? []).map(({ name, value }) => [name!, value ?? '']),
        ),
      }
    }
    default: {
      // AWS: "CodeBuild does not support auto-retry for CodePipeline" [auto-retry-build]: only a build that was lost with its machine
      // is begun again, and then that one is the action's.
      const next = build.autoRetryConfig?.nextAutoRetry?.split(':build/')[1]
      if (next) return inspect(port, { ...run, externalId: next })
      const failed = build.phases?.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED')
      const reason = failed?.contexts
        ?.map(({ message }) => message)
        .filter(Boolean)
        .join('; ')
      // AWS: the text of the error details in the console and the API.
      const message = `Build terminated with state: ${build.buildStatus}.${failed ? ` Phase: ${failed.phaseType}, Code: ${failed.contexts?.[0]?.statusCode ?? ''}, Message: ${reason ?? ''}` : ''}`
      return { status: 'failed', ...outside, code: 'JobFailed', message }
    }
  }
}

/** The configuration's JSON list of { name, value, type }; a sentence when it is none. */
function readVariables(text: string | undefined): EnvironmentVariable[] | string {
  if (!text) return []
  try {
    const list: unknown = JSON.parse(text)
    const valid =
      Array.isArray(list) && list.every(one => typeof one?.name === 'string' && typeof one?.value === 'string')
    if (valid) return list as EnvironmentVariable[]
  } catch (error) {
    if (isServiceError(error)) throw error
  }
  return 'The configuration EnvironmentVariables must be a JSON array of objects with name, value and, if wanted, type'
}

/** The name of an output that the build did not make. */
async function missingOutput(invoke: Port['invoke'], outputs: ActionRun['outputs']): Promise<string | undefined> {
  for (const { name, bucket, key } of outputs) {
    try {
      await invoke('s3', 'HeadObject', { Bucket: bucket, Key: key })
    } catch (error) {
      if (isServiceError(error, 'NotFound') || isServiceError(error, 'NoSuchKey')) return name
      throw error
    }
  }
  return undefined
}
