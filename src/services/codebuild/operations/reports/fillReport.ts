// BatchPutTestCases, BatchPutCodeCoverages and UpdateReport: what a build found goes into its report, and the report ends.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { closeReport, putCases, putCoverages, requireReportKey } from '../../reports.ts'

export const batchPutTestCases: Handler<'codebuild', 'BatchPutTestCases'> = async (call, input) => {
  await putCases(call.tx, call.scope, requireReportKey(call.scope, input.reportArn), input.testCases)
  return {}
}

export const batchPutCodeCoverages: Handler<'codebuild', 'BatchPutCodeCoverages'> = async (call, input) => {
  await putCoverages(call.tx, call.scope, requireReportKey(call.scope, input.reportArn), input.codeCoverages)
  return {}
}

export const updateReport: Handler<'codebuild', 'UpdateReport'> = async (call, input) => {
  if (!(await closeReport(call.tx, call.scope, requireReportKey(call.scope, input.reportArn), input))) {
    fail('ResourceNotFoundException', `The provided report does not exist: ${input.reportArn}`)
  }
  return {}
}
