// ListPipelines: by name.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { listPipelineRows } from '../../pipelines.ts'

const STANDARD_PAGE = 100

export const listPipelines: Handler<'codepipeline', 'ListPipelines'> = async (
  { tx, scope },
  { nextToken, maxResults = STANDARD_PAGE },
) => {
  const key = nextToken === undefined ? [''] : readPageToken(nextToken)
  if (!key) return fail('InvalidNextTokenException', 'The next token is not valid')
  const rows = await listPipelineRows(tx, scope, String(key[0]), maxResults + 1)
  const { items, nextToken: next } = page(rows, maxResults, ({ name }) => [name])
  return {
    pipelines: items.map(({ name, version, declaration, created_at, updated_at }) => ({
      name,
      version,
      pipelineType: declaration.pipelineType as 'V1',
      executionMode: declaration.executionMode as 'SUPERSEDED',
      created: created_at,
      updated: updated_at,
    })),
    nextToken: next,
  }
}
