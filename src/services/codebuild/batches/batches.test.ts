// Batches of builds from StartBuildBatch to their end, on a house without machines. Long, since every kind of batch is told as one story.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { BuildBatch } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipOfFiles } from '../../../build/archives.ts'
import { directorySandboxes } from '../../../build/testing/directorySandbox.ts'
import { filesOfZip } from '../../../build/zipFiles.ts'
import { ServiceError } from '../../../core/serviceError.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codebuildWith } from '../index.ts'

const ROLE = 'arn:aws:iam::000000000000:role/build'
const BATCH_ROLE = 'arn:aws:iam::000000000000:role/batch'
const POOR_ROLE = 'arn:aws:iam::000000000000:role/poor'

let root: string
let house: TestHouse
let stopBuilder: () => Promise<void>
const log: string[] = []
const objects = new Map<string, Buffer>()

const service = codebuildWith({
  sandboxes: () => directorySandboxes(root),
  endpointIn: async () => 'http://endpoint.test',
  parallelism: 4,
  sweepMs: 100,
})

const answers = {
  'logs.CreateLogStream': async () => ({}),
  'logs.PutLogEvents': async (input: any) => {
    for (const { message } of input.logEvents) log.push(message)
    return {}
  },
  'sts.GetCallerIdentity': async () => ({}),
  'sts.AssumeRole': async () => ({
    Credentials: { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration: new Date('2100-01-01') },
  }),
  's3.PutObject': async ({ Bucket, Key, Body }: any) => {
    objects.set(`${Bucket}/${Key}`, Buffer.concat(await Readable.from(Body).toArray()))
    return {}
  },
  's3.GetObject': async ({ Bucket, Key }: any) => {
    const found = objects.get(`${Bucket}/${Key}`)
    if (!found) throw new ServiceError('NoSuchKey', 'The specified key does not exist.')
    return { Body: Readable.from([found]) }
  },
  's3.DeleteObject': async ({ Bucket, Key }: any) => {
    objects.delete(`${Bucket}/${Key}`)
    return {}
  },
}

const allow = (...actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-batches-'))
  house = await openHouse({
    services: [service],
    answers,
    now: '2026-01-01T00:00:00Z',
    identity: {
      async policiesOf(principal: any) {
        if (principal.roleArn === BATCH_ROLE)
          return { identity: [allow('codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:RetryBuild')] }
        if (principal.roleArn === POOR_ROLE) return { identity: [allow('codebuild:StopBuild')] }
        return { identity: [allow('*')] }
      },
    } as any,
  })
  stopBuilder = await service.workers![0]!.start(scope => house.openCall(service, scope))
})
afterAll(async () => {
  await stopBuilder?.()
  await house?.close()
  await rm(root, { recursive: true, force: true })
})

let count = 0
async function project(buildspec: string | undefined, more: object = {}): Promise<string> {
  const name = `project-${++count}`
  await house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
    buildBatchConfig: { serviceRole: BATCH_ROLE },
    ...more,
  } as any)
  return name
}

const spec = (batch: string, commands: readonly string[], more = '') =>
  `version: 0.2\nbatch:\n${batch.replace(/^/gm, '  ')}\nphases:\n  build:\n    commands: ${JSON.stringify(commands)}\n${more}`

const start = async (projectName: string, more: object = {}) =>
  (await house.invoke('codebuild', 'StartBuildBatch', { projectName, ...more })).buildBatch!
const get = async (id: string) =>
  (await house.invoke('codebuild', 'BatchGetBuildBatches', { ids: [id] })).buildBatches![0]!

