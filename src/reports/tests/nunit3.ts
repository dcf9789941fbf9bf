// NUnit 3's XML: result and label tell the outcome, class names stand in attributes.

import { nanosOfSeconds, type ReportParser, type TestCase, type TestStatus } from '../report.ts'
import { joinMessage, withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'
import { splitName } from './nunit.ts'

const RESULTS: Readonly<Record<string, TestStatus>> = {
  Passed: 'SUCCEEDED',
  Warning: 'SUCCEEDED',
  Failed: 'FAILED',
  Skipped: 'SKIPPED',
  Inconclusive: 'UNKNOWN',
}

export const parseNunit3: ReportParser = async (bytes, sink) => {
  const suites: string[] = []
  let current: TestCase | undefined
  const handler = withRoot(['test-run', 'test-suite'], {
    open(name, attributes) {
      if (name === 'test-suite') suites.push(attributes.fullname ?? attributes.name ?? '')
      else if (name === 'test-case') {
        const status = RESULTS[attributes.result ?? ''] ?? 'UNKNOWN'
        current = {
          prefix: attributes.classname ?? splitName(attributes.fullname ?? '').className,
          suite: suites.at(-1) ?? '',
          name: attributes.name ?? attributes.methodname ?? '',
          // Error, Invalid and Cancelled are labels of a failure.
          status: status === 'FAILED' && attributes.label ? 'ERROR' : status,
          durationNanos: nanosOfSeconds(attributes.duration),
          message: '',
        }
      }
      return current !== undefined && (name === 'message' || name === 'stack-trace')
    },
    close(name, text, path) {
      if (name === 'test-suite') suites.pop()
      else if (name === 'test-case' && current) {
        sink.test(current)
        current = undefined
      } else if (current && (name === 'message' || name === 'stack-trace') && !path.includes('assertions')) {
        current.message = joinMessage(current.message, text)
      }
    },
  })
  await scanXml(bytes, handler)
}
