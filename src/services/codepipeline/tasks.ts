// The effects of the machine as jobs: start an action, look how its work outside stands, end it when its time is over.

import { isServiceError } from '../../core/serviceError.ts'
import type { Call, EventRecord, OpenCall } from '../../operation/call.ts'
import type { ActionDeclaration } from '../../specs/pipeline/declaration.ts'
import { advance } from './advance.ts'
import {
  type ActionRunRow,
  findExecution,
  findRun,
  runsByExternalId,
  runsOf,
  saveInputs,
  saveProgress,
} from './executions.ts'
import { findStructure, lockPipeline } from './pipelines.ts'
import { findProvider } from './providers/index.ts'
import { type ActionProvider, type ActionRun, artifactKey, type Port, type Progress } from './providers/provider.ts'
import { namespaces, resolve } from './variables.ts'

interface Prepared {
  readonly run: ActionRun
  readonly provider: ActionProvider
  readonly pipelineId: string
}

/** Starts the action of a run. Run again after a crash it goes on where it was: what was started outside is not started twice. */
export async function startAction(open: OpenCall, { runId }: { runId: string }): Promise<void> {
  const prepared = await open.transaction(call => prepare(call, runId))
  if (!prepared) return
  const { provider, run } = prepared
  if (run.externalId !== undefined && provider.inspect) return inspectRun(open, runId)
  if (!provider.atOnce) {
    const progress = await attempt(() => provider.start(portOf(open, prepared), run))
    return open.transaction(call => report(call, prepared.pipelineId, runId, progress))
  }
  await open.transaction(async call => {
    await lockPipeline(call.tx, prepared.pipelineId)
    const now = await findRun(call.tx, runId)
    if (now?.status !== 'InProgress' || now.external_id !== null || now.token !== null) return
    // What the provider started commits together with our knowledge of it; if it fails, its part is undone.
    const progress = await attempt(() =>
      call.tx.nested(() => provider.start(portOf(asOpen(open, call), prepared), run)),
    )
    await report(call, prepared.pipelineId, runId, progress)
  })
}

/** Asks the provider how the work stands, and moves the pipeline when it is over. */
export async function inspectRun(open: OpenCall, runId: string): Promise<void> {
  const prepared = await open.transaction(call => prepare(call, runId))
  if (!prepared?.provider.inspect || prepared.run.externalId === undefined) return
  const { run, provider } = prepared
  const progress = await attempt(() =>
    provider.inspect!(portOf(open, prepared), { ...run, externalId: run.externalId! }),
  )
  const running = progress.status === 'running'
  if (running && (progress.externalId ?? run.externalId) === run.externalId) return
  await open.transaction(call => report(call, prepared.pipelineId, runId, progress))
  // Other work took its place, and may have ended before it was known whose it is.
  if (running) await inspectRun(open, runId)
}

/** An event said that a build or a deployment changed: whoever waits for it looks. */
export async function outsideChanged(open: OpenCall, event: EventRecord): Promise<void> {
  const externalId = externalIdOf(event)
  if (externalId === undefined) return
  const waiting = await open.read(call => runsByExternalId(call.tx, externalId))
  for (const { id, account, region } of waiting) await inspectRun(open.inScope({ account, region }), id)
}

function externalIdOf({ source, detail }: EventRecord): string | undefined {
  // AWS: build-id is the build's ARN, whose last part is project:uuid.
  if (source === 'aws.codebuild') return String(detail['build-id'] ?? '').split(':build/')[1]
  if (source === 'codeyard.codebuild') return String(detail['build-batch-id'] ?? '').split(':build-batch/')[1]
  if (source === 'aws.codedeploy') return detail.deploymentId
  return undefined
}

/** The action's time is over. */
export async function timeoutAction(
  open: OpenCall,
  { runId, minutes }: { runId: string; minutes: number },
): Promise<void> {
  await open.transaction(async call => {
    const row = await findRun(call.tx, runId)
    if (row?.status !== 'InProgress') return
    const message = row.token
      ? `The approval was not answered within ${minutes / (24 * 60)} days`
      : `The action did not end within ${minutes} minutes`
    await report(call, row.pipeline_id, runId, { status: 'failed', code: 'TimeoutError', message })
  })
}

/** Writes down how a run stands and lets the pipeline go on when it ended. */
export async function report(call: Call, pipelineId: string, runId: string, progress: Progress): Promise<void> {
  const { tx, now } = call
  const { status } = progress
  if (status === 'running') return saveProgress(tx, runId, progress, now)
  await lockPipeline(tx, pipelineId)
  const row = await findRun(tx, runId)
  if (row?.status !== 'InProgress') return // abandoned, or told before
  if (status === 'succeeded') {
    const { outputs, variables, ...rest } = progress
    await saveProgress(tx, runId, { ...rest, outputArtifacts: outputs, outputVariables: variables }, now)
  } else {
    const { code, message, externalId, externalUrl } = progress
    await saveProgress(
      tx,
      runId,
      { externalId, externalUrl, errorCode: code, errorMessage: message, summary: message },
      now,
    )
  }
  await advance(call, pipelineId, {
    type: 'actionEnded',
    actionId: runId,
    status: status === 'succeeded' ? 'Succeeded' : 'Failed',
  })
}

