// The rules that move executions by themselves, applied until nothing moves: groups of actions follow each other, stages end,
// stage locks are released, who waits enters, and a waiting one gives way to a newer one.

import type { Draft } from './draft.ts'
import { type Execution, isOver } from './state.ts'

export function settle(draft: Draft): void {
  // Each round moves at least one execution onwards, and there are finitely many stages and actions.
  while (draft.executions().some(execution => advance(draft, execution)) || admit(draft)) {
    // again
  }
}

/** Moves an execution that is in a stage; false when there is nothing to do. */
function advance(draft: Draft, execution: Execution): boolean {
  const { id, place } = execution
  if (isOver(execution.status) || !place.entered) return false
  const inStage = draft.current(execution)
  const running = inStage.some(({ status }) => status === 'InProgress')
  const failed = inStage.some(({ status }) => status === 'Failed' || status === 'Abandoned')
  if (running) return false
  if (execution.status === 'Stopping') return end(draft, execution, 'Stopped', execution.summary)
  // AWS: after an update the running actions complete, then their stages and executions fail.
  if (execution.version !== draft.structure.version) {
    return end(draft, execution, 'Failed', 'The pipeline was updated while this execution was in progress')
  }
  if (failed) return end(draft, execution, 'Failed')
  const spec = draft.structure.stages.find(stage => stage.name === place.stage)!
  const done = new Set(inStage.map(({ name }) => name))
  const left = spec.actions.filter(({ name }) => !done.has(name))
  if (left.length > 0) {
    const order = Math.min(...left.map(({ runOrder }) => runOrder))
    for (const action of left) if (action.runOrder === order) draft.startAction(id, place.stage, action)
    return true
  }
  draft.setPlaceStatus(id, 'Succeeded')
  const next = draft.structure.stages[draft.structure.stages.indexOf(spec) + 1]
  if (next) draft.moveTo(id, next.name)
  else draft.setExecution({ ...draft.execution(id)!, status: 'Succeeded' })
  return true
}

function end(draft: Draft, { id }: Execution, status: 'Stopped' | 'Failed', summary?: string): true {
  draft.setPlaceStatus(id, status)
  draft.setExecution({ ...draft.execution(id)!, status, ...(summary ? { summary } : {}) })
  return true
}

/** Lets waiting executions enter, or be superseded; false when there is nothing to do. */
function admit(draft: Draft): boolean {
  for (const { name } of draft.structure.stages) {
    const waiting = draft
      .executions()
      .filter(({ status, place }) => !isOver(status) && !place.entered && place.stage === name)
    if (waiting.length === 0) continue
    if (draft.structure.mode === 'SUPERSEDED' && supersede(draft, waiting)) return true
    if (!draft.stage(name)!.enabled) continue
    const occupied =
      draft.structure.mode !== 'PARALLEL' &&
      draft.executions().some(({ status, place }) => !isOver(status) && place.entered && place.stage === name)
    if (occupied) continue
    draft.enter(waiting[0]!.id)
    return true
  }
  return false
}

/** Of several that wait before one stage only the newest remains. */
function supersede(draft: Draft, waiting: readonly Execution[]): boolean {
  const newest = waiting.at(-1)!
  const older = waiting.slice(0, -1)
  for (const execution of older) {
    draft.setExecution({
      ...execution,
      status: 'Superseded',
      supersededBy: newest.id,
      summary: `Superseded by ${newest.id} before it entered ${execution.place.stage}`,
    })
  }
  return older.length > 0
}
