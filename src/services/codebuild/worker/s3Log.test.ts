// Logs of builds in S3: with the real S3 of the house, in a sandbox on this host, also when the builder lets go in the middle.

import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHostProvider } from '../../../sandbox/host/hostProvider.ts'
import { anyRole } from '../../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { until } from '../../../testing/until.ts'
import { kms } from '../../kms/index.ts'
import { logs } from '../../logs/index.ts'
import { s3 } from '../../s3/index.ts'
import { findBuild } from '../builds.ts'
import { codebuildWith } from '../index.ts'
import { openS3Log } from './s3Log.ts'

let root: string
/** What a test lets a build wait for: a sandbox has a /tmp of its own. */
let gates: string
let house: TestHouse
let stop: () => Promise<void>
const service = codebuildWith({
  sandboxes: () => createHostProvider({ root: join(root, 'builds') }),
  endpointIn: async call => call.config.endpoint,
  sweepMs: 50,
})
const startBuilder = async () => {
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-s3logs-'))
  await chmod(root, 0o755)
  gates = await mkdtemp('/var/tmp/codeyard-gates-')
  await chmod(gates, 0o755)
  house = await openHouse({
    services: [service, logs, s3, kms],
    answers: {
      ...anyRole,
    },
    now: '2026-01-01T00:00:00Z',
  })
  await house.invoke('s3', 'CreateBucket', { Bucket: 'build-logs' })
  await startBuilder()
})
afterAll(async () => {
  await stop?.()
  await house?.close()
  for (const directory of [root, gates]) await rm(directory, { recursive: true, force: true })
})

const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
const ended = (id: string) => until(async () => ((await get(id)).buildComplete ? get(id) : undefined))
const eventsOf = async (project: string, id: string) => {
  const place = { logGroupName: `/aws/codebuild/${project}`, logStreamName: id.split(':')[1]!, startFromHead: true }
  return (await house.invoke('logs', 'GetLogEvents', place)).events!.map(({ message }) => message).join('')
}
const objectOf = async (key: string) => {
  const { Body, ...head } = await house.invoke('s3', 'GetObject', { Bucket: 'build-logs', Key: key })
  return { ...head, text: gunzipSync(Buffer.concat(await (Body as Readable).toArray())).toString() }
}
const uuidOf = (id: string) => id.split(':')[1]!
const create = (name: string, commands: readonly string[], logsConfig: object) =>
  house.invoke('codebuild', 'CreateProject', {
    name,
    source: {
      type: 'NO_SOURCE',
      buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands } } }),
    },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    logsConfig,
  } as any)
