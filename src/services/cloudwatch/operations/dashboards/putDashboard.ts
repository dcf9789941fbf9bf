// PutDashboard: keeps the body as it is given, after a look at its JSON; what widgets mean is the console's.

import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch'
import type { Handler } from '../../../../operation/handler.ts'
import { findDashboard, saveDashboard } from '../../dashboards.ts'
import { fail, invalidValue } from '../../errors.ts'
import { checkTags, tagMap } from '../../tags.ts'

export const putDashboard: Handler<'cloudwatch', 'PutDashboard'> = async (call, input) => {
  const { DashboardName: name, DashboardBody: body, Tags } = input
  // AWS: verbatim [PutDashboard, DashboardName].
  if (!/^[\w-]{1,255}$/.test(name))
    invalidValue(
      `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
    )
  const messages = problemsOf(body)
  if (messages.length > 0) {
    fail('DashboardInvalidInputError', `The field DashboardBody must be a valid JSON object`, {
      fields: { dashboardValidationMessages: messages },
    })
  }
  const before = await findDashboard(call.tx, call.scope, name)
  await saveDashboard(call.tx, call.scope, {
    name,
    body,
    tags: before?.tags ?? checkTags(tagMap(Tags)),
    modified_at: call.now,
  })
  return { DashboardValidationMessages: [] }
}

function problemsOf(body: string): DashboardValidationMessage[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch (error) {
    return [{ DataPath: '/', Message: `Invalid JSON: ${(error as Error).message.slice(0, 200)}` }]
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return [{ DataPath: '/', Message: 'The dashboard body must be an object.' }]
  const { widgets } = parsed as { widgets?: unknown }
  return widgets !== undefined && !Array.isArray(widgets)
    ? [{ DataPath: '/widgets', Message: 'Should be an array.' }]
    : []
}
