// A report in words, for logs and terminals.

import { type CollectedReport, isFailure } from './collectReport.ts'

const FAILURES_SHOWN = 20
const MESSAGE_LINES = 4

/** `3 tests, 1 failed, 1 skipped`, or `75.0% of 8 lines, 50.0% of 2 branches`. */
export function reportLine({ type, tests, coverage, coverages, truncated }: CollectedReport): string {
  if (type === 'TEST') {
    const { ERROR, FAILED, SKIPPED } = tests.statusCounts
    const skipped = SKIPPED > 0 ? `, ${SKIPPED} skipped` : ''
    return `${plural(tests.total, 'test')}, ${ERROR + FAILED} failed${skipped}`
  }
  const { linesCovered, linesMissed, branchesCovered, branchesMissed } = coverage
  const branches = branchesCovered + branchesMissed
  const files = `${truncated ? 'more than ' : ''}${plural(coverages.length, 'file')}`
  const lines = `${percent(linesCovered, linesMissed)} of ${plural(linesCovered + linesMissed, 'line')} covered in ${files}`
  return branches > 0 ? `${lines}, ${percent(branchesCovered, branchesMissed)} of ${branches} branches` : lines
}

/** The failed cases, each with the first lines of its message. */
export function failureLines({ cases, tests }: CollectedReport): string[] {
  const failed = cases.filter(({ status }) => isFailure(status))
  const all = tests.statusCounts.ERROR + tests.statusCounts.FAILED
  const lines = failed.slice(0, FAILURES_SHOWN).flatMap(({ status, prefix, name, message }) => [
    `  ${status} ${prefix === '' || prefix === name ? name : `${prefix} ${name}`}`,
    ...visible(message)
      .split('\n')
      .filter(line => line.trim() !== '')
      .slice(0, MESSAGE_LINES)
      .map(line => `    ${line}`),
  ])
  const hidden = all - Math.min(failed.length, FAILURES_SHOWN)
  return hidden > 0 ? [...lines, `  and ${hidden} more`] : lines
}

/** Covered of all in percent; 0 of nothing. */
export const percentage = (covered: number, missed: number) =>
  covered + missed === 0 ? 0 : Math.round((covered / (covered + missed)) * 10_000) / 100

const percent = (covered: number, missed: number) => `${percentage(covered, missed).toFixed(1)}%`
const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
// What a test prints may not steer the terminal.
const visible = (text: string) => text.replace(/[^\P{Cc}\n\t]/gu, '')
