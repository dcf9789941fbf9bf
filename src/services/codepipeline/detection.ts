// Change detection: a changed branch or object starts the pipelines whose sources follow it, once for one revision.

import type { Call, EventRecord, OpenCall } from '../../operation/call.ts'
import { detectingSources, type SourceRow } from './pipelines.ts'
import { startExecution } from './start.ts'

/** How long after a start by one detector another one's start for the same change is taken for its echo. */
const ECHO_MS = 60_000

export async function branchChanged(open: OpenCall, { id, detail }: EventRecord): Promise<void> {
  if (detail.referenceType !== 'branch' || detail.event === 'referenceDeleted') return
  await startAll(open, id, { provider: 'CodeCommit', place: detail.repositoryName, name: detail.referenceName })
}

export async function objectChanged(open: OpenCall, { id, detail }: EventRecord): Promise<void> {
  await startAll(open, id, { provider: 'S3', place: detail.bucket?.name, name: detail.object?.key })
}

type Changed = Pick<SourceRow, 'provider' | 'place' | 'name'>

async function startAll(open: OpenCall, eventId: string, { provider, place, name }: Changed): Promise<void> {
  await open.transaction(async call => {
    const sources = await detectingSources(call.tx, call.scope, provider, place, name)
    const once = new Map(sources.map(source => [source.pipeline_id, source]))
    for (const source of once.values()) await startFor(call, source, eventId)
  })
}

/** A process may die between this and the end of its job: the event that comes again is known by its id. */
async function startFor(
  call: Call,
  { pipeline_id, action, provider, place, name }: SourceRow,
  eventId: string,
): Promise<void> {
  if (await echoes(call, pipeline_id, 'CloudWatchEvent')) return
  const triggerDetail = `${action}: ${provider} ${place} ${name}`
  await startExecution(call, {
    pipelineId: pipeline_id,
    trigger: { triggerType: 'PollForSourceChanges', triggerDetail },
    clientToken: `event:${eventId}`,
  })
}

/**
 * The id of an execution that the other detector has just started and that has not read its sources yet: it will read this
 * change as well, so a second one would run the same revision again.
 */
export async function echoes(
  call: Call,
  pipelineId: string,
  other: 'CloudWatchEvent' | 'PollForSourceChanges',
): Promise<string | undefined> {
  const row = await call.tx.one<{ id: string }>`
    select id from codepipeline.execution
    where pipeline_id = ${pipelineId} and trigger->>'triggerType' = ${other}
      and started_at > ${new Date(call.now.getTime() - ECHO_MS)} and status = 'InProgress'
      and number = (select max(number) from codepipeline.execution where pipeline_id = ${pipelineId})`
  return row?.id
}
