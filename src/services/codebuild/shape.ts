// A build as AWS shows it.

import type { Build, BuildArtifacts, BuildPhase, LogsLocation, ProjectArtifacts } from '@aws-sdk/client-codebuild'
import type { PhaseRecord } from '../../build/phases.ts'
import { formatArn } from '../../core/arn.ts'
import type { BuildRow } from './builds.ts'
import { batchArn, buildArn } from './definition.ts'

export function buildShape(row: BuildRow): Build {
  const { definition, progress } = row
  const exported = progress.exported.map(({ name, value }) => ({ name, value }))
  const resolved = progress.resolvedVersion ?? definition.resolvedSourceVersion
  return {
    id: row.id,
    arn: buildArn(row, row.id),
    buildNumber: row.number,
    ...(definition.batch && { buildBatchArn: batchArn(row, definition.batch.id) }),
    startTime: row.started_at,
    ...(row.ended_at && { endTime: row.ended_at }),
    currentPhase: progress.state.phase,
    buildStatus: row.status,
    ...(definition.sourceVersion && { sourceVersion: definition.sourceVersion }),
    ...(resolved && { resolvedSourceVersion: resolved }),
    projectName: row.project,
    phases: progress.phases.map(phaseShape),
    source: definition.source,
    secondarySources: definition.secondarySources ?? [],
    secondarySourceVersions: definition.secondarySourceVersions ?? [],
    artifacts: artifactShape(row, definition.artifacts!, ''),
    ...(definition.secondaryArtifacts?.length && {
      secondaryArtifacts: definition.secondaryArtifacts.map(artifact => ({
        ...artifactShape(row, artifact, artifact.artifactIdentifier!),
        artifactIdentifier: artifact.artifactIdentifier,
      })),
    }),
    cache: definition.cache,
    environment: definition.environment,
    serviceRole: definition.serviceRole,
    logs: logsShape(row),
    timeoutInMinutes: definition.timeoutInMinutes,
    queuedTimeoutInMinutes: definition.queuedTimeoutInMinutes,
    buildComplete: row.status !== 'IN_PROGRESS',
    initiator: definition.initiator,
    ...(definition.vpcConfig && { vpcConfig: definition.vpcConfig }),
    encryptionKey: definition.encryptionKey,
    ...(definition.debugSession && { debugSession: debugSessionShape(row) }),
    ...autoRetryShape(row),
    ...(exported.length > 0 && { exportedEnvironmentVariables: exported }),
    ...(definition.fileSystemLocations && { fileSystemLocations: definition.fileSystemLocations }),
  }
}

// AWS: the target is `codebuild:` and a UUID, and there as long as the build can be entered [session-manager; sandbox troubleshooting].
// DEVIATES: it is followed by the build's whole id, so that ssm:StartSession is allowed project by project.
/** What Session Manager knows a running environment by. */
export const sessionTarget = (id: string) => `codebuild:${id}`

function debugSessionShape({ id, status, progress }: BuildRow): NonNullable<Build['debugSession']> {
  const made = progress.phases.some(({ phase, end }) => phase === 'PROVISIONING' && end !== undefined)
  const open = status === 'IN_PROGRESS' && made
  return { sessionEnabled: true, ...(open && { sessionTarget: sessionTarget(id) }) }
}

// AWS: a build that was not retried has no such member.
function autoRetryShape({ account, region, definition, next_retry }: BuildRow): Pick<Build, 'autoRetryConfig'> {
  const { autoRetryLimit, autoRetryNumber, previousAutoRetry } = definition
  if (autoRetryLimit === undefined && autoRetryNumber === undefined && !next_retry) return {}
  const arn = (id: string) => buildArn({ account, region }, id)
  return {
    autoRetryConfig: {
      autoRetryLimit: autoRetryLimit ?? 0,
      autoRetryNumber: autoRetryNumber ?? 0,
      ...(next_retry && { nextAutoRetry: arn(next_retry) }),
      ...(previousAutoRetry && { previousAutoRetry: arn(previousAutoRetry) }),
    },
  }
}

