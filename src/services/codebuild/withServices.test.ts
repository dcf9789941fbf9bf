// Builds with the real S3, Logs and STS of the house, in a sandbox on this host: what a user of the service gets.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anySandbox } from '../../build/anySandbox.ts'
import { tarOfTexts, zipOfFiles } from '../../build/archives.ts'
import type { OpenCall } from '../../operation/call.ts'
import { createDockerProvider } from '../../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import { anyRole } from '../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { until } from '../../testing/until.ts'
import { kms } from '../kms/index.ts'
import { logs } from '../logs/index.ts'
import { s3 } from '../s3/index.ts'
import { codebuildWith } from './index.ts'

let root: string
let house: TestHouse
const stops: (() => Promise<void>)[] = []
const service = codebuildWith({
  sandboxes: (_call, chosen) =>
    anySandbox({
      kind: 'host',
      providers: { docker: createDockerProvider(), host: createHostProvider({ root: join(root, 'builds') }) },
      chosen,
    }),
  endpointIn: async call => call.config.endpoint,
  sweepMs: 50,
})
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-builds-'))
  await chmod(root, 0o755)
  house = await openHouse({
    services: [service, logs, s3, kms],
    answers: {
      ...anyRole,
    },
    now: '2026-01-01T00:00:00Z',
  })
})
afterAll(async () => {
  for (const stop of stops) await stop()
  await house.close()
  await rm(root, { recursive: true, force: true })
})
const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
const ended = (id: string) => until(async () => ((await get(id)).buildComplete ? get(id) : undefined))
const logOf = async (project: string, id: string) => {
  const { events } = await house.invoke('logs', 'GetLogEvents', {
    logGroupName: `/aws/codebuild/${project}`,
    logStreamName: id.split(':')[1]!,
    startFromHead: true,
  })
  return events!.map(({ message }) => message).join('')
}
const start = async (projectName: string) => (await house.invoke('codebuild', 'StartBuild', { projectName })).build!.id!
const create = (name: string, more: object) =>
  house.invoke('codebuild', 'CreateProject', {
    name,
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    ...more,
  } as any)

test('a zip from S3 is built and the result is a zip in S3, the log is in its group', async () => {
  stops.push(await service.workers![0]!.start(scope => house.openCall(service, scope)))
  await house.invoke('s3', 'CreateBucket', { Bucket: 'artifacts' })
  const file = join(root, 'source.zip')
  const text =
    'version: 0.2\nphases: { build: { commands: [mkdir out, "tr a-z A-Z < in.txt > out/result.txt"] } }\nartifacts: { base-directory: out, files: ["**/*"] }\n'
  const entry = (path: string, content: string) => ({
    path,
    mode: 0o644,
    size: content.length,
    mtime: undefined,
    content: Readable.from([Buffer.from(content)]),
  })
  await zipOfFiles(
    file,
    (async function* () {
      yield entry('buildspec.yml', text)
      yield entry('in.txt', 'hello\n')
    })(),
  )
  const { readFile } = await import('node:fs/promises')
  await house.invoke('s3', 'PutObject', { Bucket: 'artifacts', Key: 'source.zip', Body: await readFile(file) })
  await create('upper', {
    source: { type: 'S3', location: 'artifacts/source.zip' },
    artifacts: { type: 'S3', location: 'artifacts', name: 'result.zip', packaging: 'ZIP' },
  })
  const id = await start('upper')
  const before = performance.now()
  const build = await ended(id)
  if (process.env.SHOW_TIMES) console.log('build', (performance.now() - before).toFixed(0), 'ms')
  expect(build.buildStatus).toBe('SUCCEEDED')
  const stored = await house.invoke('s3', 'HeadObject', { Bucket: 'artifacts', Key: 'result.zip' })
  expect(stored.Metadata).toMatchObject({
    'codebuild-buildarn': build.arn,
    'codebuild-content-sha256': build.artifacts!.sha256sum,
  })
  const log = await logOf('upper', id)
  expect(log).toContain('Running on this host, not in the image any')
  expect(log).toContain('Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED')
  expect(log).toContain('Found 1 file(s)')
})

test('a builder that dies without a word loses its lease, and the build goes on', async () => {
  for (const stop of stops.splice(0)) await stop()
  let dead = false
  const dying = (call: OpenCall): OpenCall => ({
    ...call,
    transaction: work => (dead ? Promise.reject(new Error('this process is dead')) : call.transaction(work)),
    read: work => (dead ? Promise.reject(new Error('this process is dead')) : call.read(work)),
  })
  const stopDead = await service.workers![0]!.start(scope => dying(house.openCall(service, scope)))
  await create('slow', {
    source: {
      type: 'NO_SOURCE',
      buildspec:
        'version: 0.2\nphases:\n  build: { commands: [echo one, "while [ ! -e ../go ]; do sleep 0.02; done", echo two] }\n',
    },
    artifacts: { type: 'NO_ARTIFACTS' },
  })
  const id = await start('slow')
  await until(async () => (await get(id)).currentPhase === 'BUILD' && (await logOf('slow', id)).includes('while ['))
  dead = true
  const provider = createHostProvider({ root: join(root, 'builds') })
  const sandbox = (await provider.attach(`build-${id.split(':')[1]}`))!
  stops.push(await service.workers![0]!.start(scope => house.openCall(service, scope)))
  house.clock.advance(700)
  await sandbox.put(sandbox.workspace, tarOfTexts({ go: '' }))
  const build = await ended(id)
  expect(build.buildStatus).toBe('SUCCEEDED')
  expect(await logOf('slow', id)).toContain('two\n')
  // It is removed after the build is over.
  await expect.poll(() => provider.list({ 'codeyard.build': id }), { timeout: 15_000 }).toEqual([])
  await stopDead().catch(() => {})
})

test('half a megabyte of output in one line and many is all there', async () => {
  await create('loud', {
    source: {
      type: 'NO_SOURCE',
      buildspec:
        'version: 0.2\nphases:\n  build: { commands: ["head -c 300000 /dev/zero | tr \'\\\\0\' x; echo", "seq 1 30000"] }\n',
    },
    artifacts: { type: 'NO_ARTIFACTS' },
  })
  const id = await start('loud')
  expect((await ended(id)).buildStatus).toBe('SUCCEEDED')
  let text = ''
  let token: string | undefined
  for (;;) {
    const page = await house.invoke('logs', 'GetLogEvents', {
      logGroupName: '/aws/codebuild/loud',
      logStreamName: id.split(':')[1]!,
      startFromHead: true,
      ...(token && { nextToken: token }),
    })
    if (page.nextForwardToken === token) break
    text += page.events!.map(({ message }) => message).join('')
    token = page.nextForwardToken
  }
  expect(text).toContain('x'.repeat(300_000))
  expect(text).toContain('\n29999\n30000\n')
})
