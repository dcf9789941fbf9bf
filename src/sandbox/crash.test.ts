// A server that dies with SIGKILL in the middle of a build: what it started goes on, and the next process sees all of it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { createDockerProvider } from './docker/dockerProvider.ts'
import { createHostProvider } from './host/hostProvider.ts'
import { reap } from './reap.ts'
import type { SandboxProvider } from './sandbox.ts'
import { dockerForTests, ensureBusyboxImage } from './testImages.ts'

const root = mkdtempSync(join(tmpdir(), 'codeyard-crash-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const starter = join(import.meta.dirname, 'testStarter.ts')
/** Other test runs may use the same engine. */
const NAME = `crashed-${process.pid}`

/** Counts to 40 in steps of 50 ms: long enough to be killed in the middle. */
const COUNTING = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; sleep 0.05; done; exit 9'
const COUNTED = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join('')

async function startAndDie(where: string, image: string, name: string) {
  const child = spawn(process.execPath, [starter, where, image, name, COUNTING], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function seeTheEnd(provider: SandboxProvider, name: string) {
  const sandbox = await provider.attach(name)
  const command = { argv: ['sh', '-c', COUNTING] }
  const early = await sandbox!.run('only', command)
  expect(await text(early.output)).toBe(COUNTED)
  expect(await early.result).toEqual({ exitCode: 9 })
  const late = await sandbox!.run('only', command, COUNTED.length - 8)
  expect(await text(late.output)).toBe('line 40\n')
  expect(await late.result).toEqual({ exitCode: 9 })
  const labels = { 'codeyard.test': name }
  expect(await reap(provider, labels, live => live === name)).toEqual({ removed: [], failed: [] })
  expect(await reap(provider, labels, () => false)).toEqual({ removed: [name], failed: [] })
  expect(await provider.attach(name)).toBeUndefined()
}

test('on the host', async () => {
  await startAndDie(root, '', NAME)
  await seeTheEnd(createHostProvider({ root }), NAME)
})

const engine = await dockerForTests()
describe.skipIf(typeof engine === 'string')(
  `with a Docker Engine${typeof engine === 'string' ? ` (${engine})` : ''}`,
  () => {
    test('in a container', async () => {
      if (typeof engine === 'string') return
      await startAndDie('docker', await ensureBusyboxImage(engine), NAME)
      await seeTheEnd(createDockerProvider(), NAME)
    })
  },
)
