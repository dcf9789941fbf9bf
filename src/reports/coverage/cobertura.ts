// Cobertura's XML, as cobertura, coverage.py, coverlet, gcovr and istanbul write it: classes with lines, several to a file.

import type { ReportParser } from '../report.ts'
import { withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'
import { countOf, createLineTable } from './lineTable.ts'

export const parseCobertura: ReportParser = async (bytes, sink) => {
  const table = createLineTable()
  let path = ''
  const handler = withRoot(['coverage'], {
    open(name, attributes, around) {
      if (name === 'class') {
        path = attributes.filename ?? attributes.name ?? ''
        table.touch(path)
      } else if (name === 'line' && around.at(-1) === 'lines' && around.at(-2) === 'class') {
        table.line(path, Number(attributes.number), countOf(attributes.hits, `${path}: hits`))
        const [, covered, total] = /\((\d+)\/(\d+)\)/.exec(attributes['condition-coverage'] ?? '') ?? []
        if (total !== undefined) table.branches(path, Number(covered), Math.max(0, Number(total) - Number(covered)))
      }
      return undefined
    },
  })
  try {
    await scanXml(bytes, handler)
  } finally {
    table.report(sink)
  }
}
