// BatchGetBuilds: builds by id or ARN, in the order asked for.

import type { Build } from '@aws-sdk/client-codebuild'
import type { Handler } from '../../../../operation/handler.ts'
import { findBuilds } from '../../builds.ts'
import { buildArn, buildId } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { reportArnsOf } from '../../reports.ts'
import { buildShape } from '../../shape.ts'

export const batchGetBuilds: Handler<'codebuild', 'BatchGetBuilds'> = async (call, input) => {
  const ids = input.ids.map(buildId)
  if (ids.some(id => !id.includes(':'))) fail('InvalidInputException', 'Invalid build ID provided')
  const rows = new Map((await findBuilds(call.tx, call.scope, ids)).map(row => [row.id, row]))
  const found = ids.map(id => rows.get(id))
  const executions = [...rows.keys()].map(id => buildArn(call.scope, id))
  const reports = await reportArnsOf(call.tx, call.scope, executions)
  return {
    builds: found.filter(row => row !== undefined).map(row => withReports(buildShape(row), reports)),
    buildsNotFound: input.ids.filter((_, index) => !found[index]),
  }
}

const withReports = (build: Build, reports: ReadonlyMap<string, string[]>): Build => {
  const reportArns = reports.get(build.arn!)
  return reportArns ? { ...build, reportArns } : build
}
