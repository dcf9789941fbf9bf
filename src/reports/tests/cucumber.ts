// Cucumber's JSON: features of scenarios of steps; a scenario is a test case. Features may name themselves after their scenarios.

import { scanJson } from '../json.ts'
import { nanos, ReportError, type ReportParser, type TestCase, type TestStatus } from '../report.ts'

const STATUSES: Readonly<Record<string, TestStatus>> = {
  passed: 'SUCCEEDED',
  failed: 'FAILED',
  ambiguous: 'ERROR',
  skipped: 'SKIPPED',
  pending: 'UNKNOWN',
  undefined: 'UNKNOWN',
}
/** The worst step is the scenario's status. */
const WEIGHT: Readonly<Record<TestStatus, number>> = { SUCCEEDED: 0, SKIPPED: 1, UNKNOWN: 2, ERROR: 3, FAILED: 4 }

interface Outcome {
  status: TestStatus
  durationNanos: number
  message: string
}

export const parseCucumber: ReportParser = async (bytes, sink) => {
  let feature: { name: string; uri: string; kept: TestCase[] } = { name: '', uri: '', kept: [] }
  let background: Outcome | undefined
  await scanJson(bytes, {
    wants(path) {
      if (path.length === 0) return false
      if (path.length === 2) return path[1] === 'name' || path[1] === 'uri'
      return path.length === 3 && path[1] === 'elements'
    },
    value(path, value) {
      if (path.length === 2) {
        if (path[1] === 'name') feature.name = String(value ?? '')
        else feature.uri = String(value ?? '')
        return
      }
      const scenario = value as { type?: unknown; name?: unknown } | null
      if (typeof scenario !== 'object' || scenario === null) return
      const outcome = outcomeOf(scenario)
      if (scenario.type === 'background') {
        background = outcome
        return
      }
      const both = background ? worse(background, outcome) : outcome
      background = undefined
      const found: TestCase = { prefix: '', suite: '', name: String(scenario.name ?? ''), ...both }
      if (sink.test(found)) feature.kept.push(found)
    },
    close(path) {
      if (path.length === 0 || path.length > 1) return
      if (typeof path[0] !== 'number') throw new ReportError('it is not a list of features')
      for (const found of feature.kept) {
        found.prefix = feature.name || feature.uri
        found.suite = feature.name || feature.uri
      }
      feature = { name: '', uri: '', kept: [] }
      background = undefined
    },
  })
}

function outcomeOf(scenario: object): Outcome {
  let outcome: Outcome = { status: 'SUCCEEDED', durationNanos: 0, message: '' }
  const { before, steps, after } = scenario as Record<string, unknown>
  for (const step of [before, steps, after].flatMap(list => (Array.isArray(list) ? list : []))) {
    const { result, keyword, name } = (step ?? {}) as Record<string, any>
    if (typeof result !== 'object' || result === null) continue
    const status = STATUSES[String(result.status)] ?? 'UNKNOWN'
    const text = `${keyword ?? ''}${name ?? ''}`.trim()
    const said = typeof result.error_message === 'string' ? result.error_message : ''
    const message = status === 'SUCCEEDED' ? '' : [text, said].filter(part => part !== '').join('\n')
    outcome = worse(outcome, { status, durationNanos: nanos(Number(result.duration)), message })
  }
  return outcome
}

const worse = (a: Outcome, b: Outcome): Outcome => ({
  ...(WEIGHT[b.status] > WEIGHT[a.status] ? b : a),
  durationNanos: a.durationNanos + b.durationNanos,
})
