// ListSecrets: pages of secrets in the wanted order, without their values.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { filterCondition } from '../../filters.ts'
import { readToken } from '../../paging.ts'
import { listSecrets as readSecrets } from '../../secrets.ts'
import { describedSecret, versionStages } from '../../shape.ts'
import { versionsOfSecrets } from '../../versions.ts'

export const listSecrets: Handler<'secretsmanager', 'ListSecrets'> = async (call, input) => {
  const { MaxResults: limit = 100, SortBy: by = 'created-date', SortOrder: direction = 'desc' } = input
  const filters = filterCondition(input.Filters)
  const rows = await readSecrets(call.tx, call.scope, {
    where: input.IncludePlannedDeletion ? filters : sql`delete_after is null and ${filters}`,
    order: { by, ascending: direction === 'asc' },
    after: readToken(input.NextToken, 2),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.key, row.name])
  const versions = await versionsOfSecrets(
    call.tx,
    call.scope,
    items.map(({ name }) => name),
  )
  return {
    SecretList: items.map(row => ({
      ...describedSecret(row),
      SecretVersionsToStages: versionStages(versions.filter(({ name }) => name === row.name)),
    })),
    NextToken: nextToken,
  }
}
