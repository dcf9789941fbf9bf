// What a report says, whatever tool wrote it: test cases or covered files, in CodeBuild's words.

// AWS: the formats of a buildspec's `file-format` [test-report-group-create-cli, code-coverage-report].
const TYPES = {
  JUNITXML: 'TEST',
  NUNITXML: 'TEST',
  NUNIT3XML: 'TEST',
  CUCUMBERJSON: 'TEST',
  TESTNGXML: 'TEST',
  VISUALSTUDIOTRX: 'TEST',
  JACOCOXML: 'CODE_COVERAGE',
  SIMPLECOV: 'CODE_COVERAGE',
  CLOVERXML: 'CODE_COVERAGE',
  COBERTURAXML: 'CODE_COVERAGE',
  // DEVIATES: AWS has no lcov; here its tracefiles need no conversion.
  LCOV: 'CODE_COVERAGE',
} as const

export type ReportFormat = keyof typeof TYPES
export type ReportType = 'TEST' | 'CODE_COVERAGE'

export const REPORT_FORMATS = Object.keys(TYPES) as ReportFormat[]
export const typeOfFormat = (format: ReportFormat): ReportType => TYPES[format]
export const isReportFormat = (text: string): text is ReportFormat => Object.hasOwn(TYPES, text)

export const TEST_STATUSES = ['ERROR', 'FAILED', 'SKIPPED', 'SUCCEEDED', 'UNKNOWN'] as const
export type TestStatus = (typeof TEST_STATUSES)[number]

/** Parsers may fill in `prefix` and `suite` after the case was handed on, while they still read the same file. */
export interface TestCase {
  /** What a group of cases has in common: class, namespace, feature. */
  prefix: string
  suite: string
  name: string
  status: TestStatus
  durationNanos: number
  message: string
}

export interface FileCoverage {
  readonly path: string
  readonly linesCovered: number
  readonly linesMissed: number
  readonly branchesCovered: number
  readonly branchesMissed: number
}

export interface ReportSink {
  /** Answers whether the case is kept so far; others are only counted. */
  test(found: TestCase): boolean
  coverage(found: FileCoverage): void
}

/** Reads one file to its end. Throws ReportError for what is no such report; what was found before counts. */
export type ReportParser = (bytes: AsyncIterable<Uint8Array>, sink: ReportSink) => Promise<void>

/** The file is not what its format says: a sentence for the build's log. */
export class ReportError extends Error {}

/** Longer texts of a report (messages, stack traces) are cut. */
export const TEXT_LIMIT = 16_384
/** Deeper documents are refused. */
export const DEPTH_LIMIT = 512

const MOST_NANOS = Number.MAX_SAFE_INTEGER

/** `1.5`, `1,234.5`: seconds of a report in nanoseconds; 0 for anything else. */
export const nanosOfSeconds = (text: string | undefined) => nanos(Number((text ?? '').replaceAll(',', '')) * 1e9)

export const nanos = (value: number) =>
  Number.isFinite(value) && value > 0 ? Math.min(Math.round(value), MOST_NANOS) : 0