const start = async (projectName: string, more: object = {}) =>
  (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!.id!

const S3_ONLY = {
  cloudWatchLogs: { status: 'DISABLED' },
  s3Logs: { status: 'ENABLED', location: 'build-logs/ci', encryptionDisabled: true },
}

describe('a build whose log goes to S3', () => {
  test('and to CloudWatch Logs has the same text in both, encrypted unless asked otherwise', async () => {
    await create('both', ['echo hello', 'echo $AWS_SECRET_ACCESS_KEY'], {
      s3Logs: { status: 'ENABLED', location: 'arn:aws:s3:::build-logs', bucketOwnerAccess: 'FULL' },
    })
    const id = await start('both')
    const { buildStatus, logs, phases } = await ended(id)
    expect(buildStatus, JSON.stringify(phases)).toBe('SUCCEEDED')
    const key = `${uuidOf(id)}.gz`
    expect(logs).toMatchObject({
      s3LogsArn: `arn:aws:s3:::build-logs/${key}`,
      s3DeepLink: `https://s3.console.aws.amazon.com/s3/object/build-logs/${key}?region=us-east-1`,
      cloudWatchLogsArn: expect.stringContaining(uuidOf(id)),
      s3Logs: { status: 'ENABLED' },
    })
    const object = await objectOf(key)
    expect(object.ServerSideEncryption).toBe('aws:kms')
    expect(object.text).toBe(await eventsOf('both', id))
    expect(object.text).toContain('hello\n')
    expect(object.text).not.toContain('secret-of-role')
    expect(object.text).toMatch(/Phase complete: POST_BUILD[\s\S]*\n$/)
    const { Uploads } = await house.invoke('s3', 'ListMultipartUploads', { Bucket: 'build-logs' })
    expect(Uploads ?? []).toEqual([])
  })

  test('alone, for one build, by an override; below its prefix, and not encrypted when that is disabled', async () => {
    await create('alone', ['echo only here; printf "\\377\\000end"'], { cloudWatchLogs: { status: 'ENABLED' } })
    const id = await start('alone', { logsConfigOverride: S3_ONLY })
    const { buildStatus, logs } = await ended(id)
    expect(buildStatus).toBe('SUCCEEDED')
    expect(logs).not.toHaveProperty('groupName')
    expect(logs).not.toHaveProperty('cloudWatchLogsArn')
    const object = await objectOf(`ci/${uuidOf(id)}.gz`)
    expect(object.ServerSideEncryption).not.toBe('aws:kms')
    expect(object.text).toContain('only here\n')
    await expect(eventsOf('alone', id)).rejects.toThrow()
  })

  test('or nowhere, leaves nothing', async () => {
    await create('silent', ['echo unheard'], { cloudWatchLogs: { status: 'DISABLED' }, s3Logs: { status: 'DISABLED' } })
    const id = await start('silent')
    const { buildStatus, logs } = await ended(id)
    expect(buildStatus).toBe('SUCCEEDED')
    expect(Object.keys(logs!).sort()).toEqual(['cloudWatchLogs', 's3Logs'])
  })

  test('to a bucket that is not there, fails before anything runs', async () => {
    await create('lost', ['echo never'], {
      ...S3_ONLY,
      s3Logs: { status: 'ENABLED', location: 'no-such-bucket/ci' },
    })
    const { buildStatus, phases } = await ended(await start('lost'))
    expect(buildStatus).toBe('FAILED')
    const provisioning = phases!.find(({ phaseType }) => phaseType === 'PROVISIONING')!
    expect(provisioning).toMatchObject({ phaseStatus: 'FAILED', contexts: [{ statusCode: 'ACCESS_DENIED' }] })
    expect(provisioning.contexts![0]!.message).toMatch(
      /^Unable to write the log of build .* to s3:\/\/no-such-bucket\/ci\/.*The specified bucket does not exist/,
    )
  })

  test('whose bucket goes while it runs, says so in its last phase', async () => {
    await house.invoke('s3', 'CreateBucket', { Bucket: 'short-lived' })
    const gate = join(gates, 'first')
    await create('orphan', [`until [ -e ${gate} ]; do sleep 0.05; done`], {
      s3Logs: { status: 'ENABLED', location: 'short-lived' },
    })
    const id = await start('orphan')
    await until(async () => (await get(id)).currentPhase === 'BUILD')
    await house.invoke('s3', 'DeleteBucket', { Bucket: 'short-lived' })
    await writeFile(gate, '')
    const { buildStatus, phases } = await ended(id)
    expect(buildStatus).toBe('SUCCEEDED')
    expect(phases!.at(-2)).toMatchObject({ phaseType: 'FINALIZING', contexts: [{ statusCode: 'ACCESS_DENIED' }] })
  })

  test('has every line once when its builder ends in the middle, and what was not saved is cut off', async () => {
    const gate = join(gates, 'second')
    const count = 2000
    await create(
      'resumed',
      [`seq ${count}; until [ -e ${gate} ]; do sleep 0.05; done; seq ${count + 1} ${2 * count}`],
      S3_ONLY,
    )
    const id = await start('resumed')
    await until(async () => (await get(id)).currentPhase === 'BUILD')
    await stop()
    // As after a power cut: the file is ahead of what was saved.
    const spool = join(house.config.dataDir, 'build-logs', `${uuidOf(id)}.gz`)
    await appendFile(spool, 'half of a member')
    await startBuilder()
    await writeFile(gate, '')
    const { buildStatus } = await ended(id)
    expect(buildStatus).toBe('SUCCEEDED')
    const { text } = await objectOf(`ci/${uuidOf(id)}.gz`)
    const numbers = text.split('\n').filter(line => /^\d+$/.test(line))
    expect(numbers).toEqual(Array.from({ length: 2 * count }, (_, index) => String(index + 1)))
    await until(async () => (await readdir(join(house.config.dataDir, 'build-logs'))).length === 0)
  })

  test('is one of a batch, has an object of its own, by the batch’s override', async () => {
    await house.invoke('codebuild', 'CreateProject', {
      name: 'many',
      source: {
        type: 'NO_SOURCE',
        buildspec: JSON.stringify({
          version: '0.2',
          batch: { 'build-list': [{ identifier: 'one' }, { identifier: 'two' }] },
          phases: { build: { commands: ['echo I am $CODEBUILD_BATCH_BUILD_IDENTIFIER.'] } },
        }),
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'arn:aws:iam::000000000000:role/build',
      buildBatchConfig: { serviceRole: 'arn:aws:iam::000000000000:role/batch' },
    } as any)
    const { buildBatch } = await house.invoke('codebuild', 'StartBuildBatch', {
      projectName: 'many',
      logsConfigOverride: S3_ONLY,
    } as any)
    const batch = await until(async () => {
      await house.runJobs()
      const { buildBatches } = await house.invoke('codebuild', 'BatchGetBuildBatches', { ids: [buildBatch!.id!] })
      return buildBatches![0]!.complete && buildBatches![0]!
    })
    expect(batch.buildBatchStatus).toBe('SUCCEEDED')
    expect(batch.logConfig).toMatchObject(S3_ONLY)
    for (const identifier of ['one', 'two']) {
      const { currentBuildSummary } = batch.buildGroups!.find(group => group.identifier === identifier)!
      const { text } = await objectOf(`ci/${currentBuildSummary!.arn!.split(':').at(-1)}.gz`)
      expect(text).toContain(`I am ${identifier}.\n`)
    }
  })

  test('needs a location', async () => {
    await expect(create('nowhere', [], { s3Logs: { status: 'ENABLED' } })).rejects.toThrow(/location is required/)
    await expect(create('nowhere', [], { s3Logs: { status: 'ENABLED', location: 'https://bucket' } })).rejects.toThrow(
      /is not BUCKET\/PREFIX/,
    )
  })
})

test('memory stays flat however much is written, and whoever writes waits for the disk', async () => {
  const id = await start('both')
  await ended(id)
  const row = (await house.transaction(({ tx, scope }) => findBuild(tx, scope, id), service))!
  const other = { ...row, id: 'both:00000000-0000-4000-8000-000000000000' }
  const log = await openS3Log(other, house.config.dataDir, 0)
  const piece = Buffer.from(`${'x'.repeat(99)}\n`.repeat(2_600))
  const before = process.memoryUsage()
  let most = 0
  for (let written = 0; written < 100_000_000; written += piece.length) {
    await log.write(piece)
    const { rss } = process.memoryUsage()
    most = Math.max(most, rss - before.rss)
  }
  expect(await log.flush()).toBeGreaterThan(10_000)
  await log.close(true)
  expect(most).toBeLessThan(80_000_000)
}, 60_000)

test('an unfinished line is not kept yet, since the process that goes on writes it again', async () => {
  await create('unfinished', ['true'], S3_ONLY)
  const id = await start('unfinished')
  await ended(id)
  const row = (await house.transaction(({ tx, scope }) => findBuild(tx, scope, id), service))!
  const other = { ...row, id: `unfinished:${crypto.randomUUID()}` }
  const first = await openS3Log(other, house.config.dataDir, 0)
  await first.write(`whole\n${'x'.repeat(1_500_000)}\nhalf`)
  const kept = await first.flush()
  await first.close(false)
  const second = await openS3Log(other, house.config.dataDir, kept)
  await second.write('half of a line\n')
  await second.flush()
  const path = join(house.config.dataDir, 'build-logs', `${uuidOf(other.id)}.gz`)
  const text = gunzipSync(await readFile(path)).toString()
  expect(text.replace(/x+/, 'x')).toBe('whole\nx\nhalf of a line\n')
  expect(text).toHaveLength(1_500_000 + 'whole\n\nhalf of a line\n'.length)
  await second.close(true)
})
