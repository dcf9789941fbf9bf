// Reports that are broken or hostile: a reason instead of a crash, and flat memory.

import { describe, expect, test } from 'vitest'
import { collectReport } from './collectReport.ts'
import { REPORT_FORMATS } from './report.ts'
import { collect, lines, pieces } from './testing/reading.ts'

const problemOf = async (text: string | Uint8Array) => (await collect('JUNITXML', text)).problems[0]
const suite = (inner: string) => `<testsuite name="s">${inner}</testsuite>`

test.each([
  ['nothing at all', '', 'there is no element in it'],
  ['a log', 'npm ERR! code 1\n', 'text outside of the root element'],
  ['HTML', '<html><body></body></html>', 'its root element is <html>, not <testsuites> or <testsuite>'],
  ['a truncated file', '<testsuite>\n<testcase name="a">', 'line 2: the file ends inside of <testcase>'],
  ['a file cut in a tag', '<testsuite><testcase name="a', 'the file ends inside of <testsuite>'],
  ['crossed tags', suite('<testcase name="a"></testsuite></testcase>'), '</testsuite> where </testcase> was expected'],
  ['two roots', `${suite('')}${suite('')}`, 'a second root element'],
  ['a bare less-than sign', suite('< 3'), '"<" that begins no element'],
  ['an attribute without value', suite('<testcase disabled ></testcase>').padEnd(3000), 'is no well-formed tag'],
  ['an endless comment', '<testsuite><!-- ', 'the file ends inside of <testsuite>'],
  ['an endless name', `<${'a'.repeat(5000)}`, '"<" that begins no element'],
])('%s is said', async (_what, text, reason) => {
  expect(await problemOf(text)).toContain(reason)
})

test('what was read before the end of a truncated file counts, and the report is INCOMPLETE', async () => {
  const report = await collect('JUNITXML', '<testsuite><testcase name="a"/><testcase name="b"><fail')
  expect(report.status).toBe('INCOMPLETE')
  expect(lines(report)).toEqual(['SUCCEEDED ||a 0'])
})

test('one broken file of several does not take the others along', async () => {
  const report = await collectReport(
    'JUNITXML',
    (async function* () {
      yield { path: 'a.xml', bytes: () => pieces(suite('<testcase name="a"/>')) }
      yield { path: 'broken.xml', bytes: () => pieces('{}') }
      yield { path: 'c.xml', bytes: () => pieces(suite('<testcase name="c"/>')) }
    })(),
  )
  expect(report.cases.map(({ name, rawPath }) => `${name} ${rawPath}`)).toEqual(['a a.xml', 'c c.xml'])
  expect(report.problems).toEqual(['broken.xml: line 1: text outside of the root element'])
})