/** Runs jobs until the batch is as wanted. */
async function until(id: string, wanted: (batch: BuildBatch) => boolean | undefined): Promise<BuildBatch> {
  for (let tries = 0; tries < 3000; tries++) {
    await house.runJobs()
    const batch = await get(id)
    if (wanted(batch)) return batch
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error(`it never happened: ${JSON.stringify(await get(id))}`)
}
const ended = (id: string) => until(id, batch => batch.complete && !running(batch))
const running = ({ buildGroups = [] }: BuildBatch) =>
  buildGroups.some(({ currentBuildSummary }) => currentBuildSummary?.buildStatus === 'IN_PROGRESS')
/** Its first build sleeps. */
const asleep = ({ buildGroups }: BuildBatch) => {
  const id = buildGroups?.[0]?.currentBuildSummary?.arn?.split(':build/')[1]
  return id !== undefined && log.some(line => line === `asleep in ${id}\n`)
}
const statuses = ({ buildGroups = [] }: BuildBatch) =>
  Object.fromEntries(
    buildGroups.map(({ identifier, currentBuildSummary }) => [identifier, currentBuildSummary?.buildStatus]),
  )
const buildsOf = async ({ buildGroups = [] }: BuildBatch) =>
  (
    await house.invoke('codebuild', 'BatchGetBuilds', {
      ids: buildGroups.map(({ currentBuildSummary }) => currentBuildSummary!.arn!),
    })
  ).builds!
const rejected = async (work: Promise<unknown>) =>
  (await work.then(
    () => expect.fail('it worked'),
    error => error,
  )) as ServiceError

describe('a build list', () => {
  test('runs real builds that know their batch, and shows them in groups', async () => {
    const name = await project(
      spec(
        'build-list:\n  - identifier: one\n    env: { variables: { WHO: first } }\n  - identifier: two\n    env: { compute-type: BUILD_GENERAL1_LARGE }',
        ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER says $WHO by $CODEBUILD_INITIATOR"'],
      ),
      {
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'any',
          computeType: 'BUILD_GENERAL1_SMALL',
          environmentVariables: [{ name: 'WHO', value: 'nobody' }],
        },
      },
    )
    const first = await start(name)
    expect(first).toMatchObject({
      currentPhase: 'SUBMITTED',
      buildBatchStatus: 'IN_PROGRESS',
      buildBatchNumber: 1,
      complete: false,
      initiator: 'root',
      arn: `arn:aws:codebuild:us-east-1:000000000000:build-batch/${first.id}`,
      buildBatchConfig: { serviceRole: BATCH_ROLE, restrictions: { maximumBuildsAllowed: 100 }, timeoutInMins: 480 },
    })
    const batch = await ended(first.id!)
    expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', currentPhase: 'SUCCEEDED', complete: true })
    expect(batch.phases?.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus])).toEqual([
      ['SUBMITTED', 'SUCCEEDED'],
      ['DOWNLOAD_BATCHSPEC', 'SUCCEEDED'],
      ['IN_PROGRESS', 'SUCCEEDED'],
      ['COMBINE_ARTIFACTS', 'SUCCEEDED'],
      ['SUCCEEDED', undefined],
    ])
    expect(batch.buildGroups).toMatchObject([
      {
        identifier: 'one',
        dependsOn: [],
        ignoreFailure: false,
        currentBuildSummary: {
          buildStatus: 'SUCCEEDED',
          primaryArtifact: { type: 'no_artifacts', identifier: 'one' },
          secondaryArtifacts: [],
        },
      },
      { identifier: 'two' },
    ])
    const builds = await buildsOf(batch)
    expect(builds.map(build => build.buildBatchArn)).toEqual([batch.arn, batch.arn])
    expect(builds.map(build => build.environment?.computeType)).toEqual([
      'BUILD_GENERAL1_SMALL',
      'BUILD_GENERAL1_LARGE',
    ])
    expect(new Set(builds.map(build => build.buildNumber))).toEqual(new Set([1, 2]))
    const text = log.join('')
    expect(text).toContain('one says first by root')
    expect(text).toContain('two says nobody by root')
    expect((await start(name)).buildBatchNumber).toBe(2)
  })

  test('with a failed build fails, with one whose failure is ignored does not', async () => {
    const list = (more: string) =>
      spec(`build-list:\n  - identifier: bad\n    env: { variables: { END: 3 } }\n${more}  - identifier: good`, [
        'exit ${END:-0}',
      ])
    const failed = await ended((await start(await project(list('')))).id!)
    expect(failed.buildBatchStatus).toBe('FAILED')
    expect(statuses(failed)).toEqual({ bad: 'FAILED', good: 'SUCCEEDED' })
    const ignored = await ended((await start(await project(list('    ignore-failure: true\n')))).id!)
    expect(ignored.buildBatchStatus).toBe('SUCCEEDED')
    expect(statuses(ignored)).toEqual({ bad: 'FAILED', good: 'SUCCEEDED' })
  })
})

