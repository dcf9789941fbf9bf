// NUnit 2's XML: nested suites, cases with their full names.

import { nanosOfSeconds, type ReportParser, type TestCase, type TestStatus } from '../report.ts'
import { joinMessage, withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'

const RESULTS: Readonly<Record<string, TestStatus>> = {
  Success: 'SUCCEEDED',
  Failure: 'FAILED',
  Error: 'ERROR',
  Cancelled: 'ERROR',
  NotRunnable: 'ERROR',
  Invalid: 'ERROR',
  Ignored: 'SKIPPED',
  Skipped: 'SKIPPED',
  NotRun: 'SKIPPED',
  Inconclusive: 'UNKNOWN',
}

export const parseNunit: ReportParser = async (bytes, sink) => {
  const suites: string[] = []
  let current: TestCase | undefined
  const handler = withRoot(['test-results'], {
    open(name, attributes) {
      if (name === 'test-suite') suites.push(attributes.name ?? '')
      else if (name === 'test-case') {
        const { className, method } = splitName(attributes.name ?? '')
        current = {
          prefix: className,
          suite: suites.at(-1) ?? '',
          name: method,
          status: statusOf(attributes),
          durationNanos: nanosOfSeconds(attributes.time),
          message: '',
        }
      }
      return current !== undefined && (name === 'message' || name === 'stack-trace')
    },
    close(name, text) {
      if (name === 'test-suite') suites.pop()
      else if (name === 'test-case' && current) {
        sink.test(current)
        current = undefined
      } else if (current && (name === 'message' || name === 'stack-trace')) {
        current.message = joinMessage(current.message, text)
      }
    },
  })
  await scanXml(bytes, handler)
}

function statusOf({ result, executed, success }: Readonly<Record<string, string | undefined>>): TestStatus {
  if (result !== undefined) return RESULTS[result] ?? 'UNKNOWN'
  if (executed === 'False') return 'SKIPPED'
  return success === undefined ? 'UNKNOWN' : success === 'True' ? 'SUCCEEDED' : 'FAILED'
}

/** `A.B.Method(1.5,"x.y")`: the arguments' dots separate nothing. */
export function splitName(full: string): { className: string; method: string } {
  const parenthesis = full.indexOf('(')
  const dot = full.lastIndexOf('.', parenthesis < 0 ? undefined : parenthesis)
  return { className: full.slice(0, Math.max(dot, 0)), method: full.slice(dot + 1) }
}
