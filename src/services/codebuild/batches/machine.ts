// The life of a batch: which of its builds may start, what the end of one means for the others, and how the whole ends. Pure.

import type { PhaseContext } from '../../../build/phases.ts'
import { assertNever } from '../../../core/assertNever.ts'
import type { BatchBuild } from '../../../specs/buildspec/buildspec.ts'

export type EndStatus = 'SUCCEEDED' | 'FAILED' | 'FAULT' | 'TIMED_OUT' | 'STOPPED'
export type BatchStatus = EndStatus | 'IN_PROGRESS'

// AWS: a batch that timed out has no phase of its own: it ends in FAILED [BuildBatchPhase].
export type BatchPhaseType =
  | 'SUBMITTED'
  | 'DOWNLOAD_BATCHSPEC'
  | 'IN_PROGRESS'
  | 'COMBINE_ARTIFACTS'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'STOPPED'

export interface BatchPhase {
  readonly phase: BatchPhaseType
  readonly start: Date
  readonly end?: Date
  /** RETRY: the batch went on from its end. */
  readonly status?: EndStatus | 'RETRY'
  readonly contexts?: readonly PhaseContext[]
}

/** One build of a group: the first, or one more for each retry. Its id is given before it starts, so that it starts once. */
export interface Attempt {
  /** `project:uuid` */
  readonly build: string
  readonly requestedOn: Date
  readonly status: 'PENDING' | BatchStatus
  /** There is or was such a build. */
  readonly ran?: true
  /** RetryBuild of this build, not StartBuild. */
  readonly retryOf?: string
}

export interface Group {
  /** As the buildspec says. */
  readonly plan: BatchBuild
  readonly current: Attempt
  /** Oldest first. */
  readonly prior: readonly Attempt[]
}

export interface BatchState {
  readonly status: BatchStatus
  readonly phases: readonly BatchPhase[]
  readonly fastFail: boolean
  /** Empty until the buildspec was read. */
  readonly groups: readonly Group[]
  /** The builds' artifacts are to be put together when all are there. */
  readonly combines: boolean
  readonly resolvedVersion?: string
}

export type RetryType = 'RETRY_ALL_BUILDS' | 'RETRY_FAILED_BUILDS'

export type BatchEvent =
  /** SUBMITTED is over. */
  | { readonly type: 'begun' }
  | {
      readonly type: 'specRead'
      readonly fastFail: boolean
      readonly builds: readonly BatchBuild[]
      readonly resolvedVersion?: string
    }
  | { readonly type: 'specFailed'; readonly status: 'FAILED' | 'FAULT'; readonly context: PhaseContext }
  /** A build that was to start did. */
  | { readonly type: 'started'; readonly build: string }
  /** It may not start: the batch's role lacks a permission, or the project is gone. */
  | { readonly type: 'refused'; readonly build: string; readonly context: PhaseContext }
  | { readonly type: 'ended'; readonly build: string; readonly status: EndStatus }
  /** It ended without a result, and `by` was started in its place. */
  | { readonly type: 'replaced'; readonly build: string; readonly status: EndStatus; readonly by: string }
  /** Something outside may allow a build to start that could not. */
  | { readonly type: 'looked' }
  | { readonly type: 'combined' }
  | { readonly type: 'combineFailed'; readonly status: 'FAILED' | 'FAULT'; readonly context: PhaseContext }
  | { readonly type: 'stopRequested' }
  | { readonly type: 'timedOut' }
  | { readonly type: 'retried'; readonly retryType: RetryType }

export type BatchEffect =
  | { readonly type: 'begin' }
  | { readonly type: 'download' }
  | { readonly type: 'start'; readonly group: Group }
  | { readonly type: 'stop'; readonly build: string }
  | { readonly type: 'combine' }
  | { readonly type: 'over' }

export interface Decision {
  readonly state: BatchState
  readonly effects: readonly BatchEffect[]
}

/** A batch that was just submitted. */
export const submitted = (now: Date, combines: boolean): BatchState => ({
  status: 'IN_PROGRESS',
  phases: [{ phase: 'SUBMITTED', start: now }],
  fastFail: false,
  groups: [],
  combines,
})

export const currentPhase = ({ phases }: BatchState): BatchPhaseType => phases.at(-1)!.phase