test('a graph runs in its order', async () => {
  log.length = 0
  const name = await project(
    spec(
      'build-graph:\n  - identifier: last\n    depend-on: [left, right]\n  - identifier: left\n    depend-on: [first]\n  - identifier: right\n    depend-on: [first]\n  - identifier: first',
      ['echo "ran $CODEBUILD_BATCH_BUILD_IDENTIFIER"'],
    ),
  )
  const batch = await ended((await start(name)).id!)
  expect(batch.buildBatchStatus).toBe('SUCCEEDED')
  const builds = await buildsOf(batch)
  const order = [...builds].sort((a, b) => a.buildNumber! - b.buildNumber!).map(({ arn }) => arn)
  const named = order.map(arn => batch.buildGroups!.find(group => group.currentBuildSummary?.arn === arn)?.identifier)
  expect(named[0]).toBe('first')
  expect(named[3]).toBe('last')
})

test('a matrix runs every combination', async () => {
  log.length = 0
  const name = await project(
    spec('build-matrix:\n  dynamic:\n    env:\n      variables:\n        A: [1, 2]\n        B: [x, y]', [
      'echo "made $A$B"',
    ]),
  )
  const batch = await ended((await start(name)).id!)
  expect(batch.buildGroups).toHaveLength(4)
  const text = log.join('')
  for (const made of ['made 1x', 'made 1y', 'made 2x', 'made 2y']) expect(text).toContain(made)
})

test('a fanout splits the tests', async () => {
  log.length = 0
  const name = await project(
    spec('build-fanout:\n  parallelism: 3', [
      'touch e.test c.test a.test b.test d.test',
      'codebuild-tests-run --files-search "codebuild-glob-search \'*.test\'" --test-command \'printf "%s in $CODEBUILD_BATCH_BUILD_IDENTIFIER\\n"\'',
    ]),
  )
  const batch = await ended((await start(name)).id!)
  expect(statuses(batch)).toEqual({ build0: 'SUCCEEDED', build1: 'SUCCEEDED', build2: 'SUCCEEDED' })
  expect(log.filter(line => / in build/.test(line) && !line.includes('Running')).sort()).toEqual([
    'a.test in build0\n',
    'b.test in build0\n',
    'c.test in build1\n',
    'd.test in build1\n',
    'e.test in build2\n',
  ])
})

test('fast-fail stops the others', async () => {
  const flag = join(root, 'long-began')
  const name = await project(
    spec(
      `fast-fail: true
build-graph:
  - identifier: bad
    env: { variables: { DO: 'until [ -e ${flag} ]; do sleep 0.05; done; false' } }
  - identifier: long
    env: { variables: { DO: 'touch ${flag}; sleep 600' } }
  - identifier: after
    depend-on: [long]`,
      ['eval "$DO"'],
    ),
  )
  const batch = await ended((await start(name)).id!)
  expect(batch.buildBatchStatus).toBe('FAILED')
  expect(statuses(batch)).toEqual({ bad: 'FAILED', long: 'STOPPED', after: 'STOPPED' })
})

test('a stop ends the batch at once and its builds soon after; what waited never ran', async () => {
  const name = await project(
    spec('build-graph:\n  - identifier: long\n  - identifier: after\n    depend-on: [long]', [
      'echo "asleep in $CODEBUILD_BUILD_ID"',
      'sleep 600',
    ]),
  )
  const { id } = await start(name)
  await until(id!, asleep)
  const { buildBatch } = await house.invoke('codebuild', 'StopBuildBatch', { id: id! })
  expect(buildBatch).toMatchObject({ buildBatchStatus: 'STOPPED', currentPhase: 'STOPPED', complete: true })
  const batch = await ended(id!)
  expect(statuses(batch)).toEqual({ long: 'STOPPED', after: 'STOPPED' })
  expect(await buildsOf(batch)).toHaveLength(1)
  const again = await house.invoke('codebuild', 'StopBuildBatch', { id: id! })
  expect(again.buildBatch).toEqual(batch)
})