function phaseShape(phase: PhaseRecord): BuildPhase {
  return {
    phaseType: phase.phase,
    startTime: phase.start,
    ...(phase.status && { phaseStatus: phase.status }),
    ...(phase.end && {
      endTime: phase.end,
      durationInSeconds: Math.floor((phase.end.getTime() - phase.start.getTime()) / 1000),
      contexts: (phase.contexts ?? []).map(context => ({ ...context })),
    }),
  }
}

function artifactShape(row: BuildRow, artifact: ProjectArtifacts, identifier: string): BuildArtifacts {
  if (artifact.type === 'NO_ARTIFACTS') return { location: '' }
  const stored = row.outputs[identifier]
  return {
    ...(stored && { location: stored.location }),
    ...(stored?.sha256sum && { sha256sum: stored.sha256sum, md5sum: stored.md5sum }),
    ...(artifact.overrideArtifactName !== undefined && { overrideArtifactName: artifact.overrideArtifactName }),
    ...(artifact.type === 'S3' && { encryptionDisabled: artifact.encryptionDisabled ?? false }),
  }
}

/** Group and stream of a build's log; undefined when it writes none. */
export function logStreamOf(
  row: Pick<BuildRow, 'definition' | 'project' | 'id'>,
): { group: string; stream: string } | undefined {
  const { cloudWatchLogs } = row.definition.logsConfig ?? {}
  if (cloudWatchLogs?.status === 'DISABLED') return undefined
  const uuid = row.id.split(':')[1]!
  const { groupName, streamName } = cloudWatchLogs ?? {}
  return {
    group: groupName || `/aws/codebuild/${row.project}`,
    // AWS: a stream name of the project becomes its prefix.
    stream: streamName ? `${streamName}/${uuid}` : uuid,
  }
}

/** Bucket and key of a build's log; undefined when it is not written to S3. */
export function s3LogOf(row: Pick<BuildRow, 'definition' | 'id'>): { bucket: string; key: string } | undefined {
  const { status, location } = row.definition.logsConfig?.s3Logs ?? {}
  if (status !== 'ENABLED' || !location) return undefined
  const [bucket = '', ...prefix] = location.replace(/^arn:aws[\w-]*:s3:::/, '').split('/')
  return { bucket, key: [...prefix.filter(part => part !== ''), `${row.id.split(':')[1]}.gz`].join('/') }
}

export function logsShape(row: BuildRow): LogsLocation {
  const { cloudWatchLogs, s3Logs } = row.definition.logsConfig ?? {}
  return {
    ...streamShape(row),
    ...objectShape(row),
    ...(cloudWatchLogs && { cloudWatchLogs }),
    ...(s3Logs && { s3Logs }),
  }
}

// AWS: a link to the object in the console, and `arn:${Partition}:s3:::${BucketName}/${ObjectName}` [LogsLocation].
function objectShape(row: BuildRow): LogsLocation {
  const place = s3LogOf(row)
  if (!place) return {}
  const path = `${place.bucket}/${place.key}`
  return {
    s3DeepLink: `https://s3.console.aws.amazon.com/s3/object/${path}?region=${row.region}`,
    s3LogsArn: `arn:aws:s3:::${path}`,
  }
}

function streamShape(row: BuildRow): LogsLocation {
  const place = logStreamOf(row)
  if (!place) return {}
  const { group, stream } = place
  const link = `https://console.aws.amazon.com/cloudwatch/home?region=${row.region}#logEvent:group=${group};stream=${stream}`
  const arn = formatArn('logs', row, `log-group:${group}:log-stream:${stream}`)
  // AWS: before the build runs the names are not there yet.
  const known = row.progress.phases.some(phase => phase.phase === 'PROVISIONING')
  return {
    ...(known && { groupName: group, streamName: stream }),
    deepLink: link,
    cloudWatchLogsArn: arn,
  }
}
