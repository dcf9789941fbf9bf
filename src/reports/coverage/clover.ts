// Clover's XML, as OpenClover, PHPUnit and istanbul write it: lines where there are any, else a file's metrics.

import type { ReportParser } from '../report.ts'
import { withRoot } from '../rootElement.ts'
import { type Attributes, scanXml } from '../xml.ts'
import { countOf, createLineTable } from './lineTable.ts'

export const parseClover: ReportParser = async (bytes, sink) => {
  const table = createLineTable()
  let path: string | undefined
  let hasLines = false
  let metrics: Attributes | undefined
  const handler = withRoot(['coverage'], {
    open(name, attributes, around) {
      if (name === 'file') {
        path = attributes.path ?? attributes.name ?? ''
        hasLines = false
        metrics = undefined
      } else if (path === undefined) return undefined
      else if (name === 'metrics' && around.at(-1) === 'file') metrics = attributes
      else if (name === 'line') {
        if (!hasLines) table.touch(path)
        hasLines = true
        readLine(path, attributes)
      }
      return undefined
    },
    close(name) {
      if (name !== 'file' || path === undefined) return
      if (!hasLines) reportMetrics(path, metrics ?? {})
      path = undefined
    },
  })
  const readLine = (file: string, { num, type, count, truecount, falsecount }: Attributes) => {
    const hits = countOf(count, `${file}: count`)
    if (type !== 'cond') return table.line(file, Number(num), hits)
    const sides = [countOf(truecount, `${file}: truecount`), countOf(falsecount, `${file}: falsecount`)]
    const covered = sides.filter(side => side > 0).length
    table.line(file, Number(num), hits + covered)
    table.branches(file, covered, 2 - covered)
  }
  const reportMetrics = (
    file: string,
    { statements, coveredstatements, conditionals, coveredconditionals }: Attributes,
  ) => {
    const [lines, covered] = [
      countOf(statements, `${file}: statements`),
      countOf(coveredstatements, `${file}: coveredstatements`),
    ]
    const [branches, taken] = [
      countOf(conditionals, `${file}: conditionals`),
      countOf(coveredconditionals, `${file}: coveredconditionals`),
    ]
    sink.coverage({
      path: file,
      linesCovered: covered,
      linesMissed: Math.max(0, lines - covered),
      branchesCovered: taken,
      branchesMissed: Math.max(0, branches - taken),
    })
  }
  try {
    await scanXml(bytes, handler)
  } finally {
    table.report(sink)
  }
}
