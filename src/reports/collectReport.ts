// One report out of many files: counts everything, keeps 500 test cases with the failed ones first, and says what went wrong.

import { parserOf } from './parsers.ts'
import {
  type FileCoverage,
  ReportError,
  type ReportFormat,
  type ReportSink,
  type ReportType,
  TEST_STATUSES,
  type TestCase,
  type TestStatus,
  typeOfFormat,
} from './report.ts'

// AWS: at most 500 test cases a report [limits].
export const CASE_LIMIT = 500
/** Of files whose coverage is kept one by one. */
const FILE_LIMIT = 20_000
/** Of problems that are told one by one. */
const PROBLEM_LIMIT = 20

export interface ReportFile {
  /** As the report shows it. */
  readonly path: string
  bytes(): AsyncIterable<Uint8Array>
}

export interface KeptCase extends Readonly<TestCase> {
  /** The file it was in. */
  readonly rawPath: string
}

export interface TestSummary {
  readonly total: number
  readonly statusCounts: Readonly<Record<TestStatus, number>>
  readonly durationInNanoSeconds: number
}

export interface CoverageSummary {
  readonly linesCovered: number
  readonly linesMissed: number
  readonly branchesCovered: number
  readonly branchesMissed: number
}

export interface CollectedReport {
  readonly format: ReportFormat
  readonly type: ReportType
  readonly status: 'SUCCEEDED' | 'FAILED' | 'INCOMPLETE'
  /** Not all of `cases` or `coverages` are here; the summaries count all. */
  readonly truncated: boolean
  readonly cases: readonly KeptCase[]
  readonly coverages: readonly FileCoverage[]
  readonly tests: TestSummary
  readonly coverage: CoverageSummary
  /** Why it is INCOMPLETE, a sentence each, with the file's path. */
  readonly problems: readonly string[]
}

/** Reads `files` one after the other. A file that is not what `format` says makes the report INCOMPLETE, never throws. */
export async function collectReport(format: ReportFormat, files: AsyncIterable<ReportFile>): Promise<CollectedReport> {
  const parser = parserOf(format)
  const failed: { found: TestCase; rawPath: string; at: number }[] = []
  const others: typeof failed = []
  const coverages: FileCoverage[] = []
  const statusCounts: Record<TestStatus, number> = { ERROR: 0, FAILED: 0, SKIPPED: 0, SUCCEEDED: 0, UNKNOWN: 0 }
  const coverage = { linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 }
  const problems: string[] = []
  let total = 0
  let duration = 0
  let covered = 0
  let rawPath = ''
  const sink: ReportSink = {
    test(found) {
      total++
      statusCounts[found.status]++
      duration = Math.min(duration + found.durationNanos, Number.MAX_SAFE_INTEGER)
      const list = isFailure(found.status) ? failed : others
      if (list.length >= CASE_LIMIT) return false
      list.push({ found, rawPath, at: total })
      return true
    },
    coverage(found) {
      covered++
      coverage.linesCovered += found.linesCovered
      coverage.linesMissed += found.linesMissed
      coverage.branchesCovered += found.branchesCovered
      coverage.branchesMissed += found.branchesMissed
      if (coverages.length < FILE_LIMIT) coverages.push({ ...found, path: clean(found.path, 2000) })
    },
  }
  let wrong = 0
  for await (const file of files) {
    rawPath = file.path
    try {
      await parser(file.bytes(), sink)
    } catch (error) {
      if (!(error instanceof ReportError)) throw error
      if (++wrong <= PROBLEM_LIMIT) problems.push(`${file.path}: ${error.message}`)
    }
  }
  if (wrong > PROBLEM_LIMIT) problems.push(`${wrong - PROBLEM_LIMIT} more files could not be read`)
  // Failed ones first into the 500; among what is kept the files' own order.
  const kept = [...failed, ...others].slice(0, CASE_LIMIT).sort((a, b) => a.at - b.at)
  return {
    format,
    type: typeOfFormat(format),
    status:
      wrong > 0
        ? 'INCOMPLETE'
        : TEST_STATUSES.some(status => isFailure(status) && statusCounts[status] > 0)
          ? 'FAILED'
          : 'SUCCEEDED',
    truncated: total > kept.length || covered > coverages.length,
    cases: kept.map(({ found, rawPath: path }) => ({
      ...found,
      prefix: clean(found.prefix, 1000),
      suite: clean(found.suite, 1000),
      name: clean(found.name, 1000),
      message: clean(found.message, MESSAGE_LIMIT),
      rawPath: path,
    })),
    coverages,
    tests: { total, statusCounts, durationInNanoSeconds: duration },
    coverage,
    problems,
  }
}

export const isFailure = (status: TestStatus) => status === 'FAILED' || status === 'ERROR'

const MESSAGE_LIMIT = 8192

/** What a database can hold and a terminal may show: no NUL, no half of a surrogate pair, at most `limit` characters. */
const clean = (text: string, limit: number) => text.trim().slice(0, limit).replaceAll('\0', '').toWellFormed()
