// lcov tracefiles: a record a file, a line a fact.

import { decodeText } from '../decode.ts'
import { ReportError, type ReportParser } from '../report.ts'
import { createLineTable } from './lineTable.ts'

/** Longer lines are paths of nobody. */
const LINE_LIMIT = 65_536

export const parseLcov: ReportParser = async (bytes, sink) => {
  const table = createLineTable()
  let path: string | undefined
  let records = 0
  let number = 0
  let rest = ''
  const read = (raw: string) => {
    number++
    const line = raw.trimEnd()
    const colon = line.indexOf(':')
    const [kind, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
    if (kind === 'SF') {
      path = value.trim()
      table.touch(path)
      records++
    } else if (kind === 'end_of_record') path = undefined
    else if (kind === 'DA' || kind === 'BRDA') {
      if (path === undefined) throw new ReportError(`line ${number}: ${kind} before SF`)
      const parts = value.split(',')
      if (kind === 'DA') table.line(path, Number(parts[0] || 'none'), Number(parts[1] ?? 'none'))
      else {
        const taken = Number(parts[3]) > 0
        table.branches(path, taken ? 1 : 0, taken ? 0 : 1)
      }
    } else if (line !== '' && !/^[A-Z]+$/.test(kind) && !line.startsWith('#')) {
      throw new ReportError(`line ${number}: it is no lcov tracefile`)
    }
  }
  try {
    for await (const text of decodeText(bytes)) {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      for (const line of lines) read(line)
      if (rest.length > LINE_LIMIT) throw new ReportError(`line ${number + 1} is too long`)
    }
    if (rest !== '') read(rest)
    if (path !== undefined) throw new ReportError('the file ends inside of a record')
    if (records === 0) throw new ReportError('there is no record in it')
  } finally {
    table.report(sink)
  }
}
