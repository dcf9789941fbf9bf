// Reads reports from strings, in pieces of any size.

import { type CollectedReport, collectReport } from '../collectReport.ts'
import type { ReportFormat } from '../report.ts'

export async function* pieces(content: string | Uint8Array, size = 64): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content as string)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export function collect(format: ReportFormat, content: string | Uint8Array, size?: number): Promise<CollectedReport> {
  return collectReport(
    format,
    (async function* () {
      yield { path: 'report', bytes: () => pieces(content, size) }
    })(),
  )
}

/** The cases as lines: `STATUS suite|prefix|name nanoseconds: message`. */
export const lines = ({ cases }: CollectedReport) =>
  cases.map(
    ({ status, suite, prefix, name, durationNanos, message }) =>
      `${status} ${suite}|${prefix}|${name} ${durationNanos}${message && `: ${message.replaceAll('\n', '~')}`}`,
  )
