// Builders that are lost: killed with their workspace under a pipeline's build, and cut off from the database while they live.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Build } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zipOfFiles } from '../src/build/archives.ts'
import { signalAll } from '../src/core/processes.ts'
import { ask, orphans, processesOf, stuck } from './chaos/leftovers.ts'
import { type ExternalPostgres, startPostgres } from './database/externalPostgres.ts'
import { type Network, openNetwork } from './harness/blackhole.ts'
import { untilIn } from './harness/builds.ts'
import { openYard, type Yard } from './harness/yard.ts'

const role = (name: string) => `arn:aws:iam::000000000000:role/${name}`
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
let postgres: ExternalPostgres
let url: string
let blobs: string
let api: Yard
let network: Network | undefined
/** The builder behind the network. */
let far: Yard
let marks: Server
/** What commands of builds say: that they begin, and that they live. Who begins first is told to wait for ever. */
const said: { what: string; id: string; at: number }[] = []
let home: string
const open: Yard[] = []
const directories: string[] = []

const directory = async () => {
  const made = await mkdtemp(join(tmpdir(), 'codeyard-lost-'))
  directories.push(made)
  return made
}
async function start(args: readonly string[], database = url, dataDir?: string): Promise<Yard> {
  const shared = ['--database-url', database, '--blobs', blobs, '--sandbox', 'host', '--lost-after', '10']
  const yard = await openYard({ dataDir: dataDir ?? (await directory()), args: [...shared, ...args] })
  open.push(yard)
  return yard
}

beforeAll(async () => {
  postgres = await startPostgres()
  url = await postgres.createDatabase('lost')
  blobs = await directory()
  marks = createServer((request, response) => {
    const [, what = '', id = ''] = request.url!.split('/')
    said.push({ what, id, at: performance.now() })
    response.end(what === 'begin' && begins().length === 1 ? 'wait' : 'end')
  })
  await new Promise<void>(listening => marks.listen(0, '127.0.0.1', listening))
  home = `http://127.0.0.1:${(marks.address() as AddressInfo).port}`
  api = await start(['--roles', 'api,jobs'])
  const { iam, codebuild, s3 } = api.clients
  for (const [name, service] of Object.entries({ build: 'codebuild', pipe: 'codepipeline' })) {
    const trust = { Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }
    await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: document(trust) })
    const all = document({ Effect: 'Allow', Action: '*', Resource: '*' })
    await iam.putRolePolicy({ RoleName: name, PolicyName: 'p', PolicyDocument: all })
  }
  await s3.createBucket({ Bucket: 'pipes' })
  await codebuild.createProject({
    name: 'app',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('build'),
  })
}, 120_000)

afterAll(async () => {
  network?.mend()
  for (const yard of open.reverse()) await yard.stop().catch(() => yard.kill())
  await network?.close()
  await new Promise(closed => marks.close(closed))
  for (const made of directories) await rm(made, { recursive: true, force: true })
  await postgres?.stop()
}, 120_000)

const until = <T>(what: () => Promise<T | undefined | false> | T | undefined | false, seconds = 60) =>
  untilIn(open, what, { seconds })
const get = async (id: string): Promise<Build> =>
  (await api.clients.codebuild.batchGetBuilds({ ids: [id] })).builds![0]!
const ended = (id: string, seconds?: number) =>
  until(async () => {
    const build = await get(id)
    return build.buildComplete && build
  }, seconds)
const mark = (what: string) => `curl -fsS -m 5 "${home}/${what}/$CODEBUILD_BUILD_ID"`
const spec = (list: readonly string[], more: object = {}) =>
  JSON.stringify({ version: 0.2, phases: { build: { commands: list } }, ...more })
const begins = () => said.filter(({ what }) => what === 'begin').map(({ id }) => id)
const uuidOf = (build: string) => build.split('/').at(-1)!

