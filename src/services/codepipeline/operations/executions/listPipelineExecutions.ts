// ListPipelineExecutions: newest first.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { listExecutionRows, runsOf } from '../../executions.ts'
import { needPipeline } from '../../pipelines.ts'
import { showSummary } from './show.ts'

const STANDARD_PAGE = 100

export const listPipelineExecutions: Handler<'codepipeline', 'ListPipelineExecutions'> = async (
  { tx, scope },
  input,
) => {
  const { pipelineName, nextToken, maxResults = STANDARD_PAGE, filter } = input
  if (filter?.succeededInStage) fail('ValidationException', 'Codeyard does not support the filter succeededInStage yet')
  const pipeline = await needPipeline(tx, scope, pipelineName)
  const key = nextToken === undefined ? undefined : readPageToken(nextToken)
  if (nextToken !== undefined && !key) fail('InvalidNextTokenException', 'The next token is not valid')
  const rows = await listExecutionRows(tx, pipeline.id, key ? Number(key[0]) : undefined, maxResults + 1)
  const { items, nextToken: next } = page(rows, maxResults, ({ number }) => [number])
  const runs = await runsOf(
    tx,
    items.map(({ id }) => id),
  )
  return {
    pipelineExecutionSummaries: items.map(row =>
      showSummary(
        row,
        pipeline.declaration.executionMode,
        runs.filter(run => run.execution_id === row.id),
      ),
    ),
    nextToken: next,
  }
}
