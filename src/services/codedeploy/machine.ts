// What a deployment does next. Pure: a state and an event give a state and effects; rows, clocks and hosts are elsewhere.

import { assertNever } from '../../core/assertNever.ts'
import { concurrencyBudget, type MinimumHealthyHosts, minimumHealthy } from './health.ts'

export type EventStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Unknown'
export type TargetStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Unknown'
export type DeploymentStatus =
  | 'Created'
  | 'Queued'
  | 'InProgress'
  | 'Baking'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped'
  | 'Ready'

export interface Diagnostics {
  readonly errorCode:
    | 'Success'
    | 'ScriptMissing'
    | 'ScriptNotExecutable'
    | 'ScriptTimedOut'
    | 'ScriptFailed'
    | 'UnknownError'
  readonly scriptName: string
  readonly message: string
  readonly logTail: string
}

export interface LifecycleEvent {
  readonly name: string
  readonly status: EventStatus
  /** ISO times. */
  readonly startTime?: string
  readonly endTime?: string
  /** The host has said that it is at it. */
  readonly acknowledged?: boolean
  readonly diagnostics?: Diagnostics
}

export interface Target {
  readonly id: string
  readonly status: TargetStatus
  readonly events: readonly LifecycleEvent[]
  readonly updatedAt: string
}

export interface DeploymentError {
  readonly code: string
  readonly message: string
}

export interface DeploymentState {
  readonly status: DeploymentStatus
  readonly minimum: MinimumHealthyHosts
  readonly ignoreApplicationStopFailures: boolean
  /** In the order in which they are deployed to. */
  readonly targets: readonly Target[]
  readonly startTime?: string
  readonly completeTime?: string
  readonly error?: DeploymentError
  /** Set when someone asked to stop; the events that hosts are at may still end. */
  readonly stopping?: { readonly by: string; readonly rollback: boolean | undefined }
}

export type MachineEvent =
  | { readonly type: 'start' }
  | { readonly type: 'acknowledged'; readonly target: string; readonly event: string; readonly noop: boolean }
  | { readonly type: 'reported'; readonly target: string; readonly event: string; readonly diagnostics: Diagnostics }
  | {
      readonly type: 'completed'
      readonly target: string
      readonly event: string
      readonly succeeded: boolean
      readonly diagnostics: Diagnostics
    }
  | { readonly type: 'expired'; readonly target: string; readonly event: string; readonly message: string }
  | { readonly type: 'stop'; readonly by: string; readonly rollback: boolean | undefined }

export type Effect =
  | { readonly type: 'dispatch'; readonly target: string; readonly event: string }
  /** The command is no longer wanted: nobody will be given it. */
  | { readonly type: 'cancel'; readonly target: string; readonly event: string }
  /** More time: the host works on it. */
  | { readonly type: 'prolong'; readonly target: string; readonly event: string }
  | { readonly type: 'targetChanged'; readonly target: string; readonly state: 'START' | 'SUCCESS' | 'FAILURE' }
  | { readonly type: 'deploymentChanged'; readonly state: 'START' | 'SUCCESS' | 'FAILURE' | 'STOP' }

export interface Decision {
  readonly state: DeploymentState
  readonly effects: readonly Effect[]
}

/** AWS: lifecycle events of an in-place deployment without a load balancer [reference-appspec-file-structure-hooks]. */
export const IN_PLACE_EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
] as const

// AWS: verbatim texts of the console and GetDeployment.
export const NO_INSTANCES: DeploymentError = {
  code: 'NO_INSTANCES',
  message:
    'The deployment failed because no instances were found for your deployment group. Check your deployment group settings to make sure the tags for your Amazon EC2 instances or Auto Scaling groups correctly identify the instances you want to deploy to, and then try again.',
}
export const HEALTH_CONSTRAINTS: DeploymentError = {
  code: 'HEALTH_CONSTRAINTS',
  message:
    'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.',
}
const HEALTH_CONSTRAINTS_INVALID: DeploymentError = {
  code: 'HEALTH_CONSTRAINTS_INVALID',
  message: 'The revision cannot be successfully deployed within the instance health constraints specified.',
}

