// Visual Studio's TRX: results first, and their class names only later, in the definitions.

import { nanosOfSeconds, type ReportParser, type TestCase, type TestStatus } from '../report.ts'
import { joinMessage, withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'

const OUTCOMES: Readonly<Record<string, TestStatus>> = {
  Passed: 'SUCCEEDED',
  PassedButRunAborted: 'SUCCEEDED',
  Warning: 'SUCCEEDED',
  Completed: 'SUCCEEDED',
  Failed: 'FAILED',
  Error: 'ERROR',
  Timeout: 'ERROR',
  Aborted: 'ERROR',
  Disconnected: 'ERROR',
  NotRunnable: 'ERROR',
  NotExecuted: 'SKIPPED',
  Inconclusive: 'UNKNOWN',
  Pending: 'UNKNOWN',
  InProgress: 'UNKNOWN',
}

const RESULTS = new Set([
  'UnitTestResult',
  'TestResult',
  'ManualTestResult',
  'GenericTestResult',
  'TestResultAggregation',
])

interface Open {
  readonly found: TestCase
  readonly id: string
  /** A data-driven test is its inner results. */
  hasInner: boolean
}

export const parseTrx: ReportParser = async (bytes, sink) => {
  const open: Open[] = []
  const kept = new Map<string, TestCase[]>()
  let definition = ''
  const handler = withRoot(['TestRun'], {
    open(name, attributes, path) {
      if (RESULTS.has(name)) {
        const outer = open.at(-1)
        if (outer) outer.hasInner = true
        open.push({
          found: {
            prefix: '',
            suite: '',
            name: attributes.testName ?? '',
            status: OUTCOMES[attributes.outcome ?? ''] ?? 'UNKNOWN',
            durationNanos: nanosOfClock(attributes.duration),
            message: '',
          },
          id: attributes.testId ?? '',
          hasInner: false,
        })
      } else if (name === 'UnitTest') definition = attributes.id ?? ''
      else if (name === 'TestMethod') {
        // `Namespace.Class, Assembly, Version=...` in older files.
        const className = (attributes.className ?? '').split(',')[0]!
        for (const found of kept.get(definition) ?? []) {
          found.prefix = className
          found.suite = className
          if (found.name.startsWith(`${className}.`)) found.name = found.name.slice(className.length + 1)
        }
      }
      return open.length > 0 && isText(name, path)
    },
    close(name, text, path) {
      if (RESULTS.has(name)) {
        const { found, id, hasInner } = open.pop()!
        if (!hasInner && sink.test(found)) kept.set(id, [...(kept.get(id) ?? []), found])
        return
      }
      const current = open.at(-1)
      if (current && isText(name, path)) current.found.message = joinMessage(current.found.message, text)
    },
  })
  await scanXml(bytes, handler)
}

const isText = (name: string, path: readonly string[]) =>
  (name === 'Message' || name === 'StackTrace') && path.at(-1) === 'ErrorInfo'

/** `[d.]hh:mm:ss.fffffff` */
function nanosOfClock(text: string | undefined): number {
  const [, days, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(text ?? '') ?? []
  if (seconds === undefined) return 0
  return nanosOfSeconds(
    String(Number(days ?? 0) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)),
  )
}
