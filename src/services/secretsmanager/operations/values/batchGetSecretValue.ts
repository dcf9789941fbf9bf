// BatchGetSecretValue: the current values of several secrets; each is asked for with the caller's permission for it.

import { page } from '../../../../core/pageToken.ts'
import { isServiceError } from '../../../../core/serviceError.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { invalidParameter } from '../../errors.ts'
import { filterCondition } from '../../filters.ts'
import { readToken } from '../../paging.ts'
import { listSecrets, secretArn } from '../../secrets.ts'

type BatchGet = Handler<'secretsmanager', 'BatchGetSecretValue'>
type Asked = { ids: readonly string[]; nextToken?: string }

export const batchGetSecretValue: BatchGet = async (call, input) => {
  if ((input.SecretIdList === undefined) === (input.Filters === undefined))
    invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
  if (input.SecretIdList && input.MaxResults !== undefined)
    invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
  const { ids, nextToken } = input.SecretIdList ? { ids: input.SecretIdList } : await filtered(call, input)
  const values = []
  const errors = []
  for (const id of ids) {
    try {
      const { SecretString, SecretBinary, ...value } = await call.invoke('secretsmanager', 'GetSecretValue', {
        SecretId: id,
      })
      values.push({ ...value, ...(SecretString === undefined ? { SecretBinary } : { SecretString }) })
    } catch (error) {
      if (!isServiceError(error)) throw error
      errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message })
    }
  }
  return { SecretValues: values, Errors: errors, NextToken: nextToken }
}

const filtered = async (...[call, input]: Parameters<BatchGet>): Promise<Asked> => {
  const limit = input.MaxResults ?? 20
  const rows = await listSecrets(call.tx, call.scope, {
    where: sql`delete_after is null and ${filterCondition(input.Filters)}`,
    order: { by: 'name', ascending: true },
    after: readToken(input.NextToken, 2),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.key, row.name])
  return { ids: items.map(secretArn), nextToken }
}
