// An execution as callers see it.

import type { ActionRunRow, ExecutionRow } from '../../executions.ts'

/** The revisions that the source actions fetched. */
export function revisionsOf(runs: readonly ActionRunRow[]) {
  return runs.flatMap(({ revision, started_at }) =>
    revision
      ? [
          {
            name: revision.artifact,
            revisionId: revision.revisionId,
            revisionSummary: revision.summary,
            revisionUrl: revision.url,
            created: started_at,
          },
        ]
      : [],
  )
}

export function showSummary(row: ExecutionRow, mode: string | undefined, runs: readonly ActionRunRow[]) {
  return {
    pipelineExecutionId: row.id,
    status: row.status,
    statusSummary: row.summary ?? undefined,
    startTime: row.started_at,
    lastUpdateTime: row.updated_at,
    sourceRevisions: runs.flatMap(({ name, revision }) =>
      revision
        ? [
            {
              actionName: name,
              revisionId: revision.revisionId,
              revisionSummary: revision.summary,
              revisionUrl: revision.url,
            },
          ]
        : [],
    ),
    trigger: row.trigger,
    ...(row.stop_reason ? { stopTrigger: { reason: row.stop_reason } } : {}),
    executionMode: mode as 'SUPERSEDED' | undefined,
    executionType: 'STANDARD' as const,
  }
}
