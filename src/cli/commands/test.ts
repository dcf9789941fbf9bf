// Installs what the tests need, then types, lint, import rules and every test; closes with one plain line of counts.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from '../command.ts'
import { ensureDockerEngine, installMissing, testPrerequisites } from '../prerequisites.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const bin = (name: string) => join(root, 'node_modules/.bin', name)

const command: Command = {
  summary: 'install what the tests need and run them all',
  arguments: '[FILTER...]',
  most: 50,
  options: {
    'no-install': { type: 'boolean', help: 'install and start nothing: what is missing is skipped with its reason' },
  },
  details: 'With filters only the tests whose path holds one of them are run, without the other checks.',
  async run({ flag, positionals }) {
    const say = (line: string) => process.stderr.write(`codeyard test: ${line}\n`)
    if (!flag['no-install']) {
      for (const reason of await installMissing(testPrerequisites, say)) say(reason)
      await ensureDockerEngine(say)
    }
    const checks = positionals.length > 0 ? [] : CHECKS
    let passed = 0
    const failed: string[] = []
    for (const [title, program, ...args] of checks) {
      const code = await execute(program, args)
      say(`${title}: ${code === 0 ? 'passed' : 'FAILED'}`)
      if (code === 0) passed++
      else failed.push(title)
    }
    const tests = await runVitest(positionals)
    for (const line of [...failed, ...tests.failures]) say(`failed: ${line}`)
    const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''
    const failures = failed.length + tests.failed
    process.stdout.write(`${passed + tests.passed} passed, ${failures} failed${skipped}\n`)
    return failures > 0 || tests.code !== 0 ? 1 : 0
  },
}
export default command

const CHECKS: readonly (readonly [title: string, program: string, ...args: string[]])[] = [
  ['types', bin('tsc'), '--noEmit'],
  ['lint', bin('biome'), 'check', '--error-on-warnings', '--diagnostic-level=warn', '.'],
  ['import rules', bin('depcruise'), '--output-type', 'err', 'src'],
]

async function runVitest(filters: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-report-'))
  const report = join(folder, 'report.json')
  const code = await execute(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ])
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(await readFile(report, 'utf8'))
    const failures: string[] = []
    let broken = 0
    for (const file of testResults) {
      const failing = file.assertionResults.filter((result: any) => result.status === 'failed')
      for (const result of failing) failures.push(`${file.name.replace(root, '')}: ${result.fullName}`)
      if (file.status === 'failed' && failing.length === 0) {
        broken++ // the file itself could not be run
        failures.push(`${file.name.replace(root, '')}: ${file.message}`)
      }
    }
    return { code, passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests, failures }
  } catch (error) {
    return { code: code || 1, passed: 0, failed: 1, skipped: 0, failures: [`the test runner left no report: ${error}`] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function execute(program: string, args: readonly string[]): Promise<number> {
  // The pinned Node runs the tools too, whatever the machine's own is.
  const env = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
}