test('a batch that takes too long ends as TIMED_OUT', async () => {
  const name = await project(
    spec('build-list:\n  - identifier: long', ['echo "asleep in $CODEBUILD_BUILD_ID"', 'sleep 600']),
  )
  const { id } = await start(name, { buildBatchConfigOverride: { timeoutInMins: 5 } })
  await until(id!, asleep)
  house.clock.advance(6 * 60_000)
  const batch = await until(id!, ({ complete }) => complete)
  expect(batch.buildBatchStatus).toBe('TIMED_OUT')
  expect(batch.phases?.find(({ phaseType }) => phaseType === 'IN_PROGRESS')).toMatchObject({
    phaseStatus: 'TIMED_OUT',
    contexts: [{ statusCode: 'BUILD_TIMED_OUT' }],
  })
  expect(statuses(await ended(id!))).toEqual({ long: 'STOPPED' })
})

describe('a retry', () => {
  test('of the failed builds runs those and what waited for them, as the same batch', async () => {
    const flag = join(root, 'flag')
    const name = await project(
      spec(
        `build-graph:\n  - identifier: fine\n  - identifier: weak\n    env: { variables: { TEST: "test -f ${flag}" } }\n  - identifier: after\n    depend-on: [weak]`,
        ['$TEST'],
      ),
    )
    const failed = await ended((await start(name)).id!)
    expect(statuses(failed)).toEqual({ fine: 'SUCCEEDED', weak: 'FAILED', after: 'STOPPED' })
    await writeFile(flag, '')
    const input = { id: failed.id!, retryType: 'RETRY_FAILED_BUILDS', idempotencyToken: 'again' } as const
    const { buildBatch } = await house.invoke('codebuild', 'RetryBuildBatch', input)
    expect(buildBatch).toMatchObject({ id: failed.id, currentPhase: 'SUBMITTED', buildBatchStatus: 'IN_PROGRESS' })
    expect((await house.invoke('codebuild', 'RetryBuildBatch', input)).buildBatch).toEqual(buildBatch)
    expect(
      await rejected(house.invoke('codebuild', 'RetryBuildBatch', { ...input, retryType: 'RETRY_ALL_BUILDS' })),
    ).toMatchObject({ code: 'InvalidInputException' })
    const batch = await ended(failed.id!)
    expect(batch.buildBatchStatus).toBe('SUCCEEDED')
    const groups = Object.fromEntries(batch.buildGroups!.map(group => [group.identifier, group]))
    expect(groups.fine?.priorBuildSummaryList).toBeUndefined()
    expect(groups.weak?.priorBuildSummaryList).toMatchObject([{ buildStatus: 'FAILED' }])
    expect(groups.after?.priorBuildSummaryList).toMatchObject([{ buildStatus: 'STOPPED' }])
    expect(await rejected(house.invoke('codebuild', 'RetryBuildBatch', { id: batch.id! }))).toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringContaining('Only batch builds that have failed can be retried'),
    })
    const deleted = await house.invoke('codebuild', 'DeleteBuildBatch', { id: batch.arn! })
    expect(deleted).toMatchObject({ statusCode: 'BATCH_DELETED', buildsNotDeleted: [] })
    expect(deleted.buildsDeleted).toHaveLength(4)
    const gone = await house.invoke('codebuild', 'BatchGetBuildBatches', { ids: [batch.id!] })
    expect(gone).toEqual({ buildBatches: [], buildBatchesNotFound: [batch.id] })
    expect((await house.invoke('codebuild', 'ListBuildsForProject', { projectName: name })).ids).toEqual([])
  })

  test('without a type is of all builds', async () => {
    const name = await project(
      spec('build-list:\n  - identifier: a\n  - identifier: b\n    env: { variables: { X: 1 } }', ['exit ${X:-0}']),
    )
    const failed = await ended((await start(name)).id!)
    await house.invoke('codebuild', 'RetryBuildBatch', { id: failed.id! })
    const batch = await ended(failed.id!)
    expect(batch.buildGroups?.map(({ priorBuildSummaryList }) => priorBuildSummaryList?.length)).toEqual([1, 1])
  })
})

