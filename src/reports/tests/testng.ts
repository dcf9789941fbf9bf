// TestNG's testng-results.xml: methods below classes below tests below suites.

import { nanos, type ReportParser, type TestCase, type TestStatus } from '../report.ts'
import { joinMessage, withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'

const STATUSES: Readonly<Record<string, TestStatus>> = { PASS: 'SUCCEEDED', FAIL: 'FAILED', SKIP: 'SKIPPED' }

export const parseTestng: ReportParser = async (bytes, sink) => {
  let suite = ''
  let className = ''
  let current: TestCase | undefined
  let isConfiguration = false
  const handler = withRoot(['testng-results'], {
    open(name, attributes) {
      if (name === 'suite') suite = attributes.name ?? ''
      else if (name === 'test') suite = attributes.name ?? suite
      else if (name === 'class') className = attributes.name ?? ''
      else if (name === 'test-method') {
        isConfiguration = attributes['is-config'] === 'true'
        current = {
          prefix: className,
          suite,
          name: attributes.name ?? '',
          status: STATUSES[attributes.status ?? ''] ?? 'UNKNOWN',
          durationNanos: nanos(Number(attributes['duration-ms']) * 1e6),
          message: '',
        }
      } else if (name === 'exception' && current) current.message = attributes.class ?? ''
      return current !== undefined && (name === 'message' || name === 'full-stacktrace')
    },
    close(name, text) {
      if (name === 'test-method' && current) {
        // Configuration methods are no tests; one that failed is why others were skipped.
        if (!isConfiguration) sink.test(current)
        else if (current.status === 'FAILED') sink.test({ ...current, status: 'ERROR' })
        current = undefined
      } else if (current && (name === 'message' || name === 'full-stacktrace')) {
        // A stack trace says class and message itself.
        if (name === 'full-stacktrace' && text.trim() !== '') current.message = text
        else current.message = joinMessage(current.message, text)
      }
    },
  })
  await scanXml(bytes, handler)
}
