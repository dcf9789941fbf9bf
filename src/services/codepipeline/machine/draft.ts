// A state while it is being changed by one event: every change also notes its effect, in the order in which it happened.

import type {
  ActionRun,
  ActionSpec,
  Decision,
  Effect,
  Execution,
  PipelineState,
  StageState,
  StageStatus,
  Structure,
} from './state.ts'
import { isOver } from './state.ts'

/** AWS: a transition that was disabled for longer does not resume what waited. */
const LONGEST_DISABLED_DAYS = 30
const DAY = 86_400_000

export class Draft {
  structure: Structure
  readonly time: string
  #stages: Map<string, StageState>
  #executions: Map<string, Execution>
  readonly #effects: Effect[] = []
  readonly #ids: () => string
  readonly #now: Date

  constructor(state: PipelineState, now: Date, ids: () => string) {
    this.structure = state.structure
    this.#stages = new Map(state.stages.map(stage => [stage.name, stage]))
    this.#executions = new Map(state.executions.map(execution => [execution.id, execution]))
    this.#ids = ids
    this.#now = now
    this.time = now.toISOString()
  }

  /** Oldest first. */
  executions(): Execution[] {
    return [...this.#executions.values()].sort((a, b) => a.number - b.number)
  }

  execution(id: string): Execution | undefined {
    return this.#executions.get(id)
  }

  stage(name: string): StageState | undefined {
    return this.#stages.get(name)
  }

  actionRun(id: string): { execution: Execution; action: ActionRun } | undefined {
    for (const execution of this.#executions.values()) {
      const action = execution.actions.find(candidate => candidate.id === id)
      if (action) return { execution, action }
    }
    return undefined
  }

  /** The runs that count in the stage where the execution is: the last one of each action. */
  current(execution: Execution): ActionRun[] {
    return execution.actions.filter(({ stage, replaced }) => stage === execution.place.stage && !replaced)
  }

  running(execution: Execution): ActionRun[] {
    return this.current(execution).filter(({ status }) => status === 'InProgress')
  }

  add(execution: Execution): void {
    this.#executions.set(execution.id, execution)
    this.#effects.push({ type: 'executionChanged', executionId: execution.id, status: execution.status })
  }

  setExecution(execution: Execution, { resumed }: { resumed?: boolean } = {}): void {
    const before = this.#executions.get(execution.id)
    this.#executions.set(execution.id, execution)
    if (before?.status === execution.status) return
    this.#effects.push({
      type: 'executionChanged',
      executionId: execution.id,
      status: execution.status,
      ...(resumed ? { resumed } : {}),
    })
  }

  setPlaceStatus(id: string, status: StageStatus, { resumed }: { resumed?: boolean } = {}): void {
    const execution = this.#executions.get(id)!
    if (execution.place.status === status) return
    this.#executions.set(id, { ...execution, place: { ...execution.place, status } })
    this.#effects.push({
      type: 'stageChanged',
      executionId: id,
      stage: execution.place.stage,
      status,
      ...(resumed ? { resumed } : {}),
    })
  }

  setStage(stage: StageState): void {
    this.#stages.set(stage.name, stage)
  }

  setAction(executionId: string, action: ActionRun, { silent }: { silent?: boolean } = {}): void {
    const execution = this.#executions.get(executionId)!
    const actions = execution.actions.map(candidate => (candidate.id === action.id ? action : candidate))
    this.#executions.set(executionId, { ...execution, actions })
    if (!silent) this.#effects.push({ type: 'actionChanged', executionId, action })
  }

  startAction(executionId: string, stage: string, { name, runOrder }: ActionSpec): void {
    const execution = this.#executions.get(executionId)!
    const action: ActionRun = { id: this.#ids(), stage, name, runOrder, status: 'InProgress' }
    this.#executions.set(executionId, { ...execution, actions: [...execution.actions, action] })
    this.#effects.push({ type: 'actionChanged', executionId, action }, { type: 'startAction', executionId, action })
  }

  enter(id: string): void {
    const execution = this.#executions.get(id)!
    const { stage } = execution.place
    this.#executions.set(id, { ...execution, place: { stage, entered: true, status: 'InProgress', since: this.time } })
    this.setStage({ ...this.#stages.get(stage)!, lastEntered: id })
    this.#effects.push({ type: 'stageChanged', executionId: id, stage, status: 'InProgress' })
  }

  /** To wait before `stage`. */
  moveTo(id: string, stage: string): void {
    this.#executions.set(id, { ...this.#executions.get(id)!, place: { stage, entered: false, since: this.time } })
  }

  /** Enables a transition; who waited before one that was disabled too long does not go on. */
  enable(name: string): void {
    const stage = this.#stages.get(name)!
    const { disabledAt, ...rest } = stage
    this.setStage({ ...rest, enabled: true })
    if (!disabledAt || this.#now.getTime() - Date.parse(disabledAt) <= LONGEST_DISABLED_DAYS * DAY) return
    for (const execution of this.executions()) {
      if (isOver(execution.status) || execution.place.entered || execution.place.stage !== name) continue
      const summary = `The transition into ${name} was disabled for more than ${LONGEST_DISABLED_DAYS} days`
      this.setExecution({ ...execution, status: 'Stopped', summary })
    }
  }

  /** A new structure: stages that stay keep their transition; who waits before a stage that is gone fails. */
  restructure(structure: Structure): void {
    this.structure = structure
    this.#stages = new Map(
      structure.stages.map(({ name }) => [name, this.#stages.get(name) ?? { name, enabled: true }]),
    )
    for (const execution of this.executions()) {
      if (isOver(execution.status) || execution.place.entered) continue
      if (this.#stages.has(execution.place.stage))
        this.#executions.set(execution.id, { ...execution, version: structure.version })
      else
        this.setExecution({
          ...execution,
          status: 'Failed',
          summary: `Stage ${execution.place.stage} is no longer in the pipeline`,
        })
    }
  }

  decision(): Decision {
    return {
      state: { structure: this.structure, stages: [...this.#stages.values()], executions: this.executions() },
      effects: this.#effects,
    }
  }
}