describe('the role of the batch', () => {
  test('that may not start builds fails the batch with what it lacks', async () => {
    const name = await project(spec('build-list:\n  - identifier: a', ['true']), {
      buildBatchConfig: { serviceRole: POOR_ROLE },
    })
    const batch = await ended((await start(name)).id!)
    expect(batch.buildBatchStatus).toBe('FAILED')
    expect(statuses(batch)).toEqual({ a: 'FAILED' })
    const [context] = batch.phases!.find(({ phaseType }) => phaseType === 'IN_PROGRESS')!.contexts!
    expect(context).toMatchObject({ statusCode: 'ACCESS_DENIED' })
    expect(context?.message).toContain('codebuild:StartBuild')
  })

  test('is needed', async () => {
    const name = await project(spec('build-list:\n  - identifier: a', ['true']), { buildBatchConfig: undefined })
    expect(await rejected(start(name))).toMatchObject({ code: 'InvalidInputException' })
    const batch = await start(name, { buildBatchConfigOverride: { serviceRole: BATCH_ROLE } })
    expect((await ended(batch.id!)).buildBatchStatus).toBe('SUCCEEDED')
  })
})

describe('a batch beyond its restrictions fails before any build', () => {
  test.each([
    ['builds', { maximumBuildsAllowed: 1 }, 'The batch has 2 builds, but at most 1 are allowed'],
    ['compute types', { computeTypesAllowed: ['BUILD_GENERAL1_SMALL'] }, 'Build b: compute type BUILD_GENERAL1_LARGE'],
  ])('%s', async (_, restrictions, message) => {
    const name = await project(
      spec('build-list:\n  - identifier: a\n  - identifier: b\n    env: { compute-type: BUILD_GENERAL1_LARGE }', [
        'true',
      ]),
      { buildBatchConfig: { serviceRole: BATCH_ROLE, restrictions } },
    )
    const batch = await ended((await start(name)).id!)
    expect(batch).toMatchObject({ buildBatchStatus: 'FAILED', currentPhase: 'FAILED' })
    const download = batch.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_BATCHSPEC')!
    expect(download.contexts).toEqual([{ statusCode: 'CLIENT_ERROR', message: expect.stringContaining(message) }])
    expect(batch.buildGroups).toBeUndefined()
  })
})

describe('the buildspec', () => {
  const put = async (files: Record<string, string>) => {
    const zip = join(root, `source-${++count}.zip`)
    await zipOfFiles(
      zip,
      (async function* () {
        for (const [path, text] of Object.entries(files))
          yield { path, mode: 0o644, size: text.length, mtime: undefined, content: Readable.from([Buffer.from(text)]) }
      })(),
    )
    objects.set('sources/app.zip', await readFile(zip))
    return { type: 'S3', location: 'sources/app.zip' }
  }

  test('is found in the source, and each build may have one of its own', async () => {
    log.length = 0
    const source = await put({
      'ci/batch.yml': spec('build-list:\n  - identifier: own\n    buildspec: ci/own.yml\n  - identifier: same', [
        'echo the same',
      ]),
      'ci/own.yml': 'version: 0.2\nphases:\n  build:\n    commands: [echo my own]\n',
    })
    const name = await project(undefined, { source: { ...source, buildspec: 'ci/batch.yml' } })
    const batch = await ended((await start(name)).id!)
    expect(batch.buildBatchStatus).toBe('SUCCEEDED')
    expect(log.join('')).toContain('my own')
    expect(log.join('')).toContain('the same')
  })

  test.each([
    ['is not there', {}, undefined, 'YAML file does not exist'],
    ['has another name', {}, 'other.yml', 'stat other.yml: no such file or directory'],
    [
      'has no batch',
      { 'buildspec.yml': 'version: 0.2\nphases: {}\n' },
      undefined,
      'buildspec.yml has no batch section',
    ],
    [
      'has a cycle',
      {
        'buildspec.yml':
          'version: 0.2\nbatch:\n  build-graph:\n    - identifier: a\n      depend-on: [a]\nphases: {}\n',
      },
      undefined,
      'buildspec.yml:5:18: batch/build-graph has a dependency cycle: a -> a',
    ],
  ])('that %s fails the batch', async (_, files, buildspec, message) => {
    const source = await put({ 'README.md': '#', ...files } as Record<string, string>)
    const name = await project(undefined, { source: { ...source, ...(buildspec && { buildspec }) } })
    const batch = await ended((await start(name)).id!)
    expect(batch.buildBatchStatus).toBe('FAILED')
    const download = batch.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_BATCHSPEC')!
    expect(download.contexts?.[0]).toEqual({ statusCode: 'YAML_FILE_ERROR', message: expect.stringContaining(message) })
  })

  test('may come from S3', async () => {
    objects.set('specs/b.yml', Buffer.from(spec('build-list:\n  - identifier: a', ['true'])))
    const name = await project(spec('build-list:\n  - identifier: z', ['true']))
    const batch = await ended(
      (
        await start(name, {
          sourceTypeOverride: 'S3',
          sourceLocationOverride: 'sources/app.zip',
          buildspecOverride: 'arn:aws:s3:::specs/b.yml',
        })
      ).id!,
    )
    expect(statuses(batch)).toEqual({ a: 'SUCCEEDED' })
  })
})

