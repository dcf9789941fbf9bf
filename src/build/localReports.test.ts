// What `codeyard build` prints of the reports of its buildspec.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runLocalBuild } from './localBuild.ts'
import { directorySandboxes } from './testing/directorySandbox.ts'

let top: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-reports-'))
})
afterAll(() => rm(top, { recursive: true, force: true }))

async function build(files: Record<string, string>): Promise<{ text: string; exitCode: number }> {
  const directory = await mkdtemp(join(top, 'project-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  let text = ''
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const provider = directorySandboxes(join(directory, '..', 'builds'))
  const providers = { docker: provider, host: provider }
  const { exitCode } = await runLocalBuild({ directory, env: {}, sandbox: 'host', providers, out })
  return { text, exitCode }
}

test('the tests of a failed build are counted, the failed ones named with what they say, and no escape sequence gets through', async () => {
  const { text, exitCode } = await build({
    'buildspec.yml': `version: 0.2
phases: { build: { commands: ['cp cases result.xml', 'exit 7'] } }
reports:
  units: { files: [result.xml] }
  lines: { files: [lcov.info], file-format: LCOV }
  broken: { files: [cases, lcov.info] }
`,
    cases:
      '<testsuite><testcase classname="Cart" name="adds"/><testcase classname="Cart" name="pays"><failure message="expected 1 but was 2">&#27;[31mat Cart.pays\nmore</failure></testcase></testsuite>',
    'lcov.info': 'SF:a.js\nDA:1,1\nDA:2,0\nDA:3,1\nDA:4,1\nend_of_record\n',
  })
  expect(exitCode).toBe(7)
  expect(text).toContain(
    '\nunits: 2 tests, 1 failed\n  FAILED Cart pays\n    expected 1 but was 2\n    [31mat Cart.pays\n    more\n',
  )
  expect(text).toContain('\nlines: 75.0% of 4 lines covered in 1 file\n')
  expect(text).toContain('\nbroken: 2 tests, 1 failed\n')
  expect(text).toContain('  INCOMPLETE lcov.info: line 1: text outside of the root element\n')
  expect(text.indexOf('units: 2 tests')).toBeLessThan(text.indexOf('BUILD            FAILED'))
})

test('a build whose report files are not there fails in UPLOAD_ARTIFACTS', async () => {
  const { text, exitCode } = await build({
    'buildspec.yml':
      'version: 0.2\nphases: { build: { commands: [echo ok] } }\nreports: { units: { files: ["*.xml"] } }\n',
  })
  expect(exitCode).toBe(1)
  expect(text).toContain('Error in UPLOAD_ARTIFACTS phase: [units: [report files not found in build]]')
})
