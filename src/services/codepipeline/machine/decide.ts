// The pipeline machine, pure: one event in, the new state and what to do out. First the event is applied, then every
// rule that can move something is applied until nothing moves any more (settle.ts).

import { assertNever } from '../../../core/assertNever.ts'
import { Draft } from './draft.ts'
import { settle } from './settle.ts'
import { type Decision, isOver, type PipelineEvent, type PipelineState } from './state.ts'

/** `ids` gives the ids of the action runs that start. */
export function decide(state: PipelineState, event: PipelineEvent, now: Date, ids: () => string): Decision {
  const draft = new Draft(state, now, ids)
  const refused = apply(draft, event)
  if (refused) return { state, effects: [], refused }
  settle(draft)
  return draft.decision()
}

function apply(draft: Draft, event: PipelineEvent): Decision['refused'] {
  switch (event.type) {
    case 'started': {
      const [first] = draft.structure.stages
      draft.add({
        id: event.executionId,
        number: event.number,
        status: 'InProgress',
        version: draft.structure.version,
        place: { stage: first!.name, entered: false, since: draft.time },
        actions: [],
      })
      return undefined
    }
    case 'actionEnded': {
      const found = draft.actionRun(event.actionId)
      // An abandoned action's provider may still report, and a report may come twice: neither changes anything.
      if (found && found.action.status === 'InProgress')
        draft.setAction(found.execution.id, { ...found.action, status: event.status })
      return undefined
    }
    case 'stopRequested':
      return stop(draft, event.executionId, event.abandon, event.reason)
    case 'retryRequested':
      return retry(draft, event)
    case 'transitionChanged': {
      const stage = draft.stage(event.stage)
      if (!stage) return 'stage not found'
      if (event.enabled) draft.enable(event.stage)
      else if (stage.enabled) draft.setStage({ ...stage, enabled: false, disabledAt: draft.time })
      return undefined
    }
    case 'structureChanged':
      draft.restructure(event.structure)
      return undefined
    default:
      return assertNever(event)
  }
}

function stop(draft: Draft, id: string, abandon: boolean, reason: string | undefined): Decision['refused'] {
  const execution = draft.execution(id)
  if (!execution) return 'execution not found'
  if (isOver(execution.status)) return 'execution not stoppable'
  if (execution.status === 'Stopping' && !abandon) return 'already stopping'
  if (!execution.place.entered) {
    // AWS: an inbound execution can be stopped; it does not enter when the transition is enabled again.
    draft.setExecution({ ...execution, status: 'Stopped', summary: reason })
    return undefined
  }
  if (abandon) {
    for (const action of draft.running(execution)) draft.setAction(id, { ...action, status: 'Abandoned' })
  }
  draft.setExecution({ ...draft.execution(id)!, status: 'Stopping', summary: reason })
  draft.setPlaceStatus(id, 'Stopping')
  return undefined
}

function retry(
  draft: Draft,
  { executionId, stage, mode }: Extract<PipelineEvent, { type: 'retryRequested' }>,
): Decision['refused'] {
  const execution = draft.execution(executionId)
  if (!execution) return 'execution not found'
  if (!draft.stage(stage)) return 'stage not found'
  if (execution.place.stage !== stage || !execution.place.entered) return 'stage not retryable'
  if (execution.version !== draft.structure.version) return 'structure changed'
  if (draft.structure.mode !== 'PARALLEL' && draft.stage(stage)!.lastEntered !== executionId)
    return 'not the latest in stage'
  const inStage = draft.current(execution)
  const failed = inStage.filter(({ status }) => status === 'Failed' || status === 'Abandoned')
  if (execution.status === 'Stopping' || execution.status === 'Succeeded' || execution.status === 'Superseded')
    return 'stage not retryable'
  if (failed.length === 0) return execution.status === 'InProgress' ? 'retry in progress' : 'stage not retryable'
  const running = inStage.some(({ status }) => status === 'InProgress')
  if (mode === 'ALL_ACTIONS' && running) return 'stage not retryable'
  const again = mode === 'ALL_ACTIONS' ? inStage : failed
  for (const action of again) draft.setAction(executionId, { ...action, replaced: true }, { silent: true })
  const resumed = isOver(execution.status)
  if (resumed) {
    draft.setExecution({ ...draft.execution(executionId)!, status: 'InProgress', summary: undefined }, { resumed })
    draft.setPlaceStatus(executionId, 'InProgress', { resumed })
  }
  const order = Math.min(...again.map(({ runOrder }) => runOrder))
  for (const { name, runOrder } of again)
    if (runOrder === order) draft.startAction(executionId, stage, { name, runOrder })
  return undefined
}
