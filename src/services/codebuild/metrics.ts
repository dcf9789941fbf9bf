// The metrics of builds in AWS/CodeBuild, for each project and for the account: counts and durations, put when a build begins and ends.

import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { PhaseType } from '../../build/phases.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call, EventRecord } from '../../operation/call.ts'
import type { Subscription, Task } from '../../operation/service.ts'
import { type BuildRow, lockBuild } from './builds.ts'
import { buildId } from './definition.ts'

// AWS: names and units [CodeBuild CloudWatch metrics]. What running builds use is in worker/measure.ts.
const DURATIONS: Partial<Record<PhaseType, string>> = {
  SUBMITTED: 'SubmittedDuration',
  QUEUED: 'QueuedDuration',
  PROVISIONING: 'ProvisioningDuration',
  DOWNLOAD_SOURCE: 'DownloadSourceDuration',
  INSTALL: 'InstallDuration',
  PRE_BUILD: 'PreBuildDuration',
  BUILD: 'BuildDuration',
  POST_BUILD: 'PostBuildDuration',
  UPLOAD_ARTIFACTS: 'UploadArtifactsDuration',
  FINALIZING: 'FinalizingDuration',
}

/** What CloudWatch was told already: nothing, that the build began, that it ended. */
type Told = 0 | 1 | 2

/** The data of a build beyond what was told. Pure. */
export function buildMetrics(row: BuildRow, told: Told): MetricDatum[] {
  const data: MetricDatum[] = []
  const add = (MetricName: string, Value: number, Unit: 'Count' | 'Seconds', Timestamp: Date) => {
    for (const Dimensions of [[{ Name: 'ProjectName', Value: row.project }], undefined])
      data.push({ MetricName, Value, Unit, Timestamp, ...(Dimensions && { Dimensions }) })
  }
  if (told === 0) add('Builds', 1, 'Count', row.started_at)
  const end = row.ended_at
  if (told === 2 || row.status === 'IN_PROGRESS' || !end) return data
  if (row.status === 'SUCCEEDED') add('SucceededBuilds', 1, 'Count', end)
  // AWS: "failed because of client error or a timeout": stopped ones and faults of the service are neither.
  if (row.status === 'FAILED' || row.status === 'TIMED_OUT') add('FailedBuilds', 1, 'Count', end)
  add('Duration', seconds(row.started_at, end), 'Seconds', end)
  for (const phase of row.progress.phases) {
    const name = DURATIONS[phase.phase]
    if (name && phase.end) add(name, seconds(phase.start, phase.end), 'Seconds', phase.end)
  }
  return data
}

const seconds = (start: Date, end: Date) => Math.max(0, (end.getTime() - start.getTime()) / 1000)

/** What was told is remembered with it, so that a job that runs twice counts once. */
const putMetrics: Task = (call, { detail }: EventRecord) =>
  call
    .transaction(async inner => {
      const row = await lockBuild(inner.tx, inner.scope, buildId(inner.scope, detail['build-id']))
      if (!row) return
      const told = await toldOf(inner, row)
      const MetricData = buildMetrics(row, told)
      if (MetricData.length === 0) return
      await inner.asService.invoke('cloudwatch', 'PutMetricData', { Namespace: 'AWS/CodeBuild', MetricData })
      await remember(inner, row, row.status === 'IN_PROGRESS' ? 1 : 2)
    })
    .catch(error => {
      // A house without CloudWatch has no metrics; anything else is tried again.
      if (!isServiceError(error, 'UnknownOperationException')) throw error
    })

async function toldOf({ tx }: Call, { account, region, id }: BuildRow): Promise<Told> {
  const row = await tx.one<{ metrics_put: Told }>`
    select metrics_put from codebuild.builds where account = ${account} and region = ${region} and id = ${id}`
  return row?.metrics_put ?? 0
}

async function remember({ tx }: Call, { account, region, id }: BuildRow, told: Told): Promise<void> {
  await tx.run`
    update codebuild.builds set metrics_put = ${told} where account = ${account} and region = ${region} and id = ${id}`
}

export const metricTasks = { putMetrics }
export const metricSubscriptions: readonly Subscription[] = [
  { source: 'aws.codebuild', detailType: 'CodeBuild Build State Change', task: 'putMetrics' },
]
