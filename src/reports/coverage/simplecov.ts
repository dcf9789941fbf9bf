// SimpleCov's JSON: `.resultset.json` (a result for each command), or the one object of its JSON formatters.

import { type JsonPath, scanJson } from '../json.ts'
import { ReportError, type ReportParser } from '../report.ts'
import { createLineTable, type LineTable } from './lineTable.ts'

export const parseSimplecov: ReportParser = async (bytes, sink) => {
  const table = createLineTable()
  let known = 0
  try {
    await scanJson(bytes, {
      wants: path => placeOf(path) !== undefined,
      value(path, value) {
        known++
        if (placeOf(path) === 'listed') {
          const { filename, coverage } = (value ?? {}) as { filename?: unknown; coverage?: unknown }
          if (typeof filename === 'string') readFile(table, filename, coverage)
        } else readFile(table, String(path.at(-1)), value)
      },
      close(path) {
        if (path.length === 0 && known === 0) throw new ReportError('there is no coverage in it')
      },
    })
  } finally {
    table.report(sink)
  }
}

/** `coverage.FILE`, `COMMAND.coverage.FILE`, or `files[n]`. */
function placeOf(path: JsonPath): 'named' | 'listed' | undefined {
  if (path.length === 2 && path[0] === 'files' && typeof path[1] === 'number') return 'listed'
  if (path.length === 2 && path[0] === 'coverage' && typeof path[1] === 'string') return 'named'
  if (path.length === 3 && path[1] === 'coverage' && typeof path[2] === 'string') return 'named'
  return undefined
}

function readFile(table: LineTable, path: string, value: unknown): void {
  table.touch(path)
  const { lines, branches } = (Array.isArray(value) ? { lines: value } : (value ?? {})) as Record<string, unknown>
  if (lines !== undefined && !Array.isArray(lines))
    throw new ReportError(`${path.slice(0, 200)}: its lines are no list`)
  for (const [index, hits] of ((lines as unknown[] | undefined) ?? []).entries()) {
    if (typeof hits === 'number') table.line(path, index + 1, hits)
  }
  let covered = 0
  let missed = 0
  for (const hits of branchHits(branches)) {
    if (hits > 0) covered++
    else missed++
  }
  table.branches(path, covered, missed)
}

/** `[{coverage: 1}]`, or a mapping of conditions to a mapping of their branches to counts. */
function* branchHits(branches: unknown): Generator<number> {
  if (Array.isArray(branches)) {
    for (const branch of branches) {
      if (typeof branch?.coverage === 'number') yield branch.coverage
    }
  } else if (typeof branches === 'object' && branches !== null) {
    for (const condition of Object.values(branches)) {
      for (const hits of Object.values((condition ?? {}) as object)) if (typeof hits === 'number') yield hits
    }
  }
}
