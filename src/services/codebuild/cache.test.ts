// Caches of builds with the real S3 of the house and on the builder itself, in a sandbox on this host.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProjectCache } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anySandbox } from '../../build/anySandbox.ts'
import { createDockerProvider } from '../../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { logs } from '../logs/index.ts'
import { s3 } from '../s3/index.ts'
import { codebuildWith } from './index.ts'

let root: string
let house: TestHouse
let stop: () => Promise<void>
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
  root = await mkdtemp(join(tmpdir(), 'codeyard-cache-'))
  await chmod(root, 0o755)
  const Credentials = {
    AccessKeyId: 'ASIATEST',
    SecretAccessKey: 'secret-of-role',
    SessionToken: 'token-of-role',
    Expiration: new Date(),
  }
  house = await openHouse({
    services: [service, logs, s3],
    answers: { 'sts.GetCallerIdentity': async () => ({}), 'sts.AssumeRole': async () => ({ Credentials }) },
    now: '2026-01-01T00:00:00Z',
  })
  await house.invoke('s3', 'CreateBucket', { Bucket: 'caches' })
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
})
afterAll(async () => {
  await stop?.()
  await house?.close()
  await rm(root, { recursive: true, force: true })
})

const create = (name: string, cache: ProjectCache) =>
  house.invoke('codebuild', 'CreateProject', {
    name,
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    source: { type: 'NO_SOURCE', buildspec: '{"version":0.2,"phases":{}}' },
    artifacts: { type: 'NO_ARTIFACTS' },
    cache,
  })

/** Runs a build to its end and answers its log. */
async function build(projectName: string, cache: object, ...commands: string[]): Promise<string> {
  const buildspecOverride = JSON.stringify({ version: 0.2, phases: { build: { commands } }, cache })
  const { build: started } = await house.invoke('codebuild', 'StartBuild', { projectName, buildspecOverride })
  const ids = [started!.id!]
  const over = async () => (await house.invoke('codebuild', 'BatchGetBuilds', { ids })).builds![0]!.buildComplete
  for (let tries = 0; !(await over()); tries++) {
    if (tries > 1500) throw new Error('the build did not end')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const { events } = await house.invoke('logs', 'GetLogEvents', {
    logGroupName: `/aws/codebuild/${projectName}`,
    logStreamName: ids[0]!.split(':')[1]!,
    startFromHead: true,
  })
  return events!.map(({ message }) => message).join('')
}
const paths = ['deps/**/*', '/root/.tool/**/*', 'missing/**/*']
const fill = 'mkdir -p deps/a ~/.tool && echo one > deps/a/x && ln -s a/x deps/l && echo two > ~/.tool/y'
const show = 'cat deps/a/x deps/l ~/.tool/y || echo none'

test('what one build leaves in the cached paths is there in the next, until the cache is invalidated', async () => {
  await create('plain', { type: 'S3', location: 'caches/some/prefix' })
  const first = await build('plain', { paths }, fill)
  expect(first).toMatch(/Cache miss: S3 caches\/some\/prefix\/\S+ has none with the key default/)
  expect(first).toMatch(/Cache saved: \d+ kB to S3 .* with the key default in \d+\.\d s/)
  const second = await build('plain', { paths }, show)
  expect(second).toMatch(/Cache hit: \d+ kB from S3 .* with the key default, restored in \d+\.\d s/)
  expect(second).toContain('one\none\ntwo\n')
  await house.invoke('codebuild', 'InvalidateProjectCache', { projectName: 'plain' })
  const third = await build('plain', { paths }, show)
  expect(third).toContain('Cache miss')
  expect(third).toContain('none')
})

test('keys are evaluated, saved once, and found by the fallback keys', async () => {
  await create('keyed', { type: 'S3', location: 'caches', cacheNamespace: 'shared' })
  const lock = 'echo 1 > lock.json'
  const cache = { paths, key: 'v1-$(codebuild-hash-files "**/*.json" || echo empty)', 'fallback-keys': ['v1-'] }
  const first = await build('keyed', cache, lock, fill)
  expect(first).toMatch(/Cache saved: .* with the key v1-empty/)
  const again = await build('keyed', cache, 'echo changed > deps/a/x', show)
  expect(again).toMatch(/Cache not saved: .* has one with the key v1-empty/)
  // What else is in the bucket is no cache, however new it is.
  const [{ Key = '' }] = (await house.invoke('s3', 'ListObjectsV2', { Bucket: 'caches' })).Contents!.filter(({ Key }) =>
    Key!.includes('v1-empty'),
  ) as [{ Key?: string }]
  await house.invoke('s3', 'PutObject', {
    Bucket: 'caches',
    Key: Key.replace('v1-empty', 'v1-newer').replace(/\w+$/, 'cache'),
    Body: 'older',
  })
  const other = await build('keyed', { ...cache, key: 'v1-$CODEBUILD_BUILD_NUMBER', action: 'restore' }, show)
  expect(other).toMatch(/Cache hit by a fallback key: .* with the key v1-empty/)
  expect(other).toContain('one\none\ntwo\n')
  expect(other).not.toMatch(/Cache (not )?saved/)
})

test('a cache that can not be read or written is a warning, and the build goes on', async () => {
  await create('broken', { type: 'S3', location: 'nowhere' })
  const log = await build('broken', { paths }, fill)
  expect(log).toMatch(/Warning: the cache was not restored: .*bucket does not exist/)
  expect(log).toContain('Phase complete: BUILD State: SUCCEEDED')
  await create('garbage', { type: 'S3', location: 'caches', cacheNamespace: 'garbage' })
  await house.invoke('s3', 'PutObject', { Bucket: 'caches', Key: 'garbage/default.cache3', Body: 'no cache\n' })
  expect(await build('garbage', { paths }, fill)).toContain('Warning: the cache was not restored: it is not a cache')
  const evil = 'codeyard-cache-3\n{"base":"source","path":"../../.."}\n\0\0\0\0\n'
  await house.invoke('s3', 'PutObject', { Bucket: 'caches', Key: 'garbage/default.cache3', Body: Buffer.from(evil) })
  expect(await build('garbage', { paths }, fill)).toMatch(/Warning: the cache was not restored: .*leaves its directory/)
})

test('a failed build does not save its cache; local caches stay on the builder', async () => {
  await create('local', { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] })
  expect(await build('local', { paths }, fill, 'exit 3')).not.toContain('Cache saved')
  expect(await build('local', { paths }, fill)).toMatch(/Cache saved: .* to this builder/)
  expect(await build('local', { paths }, show)).toContain('one\none\ntwo\n')
})

test('a layer cache without privileged mode is refused by name', async () => {
  await expect(create('layers', { type: 'LOCAL', modes: ['LOCAL_DOCKER_LAYER_CACHE'] })).rejects.toThrow(
    /LOCAL_DOCKER_LAYER_CACHE can only be used with privileged mode/,
  )
})