/** Everything that the provider needs; undefined when the run is over. A run that can not be started fails here. */
async function prepare(call: Call, runId: string): Promise<Prepared | undefined> {
  const { tx } = call
  const row = await findRun(tx, runId)
  if (row?.status !== 'InProgress') return undefined
  const structure = await findStructure(tx, row.pipeline_id, row.version)
  const execution = await findExecution(tx, row.pipeline_id, row.execution_id)
  const pipeline = structure?.declaration
  const action = pipeline?.stages.find(({ name }) => name === row.stage)?.actions.find(({ name }) => name === row.name)
  if (!pipeline || !execution || !action) return undefined
  const failed = async (message: string) => {
    await report(call, row.pipeline_id, runId, { status: 'failed', code: 'ConfigurationError', message })
    return undefined
  }
  const provider = findProvider(action.actionTypeId)
  if (!provider)
    return failed(`Codeyard does not carry out ${action.actionTypeId.category} ${action.actionTypeId.provider} actions`)
  const runs = await runsOf(tx, [execution.id])
  const resolved = row.resolved_configuration
    ? { configuration: row.resolved_configuration }
    : resolve(action, namespaces(pipeline, execution, runs))
  if ('problem' in resolved) return failed(resolved.problem)
  const inputs = inputsOf(action, runs)
  if (typeof inputs === 'string') return failed(inputs)
  if (!row.resolved_configuration) {
    await saveInputs(tx, runId, resolved.configuration, inputs)
    const minutes = action.timeoutInMinutes ?? provider.timeoutMinutes
    await call.addJob(
      'timeoutAction',
      { runId, minutes },
      { runAt: new Date(row.started_at.getTime() + minutes * 60_000), jobKey: `codepipeline:timeout:${runId}` },
    )
  }
  const store = pipeline.artifactStore ?? pipeline.artifactStores?.[call.scope.region]
  const override = execution.source_overrides.find(({ actionName }) => actionName === action.name)
  return {
    provider,
    pipelineId: row.pipeline_id,
    run: {
      id: runId,
      executionId: execution.id,
      pipeline,
      stage: row.stage,
      action,
      configuration: resolved.configuration,
      inputs,
      revisions: runs.flatMap(({ revision }) => (revision ? [revision] : [])),
      outputs: (action.outputArtifacts ?? []).map(({ name }) => ({
        name,
        bucket: store?.location ?? '',
        key: artifactKey(pipeline.name, name, runId),
      })),
      ...(store?.encryptionKey ? { encryptionKey: store.encryptionKey.id } : {}),
      ...(override ? { override } : {}),
      ...(row.external_id ? { externalId: row.external_id } : {}),
    },
  }
}

function inputsOf(action: ActionDeclaration, runs: readonly ActionRunRow[]) {
  const made = new Map(
    runs.flatMap(run =>
      run.status === 'Succeeded' ? run.output_artifacts.map(artifact => [artifact.name, artifact] as const) : [],
    ),
  )
  const inputs = []
  for (const { name } of action.inputArtifacts ?? []) {
    const artifact = made.get(name)
    if (!artifact) return `The input artifact ${name} of action ${action.name} was not made by this execution`
    inputs.push(artifact)
  }
  return inputs
}

// AWS: an action's own role is assumed by the pipeline's role, and may be another account's [pipelines-create-cross-account].
function portOf(call: OpenCall, { run: { pipeline, action } }: Prepared): Port {
  // CodeBuild shows the session's name as the build's initiator: codepipeline/NAME.
  const name = pipeline.name.slice(0, 64)
  const session = call.as(pipeline.roleArn!, name)
  return { call, invoke: (action.roleArn ? session.as(action.roleArn, name) : session).invoke }
}

/** The open call whose `as` and `invoke` take part in the transaction of `call`. */
const asOpen = (open: OpenCall, call: Call): OpenCall => ({
  ...open,
  as: call.as,
  invoke: call.invoke,
  inRegion: call.inRegion,
  asService: call.asService,
})

/** A refusal by another service fails the action in its words; anything else is tried again by the job. */
async function attempt(work: () => Promise<Progress>): Promise<Progress> {
  try {
    return await work()
  } catch (error) {
    if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
    const denied = /AccessDenied|NotAuthorized|AuthorizationError/.test(error.code)
    // A key of KMS that can not be used is no missing revision.
    const missing =
      !error.code.startsWith('KMS.') &&
      /BranchDoesNotExist|RepositoryDoesNotExist|CommitDoesNotExist|CommitIdDoesNotExist|NoSuchKey|NotFound/.test(
        error.code,
      )
    const code = denied ? 'PermissionError' : missing ? 'RevisionUnavailable' : 'ConfigurationError'
    return { status: 'failed', code, message: `${error.message} (${error.code})` }
  }
}
