// The life of a sandbox and of a command in it. Pure.

import type { Progress } from '../../../build/build.ts'
import { buildStatus } from '../../../build/machine.ts'
import type { EndStatus } from '../../../build/phases.ts'
import { assertNever } from '../../../core/assertNever.ts'
import { endPhase } from '../machine.ts'

export type SandboxStatus = EndStatus | 'IN_PROGRESS'

export interface SandboxState {
  readonly status: SandboxStatus
  readonly progress: Progress
  readonly ended_at: Date | null
  readonly stop_requested: boolean
  readonly lease_owner: string | null
  readonly lease_until: Date | null
  readonly place: string | null
}

export type SandboxEvent =
  /** A builder takes it: for the first time, or because its last builder is gone. */
  | { readonly type: 'leased'; readonly owner: string; readonly until: Date; readonly place: string }
  /** The engine of `owner` got on. */
  | { readonly type: 'progressed'; readonly owner: string; readonly progress: Progress }
  /** Its builder stops in good order: whoever comes next may have it. */
  | { readonly type: 'released'; readonly owner: string }
  | { readonly type: 'stopRequested' }
  | { readonly type: 'queueTimedOut' }

export type SandboxEffect =
  /** The builder that holds the sandbox must end it. */
  | { readonly type: 'interrupt' }
  /** Commands can begin. */
  | { readonly type: 'ready' }
  /** Commands that are not over end with it. */
  | { readonly type: 'endCommands'; readonly status: EndStatus }

/** What `event` makes of a sandbox. Events that come too late, or from a builder that lost its lease, change nothing. */
export function decideSandbox<S extends SandboxState>(
  state: S,
  event: SandboxEvent,
  now: Date,
): { readonly state: S; readonly effects: readonly SandboxEffect[] } {
  const same = { state, effects: [] }
  if (state.status !== 'IN_PROGRESS') return same
  const queued = state.progress.state.phase === 'QUEUED'
  switch (event.type) {
    case 'leased': {
      const leased = { ...state, lease_owner: event.owner, lease_until: event.until, place: event.place }
      return queued ? follow(leased, endPhase(state.progress, 'SUCCEEDED', now)) : { state: leased, effects: [] }
    }
    case 'progressed':
      return event.owner === state.lease_owner ? follow(state, event.progress) : same
    case 'released':
      return event.owner === state.lease_owner
        ? { state: { ...state, lease_owner: null, lease_until: null }, effects: [] }
        : same
    case 'stopRequested':
      if (queued) return follow(state, endPhase(state.progress, 'STOPPED', now))
      return { state: { ...state, stop_requested: true }, effects: [{ type: 'interrupt' }] }
    case 'queueTimedOut':
      return queued ? follow(state, endPhase(state.progress, 'TIMED_OUT', now)) : same
    default:
      return assertNever(event)
  }
}

/** The engine holds an environment in the phase in which a build would run its first commands. */
export const isReady = ({ progress, status }: Pick<SandboxState, 'progress' | 'status'>) =>
  status === 'IN_PROGRESS' && progress.state.phase === 'INSTALL'

function follow<S extends SandboxState>(state: S, progress: Progress) {
  const next = { ...state, progress }
  const last = progress.phases.at(-1)
  if (progress.state.phase !== 'COMPLETED' || !last) {
    return { state: next, effects: isReady(next) && !isReady(state) ? [{ type: 'ready' } as const] : [] }
  }
  const status = buildStatus(progress.state)
  const over = { status, ended_at: last.start, lease_owner: null, lease_until: null }
  return { state: { ...next, ...over }, effects: [{ type: 'endCommands', status } as const] }
}

/** How a command ended: by itself, or with the sandbox around it. */
export function commandStatus(end: { readonly exitCode: number } | { readonly sandbox: EndStatus }): EndStatus {
  if ('exitCode' in end) return end.exitCode === 0 ? 'SUCCEEDED' : 'FAILED'
  // A sandbox that was given up has stopped its commands.
  return end.sandbox === 'SUCCEEDED' ? 'STOPPED' : end.sandbox
}
