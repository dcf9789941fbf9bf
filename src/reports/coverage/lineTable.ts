// Covered and missed lines of files, a byte a line, so that files that a report names several times are merged.

import { ReportError, type ReportSink } from '../report.ts'

const LINE_LIMIT = 2_000_000
/** Bytes of all files together. */
const TOTAL_LIMIT = 128 * 1024 * 1024
const FILE_LIMIT = 200_000

const MISSED = 1
const COVERED = 2

interface Lines {
  states: Uint8Array
  branchesCovered: number
  branchesMissed: number
}

export type LineTable = ReturnType<typeof createLineTable>

export function createLineTable() {
  const files = new Map<string, Lines>()
  let total = 0
  const fileOf = (path: string): Lines => {
    let file = files.get(path)
    if (!file) {
      if (files.size >= FILE_LIMIT) throw new ReportError(`it covers more than ${FILE_LIMIT} files`)
      file = { states: new Uint8Array(256), branchesCovered: 0, branchesMissed: 0 }
      total += 256 + 2 * path.length
      if (total > TOTAL_LIMIT) throw new ReportError('it covers more files than a report can')
      files.set(path, file)
    }
    return file
  }
  const grow = (file: Lines, line: number) => {
    const size = Math.min(Math.max(line + 1, file.states.length * 2), LINE_LIMIT + 1)
    total += size - file.states.length
    if (total > TOTAL_LIMIT) throw new ReportError('it covers more lines than a report can')
    const states = new Uint8Array(size)
    states.set(file.states)
    file.states = states
  }
  return {
    /** A file without lines is in the report as well. */
    touch: (path: string) => void fileOf(path),
    /** A line that was run at least once is covered. */
    line(path: string, line: number, hits: number) {
      if (!Number.isInteger(line) || line < 0 || line > LINE_LIMIT || Number.isNaN(hits)) {
        throw new ReportError(`a line that is none: ${path.slice(0, 200)}:${line}`)
      }
      const file = fileOf(path)
      if (line >= file.states.length) grow(file, line)
      if (hits > 0) file.states[line] = COVERED
      else file.states[line] ||= MISSED
    },
    branches(path: string, covered: number, missed: number) {
      if (!(covered >= 0 && missed >= 0 && covered + missed < 1e9)) {
        throw new ReportError(`branches that are none: ${path.slice(0, 200)}`)
      }
      const file = fileOf(path)
      file.branchesCovered += covered
      file.branchesMissed += missed
    },
    /** Hands everything to the sink. */
    report(sink: ReportSink) {
      for (const [path, { states, branchesCovered, branchesMissed }] of files) {
        let linesCovered = 0
        let linesMissed = 0
        for (const state of states) {
          if (state === COVERED) linesCovered++
          else if (state === MISSED) linesMissed++
        }
        sink.coverage({ path, linesCovered, linesMissed, branchesCovered, branchesMissed })
      }
    },
  }
}

/** A count of a report's attribute. */
export function countOf(text: string | undefined, what: string): number {
  const value = Number(text ?? '0')
  if (!Number.isFinite(value) || value < 0)
    throw new ReportError(`${what} is ${JSON.stringify(text?.slice(0, 40))}, not a count`)
  return Math.min(Math.round(value), Number.MAX_SAFE_INTEGER)
}
