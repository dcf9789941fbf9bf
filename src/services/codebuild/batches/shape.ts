// A batch as AWS shows it, with what its builds left.

import type {
  BuildBatch,
  BuildBatchPhase,
  BuildGroup,
  BuildSummary,
  ProjectArtifacts,
  ResolvedArtifact,
} from '@aws-sdk/client-codebuild'
import type { Call } from '../../../operation/call.ts'
import { batchArn, buildArn } from '../definition.ts'
import { reportArnsOf } from '../reports.ts'
import { type BatchRow, findMembers, type MemberRow } from './batches.ts'
import { type Attempt, type BatchPhase, currentPhase, type Group } from './machine.ts'

type Builds = ReadonlyMap<string, MemberRow>

/** The shapes of `rows`, their builds fetched with one query. */
export async function batchShapes(call: Call, rows: readonly BatchRow[]): Promise<BuildBatch[]> {
  const attempts = rows.flatMap(({ state }) => state.groups.flatMap(({ current, prior }) => [current, ...prior]))
  const members = await findMembers(
    call.tx,
    call.scope,
    attempts.map(({ build }) => build),
  )
  const builds = new Map(members.map(build => [build.id, build]))
  const reports = await reportArnsOf(
    call.tx,
    call.scope,
    [...builds.keys()].map(id => buildArn(call.scope, id)),
  )
  return rows.map(row => {
    const current = row.state.groups.map(group => buildArn(row, group.current.build))
    const reportArns = current.flatMap(arn => reports.get(arn) ?? [])
    return { ...batchShape(row, builds), ...(reportArns.length > 0 && { reportArns }) }
  })
}

function batchShape(row: BatchRow, builds: Builds): BuildBatch {
  const { definition, state } = row
  const resolved = state.resolvedVersion ?? definition.resolvedSourceVersion
  return {
    id: row.id,
    arn: batchArn(row, row.id),
    startTime: row.started_at,
    ...(row.ended_at && { endTime: row.ended_at }),
    currentPhase: currentPhase(state),
    buildBatchStatus: row.status,
    ...(definition.sourceVersion && { sourceVersion: definition.sourceVersion }),
    ...(resolved && { resolvedSourceVersion: resolved }),
    projectName: row.project,
    phases: state.phases.map(phaseShape),
    source: definition.source,
    secondarySources: definition.secondarySources ?? [],
    secondarySourceVersions: definition.secondarySourceVersions ?? [],
    artifacts: {
      location: row.artifact?.location ?? '',
      ...(row.artifact?.sha256sum && { sha256sum: row.artifact.sha256sum, md5sum: row.artifact.md5sum }),
      ...(definition.artifacts?.type === 'S3' && {
        encryptionDisabled: definition.artifacts.encryptionDisabled ?? false,
      }),
    },
    secondaryArtifacts: (definition.secondaryArtifacts ?? []).map(({ artifactIdentifier }) => ({
      location: '',
      artifactIdentifier,
    })),
    cache: definition.cache,
    environment: definition.environment,
    serviceRole: definition.serviceRole,
    logConfig: definition.logsConfig ?? {
      cloudWatchLogs: { status: 'ENABLED' },
      s3Logs: { status: 'DISABLED', encryptionDisabled: false },
    },
    buildTimeoutInMinutes: definition.timeoutInMinutes,
    queuedTimeoutInMinutes: definition.queuedTimeoutInMinutes,
    complete: row.status !== 'IN_PROGRESS',
    initiator: definition.initiator,
    ...(definition.vpcConfig && { vpcConfig: definition.vpcConfig }),
    encryptionKey: definition.encryptionKey,
    buildBatchNumber: row.number,
    ...(definition.fileSystemLocations && { fileSystemLocations: definition.fileSystemLocations }),
    buildBatchConfig: definition.buildBatchConfig,
    ...(state.groups.length > 0 && { buildGroups: state.groups.map(group => groupShape(row, group, builds)) }),
    ...(definition.debugSession && { debugSessionEnabled: true }),
  }
}

function phaseShape({ phase, status, start, end, contexts }: BatchPhase): BuildBatchPhase {
  return {
    phaseType: phase,
    ...(status && { phaseStatus: status as BuildBatchPhase['phaseStatus'] }),
    startTime: start,
    ...(end && { endTime: end, durationInSeconds: Math.floor((end.getTime() - start.getTime()) / 1000) }),
    ...(contexts && { contexts: contexts.map(context => ({ ...context })) }),
  }
}

function groupShape(row: BatchRow, { plan, current, prior }: Group, builds: Builds): BuildGroup {
  return {
    identifier: plan.identifier,
    dependsOn: [...plan.dependsOn],
    ignoreFailure: plan.ignoreFailure,
    currentBuildSummary: summary(row, plan.identifier, current, builds),
    ...(prior.length > 0 && {
      priorBuildSummaryList: prior.map(attempt => summary(row, plan.identifier, attempt, builds)),
    }),
  }
}

// AWS: a build that has not begun has its ARN already, and no artifacts [CLI example of retry-build-batch].
function summary(row: BatchRow, identifier: string, attempt: Attempt, builds: Builds): BuildSummary {
  const build = builds.get(attempt.build)
  const status = attempt.status === 'PENDING' ? 'IN_PROGRESS' : attempt.status
  const { artifacts } = build ?? {}
  const resolved = (of: ProjectArtifacts | null | undefined, at: string, name: string): ResolvedArtifact => {
    const stored = build?.outputs[at]
    // AWS: in lower case.
    const type = (of?.type ?? 'NO_ARTIFACTS').toLowerCase() as ResolvedArtifact['type']
    return { type, identifier: name, ...(stored && { location: stored.location }) }
  }
  return {
    arn: buildArn(row, attempt.build),
    requestedOn: attempt.requestedOn,
    buildStatus: status,
    ...(build &&
      status !== 'IN_PROGRESS' && {
        primaryArtifact: resolved(artifacts, '', identifier),
        secondaryArtifacts: (build.secondary ?? []).map(one =>
          resolved(one, one.artifactIdentifier!, one.artifactIdentifier!),
        ),
      }),
  }
}