const TERMINAL: readonly DeploymentStatus[] = ['Succeeded', 'Failed', 'Stopped']

export function isOver(status: DeploymentStatus): boolean {
  return TERMINAL.includes(status)
}

/** Events that no longer fit (a second completion, a late timeout) change nothing. */
export function decide(state: DeploymentState, event: MachineEvent, now: Date): Decision {
  const unchanged: Decision = { state, effects: [] }
  if (isOver(state.status)) return unchanged
  switch (event.type) {
    case 'start':
      return state.status === 'Created' || state.status === 'Queued' ? start(state, now) : unchanged
    case 'stop':
      return state.stopping ? unchanged : stop(state, event, now)
    case 'acknowledged':
    case 'reported':
    case 'completed':
    case 'expired': {
      const target = state.targets.find(candidate => candidate.id === event.target)
      const running =
        target?.status === 'InProgress' ? target.events.find(one => one.status === 'InProgress') : undefined
      if (!target || running?.name !== event.event) return unchanged
      return onTarget(state, target, event, now)
    }
    default:
      return assertNever(event)
  }
}

type TargetEvent = Extract<MachineEvent, { target: string }>

function onTarget(state: DeploymentState, target: Target, event: TargetEvent, now: Date): Decision {
  const at = now.toISOString()
  switch (event.type) {
    case 'acknowledged': {
      if (event.noop) return endEvent(state, target, { name: event.event, status: 'Succeeded' }, now)
      const marked = changeEvent(target, event.event, { acknowledged: true }, at)
      return { state: replace(state, marked), effects: [{ type: 'prolong', target: target.id, event: event.event }] }
    }
    case 'reported':
      return {
        state: replace(state, changeEvent(target, event.event, { diagnostics: event.diagnostics }, at)),
        effects: [],
      }
    case 'completed': {
      const { diagnostics } = event
      return endEvent(
        state,
        target,
        { name: event.event, status: event.succeeded ? 'Succeeded' : 'Failed', diagnostics },
        now,
      )
    }
    case 'expired': {
      const diagnostics: Diagnostics = {
        errorCode: 'UnknownError',
        scriptName: '',
        message: event.message,
        logTail: '',
      }
      const ended = endEvent(state, target, { name: event.event, status: 'Failed', diagnostics }, now)
      return { ...ended, effects: [{ type: 'cancel', target: target.id, event: event.event }, ...ended.effects] }
    }
  }
}

function start(state: DeploymentState, now: Date): Decision {
  const started = { ...state, status: 'InProgress' as const, startTime: now.toISOString() }
  const changed: Effect = { type: 'deploymentChanged', state: 'START' }
  const total = state.targets.length
  const impossible =
    total === 0 ? NO_INSTANCES : concurrencyBudget(state.minimum, total) === 0 ? HEALTH_CONSTRAINTS_INVALID : undefined
  const next = impossible ? fail(started, impossible, now) : proceed(started, now)
  return { state: next.state, effects: [changed, ...next.effects] }
}

function stop(
  state: DeploymentState,
  { by, rollback }: { by: string; rollback: boolean | undefined },
  now: Date,
): Decision {
  const effects: Effect[] = []
  const targets = state.targets.map(target => {
    if (target.status === 'Pending') return skip(target, now)
    const running = target.status === 'InProgress' ? target.events.find(one => one.status === 'InProgress') : undefined
    if (!running || running.acknowledged) return target
    effects.push({ type: 'cancel', target: target.id, event: running.name })
    return skip(target, now)
  })
  const next = proceed({ ...state, targets, stopping: { by, rollback } }, now)
  return { state: next.state, effects: [...effects, ...next.effects] }
}

interface Ended {
  readonly name: string
  readonly status: 'Succeeded' | 'Failed'
  readonly diagnostics?: Diagnostics
}