test('a builder that is killed with its workspace under the build of a pipeline: the pipeline goes on with the build in its place', async () => {
  const { codepipeline, s3 } = api.clients
  said.length = 0
  const wait = `if [ "$(${mark('begin')})" = wait ]; then sleep 300; fi; echo made > made`
  const text = spec([wait], { artifacts: { files: ['made'] } })
  const file = { path: 'buildspec.yml', mode: 0o644, size: text.length, mtime: undefined }
  const zip = join(await directory(), 'source.zip')
  const files = async function* () {
    yield { ...file, content: Readable.from([Buffer.from(text)]) }
  }
  await zipOfFiles(zip, files())
  await s3.putBucketVersioning({ Bucket: 'pipes', VersioningConfiguration: { Status: 'Enabled' } })
  await s3.putObject({ Bucket: 'pipes', Key: 'source.zip', Body: await readFile(zip) })
  await api.clients.codebuild.createProject({
    name: 'piped',
    source: { type: 'CODEPIPELINE' },
    artifacts: { type: 'CODEPIPELINE' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('build'),
  })
  const action = (name: string, category: string, provider: string, configuration: object, more: object) => ({
    name,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' } as any,
    configuration: configuration as any,
    ...more,
  })
  const source = { S3Bucket: 'pipes', S3ObjectKey: 'source.zip', PollForSourceChanges: 'false' }
  const artifacts = { inputArtifacts: [{ name: 'src' }], outputArtifacts: [{ name: 'out' }] }
  const mortal = await start(['--roles', 'build', '--slots', '1'])
  await codepipeline.createPipeline({
    pipeline: {
      name: 'pipe',
      roleArn: role('pipe'),
      artifactStore: { type: 'S3', location: 'pipes' },
      stages: [
        { name: 'Source', actions: [action('S', 'Source', 'S3', source, { outputArtifacts: [{ name: 'src' }] })] },
        { name: 'Build', actions: [action('B', 'Build', 'CodeBuild', { ProjectName: 'piped' }, artifacts)] },
      ],
    },
  })
  const latest = async () =>
    (await codepipeline.getPipelineState({ name: 'pipe' })).stageStates![1]!.actionStates![0]!.latestExecution
  const [first] = await until(() => begins().length === 1 && begins())
  expect(await latest()).toMatchObject({ status: 'InProgress', externalExecutionId: first })
  await mortal.kill()
  // Its machine is gone with all that ran there.
  await until(async () => {
    const left = await processesOf([mortal.dataDir])
    signalAll(
      left.map(({ pid }) => pid),
      'SIGKILL',
    )
    return left.length === 0
  })
  await rm(mortal.dataDir, { recursive: true, force: true })
  const successor = await start(['--roles', 'build', '--slots', '1'])
  const lost = await ended(first!)
  expect(lost.buildStatus).toBe('FAULT')
  const next = uuidOf(lost.autoRetryConfig!.nextAutoRetry!)
  const action_ = await until(async () => {
    const run = await latest()
    return run?.status !== 'InProgress' && run
  })
  expect(action_).toMatchObject({ status: 'Succeeded', externalExecutionId: next })
  expect(action_.externalExecutionUrl).toContain(next.split(':')[1])
  expect(begins()).toEqual([first, next])
  await successor.stop()
}, 180_000)

test('a builder that is cut off ends its builds before another one begins them again, and works on when the network is back', async () => {
  said.length = 0
  const { port } = new URL(url)
  network = await openNetwork(Number(port))
  far = await start(['--roles', 'build', '--slots', '1'], url.replace(`127.0.0.1:${port}`, `127.0.0.1:${network.port}`))
  const command = `if [ "$(${mark('begin')})" = wait ]; then while true; do ${mark('alive')}; sleep 0.2; done; fi`
  const { build } = await api.clients.codebuild.startBuild({ projectName: 'app', buildspecOverride: spec([command]) })
  const id = build!.id!
  await until(() => said.some(({ what }) => what === 'alive'))
  const near = await start(['--roles', 'build', '--slots', '1'])
  const cutAt = performance.now()
  network.cut()
  const lost = await ended(id, 90)
  expect(lost).toMatchObject({ buildStatus: 'FAULT', autoRetryConfig: { autoRetryNumber: 0 } })
  expect(lost.phases!.find(({ phaseStatus }) => phaseStatus === 'FAULT')!.contexts![0]!.message).toMatch(/is gone/)
  const next = uuidOf(lost.autoRetryConfig!.nextAutoRetry!)
  expect((await ended(next)).buildStatus).toBe('SUCCEEDED')
  // Never two at once: the last sign of life of the first is before the beginning of the second.
  expect(begins()).toEqual([id, next])
  const lastSign = said.findLast(({ what }) => what === 'alive')!.at
  const again = said.find(one => one.what === 'begin' && one.id === next)!.at
  expect(lastSign).toBeLessThan(again)
  expect((lastSign - cutAt) / 1000).toBeLessThan(9)
  expect(far.log()).toContain('the database is out of reach: the builds of this builder end here')
  expect(await orphans([far.dataDir], [far.process.pid!])).toEqual([])
  await near.stop()

  network.mend()
  const { build: later } = await api.clients.codebuild.startBuild({
    projectName: 'app',
    buildspecOverride: spec([mark('begin')]),
  })
  expect((await ended(later!.id!)).buildStatus).toBe('SUCCEEDED')
  expect(far.log()).toContain('the database is within reach again')
  await until(async () => (await readdir(join(far.dataDir, 'builds'))).length === 0)
  expect(await stuck({ connectionString: url })).toEqual([])
  const [left] = await ask<{ builders: string }>(
    { connectionString: url },
    'select count(*) as builders from codebuild.builders',
  )
  expect(Number(left!.builders)).toBe(1)
}, 240_000)

test('a builder that is back before anybody took over tells of the build that it ended, and runs the one in its place itself', async () => {
  said.length = 0
  const command = `if [ "$(${mark('begin')})" = wait ]; then while true; do ${mark('alive')}; sleep 0.2; done; fi`
  const { build } = await api.clients.codebuild.startBuild({ projectName: 'app', buildspecOverride: spec([command]) })
  const id = build!.id!
  await until(() => said.some(({ what }) => what === 'alive'))
  const times = () => far.log().split('the builds of this builder end here').length
  const before = times()
  network!.cut()
  await until(() => times() > before)
  network!.mend()
  const lost = await ended(id)
  expect(lost).toMatchObject({ buildStatus: 'FAULT' })
  expect(lost.phases!.find(({ phaseStatus }) => phaseStatus === 'FAULT')!.contexts![0]!.message).toMatch(
    /nothing is left of its build environment/,
  )
  const next = uuidOf(lost.autoRetryConfig!.nextAutoRetry!)
  expect((await ended(next)).buildStatus).toBe('SUCCEEDED')
  expect(begins()).toEqual([id, next])
  expect(said.findLast(({ what }) => what === 'alive')!.at).toBeLessThan(
    said.find(one => one.what === 'begin' && one.id === next)!.at,
  )
  expect(await stuck({ connectionString: url })).toEqual([])
}, 180_000)
