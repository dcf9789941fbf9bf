// Sandboxes and command executions as AWS shows them.

import type { CommandExecution, LogsLocation, Sandbox, SandboxSessionPhase } from '@aws-sdk/client-codebuild'
import type { PhaseRecord } from '../../../build/phases.ts'
import type { BuildRow } from '../builds.ts'
import { logsShape } from '../shape.ts'
import type { CommandRow } from './commands.ts'
import { type SandboxRow, sandboxArn } from './sandboxes.ts'

export function sandboxShape(row: SandboxRow): Sandbox {
  const { definition, progress } = row
  const started = progress.phases.find(({ phase }) => phase === 'PROVISIONING')?.start
  return {
    id: row.id,
    arn: sandboxArn(row, row.id),
    projectName: row.project,
    requestTime: row.requested_at,
    ...(started && { startTime: started }),
    ...(row.ended_at && { endTime: row.ended_at }),
    status: row.status,
    source: definition.source,
    ...(definition.sourceVersion && { sourceVersion: definition.sourceVersion }),
    secondarySources: definition.secondarySources ?? [],
    secondarySourceVersions: definition.secondarySourceVersions ?? [],
    environment: definition.environment,
    ...(definition.fileSystemLocations && { fileSystemLocations: definition.fileSystemLocations }),
    timeoutInMinutes: definition.timeoutInMinutes,
    queuedTimeoutInMinutes: definition.queuedTimeoutInMinutes,
    ...(definition.vpcConfig && { vpcConfig: definition.vpcConfig }),
    ...(definition.logsConfig && { logConfig: definition.logsConfig }),
    encryptionKey: definition.encryptionKey,
    serviceRole: definition.serviceRole,
    currentSession: {
      id: row.id.split(':')[1]!,
      status: row.status,
      startTime: row.requested_at,
      ...(row.ended_at && { endTime: row.ended_at }),
      currentPhase: phaseName(progress.state.phase),
      phases: progress.phases.map(phaseShape),
      ...(progress.resolvedVersion && { resolvedSourceVersion: progress.resolvedVersion }),
      logs: logsShape(asBuild(row)),
    },
  }
}

/** What the engine holds in INSTALL is a sandbox at work. */
const phaseName = (phase: PhaseRecord['phase']) => (phase === 'INSTALL' ? 'RUN_SANDBOX' : phase)

function phaseShape({ phase, start, end, status, contexts }: PhaseRecord): SandboxSessionPhase {
  return {
    phaseType: phaseName(phase),
    phaseStatus: status ?? (phase === 'COMPLETED' ? 'SUCCEEDED' : 'IN_PROGRESS'),
    startTime: start,
    ...(end && {
      endTime: end,
      durationInSeconds: Math.floor((end.getTime() - start.getTime()) / 1000),
      contexts: (contexts ?? []).map(context => ({ ...context })),
    }),
  }
}

/** A sandbox as the builder's rooms know it: an environment with a log. */
export function asBuild(row: SandboxRow): BuildRow {
  const { account, region, id, project, status, definition, progress, stop_requested, lease_owner, ended_at } = row
  return {
    ...{ account, region, id, project, status, definition, progress, stop_requested, lease_owner, ended_at },
    number: 0,
    started_at: row.requested_at,
    outputs: {},
    idempotency_token: null,
  }
}

/** The stream of a command's own log. */
export const commandStream = (stream: string, commandId: string) => `${stream}/${commandId}`

function commandLogs(sandbox: SandboxRow, command: CommandRow): LogsLocation {
  const logs = logsShape(asBuild(sandbox))
  if (!logs.groupName || !logs.streamName) return logs
  const stream = commandStream(logs.streamName, command.id)
  return {
    ...logs,
    streamName: stream,
    deepLink: logs.deepLink?.replace(/stream=.*$/, `stream=${stream}`),
    cloudWatchLogsArn: logs.cloudWatchLogsArn?.replace(/log-stream:.*$/, `log-stream:${stream}`),
  }
}

export function commandShape(sandbox: SandboxRow, row: CommandRow): CommandExecution {
  return {
    id: row.id,
    sandboxId: row.sandbox,
    sandboxArn: sandboxArn(sandbox, row.sandbox),
    submitTime: row.submitted_at,
    ...(row.started_at && { startTime: row.started_at }),
    ...(row.ended_at && { endTime: row.ended_at }),
    status: row.status,
    command: row.command,
    type: 'SHELL',
    ...(row.exit_code !== null && { exitCode: String(row.exit_code) }),
    ...(row.standard_output && { standardOutputContent: row.standard_output }),
    ...(row.standard_error && { standardErrContent: row.standard_error }),
    logs: commandLogs(sandbox, row),
  }
}