/** One event of a target is over: the next one, or the target's end and other targets' turn. */
function endEvent(state: DeploymentState, target: Target, { name, status, diagnostics }: Ended, now: Date): Decision {
  const at = now.toISOString()
  const changed = changeEvent(target, name, { status, endTime: at, ...(diagnostics ? { diagnostics } : {}) }, at)
  const forgiven = name === 'ApplicationStop' && state.ignoreApplicationStopFailures
  const next = changed.events.find(event => event.status === 'Pending')
  if (status === 'Failed' && !forgiven) {
    const failed = { ...skip(changed, now), status: 'Failed' as const }
    return continueWith(state, failed, [{ type: 'targetChanged', target: target.id, state: 'FAILURE' }], now)
  }
  if (!next) {
    const succeeded = { ...changed, status: 'Succeeded' as const }
    return continueWith(state, succeeded, [{ type: 'targetChanged', target: target.id, state: 'SUCCESS' }], now)
  }
  if (state.stopping) return continueWith(state, skip(changed, now), [], now)
  const going = changeEvent(changed, next.name, { status: 'InProgress', startTime: at }, at)
  return { state: replace(state, going), effects: [{ type: 'dispatch', target: target.id, event: next.name }] }
}

function continueWith(state: DeploymentState, target: Target, effects: readonly Effect[], now: Date): Decision {
  const next = proceed(replace(state, target), now)
  return { state: next.state, effects: [...effects, ...next.effects] }
}

/** Starts as many targets as health allows; when nothing runs and nothing can start, the deployment is over. */
function proceed(state: DeploymentState, now: Date): Decision {
  const total = state.targets.length
  const count = (status: TargetStatus) => state.targets.filter(target => target.status === status).length
  const down = count('InProgress') + count('Failed')
  const room = state.stopping ? 0 : Math.max(0, concurrencyBudget(state.minimum, total) - down)
  const chosen = state.targets.filter(target => target.status === 'Pending').slice(0, room)
  if (chosen.length > 0) {
    const at = now.toISOString()
    const first = (target: Target) => target.events[0]!.name
    return {
      state: chosen.reduce(
        (next, target) =>
          replace(next, {
            ...changeEvent(target, first(target), { status: 'InProgress', startTime: at }, at),
            status: 'InProgress',
          }),
        state,
      ),
      effects: chosen.flatMap((target): Effect[] => [
        { type: 'targetChanged', target: target.id, state: 'START' },
        { type: 'dispatch', target: target.id, event: first(target) },
      ]),
    }
  }
  if (count('InProgress') > 0) return { state, effects: [] }
  const completeTime = now.toISOString()
  if (state.stopping) {
    const error = { code: 'MANUAL_STOP', message: `The deployment was stopped by ${state.stopping.by}.` }
    return {
      state: { ...state, status: 'Stopped', completeTime, error },
      effects: [{ type: 'deploymentChanged', state: 'STOP' }],
    }
  }
  const enough = count('Pending') === 0 && count('Succeeded') >= Math.max(1, minimumHealthy(state.minimum, total))
  if (!enough) return fail(state, HEALTH_CONSTRAINTS, now)
  return {
    state: { ...state, status: 'Succeeded', completeTime },
    effects: [{ type: 'deploymentChanged', state: 'SUCCESS' }],
  }
}

function fail(state: DeploymentState, error: DeploymentError, now: Date): Decision {
  const targets = state.targets.map(target => (target.status === 'Pending' ? skip(target, now) : target))
  return {
    state: { ...state, status: 'Failed', completeTime: now.toISOString(), error, targets },
    effects: [{ type: 'deploymentChanged', state: 'FAILURE' }],
  }
}

function skip(target: Target, now: Date): Target {
  return {
    ...target,
    status: 'Skipped',
    updatedAt: now.toISOString(),
    events: target.events.map(event =>
      event.status === 'Pending' || event.status === 'InProgress' ? { ...event, status: 'Skipped' as const } : event,
    ),
  }
}

function changeEvent(target: Target, name: string, change: Partial<LifecycleEvent>, updatedAt: string): Target {
  return {
    ...target,
    updatedAt,
    events: target.events.map(event => (event.name === name ? { ...event, ...change } : event)),
  }
}

const replace = (state: DeploymentState, target: Target): DeploymentState => ({
  ...state,
  targets: state.targets.map(candidate => (candidate.id === target.id ? target : candidate)),
})