/** What `event` makes of a batch; events that come too late change nothing. `newBuild` makes ids of builds. */
export function decide(state: BatchState, event: BatchEvent, now: Date, newBuild: () => string): Decision {
  const same: Decision = { state, effects: [] }
  const phase = currentPhase(state)
  switch (event.type) {
    case 'begun': {
      if (phase !== 'SUBMITTED') return same
      // After a retry the buildspec is known already.
      if (state.groups.length > 0) return settle(enter(state, 'IN_PROGRESS', 'SUCCEEDED', now), now)
      return { state: enter(state, 'DOWNLOAD_BATCHSPEC', 'SUCCEEDED', now), effects: [{ type: 'download' }] }
    }
    case 'specRead': {
      if (phase !== 'DOWNLOAD_BATCHSPEC') return same
      const { fastFail, builds, resolvedVersion } = event
      const groups = builds.map(
        (plan): Group => ({ plan, current: { build: newBuild(), requestedOn: now, status: 'PENDING' }, prior: [] }),
      )
      const read = { ...state, fastFail, groups, ...(resolvedVersion !== undefined && { resolvedVersion }) }
      return settle(enter(read, 'IN_PROGRESS', 'SUCCEEDED', now), now)
    }
    case 'specFailed':
      if (phase !== 'DOWNLOAD_BATCHSPEC') return same
      return finish(state, event.status, now, [event.context])
    case 'started':
      return keep(state, event.build, 'PENDING', { status: 'IN_PROGRESS', requestedOn: now, ran: true })
    case 'refused': {
      if (phase !== 'IN_PROGRESS') return same
      const { state: refused } = keep(state, event.build, 'PENDING', { status: 'FAILED' })
      return refused === state ? same : settle(addContext(refused, event.context), now)
    }
    case 'ended': {
      const known = keep(state, event.build, 'IN_PROGRESS', { status: event.status })
      return known.state === state || phase !== 'IN_PROGRESS' ? known : settle(known.state, now)
    }
    case 'replaced':
      return replace(state, event, now)
    case 'looked':
      return phase === 'IN_PROGRESS' ? settle(state, now) : same
    case 'combined':
      return phase === 'COMBINE_ARTIFACTS' ? finish(state, 'SUCCEEDED', now) : same
    case 'combineFailed':
      return phase === 'COMBINE_ARTIFACTS' ? finish(state, event.status, now, [event.context]) : same
    case 'stopRequested':
      return state.status === 'IN_PROGRESS' ? giveUp(state, 'STOPPED', now) : same
    case 'timedOut':
      return state.status === 'IN_PROGRESS' ? giveUp(state, 'TIMED_OUT', now) : same
    case 'retried':
      return state.status === 'IN_PROGRESS' ? same : retry(state, event.retryType, now, newBuild)
    default:
      return assertNever(event)
  }
}

/** Whether RetryBuildBatch may be asked for. AWS: "Only batch builds that have failed can be retried" [RetryBuildBatch]. */
export const canRetry = ({ status }: BatchState) => status !== 'IN_PROGRESS' && status !== 'SUCCEEDED'

const over = ({ status }: Attempt) => status !== 'PENDING' && status !== 'IN_PROGRESS'
/** It ended in a way that those who wait for it can live with. */
const passed = ({ plan, current }: Group) => current.status === 'SUCCEEDED' || (over(current) && plan.ignoreFailure)
const broken = (group: Group) => over(group.current) && !passed(group)

/** In IN_PROGRESS: skips what can not run any more, starts what can, ends the phase when nothing is left. */
function settle(state: BatchState, now: Date): Decision {
  const failing = state.groups.some(broken)
  // AWS: a build that did not run because of another one is STOPPED [CLI example of retry-build-batch].
  const skipped = failing ? skip(state) : state
  const groups = new Map(skipped.groups.map(group => [group.plan.identifier, group]))
  const effects: BatchEffect[] = []
  for (const group of skipped.groups) {
    const { status, build } = group.current
    if (status === 'PENDING' && group.plan.dependsOn.every(name => passed(groups.get(name)!)))
      effects.push({ type: 'start', group })
    if (status === 'IN_PROGRESS' && failing && skipped.fastFail) effects.push({ type: 'stop', build })
  }
  if (!skipped.groups.every(({ current }) => over(current))) return { state: skipped, effects }
  if (skipped.groups.some(broken)) return finish(skipped, 'FAILED', now)
  const combining = enter(skipped, 'COMBINE_ARTIFACTS', 'SUCCEEDED', now)
  return state.combines ? { state: combining, effects: [{ type: 'combine' }] } : finish(combining, 'SUCCEEDED', now)
}

/** Builds that wait for a broken one, directly or not, never run; with fast-fail none does that has not begun. */
function skip(state: BatchState): BatchState {
  const lost = new Set(state.groups.filter(broken).map(({ plan }) => plan.identifier))
  const pending = state.groups.filter(({ current }) => current.status === 'PENDING')
  for (let before = -1; before !== lost.size; ) {
    before = lost.size
    for (const { plan } of pending)
      if (state.fastFail || plan.dependsOn.some(name => lost.has(name))) lost.add(plan.identifier)
  }
  const groups = state.groups.map(group =>
    group.current.status === 'PENDING' && lost.has(group.plan.identifier) ? withStatus(group, 'STOPPED') : group,
  )
  return { ...state, groups }
}