describe('artifacts', () => {
  const files = 'artifacts:\n  files: ["*.txt"]\n'
  const list = 'build-list:\n  - identifier: one\n  - identifier: two'
  const make = [
    'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER" > same.txt',
    'echo x > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"',
  ]
  const names = async (key: string) => {
    const file = join(root, `read-${++count}.zip`)
    await writeFile(file, objects.get(key)!)
    const found: Record<string, string> = {}
    for await (const one of filesOfZip(file))
      found[one.path] = Buffer.concat(await one.content.toArray())
        .toString()
        .trim()
    return found
  }

  test('of all builds are combined into one zip, nothing is lost', async () => {
    const name = await project(spec(list, make, files), {
      artifacts: {
        type: 'S3',
        location: 'out',
        path: 'p',
        name: 'all.zip',
        packaging: 'ZIP',
        namespaceType: 'BUILD_ID',
      },
      buildBatchConfig: { serviceRole: BATCH_ROLE, combineArtifacts: true },
    })
    const batch = await ended((await start(name)).id!)
    expect(batch.buildBatchStatus).toBe('SUCCEEDED')
    const key = `out/p/${batch.id!.split(':')[1]}/all.zip`
    expect(batch.artifacts).toMatchObject({
      location: `arn:aws:s3:::${key}`,
      sha256sum: expect.stringMatching(/^\w{64}$/),
    })
    expect(await names(key)).toEqual({ 'one.txt': 'x', 'same.txt': 'one', 'two.txt': 'x', 'two/same.txt': 'two' })
    expect([...objects.keys()].filter(one => one.startsWith(`${key}.parts`))).toEqual([])
  })

  test('that are files meet in one folder', async () => {
    const name = await project(spec(list, make, files), {
      artifacts: { type: 'S3', location: 'out', name: 'folder' },
      buildBatchConfig: { serviceRole: BATCH_ROLE, combineArtifacts: true },
    })
    const batch = await ended((await start(name)).id!)
    expect(batch.artifacts?.location).toBe('arn:aws:s3:::out/folder')
    expect([...objects.keys()].filter(key => key.startsWith('out/folder/')).sort()).toEqual([
      'out/folder/one.txt',
      'out/folder/same.txt',
      'out/folder/two.txt',
    ])
  })

  test('are stored one over the other where their place is the same, and the logs say so; BUILD_ID and names of the buildspec keep them', async () => {
    const warning = /All builds of the batch store their artifact as out\/p\/x\.zip, one over the other/
    const stored = async (more: object, text = files) => {
      const artifacts = { type: 'S3', location: 'out', path: 'p', name: 'x.zip', packaging: 'ZIP', ...more }
      const name = await project(spec(list, make, text), { artifacts })
      log.length = 0
      const batch = await ended((await start(name)).id!)
      expect(batch.buildBatchStatus).toBe('SUCCEEDED')
      const places = batch.buildGroups!.map(({ currentBuildSummary }) => currentBuildSummary!.primaryArtifact!.location)
      return {
        batch,
        places: places.map(place => place!.slice('arn:aws:s3:::'.length)),
        said: warning.test(log.join('')),
      }
    }
    const same = await stored({})
    expect(same).toMatchObject({ places: ['out/p/x.zip', 'out/p/x.zip'], said: true })
    const apart = await stored({ namespaceType: 'BUILD_ID' })
    const uuids = apart.batch.buildGroups!.map(group => group.currentBuildSummary!.arn!.split(':').at(-1))
    expect(apart).toMatchObject({ places: uuids.map(uuid => `out/p/${uuid}/x.zip`), said: false })
    expect(await Promise.all(apart.places.map(names))).toMatchObject([{ 'same.txt': 'one' }, { 'same.txt': 'two' }])
    const named = await stored(
      { overrideArtifactName: true },
      `${files.trimEnd()}\n  name: $CODEBUILD_BATCH_BUILD_IDENTIFIER.zip\n`,
    )
    expect(named).toMatchObject({ places: ['out/p/one.zip', 'out/p/two.zip'], said: false })
  })

  test('for a pipeline go where its outputs named after the builds are', async () => {
    const secondary = 'artifacts:\n  files: [same.txt]\n  secondary-artifacts:\n    more:\n      files: ["*.txt"]\n'
    const name = await project(spec(list, make, secondary), {
      source: { type: 'CODEPIPELINE', buildspec: spec(list, make, secondary) },
      artifacts: { type: 'CODEPIPELINE' },
    })
    objects.set('pipe/in', objects.get('sources/app.zip')!)
    const output = (artifactIdentifier: string) => ({
      type: 'CODEPIPELINE',
      location: 'pipe',
      path: 'p/x',
      name: artifactIdentifier,
      artifactIdentifier,
    })
    const batch = await ended(
      (
        await start(name, {
          sourceTypeOverride: 'CODEPIPELINE',
          sourceLocationOverride: 'pipe/in',
          sourceVersion: 'abc',
          artifactsOverride: output('one'),
          secondaryArtifactsOverride: [output('two_more')],
        })
      ).id!,
    )
    expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', resolvedSourceVersion: 'abc' })
    expect(await names('pipe/p/x/one')).toEqual({ 'same.txt': 'one' })
    expect(await names('pipe/p/x/two_more')).toEqual({ 'same.txt': 'two', 'two.txt': 'x' })
    expect(batch.buildGroups?.map(({ currentBuildSummary }) => currentBuildSummary?.primaryArtifact?.location)).toEqual(
      ['arn:aws:s3:::pipe/p/x/one', undefined],
    )
    expect(await rejected(house.invoke('codebuild', 'RetryBuildBatch', { id: batch.id! }))).toMatchObject({
      code: 'InvalidInputException',
    })
  })
})

