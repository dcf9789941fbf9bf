// PutResourcePolicy: lets AWS services (EventBridge ...) write to this account's log groups.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, invalid } from '../../errors.ts'
import { listPolicies, putPolicy, toResourcePolicy } from '../../policies.ts'

// AWS: "There can be up to 10 resource policies per account" in older quotas; the limit today (PutResourcePolicy).
const MOST = 10

export const putResourcePolicy: Handler<'logs', 'PutResourcePolicy'> = async (call, input) => {
  if (input.resourceArn !== undefined || input.expectedRevisionId !== undefined)
    invalid('Codeyard supports resource policies of the account only: leave out resourceArn and expectedRevisionId.')
  const { policyName: name, policyDocument: document } = input
  if (name === undefined || document === undefined) return invalid('policyName and policyDocument are required.')
  if (!isPolicy(document)) invalid('Policy document is not valid JSON with at least one statement.')
  const present = await listPolicies(call.tx, call.scope)
  if (present.length >= MOST && !present.some(row => row.name === name))
    fail('LimitExceededException', 'Resource limit exceeded.')
  const row = { name, document, updated_at: call.now }
  await putPolicy(call.tx, call.scope, row)
  return { resourcePolicy: toResourcePolicy(row) }
}

function isPolicy(document: string): boolean {
  try {
    const { Statement } = JSON.parse(document)
    return Array.isArray(Statement) ? Statement.length > 0 : typeof Statement === 'object' && Statement !== null
  } catch {
    return false
  }
}
