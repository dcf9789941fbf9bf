// The same programs built by `codeyard build`: in the image of the languages, and on this machine with what it has.

import { execFile } from 'node:child_process'
import { chmod, constants, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { languagesForTests } from './image.ts'
import { directoryOf, type Program, programs, sourceOf } from './programs.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))
const languages = await languagesForTests()
const why = typeof languages === 'string' ? languages : undefined
let top: string
/** Where a build on this host finds the Node.js that runs these tests: its sandbox has a /tmp of its own. */
let bin: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-languages-local-'))
  bin = await mkdtemp('/var/tmp/codeyard-node-')
  await chmod(bin, 0o755)
  await copyFile(process.execPath, join(bin, 'node'), constants.COPYFILE_FICLONE)
})
afterAll(async () => {
  for (const directory of [top, bin]) await rm(directory, { recursive: true, force: true })
})

const programOf = (name: string): Program => programs.find(program => program.name === name)!

/** What `codeyard build` prints, and how it ends. */
async function build(directory: string, ...args: string[]): Promise<{ code: number; log: string }> {
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) }
  const options = { env, timeout: 120_000, maxBuffer: 16 << 20 }
  return await run(launcher, ['build', directory, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, log: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, log: stdout + stderr }),
  )
}

/** A copy of the program, mistaken or with another buildspec. */
async function copyOf(
  program: Program,
  { mistaken = false, buildspec = (text: string) => text } = {},
): Promise<string> {
  const directory = await mkdtemp(join(top, `${program.name}-`))
  for (const { path, content, executable } of await sourceOf(program, mistaken)) {
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    const text = path === 'buildspec.yml' ? buildspec(content.toString()) : content
    await writeFile(file, text, { mode: executable ? 0o755 : 0o644 })
  }
  return directory
}

describe.skipIf(why !== undefined)(`in an image${why ? ` (${why})` : ''}`, { timeout: 180_000 }, () => {
  if (typeof languages === 'string') return
  const { image } = languages

  test.each(['php', 'csharp'])('%s is built, its reports are summed up, its artifacts are there', async name => {
    const program = programOf(name)
    const artifacts = await mkdtemp(join(top, 'artifacts-'))
    const { code, log } = await build(directoryOf(name), '--image', image, '--artifacts', artifacts)
    expect(code, log).toBe(0)
    expect(log).toContain(`Running in Docker with the image ${image}\n`)
    for (const pattern of program.log) expect(log).toMatch(pattern)
    for (const [report, [total]] of Object.entries(program.tests)) expect(log).toContain(`\n${report}: ${total} tests`)
    for (const report of Object.keys(program.coverage)) expect(log).toMatch(new RegExp(`\\n${report}: 100\\.0% of `))
    expect(log).toMatch(/\nBUILD +SUCCEEDED\n/)
    const expected = { php: ['easter.phar', 'reports/clover.xml', 'reports/junit.xml'], csharp: ['weather.exe'] }
    const found = await readdir(artifacts, { recursive: true, withFileTypes: true })
    const files = found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    expect(files.map(file => file.slice(artifacts.length + 1)).sort()).toEqual(expected[name as keyof typeof expected])
  })

  test('a failing test is named at the end, and the exit code is its tool', async () => {
    const program = programOf('php')
    const { code, log } = await build(await copyOf(program, { mistaken: true }), '--image', image)
    expect(code, log).toBe(1)
    expect(log).toMatch(/\nphpunit: 5 tests, 1 failed\n +FAILED .*testEaster with data set "late"/)
    expect(log).toMatch(/\nBUILD +FAILED +\S+ s +COMMAND_EXECUTION_ERROR: Error while executing command: phpunit /)
  })
})

describe('on this host', { timeout: 120_000 }, () => {
  test('the runtime that is asked for is the one that is here', async () => {
    const program = programOf('node')
    const artifacts = await mkdtemp(join(top, 'artifacts-'))
    const { code, log } = await build(directoryOf('node'), '--sandbox', 'host', '--artifacts', artifacts)
    expect(code, log).toBe(0)
    expect(log).toMatch(/Selecting 'nodejs' runtime version '24' based on manual selections\.\.\./)
    expect(log).toMatch(/Using nodejs 24\.\S+ of this host; no runtime is installed\n/)
    for (const pattern of program.log) expect(log).toMatch(pattern)
    const { stdout } = await run(process.execPath, [join(artifacts, 'receipt.mjs'), '250'])
    expect(stdout).toBe('1 item: 2.50\n')
  })

  test.each([
    [
      'a version that is not here',
      'nodejs: 6',
      /YAML_FILE_ERROR: Unknown runtime version named '6' of nodejs\. This build image has the following versions: 24\.\S+\n/,
      /install nodejs 6 here, or build in Docker with an image that has it\n/,
    ],
    [
      'a runtime that is not here',
      'cobol: 85',
      /YAML_FILE_ERROR: Unknown runtime named 'cobol'\. This build image has the following runtimes: .*\bnodejs\b/,
      /install cobol 85 here, or build in Docker with an image that has it\n/,
    ],
  ])('%s fails DOWNLOAD_SOURCE and says what is', async (_, runtime, error, hint) => {
    const directory = await copyOf(programOf('node'), { buildspec: text => text.replace('nodejs: 24', runtime) })
    const { code, log } = await build(directory, '--sandbox', 'host')
    expect(code, log).toBe(1)
    expect(log).toMatch(/\nDOWNLOAD_SOURCE +FAILED/)
    expect(log).toMatch(error)
    expect(log).toMatch(hint)
    expect(log).not.toContain('Entering phase INSTALL')
  })
})
