// Builders as operators run them: several processes with data directories of their own on one PostgreSQL and one place for blobs; fleets;
// and two hundred builds of which none is lost and none runs twice while a builder is killed again and again.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build } from '@aws-sdk/client-codebuild'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, orphans, stuck } from './chaos/leftovers.ts'
import { type ExternalPostgres, startPostgres } from './database/externalPostgres.ts'
import { untilIn } from './harness/builds.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

const ROLE = 'arn:aws:iam::000000000000:role/b'
let postgres: ExternalPostgres
let url: string
let blobs: string
let api: Yard
const open: Yard[] = []
const directories: string[] = []

const shared = () => ['--database-url', url, '--blobs', blobs, '--sandbox', 'host']

/** A process that only builds; its own directory unless it is another one's. */
async function startBuilder(args: readonly string[] = [], dataDir?: string): Promise<Yard> {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'codeyard-builder-')))
  if (!dataDir) directories.push(directory)
  const yard = await openYard({ dataDir: directory, args: [...shared(), '--roles', 'build', '--slots', '2', ...args] })
  open.push(yard)
  return yard
}

beforeAll(async () => {
  postgres = await startPostgres()
  url = await postgres.createDatabase('builders')
  blobs = await mkdtemp(join(tmpdir(), 'codeyard-blobs-'))
  directories.push(blobs)
  api = await openYard({ args: [...shared(), '--roles', 'api,jobs'] })
  open.push(api)
  directories.push(api.dataDir)
  const { iam, codebuild } = api.clients
  const Version = '2012-10-17'
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  await iam.createRole({ RoleName: 'b', AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
  const everything = { Version, Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  await iam.putRolePolicy({ RoleName: 'b', PolicyName: 'p', PolicyDocument: JSON.stringify(everything) })
  await codebuild.createProject(project('app'))
}, 120_000)

afterAll(async () => {
  for (const yard of open.reverse()) await yard.stop().catch(() => yard.kill())
  for (const directory of directories) await rm(directory, { recursive: true, force: true })
  await postgres?.stop()
}, 120_000)

const spec = (commands: readonly string[], more: object = {}) =>
  JSON.stringify({ version: 0.2, phases: { build: { commands } }, ...more })

function project(name: string, environment: object = {}) {
  return {
    name,
    source: { type: 'NO_SOURCE' as const, buildspec: spec(['true']) },
    artifacts: { type: 'NO_ARTIFACTS' as const },
    environment: {
      type: 'LINUX_CONTAINER' as const,
      image: 'any',
      computeType: 'BUILD_GENERAL1_SMALL' as const,
      ...environment,
    },
    serviceRole: ROLE,
  }
}

const until = <T>(what: () => Promise<T | undefined | false> | T | undefined | false, seconds = 60) =>
  untilIn(open, what, { seconds })

const get = async (id: string): Promise<Build> =>
  (await api.clients.codebuild.batchGetBuilds({ ids: [id] })).builds![0]!
const ended = (id: string) =>
  until(async () => {
    const build = await get(id)
    return build.buildComplete && build
  })
const start = async (projectName: string, commands: readonly string[], more: object = {}) =>
  (await api.clients.codebuild.startBuild({ projectName, buildspecOverride: spec(commands), ...more })).build!.id!
const queueOf = (build: Build) => build.phases!.find(({ phaseType }) => phaseType === 'QUEUED')!.contexts?.[0]?.message
async function logOf(build: Build): Promise<string> {
  const { groupName, streamName } = build.logs!
  const place = { logGroupName: groupName!, logStreamName: streamName!, startFromHead: true }
  return (await api.clients.logs.getLogEvents(place)).events!.map(({ message }) => message).join('')
}

describe('a builder with a data directory of its own', () => {
  let builder: Yard

  test('is waited for, and what is missing is said', async () => {
    const id = await start('app', ['echo hello'])
    expect(queueOf(await get(id))).toBe(
      'Position 1 of 1 in the queue: no builder is running: start one with codeyard up --roles build',
    )
    const { stdout } = await client(api, './codeyard', ['builds'])
    expect(stdout).toContain(id)
    expect(stdout).toContain('no builder is running')
    builder = await startBuilder()
    expect(await ended(id)).toMatchObject({ buildStatus: 'SUCCEEDED' })
    expect((await client(api, './codeyard', ['builds'])).stdout).toBe('no build runs or waits\n')
  }, 120_000)

  test('clones, decrypts, calls AWS and stores with nothing but the database and the blobs', async () => {
    const { codecommit, s3, codebuild } = api.clients
    await codecommit.createRepository({ repositoryName: 'code' })
    const fileContent = Buffer.from('of the repository\n')
    await codecommit.putFile({ repositoryName: 'code', branchName: 'main', filePath: 'file', fileContent })
    const { accessKeyId, secretAccessKey } = api
    const ssm = new SSM({ endpoint: api.endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } })
    await ssm.putParameter({ Name: '/key', Type: 'SecureString', Value: 'open sesame' })
    ssm.destroy()
    await s3.createBucket({ Bucket: 'results' })
    const location = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/code'
    const { name, ...rest } = project('far')
    await codebuild.createProject({
      ...rest,
      name,
      source: { type: 'CODECOMMIT', location },
      artifacts: { type: 'S3', location: 'results', name: 'out', packaging: 'NONE' },
    })
    const id = await start(name, [], {
      sourceVersion: 'main',
      buildspecOverride: spec(
        [
          'cat file',
          `test "$(printf %s "$KEY" | md5sum | cut -c-8)" = "$(printf 'open sesame' | md5sum | cut -c-8)" && echo decrypted`,
          'printf "key is %s\\n" "$KEY"',
          `git clone -q ${location} again && cat again/file`,
          'curl -fsS -o /dev/null "$AWS_ENDPOINT_URL/_codeyard/health" && echo reached',
          'echo made > made',
        ],
        { env: { 'parameter-store': { KEY: '/key' } }, artifacts: { files: ['made'] } },
      ),
    })
    const build = await ended(id)
    const log = await logOf(build)
    expect(build.buildStatus, log).toBe('SUCCEEDED')
    expect(log.match(/of the repository/g)).toHaveLength(2)
    for (const line of ['decrypted\n', 'key is ***\n', 'reached\n']) expect(log).toContain(line)
    const made = await s3.getObject({ Bucket: 'results', Key: 'out/made' })
    expect(await made.Body!.transformToString()).toBe('made\n')
    // Nothing of the house's secrets is on its disk.
    const files = await readdir(builder.dataDir)
    expect(files).not.toContain('master.key')
    expect(files).not.toContain('root-credentials.json')
    expect(files).not.toContain('running.json')
    expect(api.log()).toContain('handed the key of the secrets to a builder')
  }, 120_000)

  test('without the place of the blobs says so and does not start', async () => {
    await expect(openYard({ args: ['--database-url', url, '--roles', 'build'] })).rejects.toThrow('needs --blobs')
  }, 60_000)

  test('whose commands outlast it is gone on with by the next one at the same place, long before half a minute', async () => {
    const id = await start('app', ['echo one', 'sleep 3', 'echo two'])
    await until(async () => (await get(id)).currentPhase === 'BUILD' && (await logOf(await get(id))).includes('one\n'))
    await builder.kill()
    const killed = performance.now()
    builder = await startBuilder([], builder.dataDir)
    const build = await ended(id)
    expect(build.buildStatus).toBe('SUCCEEDED')
    expect(performance.now() - killed).toBeLessThan(25_000)
    const log = await logOf(build)
    expect(log.match(/^two$/gm)).toHaveLength(1)
    await builder.stop()
  }, 120_000)
})

describe('a fleet', () => {
  const placeOf = async (id: string) => {
    const [row] = await ask<{ place: string }>(
      { connectionString: url },
      `select place from codebuild.builds where id = '${id}'`,
    )
    return row!.place
  }

  test('has the builders that are started for it, and they take its builds and no others', async () => {
    const { codebuild } = api.clients
    const { fleet } = await codebuild.createFleet({
      name: 'fast',
      baseCapacity: 2,
      environmentType: 'LINUX_CONTAINER',
      computeType: 'BUILD_GENERAL1_SMALL',
    })
    const arn = fleet!.arn!
    const state = async () => (await codebuild.batchGetFleets({ names: ['fast'] })).fleets![0]?.status
    await until(async () => (await state())!.statusCode === 'ACTIVE')
    expect(await state()).toMatchObject({
      context: 'INSUFFICIENT_CAPACITY',
      message: '0 machines of 2 there: start builders with codeyard up --roles build --fleet fast',
    })
    await codebuild.createProject(project('quick', { fleet: { fleetArn: arn } }))
    const id = await start('quick', ['sleep 2', 'echo on the fleet'])
    expect(queueOf(await get(id))).toContain('fleet fast has no builder')
    const ordinary = await start('app', ['true'])
    const builder = await startBuilder(['--fleet', 'fast'])
    expect(await state()).toEqual({ statusCode: 'ACTIVE' })
    await until(async () => (await get(id)).currentPhase === 'BUILD')
    expect(queueOf(await get(ordinary))).toContain('no builder is running')

    // Deleted, it still ends what it has.
    await codebuild.deleteFleet({ arn })
    expect(await state()).toMatchObject({
      statusCode: 'PENDING_DELETION',
      message: '1 builds of this fleet are not over',
    })
    await expect(start('quick', ['true'])).rejects.toThrow('is being deleted')
    expect((await ended(id)).buildStatus).toBe('SUCCEEDED')
    expect(await placeOf(id)).toContain(builder.dataDir)
    await until(async () => (await codebuild.batchGetFleets({ names: [arn] })).fleetsNotFound!.length === 1)
    await builder.stop()
    const free = await startBuilder()
    expect((await ended(ordinary)).buildStatus).toBe('SUCCEEDED')
    expect(await placeOf(ordinary)).toContain(free.dataDir)
    await free.stop()
  }, 180_000)

  test('that is full lets builds go to builders of no fleet when it is told to', async () => {
    const { codebuild } = api.clients
    const { fleet } = await codebuild.createFleet({
      name: 'small',
      baseCapacity: 1,
      environmentType: 'LINUX_CONTAINER',
      computeType: 'BUILD_GENERAL1_SMALL',
      overflowBehavior: 'ON_DEMAND',
    })
    const fleetOverride = { fleetArn: fleet!.arn! }
    const reserved = await startBuilder(['--fleet', 'small'])
    const free = await startBuilder()
    const first = await start('app', ['sleep 4'], { fleetOverride })
    await until(async () => (await get(first)).currentPhase === 'BUILD')
    const second = await start('app', ['true'], { fleetOverride })
    expect((await ended(second)).buildStatus).toBe('SUCCEEDED')
    expect((await ended(first)).buildStatus).toBe('SUCCEEDED')
    expect([await placeOf(first), await placeOf(second)]).toEqual([
      expect.stringContaining(reserved.dataDir),
      expect.stringContaining(free.dataDir),
    ])
    await codebuild.deleteFleet({ arn: fleet!.arn! })
    await Promise.all([reserved.stop(), free.stop()])
  }, 120_000)
})

describe('two hundred builds on two builders', () => {
  const COUNT = 200
  const begun = new Map<string, number>()
  const running = new Set<string>()
  const twice: string[] = []
  let marks: Server
  let home: string

  beforeAll(async () => {
    // Commands of builds tell here that they begin and end: a command that outlives its builder still does.
    marks = createServer((request, response) => {
      const [, mark, id = ''] = request.url!.split('/')
      if (mark === 'begin') {
        if (running.has(id)) twice.push(id)
        running.add(id)
        begun.set(id, (begun.get(id) ?? 0) + 1)
      } else running.delete(id)
      response.end()
    })
    await new Promise<void>(listening => marks.listen(0, '127.0.0.1', listening))
    home = `http://127.0.0.1:${(marks.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise(closed => marks.close(closed)))

  test('all end well although one of the two is killed three times', async () => {
    const { codebuild } = api.clients
    const mark = (what: string) => `curl -fsS "${home}/${what}/$CODEBUILD_BUILD_ID"`
    const buildspec = spec([`${mark('begin')}; sleep 0.2; ${mark('end')}`])
    for (const name of ['even', 'odd']) {
      const { source: _, ...rest } = project(name)
      await codebuild.createProject({ ...rest, source: { type: 'NO_SOURCE', buildspec } })
    }
    const ids: string[] = []
    for (let at = 0; at < COUNT; at += 20) {
      const some = Array.from({ length: 20 }, (_, index) => ((at + index) % 2 ? 'odd' : 'even'))
      const answers = await Promise.all(some.map(projectName => codebuild.startBuild({ projectName })))
      ids.push(...answers.map(({ build }) => build!.id!))
    }
    const steady = await startBuilder()
    let mortal = await startBuilder()
    const all = async () => {
      const pages = Array.from({ length: ids.length / 100 }, (_, at) => ids.slice(at * 100, at * 100 + 100))
      const answers = await Promise.all(pages.map(page => codebuild.batchGetBuilds({ ids: page })))
      return answers.flatMap(({ builds }) => builds!)
    }
    const over = async () => (await all()).filter(({ buildComplete }) => buildComplete).length
    for (const enough of [20, 70, 120]) {
      await until(async () => (await over()) >= enough, 120)
      await mortal.kill()
      mortal = await startBuilder([], mortal.dataDir)
    }
    await until(async () => (await over()) === COUNT, 240)
    for (const build of await all()) {
      if (build.buildStatus === 'SUCCEEDED') continue
      // With its reason, and begun again by itself.
      expect(build.buildStatus).toBe('FAULT')
      expect(build.phases!.find(({ phaseStatus }) => phaseStatus === 'FAULT')!.contexts![0]!.message).toMatch(
        /nothing is left|is gone/,
      )
      expect((await ended(build.autoRetryConfig!.nextAutoRetry!)).buildStatus).toBe('SUCCEEDED')
    }
    expect(twice).toEqual([])
    expect(ids.filter(id => begun.get(id) !== 1)).toEqual([])
    expect([...running]).toEqual([])
    const builders = [steady, mortal]
    const workspaces = async () =>
      (await Promise.all(builders.map(({ dataDir }) => readdir(join(dataDir, 'builds'))))).flat()
    await until(async () => (await workspaces()).length === 0).catch(() => {})
    expect(await workspaces()).toEqual([])
    const pids = builders.map(yard => yard.process.pid!)
    expect(
      await orphans(
        builders.map(({ dataDir }) => dataDir),
        pids,
      ),
    ).toEqual([])
    expect(await stuck({ connectionString: url })).toEqual([])
    const [left] = await ask<{ builders: string }>(
      { connectionString: url },
      'select count(*) as builders from codebuild.builders',
    )
    expect(Number(left!.builders)).toBe(2)
    await Promise.all(builders.map(yard => yard.stop()))
  }, 480_000)
})
