// The EventBridge events of builds, with AWS's detail to the letter.

import type { PhaseContext, PhaseRecord } from '../../build/phases.ts'
import { assertNever } from '../../core/assertNever.ts'
import type { Call } from '../../operation/call.ts'
import { notify } from '../../store/tx.ts'
import type { BuildRow } from './builds.ts'
import { reportCommitStatus } from './commitStatus.ts'
import { buildArn } from './definition.ts'
import type { BuildEffect } from './machine.ts'
import { logsShape } from './shape.ts'

/** A builder that holds the build named by the payload (account/region/id) must look at its row. */
export const INTERRUPT_CHANNEL = 'codebuild_interrupt'
/** A build waits. */
export const QUEUE_CHANNEL = 'codebuild_queue'

export const buildKey = (row: Pick<BuildRow, 'account' | 'region' | 'id'>) => `${row.account}/${row.region}/${row.id}`

/** Carries out what the machine decided for `row`, in the same transaction. */
export async function carryOut(call: Call, row: BuildRow, effects: readonly BuildEffect[]): Promise<void> {
  for (const effect of effects) {
    switch (effect.type) {
      case 'phaseEnded':
        await emitPhase(call, row, effect.phase)
        // At the start, when the commit is known; else as soon as it is.
        if (effect.phase.phase === (row.definition.webhook?.sha ? 'SUBMITTED' : 'DOWNLOAD_SOURCE'))
          await reportCommitStatus(call, row)
        break
      case 'stateChanged':
        await emitState(call, row)
        await reportCommitStatus(call, row)
        if (row.definition.batch)
          await call.addJob('batchMemberEnded', { batch: row.definition.batch.id, build: row.id })
        break
      case 'interrupt':
        await notify(call.tx, INTERRUPT_CHANNEL, buildKey(row))
        break
      default:
        assertNever(effect)
    }
  }
}

export function emitState(call: Call, row: BuildRow): Promise<void> {
  const current = row.progress.phases.at(-1)
  return emit(call, row, 'CodeBuild Build State Change', {
    'build-status': row.status,
    'current-phase': row.progress.state.phase,
    'current-phase-context': contextText(current?.contexts ?? []),
  })
}

function emitPhase(call: Call, row: BuildRow, phase: PhaseRecord): Promise<void> {
  const end = phase.end ?? phase.start
  return emit(call, row, 'CodeBuild Build Phase Change', {
    'completed-phase': phase.phase,
    'completed-phase-context': contextText(phase.contexts ?? []),
    'completed-phase-status': phase.status,
    'completed-phase-duration-seconds': seconds(phase.start, end),
    'completed-phase-start': eventTime(phase.start),
    'completed-phase-end': eventTime(end),
  })
}

function emit(call: Call, row: BuildRow, detailType: string, more: Record<string, unknown>): Promise<void> {
  const arn = buildArn(row, row.id)
  const detail = {
    'project-name': row.project,
    'build-id': arn,
    'additional-information': additionalInformation(row),
    version: '1',
    ...more,
  }
  return call.emit({ source: 'aws.codebuild', detailType, resources: [arn], detail })
}

function additionalInformation(row: BuildRow) {
  const { definition, progress, outputs } = row
  const { environment, source } = definition
  const stored = outputs['']
  const logs = logsShape(row)
  return {
    cache: { type: definition.cache?.type ?? 'NO_CACHE' },
    'build-number': row.number,
    'timeout-in-minutes': definition.timeoutInMinutes,
    'queued-timeout-in-minutes': definition.queuedTimeoutInMinutes,
    'build-complete': row.status !== 'IN_PROGRESS',
    initiator: definition.initiator,
    'build-start-time': eventTime(row.started_at),
    source: {
      ...(source?.buildspec && { buildspec: source.buildspec }),
      ...(source?.location && { location: source.location }),
      type: source?.type,
    },
    ...(definition.sourceVersion && { 'source-version': definition.sourceVersion }),
    artifact: {
      ...(stored?.md5sum && { md5sum: stored.md5sum, sha256sum: stored.sha256sum }),
      location: stored?.location ?? '',
    },
    environment: {
      image: environment?.image,
      'privileged-mode': environment?.privilegedMode ?? false,
      'image-pull-credentials-type': environment?.imagePullCredentialsType,
      'compute-type': environment?.computeType,
      type: environment?.type,
      'environment-variables': (environment?.environmentVariables ?? []).map(({ name, value, type }) => ({
        name,
        value,
        type,
      })),
    },
    'project-file-system-locations': [],
    logs: {
      'group-name': logs.groupName ?? null,
      'stream-name': logs.streamName ?? null,
      'deep-link': logs.deepLink ?? null,
    },
    phases: progress.phases.map(phase => ({
      ...(phase.end && {
        'phase-context': [contextOf(phase)],
        'end-time': eventTime(phase.end),
        'duration-in-seconds': seconds(phase.start, phase.end),
        'phase-status': phase.status,
      }),
      'start-time': eventTime(phase.start),
      'phase-type': phase.phase,
    })),
  }
}

const contextOf = (phase: PhaseRecord) => {
  const [context] = phase.contexts ?? []
  return context ? `${context.statusCode}: ${context.message}` : ': '
}

// AWS: a list in a string: `[: ]` or `[COMMAND_EXECUTION_ERROR: Error while executing command ...]`; `[]` without any.
const contextText = (contexts: readonly PhaseContext[]) =>
  `[${contexts.map(({ statusCode, message }) => `${statusCode}: ${message}`).join(', ')}]`

const seconds = (start: Date, end: Date) => Math.floor((end.getTime() - start.getTime()) / 1000)

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// AWS: `Sep 1, 2017 4:14:26 PM`, UTC [sample-build-notifications].
export function eventTime(time: Date): string {
  const hours = time.getUTCHours()
  const two = (number: number) => String(number).padStart(2, '0')
  const clock = `${hours % 12 || 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
  return `${MONTHS[time.getUTCMonth()]} ${time.getUTCDate()}, ${time.getUTCFullYear()} ${clock}`
}