test('a batch whose project is deleted finishes what runs and fails for the rest', async () => {
  const flag = join(root, 'project-gone')
  const name = await project(
    spec('build-graph:\n  - identifier: first\n  - identifier: second\n    depend-on: [first]', [
      'echo "asleep in $CODEBUILD_BUILD_ID"',
      `until [ -e ${flag} ]; do sleep 0.05; done`,
    ]),
  )
  const { id } = await start(name)
  await until(id!, asleep)
  await house.invoke('codebuild', 'DeleteProject', { name })
  await writeFile(flag, '')
  const batch = await ended(id!)
  expect(statuses(batch)).toEqual({ first: 'SUCCEEDED', second: 'FAILED' })
  const contexts = batch.phases!.flatMap(phase => phase.contexts ?? [])
  expect(contexts).toEqual([
    { statusCode: 'CLIENT_ERROR', message: expect.stringMatching(/^second: Project cannot be found: arn:/) },
  ])
})

test('an idempotency token starts one batch, and may not be used with other parameters', async () => {
  const name = await project(spec('build-list:\n  - identifier: a', ['true']))
  const first = await start(name, { idempotencyToken: 't' })
  expect((await start(name, { idempotencyToken: 't' })).id).toBe(first.id)
  expect(await rejected(start(name, { idempotencyToken: 't', imageOverride: 'other' }))).toMatchObject({
    code: 'InvalidInputException',
    message: expect.stringContaining('mismatch'),
  })
  house.clock.advance(6 * 60_000)
  expect((await start(name, { idempotencyToken: 't' })).id).not.toBe(first.id)
})