describe('entities', () => {
  test('a DTD inside of the file is refused, so nothing can grow or be fetched', async () => {
    const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>${suite('&lol2;')}`
    expect(await problemOf(laughs)).toContain('DTDs and entities are not read')
    const file = `<!DOCTYPE x SYSTEM "a>b" [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>${suite('')}`
    expect(await problemOf(file)).toContain('DTDs and entities are not read')
  })
  test('an unknown entity stays as it is written, character references are read', async () => {
    const report = await collect('JUNITXML', suite('<testcase name="&xxe; &#65;&#x1F600;&amp;lt; &#0;"/>'), 3)
    expect(lines(report)).toEqual(['SUCCEEDED s||&xxe; A\u{1f600}&lt; \ufffd 0'])
  })
})

describe('encodings', () => {
  const text = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>${suite('<testcase name="\u00e4"/>')}`
  const named = ['SUCCEEDED s||\u00e4 0']
  test.each([
    ['Latin 1', Buffer.from(text('ISO-8859-1'), 'latin1'), named],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${text('UTF-16')}`, 'utf16le'), named],
    ['UTF-16 without one', Buffer.from(text('UTF-16'), 'utf16le'), named],
    ['UTF-8 that calls itself UTF-16', Buffer.from(text('utf-16')), named],
    ['bytes that are no UTF-8', Buffer.from(text('UTF-8'), 'latin1'), ['SUCCEEDED s||\ufffd 0']],
  ])('%s', async (_what, bytes, expected) => {
    for (const size of [1, 5, 4096]) expect(lines(await collect('JUNITXML', bytes, size))).toEqual(expected)
  })
  test('one that nobody knows is said', async () => {
    expect(await problemOf(text('klingon'))).toContain('its encoding "klingon" is not known')
  })
  test('NUL and halves of surrogate pairs never reach the database', async () => {
    const report = await collect('CUCUMBERJSON', '[{"name":"f","elements":[{"name":"a\\u0000b\\ud800c","steps":[]}]}]')
    expect(report.cases[0]!.name).toBe('ab\ufffdc')
  })
})

describe('sizes', () => {
  test('nesting has a limit, in XML and in JSON', async () => {
    expect(await problemOf('<testsuite>'.repeat(100_000))).toContain('nested deeper than 512')
    expect((await collect('CUCUMBERJSON', '['.repeat(100_000))).problems[0]).toContain('nested deeper than 512')
    expect((await collect('SIMPLECOV', '{"a":'.repeat(100_000))).problems[0]).toContain('nested deeper than 512')
  })
  test('a message of 8 MB in an attribute or in a text is cut', async () => {
    const huge = 'x'.repeat(8 * 1024 * 1024)
    const attribute = suite(`<testcase name="a"><failure message="${huge}"/></testcase>`)
    const inside = suite(`<testcase name="a"><failure>${huge}</failure></testcase>`)
    for (const text of [attribute, inside]) {
      const report = await collect('JUNITXML', text, 65_536)
      expect(report.problems).toEqual([])
      expect(report.cases[0]!.message).toHaveLength(8192)
    }
  })
  test('more attributes than anybody writes are refused', async () => {
    const many = Array.from({ length: 300 }, (_, at) => `a${at}="1"`).join(' ')
    expect(await problemOf(suite(`<testcase ${many}/>`))).toContain('more than 256 attributes')
  })
  test('one scenario may not fill the memory, nor may the names of files', async () => {
    const step = `{"name":"${'x'.repeat(16_000)}"},`
    const scenario = `[{"elements":[{"steps":[${step.repeat(3000)}{}]}]}]`
    expect((await collect('CUCUMBERJSON', scenario, 65_536)).problems[0]).toContain('one of its parts is too large')
    const records = Array.from({ length: 5000 }, (_, at) => `SF:${'x'.repeat(16_000)}${at}\nend_of_record\n`)
    expect((await collect('LCOV', records.join(''), 65_536)).problems[0]).toContain('more files than a report can')
  })
  test('a message in a million pieces is cut', { timeout: 60_000 }, async () => {
    const pieces = '<message>piece</message><message>other piece</message>'.repeat(100_000)
    const text = `<test-results><test-case name="a" result="Failure">${pieces}</test-case></test-results>`
    expect((await collect('NUNITXML', text, 65_536)).cases[0]!.message.length).toBeLessThanOrEqual(8192)
  })
  test('coverage of a line number that no file has is refused', async () => {
    expect((await collect('LCOV', 'SF:a\nDA:4000000000,1\nend_of_record\n')).problems[0]).toContain(
      'a line that is none',
    )
    expect((await collect('LCOV', 'SF:a\nDA:x,1\nend_of_record\n')).problems[0]).toContain('a line that is none')
  })
  test('a 100 MB report is read with flat memory', { timeout: 120_000 }, async () => {
    const one = Buffer.from(
      `<testcase classname="com.shop.CartTest" name="adds" time="0.012"><failure message="no">${'at com.shop.Cart\n'.repeat(60)}</failure><system-out><![CDATA[${'noise '.repeat(500)}]]></system-out></testcase>`,
    )
    const count = Math.ceil((100 * 1024 * 1024) / one.length)
    const before = process.memoryUsage().rss
    let highest = before
    const report = await collectReport(
      'JUNITXML',
      (async function* () {
        yield {
          path: 'big.xml',
          async *bytes() {
            yield Buffer.from('<testsuite>')
            for (let at = 0; at < count; at++) {
              yield one
              if (at % 1000 === 0) highest = Math.max(highest, process.memoryUsage().rss)
            }
            yield Buffer.from('</testsuite>')
          },
        }
      })(),
    )
    expect(report.tests.total).toBe(count)
    expect(report.problems).toEqual([])
    expect(highest - before).toBeLessThan(200 * 1024 * 1024)
  })
})

test('random damage to real files ends as a report or a reason, in every format', async () => {
  const seeds: Record<string, string> = {
    json: '[{"name":"f","elements":[{"name":"a","steps":[{"result":{"status":"failed","duration":1e3}}]}]}]',
    simplecov: '{"RSpec":{"coverage":{"/a.rb":{"lines":[1,null,0],"branches":{}}}}}',
    xml: '<?xml version="1.0"?><testsuites><testsuite name="s"><testcase name="a" time="1"><failure message="&lt;">x</failure><![CDATA[y]]></testcase></testsuite></testsuites>',
    lcov: 'SF:a\nDA:1,1\nBRDA:1,0,0,-\nend_of_record\n',
  }
  let state = 12345
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state % below
  }
  for (const format of REPORT_FORMATS) {
    for (const seed of Object.values(seeds)) {
      for (let round = 0; round < 60; round++) {
        const bytes = Buffer.from(seed)
        for (let change = 0; change <= random(4); change++) bytes[random(bytes.length)] = random(256)
        const cut = bytes.subarray(0, random(3) === 0 ? random(bytes.length) : bytes.length)
        const report = await collect(format, cut, 1 + random(20))
        expect(report.status).toMatch(/^(SUCCEEDED|FAILED|INCOMPLETE)$/)
      }
    }
  }
})
