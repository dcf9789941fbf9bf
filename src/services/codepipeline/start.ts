// Starting an execution: by hand, by a rule, by a change of a source, by the making of the pipeline.

import type { Call } from '../../operation/call.ts'
import { advance } from './advance.ts'
import { findByToken, insertExecution, nextNumber, type SourceOverride, type Trigger } from './executions.ts'
import { lockPipeline } from './pipelines.ts'

export interface StartOptions {
  readonly pipelineId: string
  readonly trigger: Trigger
  readonly variables?: Readonly<Record<string, string>>
  readonly sourceOverrides?: readonly SourceOverride[]
  readonly clientToken?: string
}

/** Answers the execution's id: that of an earlier call when the client token is the same; undefined when the pipeline is gone. */
export async function startExecution(call: Call, options: StartOptions): Promise<string | undefined> {
  const { tx, now, ids } = call
  const pipeline = await lockPipeline(tx, options.pipelineId)
  if (!pipeline) return undefined
  if (options.clientToken) {
    const earlier = await findByToken(tx, pipeline.id, options.clientToken)
    if (earlier) return earlier.id
  }
  const id = ids.uuid()
  const number = await nextNumber(tx)
  const defaults = Object.fromEntries(
    (pipeline.declaration.variables ?? []).map(({ name, defaultValue }) => [name, defaultValue ?? '']),
  )
  await insertExecution(tx, {
    id,
    pipelineId: pipeline.id,
    number,
    version: pipeline.version,
    stage: pipeline.declaration.stages[0]!.name,
    trigger: options.trigger,
    variables: { ...defaults, ...options.variables },
    sourceOverrides: options.sourceOverrides ?? [],
    ...(options.clientToken ? { clientToken: options.clientToken } : {}),
    now,
  })
  await advance(call, pipeline.id, { type: 'started', executionId: id, number })
  return id
}