test('lists are filtered, sorted and paged', async () => {
  const name = await project(spec('build-list:\n  - identifier: a\n    env: { variables: { X: 0 } }', ['exit $X']))
  const ids: string[] = []
  for (let index = 0; index < 5; index++) {
    house.clock.advance(1000)
    const { id } = await start(name, {
      ...(index === 2 && { buildspecOverride: spec('build-list:\n  - identifier: a', ['exit 1']) }),
    })
    ids.push(id!)
    await ended(id!)
  }
  const all = async (operation: 'ListBuildBatches' | 'ListBuildBatchesForProject', input: any) => {
    const found: string[][] = []
    for (let nextToken: string | undefined; ; ) {
      const page: any = await house.invoke('codebuild', operation, { ...input, nextToken } as any)
      found.push(page.ids)
      nextToken = page.nextToken
      if (!nextToken) return found
    }
  }
  const newest = [...ids].reverse()
  const mine = { projectName: name }
  expect(await all('ListBuildBatchesForProject', { ...mine, maxResults: 2 })).toEqual([
    newest.slice(0, 2),
    newest.slice(2, 4),
    newest.slice(4),
  ])
  expect(await all('ListBuildBatchesForProject', { ...mine, sortOrder: 'ASCENDING' })).toEqual([ids])
  expect(await all('ListBuildBatchesForProject', { ...mine, filter: { status: 'FAILED' } })).toEqual([[ids[2]]])
  expect((await all('ListBuildBatches', { maxResults: 3 })).flat().slice(0, 5)).toEqual(newest)
  expect((await all('ListBuildBatches', { filter: { status: 'IN_PROGRESS' } })).flat()).toEqual([])
  expect(await rejected(all('ListBuildBatchesForProject', { projectName: 'nobody' }))).toMatchObject({
    code: 'ResourceNotFoundException',
  })
  expect(await rejected(house.invoke('codebuild', 'ListBuildBatches', { nextToken: 'x' }))).toMatchObject({
    code: 'InvalidInputException',
  })
})

test('what is not there is said in the words of its operation', async () => {
  const gone = 'project:00000000-0000-0000-0000-000000000000'
  for (const operation of ['StopBuildBatch', 'RetryBuildBatch'] as const)
    expect(await rejected(house.invoke('codebuild', operation, { id: gone }))).toMatchObject({
      code: 'ResourceNotFoundException',
    })
  expect(await house.invoke('codebuild', 'DeleteBuildBatch', { id: gone })).toMatchObject({
    statusCode: 'BATCH_NOT_FOUND',
  })
  expect(await rejected(start('nobody'))).toMatchObject({ code: 'ResourceNotFoundException' })
})

test('EventBridge hears of the builds only, services of this house of the batch as well', async () => {
  house.events.length = 0
  const name = await project(spec('build-list:\n  - identifier: a', ['true']))
  const batch = await ended((await start(name)).id!)
  const types = new Set(
    house.events.filter(({ source }) => source === 'aws.codebuild').map(event => event['detail-type']),
  )
  expect(types).toEqual(new Set(['CodeBuild Build State Change', 'CodeBuild Build Phase Change']))
  expect(house.events.filter(({ source }) => source === 'codeyard.codebuild').map(({ detail }) => detail)).toEqual(
    ['IN_PROGRESS', 'SUCCEEDED'].map(status => ({
      'project-name': name,
      'build-batch-id': batch.arn,
      'build-batch-status': status,
    })),
  )
})
