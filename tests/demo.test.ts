// The demo as a newcomer runs it: two pushes become a running application, or it says what failed.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { dockerForTests } from '../src/sandbox/testImages.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../codeyard', import.meta.url))
const MINUTES = 60_000
const docker = await dockerForTests()

const demo = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(launcher, ['demo', '--once', ...args], {
    env: { ...process.env, CODEYARD_LOG: 'warn', ...env },
    timeout: 4 * MINUTES,
    maxBuffer: 16 << 20,
  })

const expectTwoDeployments = (stdout: string) => {
  const answer = JSON.parse(stdout)
  expect(answer).toMatchObject({ ok: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) })
  expect(new Set(answer.commits).size).toBe(2)
  for (const commit of answer.commits) expect(commit).toMatch(/^[0-9a-f]{40}$/)
  for (const seconds of answer.seconds)
    expect(Object.keys(seconds)).toEqual(['push', 'Source', 'Build', 'Deploy', 'total'])
}

describe('codeyard demo --once', () => {
  test('without Docker, builds on this host', { timeout: 5 * MINUTES }, async () => {
    const { stdout, stderr } = await demo([], { DOCKER_HOST: 'unix:///nonexistent.sock' })
    expectTwoDeployments(stdout)
    expect(stderr).toContain('ok Deploy/Deploy succeeded')
    expect(stderr).toContain('Running command node --test')
  })

  test.skipIf(typeof docker === 'string')('in Docker', { timeout: 5 * MINUTES }, async () => {
    expectTwoDeployments((await demo(['--sandbox', 'docker'])).stdout)
  })

  test.skipIf(typeof docker === 'string')(
    'says which action failed, with the log, and exits with 1',
    { timeout: 5 * MINUTES },
    async () => {
      const failing = demo(['--sandbox', 'docker', '--image', 'codeyard.invalid/nothing:none'])
      await expect(failing).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/Build\/TestAndPackage failed: .*codeyard\.invalid\/nothing/s),
      })
    },
  )
})
