// What a build's provider is told about its commit: that it began and how it ended, by a job, so that no build waits for a provider.

import { defined, documentedEnvironment } from '../../build/environment.ts'
import type { Call, OpenCall } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'
import { type BatchRow, findBatch } from './batches/batches.ts'
import { type BuildRow, findBuild } from './builds.ts'
import { apiAccess, CredentialProblem, credentialOf } from './providers/credentials.ts'
import { isProviderType, providerTableOf, repositoryOf } from './providers/hosts.ts'
import type { CommitState, CommitStatus } from './providers/provider.ts'
import { providerOf } from './providers/providerOf.ts'
import { ProviderError } from './providers/request.ts'
import { sessionName } from './worker/credentials.ts'

const MOST_ATTEMPTS = 12
const MOST_ROUNDS = 5

/** What is reported of: a build, or a batch as a whole. */
export type Reported = Pick<
  BuildRow,
  'account' | 'region' | 'id' | 'project' | 'number' | 'status' | 'started_at' | 'definition'
> & { readonly resolvedVersion?: string }

const ofBuild = (row: BuildRow): Reported => ({ ...row, resolvedVersion: row.progress.resolvedVersion })

// AWS: builds of webhooks are always reported, others when the source says reportBuildStatus [ProjectSource].
export const reports = ({ definition: { source, webhook } }: Reported) =>
  isProviderType(source?.type) && (webhook !== undefined || source?.reportBuildStatus === true)

function commitOf({ definition: { webhook }, resolvedVersion }: Reported): string | undefined {
  // Some events say it with twelve digits.
  if (webhook?.sha && resolvedVersion?.startsWith(webhook.sha)) return resolvedVersion
  return webhook?.sha ?? resolvedVersion
}

/** Tells the provider how the build stands, soon; nothing while its commit is not known. */
export async function reportCommitStatus(call: Call, row: BuildRow): Promise<void> {
  const build = ofBuild(row)
  if (!reports(build) || !commitOf(build)) return
  const jobKey = `status:${row.account}:${row.region}:${row.id}`
  await call.addJob('commitStatus', { id: row.id }, { jobKey, maxAttempts: MOST_ATTEMPTS })
}

/** AWS: one status for a batch, unless batchReportMode asks for one of each build [ProjectBuildBatchConfig]. */
export const isIndividual = (batch: BatchRow | undefined) =>
  batch?.definition.buildBatchConfig.batchReportMode === 'REPORT_INDIVIDUAL_BUILDS'

export const commitStatus: Task = (call, { id }: { id: string }) =>
  follow(call, async ({ tx, scope }) => {
    const row = await findBuild(tx, scope, id)
    const { batch } = row?.definition ?? {}
    if (!row || (batch && !isIndividual(await findBatch(tx, scope, batch.id)))) return undefined
    return ofBuild(row)
  })

/** Reports what is so now; when it is something else afterwards, that as well. */
export async function follow(call: OpenCall, look: (call: Call) => Promise<Reported | undefined>): Promise<void> {
  let told: CommitState | undefined
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const row = await call.read(look)
    if (!row || stateOf(row) === told) return
    if (!(await tell(call, row))) return
    told = stateOf(row)
  }
}

async function tell(call: OpenCall, row: Reported): Promise<boolean> {
  try {
    const source = row.definition.source!
    const repository = repositoryOf(source, await providerTableOf(call))
    const sha = commitOf(row)
    if (!repository || !sha) return false
    const asRole = call.as(row.definition.serviceRole!, sessionName(row)).invoke
    const access = apiAccess(repository, await credentialOf(call, source, asRole))
    await providerOf(repository.type).setStatus(access, repository.path, sha, statusOf(row, call.config.endpoint))
    return true
  } catch (error) {
    if (error instanceof ProviderError && error.passing) throw error
    if (!(error instanceof ProviderError) && !(error instanceof CredentialProblem)) throw error
    call.log.warn({ build: row.id, reason: error.message }, 'the status of a commit could not be reported')
    return false
  }
}

/** AWS: `AWS CodeBuild REGION (PROJECT)` when buildStatusConfig has no context. */
export const statusContext = (region: string, project: string) => `AWS CodeBuild ${region} (${project})`

/** The status of the build's commit. `endpoint` stands where a provider wants a URL and the project has none. */
export function statusOf(row: Reported, endpoint: string): CommitStatus {
  const { source } = row.definition
  const { context, targetUrl } = source?.buildStatusConfig ?? {}
  const url = targetUrl ? filledIn(targetUrl, row) : source?.type === 'BITBUCKET' ? endpoint : undefined
  const state = stateOf(row)
  const part = row.definition.batch?.identifier
  return {
    state,
    context: `${context ? filledIn(context, row) : statusContext(row.region, row.project)}${part ? ` ${part}` : ''}`,
    description: `${SAID[state]} for project ${row.project}`,
    ...(url && { targetUrl: url }),
  }
}

const SAID: Readonly<Record<CommitState, string>> = {
  pending: 'Build started',
  success: 'Build succeeded',
  failure: 'Build failed',
  error: 'Build ended with an error',
  stopped: 'Build stopped',
}

function stateOf({ status }: Reported): CommitState {
  switch (status) {
    case 'IN_PROGRESS':
      return 'pending'
    case 'SUCCEEDED':
      return 'success'
    case 'FAILED':
      return 'failure'
    case 'STOPPED':
      return 'stopped'
    default:
      return 'error'
  }
}

// AWS: context and target URL may name the build's own variables, for example `$AWS_REGION` [create-project, build status].
function filledIn(text: string, row: Reported): string {
  const { definition } = row
  const values: Record<string, string> = {
    ...documentedEnvironment(
      {
        scope: row,
        id: row.id,
        number: row.number,
        image: definition.environment?.image ?? '',
        initiator: definition.initiator,
        projectUuid: definition.projectId,
        startTime: row.started_at,
        sourceRepoUrl: definition.source?.location,
        sourceVersion: definition.sourceVersion,
      },
      '',
    ),
    ...defined({ CODEBUILD_RESOLVED_SOURCE_VERSION: commitOf(row) }),
    ...definition.webhook?.variables,
    AWS_ACCOUNT_ID: row.account,
    PROJECT_NAME: row.project,
  }
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, plain) => values[braced ?? plain] ?? whole)
}
