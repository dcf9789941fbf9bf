// What each coverage tool's own output becomes: covered and missed lines and branches of files.

import { expect, test } from 'vitest'
import type { ReportFormat } from './report.ts'
import { collect } from './testing/reading.ts'

const SAMPLES: readonly { tool: string; format: ReportFormat; text: string; expected: readonly string[] }[] = [
  {
    tool: 'JaCoCo',
    format: 'JACOCOXML',
    text: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><sessioninfo id="x" start="1" dump="2"/><group name="g"><package name="com/shop"><class name="com/shop/Cart" sourcefilename="Cart.java"><method name="add" desc="()V" line="3"><counter type="LINE" missed="9" covered="9"/></method><counter type="LINE" missed="8" covered="8"/></class><sourcefile name="Cart.java"><line nr="3" mi="0" ci="2" mb="1" cb="1"/><counter type="INSTRUCTION" missed="1" covered="20"/><counter type="BRANCH" missed="1" covered="3"/><counter type="LINE" missed="2" covered="6"/></sourcefile><counter type="LINE" missed="7" covered="7"/></package></group><counter type="LINE" missed="5" covered="5"/></report>`,
    expected: ['com/shop/Cart.java 6/2 3/1'],
  },
  {
    tool: 'coverage.py and coverlet in Cobertura form',
    format: 'COBERTURAXML',
    text: `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage version="7.4" lines-valid="4" line-rate="0.5" branch-rate="0"><sources><source>/src</source></sources><packages><package name="." line-rate="0.5"><classes>
<class name="a.py" filename="pkg/a.py" complexity="0" line-rate="0.5"><methods><method name="f"><lines><line number="1" hits="1"/></lines></method></methods><lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)" missing-branches="4"/><line number="3" hits="4"/></lines></class>
<class name="a.py/inner" filename="pkg/a.py"><methods/><lines><line number="2" hits="1"/><line number="9" hits="0"/></lines></class>
<class name="b.py" filename="pkg/b.py"><methods/><lines/></class>
</classes></package></packages></coverage>`,
    expected: ['pkg/a.py 3/1 1/1', 'pkg/b.py 0/0 0/0'],
  },
  {
    tool: 'istanbul and PHPUnit in Clover form',
    format: 'CLOVERXML',
    text: `<?xml version="1.0" encoding="UTF-8"?><coverage generated="1700000000" clover="3.2.0"><project timestamp="1" name="All files"><metrics statements="4" coveredstatements="2"/><package name="lib"><metrics/><file name="a.js" path="/src/lib/a.js"><metrics statements="9" coveredstatements="9"/><line num="1" count="1" type="stmt"/><line num="2" count="0" type="cond" truecount="0" falsecount="1"/><line num="3" count="0" type="stmt"/><line num="1" count="0" type="method"/></file><file name="/src/b.php"><class name="B"><metrics statements="7"/></class><metrics statements="5" coveredstatements="4" conditionals="2" coveredconditionals="1"/></file></package></project></coverage>`,
    expected: ['/src/b.php 4/1 1/1', '/src/lib/a.js 2/1 1/1'],
  },
  {
    tool: 'SimpleCov .resultset.json of two commands',
    format: 'SIMPLECOV',
    text: JSON.stringify({
      RSpec: {
        coverage: {
          '/src/a.rb': { lines: [1, null, 0, 5], branches: { '[:if, 0, 3]': { '[:then, 1]': 1, '[:else, 2]': 0 } } },
          '/src/old.rb': [null, 1, 0],
        },
        timestamp: 1700000000,
      },
      Minitest: { coverage: { '/src/a.rb': { lines: [0, null, 2, 0] } }, timestamp: 1 },
    }),
    expected: ['/src/a.rb 3/0 1/1', '/src/old.rb 1/1 0/0'],
  },
  {
    tool: 'SimpleCov coverage.json',
    format: 'SIMPLECOV',
    text: JSON.stringify({
      meta: { simplecov_version: '0.22' },
      coverage: {
        '/src/a.rb': { lines: [1, null, 'ignored', 0], branches: [{ type: 'then', start_line: 1, coverage: 0 }] },
      },
      groups: {},
    }),
    expected: ['/src/a.rb 1/1 0/1'],
  },
  {
    tool: 'simplecov-json',
    format: 'SIMPLECOV',
    text: JSON.stringify({
      timestamp: 1,
      command_name: 'RSpec',
      files: [{ filename: '/src/a.rb', covered_percent: 50, coverage: { lines: [1, 0, null] } }],
      metrics: { covered_percent: 50 },
    }),
    expected: ['/src/a.rb 1/1 0/0'],
  },
  {
    tool: 'lcov',
    format: 'LCOV',
    text: 'TN:unit\nSF:src/a.c\nFN:1,main\nFNDA:1,main\nDA:1,3\nDA:2,0\r\nBRDA:2,0,0,1\nBRDA:2,0,1,-\nLF:2\nLH:1\nend_of_record\nTN:more\nSF:src/a.c\nDA:2,1,hash\nend_of_record\n',
    expected: ['src/a.c 2/0 1/1'],
  },
]

test.each(SAMPLES)('$tool: lines and branches of every file', async ({ format, text, expected }) => {
  for (const size of [1_000_000, 1, 13]) {
    const report = await collect(format, text, size)
    expect(report.problems).toEqual([])
    expect(report).toMatchObject({ type: 'CODE_COVERAGE', status: 'SUCCEEDED' })
    const lines = report.coverages.map(
      file => `${file.path} ${file.linesCovered}/${file.linesMissed} ${file.branchesCovered}/${file.branchesMissed}`,
    )
    expect(lines.sort()).toEqual([...expected].sort())
  }
})

test('the summary adds up all files', async () => {
  const { coverage } = await collect('LCOV', 'SF:a\nDA:1,1\nDA:2,0\nend_of_record\nSF:b\nDA:1,1\nend_of_record\n')
  expect(coverage).toEqual({ linesCovered: 2, linesMissed: 1, branchesCovered: 0, branchesMissed: 0 })
})
