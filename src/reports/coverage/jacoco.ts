// JaCoCo's XML: each source file carries its own counters.

import type { ReportParser } from '../report.ts'
import { withRoot } from '../rootElement.ts'
import { scanXml } from '../xml.ts'
import { countOf } from './lineTable.ts'

export const parseJacoco: ReportParser = async (bytes, sink) => {
  let packageName = ''
  let file:
    | { path: string; linesCovered: number; linesMissed: number; branchesCovered: number; branchesMissed: number }
    | undefined
  const handler = withRoot(['report'], {
    open(name, attributes, path) {
      if (name === 'package') packageName = attributes.name ?? ''
      else if (name === 'sourcefile') {
        const fileName = attributes.name ?? ''
        const full = packageName === '' ? fileName : `${packageName}/${fileName}`
        file = { path: full, linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 }
      } else if (name === 'counter' && file && path.at(-1) === 'sourcefile') {
        const covered = countOf(attributes.covered, `${file.path}: covered`)
        const missed = countOf(attributes.missed, `${file.path}: missed`)
        if (attributes.type === 'LINE') Object.assign(file, { linesCovered: covered, linesMissed: missed })
        if (attributes.type === 'BRANCH') Object.assign(file, { branchesCovered: covered, branchesMissed: missed })
      }
      return undefined
    },
    close(name) {
      if (name !== 'sourcefile' || !file) return
      sink.coverage(file)
      file = undefined
    },
  })
  await scanXml(bytes, handler)
}
