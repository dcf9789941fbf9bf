// The life of a build's row: who works on it, how it ends, and what the world hears of it. Pure.

import type { Progress } from '../../build/build.ts'
import { buildStatus, nextPhase } from '../../build/machine.ts'
import type { EndStatus, PhaseContext, PhaseRecord } from '../../build/phases.ts'
import { assertNever } from '../../core/assertNever.ts'
import type { BuildStatus } from './builds.ts'

export interface BuildState {
  readonly status: BuildStatus
  readonly progress: Progress
  readonly ended_at: Date | null
  readonly stop_requested: boolean
  readonly lease_owner: string | null
}

export type BuildEvent =
  /** A builder takes the build: for the first time, or because its last builder is gone. */
  | { readonly type: 'leased'; readonly owner: string }
  /** The engine of `owner` got on. */
  | { readonly type: 'progressed'; readonly owner: string; readonly progress: Progress }
  /** Its builder stops in good order: whoever comes next may have it. */
  | { readonly type: 'released'; readonly owner: string }
  /** Its builder is dead and nobody else reaches its sandbox. */
  | { readonly type: 'lost'; readonly message: string }
  | { readonly type: 'stopRequested' }
  | { readonly type: 'queueTimedOut' }

export type BuildEffect =
  | { readonly type: 'phaseEnded'; readonly phase: PhaseRecord }
  | { readonly type: 'stateChanged' }
  /** The builder that holds the build must kill it. */
  | { readonly type: 'interrupt' }

export interface Decision<S extends BuildState> {
  readonly state: S
  readonly effects: readonly BuildEffect[]
}

/** What `event` makes of a build. Events that come too late, or from a builder that lost its lease, change nothing. */
export function decide<S extends BuildState>(state: S, event: BuildEvent, now: Date): Decision<S> {
  const same = { state, effects: [] }
  if (state.status !== 'IN_PROGRESS') return same
  const queued = state.progress.state.phase === 'QUEUED'
  switch (event.type) {
    case 'leased': {
      const lease = { lease_owner: event.owner }
      if (!queued) return { state: { ...state, ...lease }, effects: [] }
      return follow({ ...state, ...lease }, endPhase(state.progress, 'SUCCEEDED', now))
    }
    case 'progressed':
      return event.owner === state.lease_owner ? follow(state, event.progress) : same
    case 'released':
      return event.owner === state.lease_owner ? { state: { ...state, lease_owner: null }, effects: [] } : same
    case 'lost': {
      if (queued || state.lease_owner !== null) return same
      if (state.stop_requested) return follow(state, endPhase(state.progress, 'STOPPED', now))
      const context = {
        statusCode: 'INTERNAL_SERVICE_ERROR',
        message: `${state.progress.state.phase}: ${event.message}`,
      }
      return follow(state, { ...endPhase(state.progress, 'FAULT', now, context), environmentLost: true })
    }
    case 'stopRequested':
      // Nobody works on it: whoever could would only have to kill it, which is done when its sandbox is found without a build.
      if (queued || state.lease_owner === null) return follow(state, endPhase(state.progress, 'STOPPED', now))
      return { state: { ...state, stop_requested: true }, effects: [{ type: 'interrupt' }] }
    case 'queueTimedOut':
      // AWS: a build that waited too long ends as TIMED_OUT in QUEUED.
      return queued ? follow(state, endPhase(state.progress, 'TIMED_OUT', now)) : same
    default:
      return assertNever(event)
  }
}

/** The row with `progress`, and an effect for each phase that ended since. */
function follow<S extends BuildState>(state: S, progress: Progress): Decision<S> {
  const before = state.progress.phases.filter(phase => phase.status !== undefined).length
  const ended = progress.phases.filter(phase => phase.status !== undefined).slice(before)
  const effects: BuildEffect[] = ended.map(phase => ({ type: 'phaseEnded', phase }))
  const last = progress.phases.at(-1)
  if (progress.state.phase !== 'COMPLETED' || !last) return { state: { ...state, progress }, effects }
  const over = { status: buildStatus(progress.state), ended_at: last.start, lease_owner: null }
  return { state: { ...state, progress, ...over }, effects: [...effects, { type: 'stateChanged' }] }
}

/** `progress` with its current phase ended and the next one begun. */
export function endPhase(progress: Progress, status: EndStatus, now: Date, context?: PhaseContext): Progress {
  const state = nextPhase(progress.state, { status })
  const contexts = context
    ? [context]
    : status === 'TIMED_OUT'
      ? [{ statusCode: 'BUILD_QUEUED_TIMED_OUT', message: 'Build has been queued for too long.' }]
      : []
  const phases = progress.phases.map((phase, index) =>
    index === progress.phases.length - 1 ? { ...phase, status, end: now, contexts } : phase,
  )
  return { ...progress, state, phases: [...phases, { phase: state.phase, start: now }] }
}

/** A build that was just submitted. */
export function submitted(now: Date): Progress {
  const first: Progress = {
    state: { phase: 'SUBMITTED', retries: 0 },
    phases: [{ phase: 'SUBMITTED', start: now }],
    exported: [],
  }
  return endPhase(first, 'SUCCEEDED', now)
}
