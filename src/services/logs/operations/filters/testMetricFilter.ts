// TestMetricFilter: which sample messages a filter pattern matches, and the fields of a space-delimited one.

import type { Handler } from '../../../../operation/handler.ts'
import { readPattern } from '../../pattern/read.ts'

export const testMetricFilter: Handler<'logs', 'TestMetricFilter'> = async (_call, input) => {
  const pattern = readPattern(input.filterPattern)
  return {
    matches: input.logEventMessages.flatMap((eventMessage, index) => {
      const match = pattern.match(eventMessage)
      return match ? [{ eventNumber: index + 1, eventMessage, extractedValues: { ...match.extracted } }] : []
    }),
  }
}