const withStatus = (group: Group, status: EndStatus): Group => ({ ...group, current: { ...group.current, status } })

/** The whole ends now; what runs is stopped, what waits never runs. */
function giveUp(state: BatchState, status: 'STOPPED' | 'TIMED_OUT', now: Date): Decision {
  const running = state.groups.filter(({ current }) => current.status === 'IN_PROGRESS')
  const groups = state.groups.map(group => (group.current.status === 'PENDING' ? withStatus(group, 'STOPPED') : group))
  const contexts =
    status === 'TIMED_OUT' ? [{ statusCode: 'BUILD_TIMED_OUT', message: 'Build batch has timed out.' }] : []
  const { state: ended, effects } = finish({ ...state, groups }, status, now, contexts)
  const stops = running.map(({ current }): BatchEffect => ({ type: 'stop', build: current.build }))
  return { state: ended, effects: [...stops, ...effects] }
}

// AWS: the first batch goes on under its id: its end gets the status RETRY, and SUBMITTED begins again; builds that are run again
// leave their summaries in priorBuildSummaryList [CLI example of retry-build-batch, BuildGroup].
function retry(state: BatchState, type: RetryType, now: Date, newBuild: () => string): Decision {
  const groups = state.groups.map((group): Group => {
    const { current, prior } = group
    if (type === 'RETRY_FAILED_BUILDS' && current.status === 'SUCCEEDED') return group
    return {
      ...group,
      current: {
        build: newBuild(),
        requestedOn: now,
        status: 'PENDING',
        ...(type === 'RETRY_FAILED_BUILDS' && current.ran && { retryOf: current.build }),
      },
      prior: [...prior, current],
    }
  })
  const phases = state.phases.map(
    (phase, at): BatchPhase => (at === state.phases.length - 1 ? { ...phase, status: 'RETRY', end: now } : phase),
  )
  return {
    state: { ...state, groups, status: 'IN_PROGRESS', phases: [...phases, { phase: 'SUBMITTED', start: now }] },
    effects: [{ type: 'begin' }],
  }
}

/** The attempt of `build` with `change`, if it is `from` now; of an earlier attempt as well: it may end after the retry began. */
function keep(state: BatchState, build: string, from: Attempt['status'], change: Partial<Attempt>): Decision {
  let found = false
  const changed = (attempt: Attempt): Attempt => {
    if (attempt.build !== build || attempt.status !== from) return attempt
    found = true
    return { ...attempt, ...change }
  }
  const groups = state.groups.map(group => ({
    ...group,
    current: changed(group.current),
    prior: group.prior.map(changed),
  }))
  return { state: found ? { ...state, groups } : state, effects: [] }
}

/** `by` is the build of its group from now on; after the batch's end, or in an earlier try, it is stopped. */
function replace(
  state: BatchState,
  { build, status, by }: Extract<BatchEvent, { type: 'replaced' }>,
  now: Date,
): Decision {
  const { state: ended } = keep(state, build, 'IN_PROGRESS', { status })
  if (ended === state) return { state, effects: [] }
  if (currentPhase(state) !== 'IN_PROGRESS' || !state.groups.some(({ current }) => current.build === build))
    return { state: ended, effects: [{ type: 'stop', build: by }] }
  const groups = ended.groups.map((group): Group => {
    if (group.current.build !== build) return group
    const current = { build: by, requestedOn: now, status: 'IN_PROGRESS' as const, ran: true as const }
    return { ...group, current, prior: [...group.prior, group.current] }
  })
  return settle({ ...ended, groups }, now)
}

function addContext(state: BatchState, context: PhaseContext): BatchState {
  const phases = state.phases.map(
    (phase, at): BatchPhase =>
      at === state.phases.length - 1 ? { ...phase, contexts: [...(phase.contexts ?? []), context] } : phase,
  )
  return { ...state, phases }
}

/** Ends the current phase and begins the next. */
function enter(
  state: BatchState,
  next: BatchPhaseType,
  status: EndStatus,
  now: Date,
  contexts: readonly PhaseContext[] = [],
): BatchState {
  const phases = state.phases.map((phase, at): BatchPhase => {
    if (at < state.phases.length - 1) return phase
    const all = [...(phase.contexts ?? []), ...contexts]
    return { ...phase, end: now, status, ...(all.length > 0 && { contexts: all }) }
  })
  return { ...state, phases: [...phases, { phase: next, start: now }] }
}

const LAST: Readonly<Record<EndStatus, BatchPhaseType>> = {
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  FAULT: 'FAILED',
  TIMED_OUT: 'FAILED',
  STOPPED: 'STOPPED',
}

function finish(state: BatchState, status: EndStatus, now: Date, contexts: readonly PhaseContext[] = []): Decision {
  return { state: { ...enter(state, LAST[status], status, now, contexts), status }, effects: [{ type: 'over' }] }
}
