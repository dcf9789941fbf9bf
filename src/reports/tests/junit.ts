// JUnit XML as Ant, Surefire, Gradle, pytest, gtest, jest and the rest write it.

import { nanosOfSeconds, type ReportParser, type TestCase, type TestStatus } from '../report.ts'
import { joinMessage, withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'

const OUTCOMES: Readonly<Record<string, TestStatus>> = { failure: 'FAILED', error: 'ERROR', skipped: 'SKIPPED' }
const WEIGHT: Readonly<Record<TestStatus, number>> = { SUCCEEDED: 0, UNKNOWN: 1, SKIPPED: 2, FAILED: 3, ERROR: 3 }

export const parseJunit: ReportParser = async (bytes, sink) => {
  const suites: string[] = []
  let current: TestCase | undefined
  let message: string | undefined
  const handler = withRoot(['testsuites', 'testsuite'], {
    open(name, attributes) {
      if (name === 'testsuite') suites.push(attributes.name ?? '')
      else if (name === 'testcase') {
        current = {
          prefix: attributes.classname ?? '',
          suite: suites.at(-1) ?? '',
          name: attributes.name ?? '',
          // gtest marks disabled tests so.
          status: attributes.status === 'notrun' || attributes.status === 'disabled' ? 'SKIPPED' : 'SUCCEEDED',
          durationNanos: nanosOfSeconds(attributes.time),
          message: '',
        }
      } else if (current && name in OUTCOMES) {
        message = attributes.message ?? attributes.type
        return true
      }
      return false
    },
    close(name, text) {
      const status = OUTCOMES[name]
      if (name === 'testsuite') suites.pop()
      else if (name === 'testcase' && current) {
        sink.test(current)
        current = undefined
      } else if (current && status && WEIGHT[status] > WEIGHT[current.status]) {
        current.status = status
        current.message = joinMessage(message, text)
      }
    },
  })
  await scanXml(bytes, handler)
}
