// Which phase comes next: the whole of CodeBuild's phase rules in one pure function.

import { assertNever } from '../core/assertNever.ts'
import type { EndStatus, PhaseType } from './phases.ts'

export interface PhaseState {
  readonly phase: PhaseType
  /** What the build will end with; undefined while everything went well. */
  readonly status?: Exclude<EndStatus, 'SUCCEEDED'>
  /** How often the current phase was tried again. */
  readonly retries: number
}

export interface PhaseOutcome {
  readonly status: EndStatus
  /** What the buildspec says of this phase; RETRY only when the error's message matches its pattern. */
  readonly onFailure?: { readonly action: 'ABORT' | 'CONTINUE' } | { readonly action: 'RETRY'; readonly count: number }
}

/** SUCCEEDED as long as nothing went wrong. */
export const buildStatus = (state: PhaseState): EndStatus => state.status ?? 'SUCCEEDED'

export const firstPhase: PhaseState = { phase: 'SUBMITTED', retries: 0 }

/**
 * The state after `state.phase` ended with `outcome`. COMPLETED stays.
 *
 * AWS [view-build-details, phase transitions]: BUILD failed, POST_BUILD runs; INSTALL or PRE_BUILD failed, BUILD and
 * POST_BUILD do not; UPLOAD_ARTIFACTS is attempted after any of them. ABORT and CONTINUE override that. A build with a
 * failed phase that CONTINUEs has failed: nothing turns a failure green.
 * DEVIATES: AWS's guide says of RETRY that the build is retried, and nowhere that it is another build, or which phases run again [build-spec-ref];
 * whole builds are what autoRetryLimit retries, with a number and links of their own [auto-retry-build]. Here the phase that says it is run
 * again, with what it left behind, as often as it says and only for errors that match.
 */
export function nextPhase(state: PhaseState, outcome: PhaseOutcome): PhaseState {
  const { phase } = state
  if (phase === 'COMPLETED') return state
  const { status, onFailure } = outcome
  if (status === 'FAILED' && onFailure?.action === 'RETRY' && state.retries < onFailure.count && retryable(phase)) {
    return { ...state, retries: state.retries + 1 }
  }
  const ended = state.status ?? (status === 'SUCCEEDED' ? undefined : status)
  const go = (next: PhaseType): PhaseState => ({ phase: next, status: ended, retries: 0 })
  // Stopped, out of time, or the house's own fault: nothing more is run.
  if (status === 'STOPPED' || status === 'TIMED_OUT' || status === 'FAULT') {
    return { ...go('COMPLETED'), status: status === 'FAULT' ? ended : status }
  }
  const failed = status === 'FAILED'
  switch (phase) {
    case 'SUBMITTED':
      return go(failed ? 'COMPLETED' : 'QUEUED')
    case 'QUEUED':
      return go(failed ? 'COMPLETED' : 'PROVISIONING')
    case 'PROVISIONING':
      return go(failed ? 'COMPLETED' : 'DOWNLOAD_SOURCE')
    case 'DOWNLOAD_SOURCE':
      return go(failed ? 'FINALIZING' : 'INSTALL')
    case 'INSTALL':
      return go(failed && onFailure?.action !== 'CONTINUE' ? 'UPLOAD_ARTIFACTS' : 'PRE_BUILD')
    case 'PRE_BUILD':
      return go(failed && onFailure?.action !== 'CONTINUE' ? 'UPLOAD_ARTIFACTS' : 'BUILD')
    case 'BUILD':
      return go(failed && onFailure?.action === 'ABORT' ? 'UPLOAD_ARTIFACTS' : 'POST_BUILD')
    case 'POST_BUILD':
      return go('UPLOAD_ARTIFACTS')
    case 'UPLOAD_ARTIFACTS':
      return go('FINALIZING')
    case 'FINALIZING':
      return go('COMPLETED')
    default:
      return assertNever(phase)
  }
}

const retryable = (phase: PhaseType) =>
  phase === 'INSTALL' || phase === 'PRE_BUILD' || phase === 'BUILD' || phase === 'POST_BUILD'
