// What people's buildspecs and appspecs are read as. Each that is read is also read with the line ends, marks and comments that editors
// of other systems leave in a file: it has to say the same.

import { describe, expect, test } from 'vitest'
import { parseAppspec } from '../../src/specs/appspec/parseAppspec.ts'
import { parseBuildspec } from '../../src/specs/buildspec/parseBuildspec.ts'
import type { Diagnostic } from '../../src/specs/diagnostic.ts'
import * as appspecs from './appspecs.ts'
import * as buildspecs from './buildspecs.ts'

const said = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']) =>
  diagnostics.filter(one => one.severity === severity).map(({ message }) => message)

/** The same file as other editors write it. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  'with CRLF': text => text.replaceAll('\n', '\r\n'),
  'with a BOM': text => `\uFEFF${text}`,
  'with a document start': text => (/^(?:---|%)/.test(text) ? text : `---\n${text}`),
  'with blanks at the ends of lines': text => text.replace(/(?<=[\w\]}:'"*])\n/g, '   \n'),
  'with a comment before every line': text => text.replace(/^(?=.)/gm, '# a comment: here\n'),
  'with empty lines': text => text.replaceAll('\n', '\n\n'),
  'without the last newline': text => text.replace(/\n$/, ''),
}

describe('buildspecs that are read', () => {
  test.each(buildspecs.READ)('$trait', ({ text, read, warns, exact }) => {
    const { buildspec, diagnostics } = parseBuildspec(text)
    expect(said(diagnostics, 'error')).toEqual([])
    expect(buildspec).toMatchObject(read!)
    const warnings = said(diagnostics, 'warning')
    if (warns === undefined) expect(warnings).toEqual([])
    else expect(warnings.join('\n')).toContain(warns)
    if (exact) return
    for (const [how, write] of Object.entries(WRITTEN)) {
      expect([how, parseBuildspec(write(text)).buildspec]).toEqual([how, buildspec])
    }
  })
})

describe('buildspecs that are refused', () => {
  test.each(buildspecs.REFUSED)('$trait', ({ text, error }) => {
    const { buildspec, diagnostics } = parseBuildspec(text)
    expect(buildspec).toBeUndefined()
    expect(said(diagnostics, 'error')[0]!.slice(0, error!.length)).toBe(error)
  })
})

describe('appspecs', () => {
  test.each(appspecs.READ)('$trait', ({ text, read, warns, error }) => {
    const { appspec, diagnostics } = parseAppspec(text)
    if (warns !== undefined) expect(said(diagnostics, 'warning').join('\n')).toContain(warns)
    if (error !== undefined) return expect(said(diagnostics, 'error')[0]).toContain(error)
    expect(said(diagnostics, 'error')).toEqual([])
    expect(appspec).toMatchObject(read!)
    for (const how of ['with CRLF', 'with a document start', 'with a comment before every line']) {
      expect([how, parseAppspec(WRITTEN[how]!(text)).appspec]).toEqual([how, appspec])
    }
  })

  test.each(appspecs.REFUSED)('$trait is refused', ({ text, error }) => {
    const { appspec, diagnostics } = parseAppspec(text)
    expect(appspec).toBeUndefined()
    expect(said(diagnostics, 'error').join('\n')).toContain(error)
  })
})
