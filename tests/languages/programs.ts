// The programs that are built, and what each of their builds must leave behind.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ZipFile } from 'yazl'

export interface Program {
  /** Its directory. */
  readonly name: string
  /** A line of the log that a selected runtime leaves. */
  readonly runtime?: RegExp
  /** Of the log, in this order. */
  readonly log: readonly RegExp[]
  /** Report -> test cases, and how many of them were skipped. */
  readonly tests: Readonly<Record<string, readonly [total: number, skipped: number]>>
  /** Report -> a file of it, and the percentage of its lines that were covered. */
  readonly coverage: Readonly<Record<string, readonly [file: string, percentage: number]>>
  /** The build's exported variables. */
  readonly exported?: Readonly<Record<string, string>>
  /** What runs the artifact in the directory where it is, and says. */
  readonly artifact: readonly [command: string, output: string]
  /** Of a second build: in its log, and not in it. */
  readonly again?: { readonly log: readonly RegExp[]; readonly not?: RegExp }
  /** A test that is made wrong: in this file this text becomes that one; then this case fails, which says why. */
  readonly mistake: readonly [file: string, right: string, wrong: string, testCase: string, message: RegExp]
}

export const programs: readonly Program[] = [
  {
    name: 'node',
    runtime: /Using nodejs 24\.\S+ of this build environment/,
    log: [/added 1 package/, /Testing version 2\.4\.0/, /✔ cents have two digits/, /npm notice total files: 3/],
    tests: { units: [4, 0] },
    exported: { VERSION: '2.4.0' },
    coverage: { coverage: ['src/receipt.js', 100] },
    artifact: [
      'node receipt.mjs 10000 50; tar -tzf package/receipts-2.4.0.tgz | grep main',
      '2 items: 90.45\npackage/src/main.js\n',
    ],
    mistake: ['test/receipt.test.js', "'12.05'", "'12.50'", 'cents have two digits', /12\.05.*12\.50/s],
  },
  {
    name: 'python',
    runtime: /Using python 3\.\S+ of this build environment/,
    log: [/\.{5}s +\[100%\]/, /5 passed, 1 skipped/],
    tests: { pytest: [6, 1] },
    coverage: { coverage: ['__init__.py', 91.67] },
    artifact: ['python3 tariff.pyz 600 near', '10.98\n'],
    mistake: [
      'tests/test_tariff.py',
      '(1, "home", "3.90")',
      '(1, "home", "4.90")',
      'test_price[1-home-4.90]',
      /3\.90.*4\.90/s,
    ],
  },
  {
    name: 'java',
    runtime: /Using java 17\.\S+ of this build environment/,
    log: [/Compiling 2 source files/, /Tests run: 4, Failures: 0, Errors: 0, Skipped: 1/, /BUILD SUCCESSFUL/],
    again: { log: [/Cache hit: .* from this builder/, /Tests run: 4/, /BUILD SUCCESSFUL/], not: /Compiling/ },
    tests: { junit: [4, 1] },
    coverage: { jacoco: ['shop/Cart.java', 100] },
    artifact: ['java -jar shop-1.0.0.jar tea cup', 'total 11.20\n'],
    mistake: ['test/shop/CartTest.java', '"15.40"', '"15.30"', 'addsUp', /expected:<15\.30> but was:<15\.40>/],
  },
  {
    name: 'go',
    runtime: /Using golang 1\.\S+ of this build environment/,
    log: [
      /Cache miss: /,
      /\nfiles of earlier builds: 0\n/,
      /coverage: 100\.0% of statements/,
      /DONE 6 tests/,
      /Cache saved: [\d.]+ [kM]B to S3 caches\/go/,
    ],
    again: {
      log: [/Cache hit: [\d.]+ [kM]B from S3 caches\/go/, /\nfiles of earlier builds: [1-9]\d*\n/, /DONE 6 tests/],
    },
    tests: { go: [6, 0] },
    coverage: { 'go-coverage': ['numeral/numeral.go', 100] },
    artifact: ['chmod +x roman && ./roman MMXXIV', '2024\n'],
    mistake: ['numeral/numeral_test.go', '1994: "MCMXCIV"', '1994: "MXMIV"', 'TestBothWays/1994', /want "MXMIV"/],
  },
  {
    name: 'php',
    runtime: /Using php 8\.\S+ of this build environment/,
    log: [/No syntax errors detected in src\/Year\.php/, /OK \(5 tests, 5 assertions\)/, /Lines: +100\.00% \(11\/11\)/],
    tests: { phpunit: [5, 0] },
    coverage: { clover: ['src/Year.php', 100] },
    artifact: ['php easter.phar 2024; test -s reports/clover.xml', '2024-03-31\n'],
    mistake: [
      'tests/YearTest.php',
      '1943-04-25',
      '1943-04-26',
      'testEaster with data set "late"',
      /'1943-04-26'.*'1943-04-25'/s,
    ],
  },
  {
    name: 'ruby',
    runtime: /Using ruby 3\.\S+ of this build environment/,
    log: [/3 tests, 3 assertions, 0 failures/, /2 scenarios \(2 passed\)/, /Successfully built RubyGem/],
    tests: { minitest: [3, 0], features: [2, 0] },
    coverage: { simplecov: ['lib/playlist.rb', 100] },
    artifact: ['gem install --silent --local --no-document dist.gem && playlist Prelude 1800 Fugue 1900', '1:01:40\n'],
    mistake: ['test/playlist_test.rb', "'6:05'", "'6:15'", 'test_songs_add_up', /-"6:15"\n\+"6:05"/],
  },
  {
    name: 'c',
    log: [/gcc \(/, /100%: Checks: 3, Failures: 0, Errors: 0/, /Hits: +0 \/ +4/],
    again: { log: [/Cache hit: .* from this builder/, /Hits: +3 \/ +4/] },
    tests: { check: [3, 0] },
    coverage: { gcov: ['src/rle.c', 93.33] },
    artifact: ['chmod +x rle && ./rle aaab', '3a1b\n'],
    mistake: ['test/rle_test.c', '"3a1b"', '"3a2b"', 'runs_are_counted', /out == "3a1b", "3a2b" == "3a2b"/],
  },
  {
    name: 'csharp',
    log: [/Mono C# compiler/, /Tests run: 4, Errors: 0, Failures: 0/],
    tests: { nunit: [5, 1] },
    coverage: {},
    artifact: ['mono weather.exe 100', '212.0\n'],
    mistake: [
      'test/TemperatureTest.cs',
      'TestCase(100, 212)',
      'TestCase(100, 213)',
      'IsTheSameInBothScales(100,213)',
      /Expected: 213.*But was: +212/s,
    ],
  },
]

const here = fileURLToPath(new URL('.', import.meta.url))
export const directoryOf = (name: string) => join(here, name)

interface SourceFile {
  readonly path: string
  readonly content: Buffer
  readonly executable: boolean
}

/** The files of a program, with its mistake when that is asked for. */
export async function sourceOf({ name, mistake }: Program, mistaken: boolean): Promise<readonly SourceFile[]> {
  const directory = directoryOf(name)
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const [file, right, wrong] = mistake
  return await Promise.all(
    paths.sort().map(async place => {
      const path = place.slice(directory.length + 1)
      const content = await readFile(place)
      const executable = ((await stat(place)).mode & 0o100) !== 0
      if (!mistaken || path !== file) return { path, content, executable }
      if (!content.includes(right)) throw new Error(`${path} does not hold ${right}`)
      return { path, content: Buffer.from(content.toString().replace(right, wrong)), executable }
    }),
  )
}

/** The same files are the same bytes. */
export async function zipOf(files: readonly SourceFile[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, content, executable } of files) {
    zip.addBuffer(content, path, { mtime: new Date('2001-01-01'), mode: executable ? 0o100755 : 0o100644 })
  }
  zip.end()
  return Buffer.concat(await (zip.outputStream as Readable).toArray())
}
