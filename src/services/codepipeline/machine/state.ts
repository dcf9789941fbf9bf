// What the pipeline machine knows: the stages of one pipeline and the executions that move through them. Plain data.

export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL'

export interface ActionSpec {
  readonly name: string
  readonly runOrder: number
}

export interface StageSpec {
  readonly name: string
  readonly actions: readonly ActionSpec[]
}

export interface Structure {
  readonly version: number
  readonly mode: ExecutionMode
  readonly stages: readonly StageSpec[]
}

export type ExecutionStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed'
export type StageStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed'
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned'

export interface ActionRun {
  /** The action execution's id: a retry has a new one. */
  readonly id: string
  readonly stage: string
  readonly name: string
  readonly runOrder: number
  readonly status: ActionStatus
  /** A later run of the same action took its place. */
  readonly replaced?: boolean
}

/** Where an execution is: waiting before a stage, or in it (also when it ended there). */
export interface Place {
  readonly stage: string
  readonly entered: boolean
  /** Only when entered. */
  readonly status?: StageStatus
  /** ISO time since when. */
  readonly since: string
}

export interface Execution {
  readonly id: string
  /** Grows with each start: decides who is newer. */
  readonly number: number
  readonly status: ExecutionStatus
  readonly summary?: string
  /** Version of the structure that it runs with. */
  readonly version: number
  readonly place: Place
  readonly actions: readonly ActionRun[]
  readonly supersededBy?: string
}

export interface StageState {
  readonly name: string
  /** The transition into this stage. */
  readonly enabled: boolean
  /** ISO time; set while disabled. */
  readonly disabledAt?: string
  /** The execution that entered last: only that one can be retried here. */
  readonly lastEntered?: string
}

export interface PipelineState {
  readonly structure: Structure
  readonly stages: readonly StageState[]
  /** Those that live, and those that ended in a stage where they may be retried; oldest first. */
  readonly executions: readonly Execution[]
}

export type PipelineEvent =
  | { readonly type: 'started'; readonly executionId: string; readonly number: number }
  | {
      readonly type: 'actionEnded'
      readonly actionId: string
      readonly status: 'Succeeded' | 'Failed'
      readonly summary?: string
    }
  | {
      readonly type: 'stopRequested'
      readonly executionId: string
      readonly abandon: boolean
      readonly reason?: string
    }
  | {
      readonly type: 'retryRequested'
      readonly executionId: string
      readonly stage: string
      readonly mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS'
    }
  | { readonly type: 'transitionChanged'; readonly stage: string; readonly enabled: boolean }
  | { readonly type: 'structureChanged'; readonly structure: Structure }

export type Effect =
  /** Run the action: a job starts it at its provider. */
  | { readonly type: 'startAction'; readonly executionId: string; readonly action: ActionRun }
  | {
      readonly type: 'executionChanged'
      readonly executionId: string
      readonly status: ExecutionStatus
      readonly resumed?: boolean
    }
  | {
      readonly type: 'stageChanged'
      readonly executionId: string
      readonly stage: string
      readonly status: StageStatus
      readonly resumed?: boolean
    }
  | { readonly type: 'actionChanged'; readonly executionId: string; readonly action: ActionRun }

export interface Decision {
  readonly state: PipelineState
  readonly effects: readonly Effect[]
  /** The event was not possible: the operation that asked for it answers this. */
  readonly refused?: Refusal
}

export type Refusal =
  | 'execution not found'
  | 'execution not stoppable'
  | 'already stopping'
  | 'stage not found'
  | 'stage not retryable'
  | 'not the latest in stage'
  | 'retry in progress'
  | 'structure changed'

export function isOver(status: ExecutionStatus): boolean {
  return status !== 'InProgress' && status !== 'Stopping'
}
