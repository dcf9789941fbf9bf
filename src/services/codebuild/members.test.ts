// Every member of a project and every override of a build does something: a build is run with it, once as the project's and once as the
// override, and what came of it is looked at. A member that the SDK's newer models bring does not compile until it is in the table. Long, since
// it is that one table.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type {
  Build,
  CreateProjectCommandInput,
  StartBuildBatchCommandInput,
  StartBuildCommandInput,
} from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { zipOfFiles } from '../../build/archives.ts'
import { directorySandboxes } from '../../build/testing/directorySandbox.ts'
import { ServiceError } from '../../core/serviceError.ts'
import type { Principal } from '../../operation/principal.ts'
import type { SandboxSpec } from '../../sandbox/sandbox.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { until } from '../../testing/until.ts'
import { codebuildWith } from './index.ts'
import { type FakeProvider, openFakeProvider } from './providers/testing/fakeProvider.ts'

const ROLE = 'arn:aws:iam::000000000000:role/build'
const OTHER = 'arn:aws:iam::000000000000:role/other'
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:registry'
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1'
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const GIT = 'https://github.com/ada/app.git'

interface Called {
  readonly what: string
  readonly input: any
  readonly as: string
}
interface Seen {
  readonly build: Build
  readonly log: string
  readonly calls: readonly Called[]
  readonly sandbox: SandboxSpec | undefined
  call(what: string, input?: object): Called | undefined
}

let root: string
let house: TestHouse
let provider: FakeProvider
let stop: () => Promise<void>
let sourceZip: Buffer
const calls: Called[] = []
const sandboxes = new Map<string, SandboxSpec>()

const service = codebuildWith({
  sandboxes: () => {
    const directories = directorySandboxes(root)
    return {
      ...directories,
      create: async spec => {
        sandboxes.set(spec.name, spec)
        return await directories.create(spec)
      },
    }
  },
  endpointIn: async () => 'http://endpoint.test',
  parallelism: 4,
  sweepMs: 100,
})

/** Answers of other services, each noted with the role that asked. */
const answers: Record<string, (input: any) => Promise<unknown>> = {
  'logs.CreateLogStream': async () => ({}),
  'logs.PutLogEvents': async () => ({}),
  'sts.GetCallerIdentity': async () => ({}),
  'sts.AssumeRole': async () => ({
    Credentials: { AccessKeyId: 'A', SecretAccessKey: 'a-secret', SessionToken: 'a-token', Expiration: new Date() },
  }),
  's3.PutObject': async ({ Body }) => {
    for await (const _ of Readable.from(Body));
    return {}
  },
  's3.CreateMultipartUpload': async () => ({ UploadId: 'u' }),
  's3.AbortMultipartUpload': async () => ({}),
  's3.ListObjectsV2': async () => ({}),
  's3.HeadObject': async () => {
    throw new ServiceError('NotFound', 'Not Found')
  },
  's3.GetObject': async ({ Bucket, Key }) => {
    if (Bucket === 'cache') throw new ServiceError('NoSuchKey', 'The specified key does not exist.')
    const body = Key.endsWith('.pem') ? Buffer.from(PEM) : sourceZip
    return { Body: Readable.from([body]), ContentLength: body.length }
  },
  'secretsmanager.GetSecretValue': async () => ({ SecretString: '{"username":"u","password":"p"}' }),
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-members-'))
  const text = 'version: 0.2\nphases: { build: { commands: [echo from the source] } }\n'
  const entry = {
    path: 'buildspec.yml',
    mode: 0o644,
    size: text.length,
    mtime: undefined,
    content: Readable.from([Buffer.from(text)]),
  }
  const file = join(root, 'source.zip')
  await zipOfFiles(
    file,
    (async function* () {
      yield entry
    })(),
  )
  sourceZip = await readFile(file)
  provider = await openFakeProvider()
  provider.commit('ada/app', {
    'buildspec.yml': 'version: 0.2\nphases: { build: { commands: [git log --oneline | wc -l] } }\n',
  })
  provider.commit('ada/app', { 'buildspec.yml': text })
  const noted = Object.entries(answers).map(([what, answer]) => [
    what,
    async (input: any, principal: Principal) => {
      calls.push({ what, input, as: principal.type === 'assumedRole' ? principal.roleArn : '' })
      return await answer(input)
    },
  ])
  house = await openHouse({ services: [service], answers: Object.fromEntries(noted), now: '2026-01-01T00:00:00Z' })
  await writeFile(join(house.config.dataDir, 'providers.json'), JSON.stringify(provider.table()))
  await house.invoke('codebuild', 'ImportSourceCredentials', {
    serverType: 'GITHUB',
    authType: 'PERSONAL_ACCESS_TOKEN',
    token: provider.token,
  })
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
}, 60_000)
afterAll(async () => {
  await stop?.()
  await house?.close()
  await provider?.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => void calls.splice(0))

const says = (...commands: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands: ${JSON.stringify(commands)}\nartifacts:\n  files: ['*.txt']\n  secondary-artifacts:\n    more: { files: ['*.txt'] }\ncache:\n  paths: [kept]\n  key: k\n`
const inline = { type: 'NO_SOURCE', buildspec: says('echo "[$ASKED]" > a.txt && cat a.txt; mkdir -p kept') } as const
const environment = { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' } as const
const bare = (name: string) => ({
  name,
  source: inline,
  artifacts: { type: 'NO_ARTIFACTS' as const },
  environment,
  serviceRole: ROLE,
})

let count = 0
async function create(more: Partial<CreateProjectCommandInput> = {}): Promise<string> {
  const name = `members-${++count}`
  await house.invoke('codebuild', 'CreateProject', { ...bare(name), ...more } as ReturnType<typeof bare>)
  return name
}

const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!

async function build(projectName: string, more: Partial<StartBuildCommandInput> = {}): Promise<Seen> {
  calls.length = 0
  const { id } = (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!
  const ended = await until(async () => {
    const found = await get(id!)
    return found.buildComplete && found
  })
  const made = [...calls]
  const log = made
    .filter(({ what }) => what === 'logs.PutLogEvents')
    .flatMap(({ input }) => input.logEvents.map(({ message }: { message: string }) => message))
    .join('')
  const sandbox = sandboxes.get(`build-${id!.split(':')[1]}`)
  const call = (what: string, input: object = {}) =>
    made.find(one => one.what === what && Object.entries(input).every(([key, value]) => one.input[key] === value))
  return { build: ended, log, calls: made, sandbox, call }
}

const S3 = { type: 'S3', location: 'bucket/source.zip' } as const
const TO_S3 = { type: 'S3', location: 'out', packaging: 'ZIP', name: 'made.zip' } as const
const TWO = { type: 'S3', location: 'bucket/two.zip', sourceIdentifier: 'two' } as const
const own = (more: object) => ({ environment: { ...environment, ...more } })

interface Row {
  /** The same thing said by the project, where a project can. */
  readonly project?: Partial<CreateProjectCommandInput>
  /** What the project is besides. */
  readonly on?: Partial<CreateProjectCommandInput>
  readonly override: Partial<StartBuildCommandInput>
  readonly does?: (seen: Seen) => void
  /** Refused with this sentence. */
  readonly refused?: RegExp
}

/** Members that are looked at by a test of their own below. */
type Apart =
  | 'projectName'
  | 'idempotencyToken'
  | 'timeoutInMinutesOverride'
  | 'queuedTimeoutInMinutesOverride'
  | 'reportBuildStatusOverride'
  | 'buildStatusConfigOverride'
  | 'debugSessionEnabled'
  | 'autoRetryLimitOverride'

const OVERRIDES: Record<Exclude<keyof StartBuildCommandInput, Apart>, Row> = {
  buildspecOverride: {
    project: { source: { type: 'NO_SOURCE', buildspec: says('echo other') } },
    override: { buildspecOverride: says('echo other') },
    does: ({ log }) => expect(log).toContain('\nother\n'),
  },
  sourceTypeOverride: {
    project: { source: { ...S3 } },
    override: { sourceTypeOverride: 'S3', sourceLocationOverride: S3.location, buildspecOverride: 'buildspec.yml' },
    does: ({ log, call }) => {
      expect(call('s3.GetObject', { Bucket: 'bucket', Key: 'source.zip' })?.as).toBe(ROLE)
      expect(log).toContain('from the source\n')
    },
  },
  sourceLocationOverride: {
    on: { source: { ...S3 } },
    override: { sourceLocationOverride: 'elsewhere/b.zip' },
    does: ({ call }) => expect(call('s3.GetObject', { Bucket: 'elsewhere', Key: 'b.zip' })).toBeDefined(),
  },
  sourceVersion: {
    on: { source: { ...S3 } },
    project: { sourceVersion: 'v1' },
    override: { sourceVersion: 'v1' },
    does: ({ call }) => expect(call('s3.GetObject', { Key: 'source.zip', VersionId: 'v1' })).toBeDefined(),
  },
  secondarySourcesOverride: {
    project: { secondarySources: [{ ...TWO }] },
    override: { secondarySourcesOverride: [{ ...TWO }] },
    does: ({ call }) => expect(call('s3.GetObject', { Key: 'two.zip' })).toBeDefined(),
  },
  secondarySourcesVersionOverride: {
    on: { secondarySources: [{ ...TWO }] },
    project: { secondarySourceVersions: [{ sourceIdentifier: 'two', sourceVersion: 'v2' }] },
    override: { secondarySourcesVersionOverride: [{ sourceIdentifier: 'two', sourceVersion: 'v2' }] },
    does: ({ call }) => expect(call('s3.GetObject', { Key: 'two.zip', VersionId: 'v2' })).toBeDefined(),
  },
  sourceAuthOverride: {
    on: { source: { type: 'GITHUB', location: GIT } },
    override: { sourceAuthOverride: { type: 'SECRETS_MANAGER', resource: SECRET } },
    does: ({ call }) => expect(call('secretsmanager.GetSecretValue', { SecretId: SECRET })).toBeDefined(),
  },
  gitCloneDepthOverride: {
    on: { source: { type: 'GITHUB', location: GIT, buildspec: says('git rev-list --count HEAD > a.txt; cat a.txt') } },
    project: {
      source: { type: 'GITHUB', location: GIT, gitCloneDepth: 1, buildspec: says('git rev-list --count HEAD') },
    },
    override: { gitCloneDepthOverride: 1 },
    does: ({ log }) => expect(log).toMatch(/\n1\n/),
  },
  gitSubmodulesConfigOverride: {
    on: { source: { type: 'GITHUB', location: GIT } },
    project: { source: { type: 'GITHUB', location: GIT, gitSubmodulesConfig: { fetchSubmodules: true } } },
    override: { gitSubmodulesConfigOverride: { fetchSubmodules: true } },
    // What git does with it is in worker/git/gitSource.test.ts.
    does: ({ build: { source } }) => expect(source?.gitSubmodulesConfig?.fetchSubmodules).toBe(true),
  },
  insecureSslOverride: {
    on: { source: { type: 'GITHUB', location: GIT } },
    project: { source: { type: 'GITHUB', location: GIT, insecureSsl: true } },
    override: { insecureSslOverride: true },
    // What git does with it is in worker/git/gitSource.test.ts.
    does: ({ build: { source } }) => expect(source?.insecureSsl).toBe(true),
  },
  artifactsOverride: {
    project: { artifacts: { ...TO_S3 } },
    override: { artifactsOverride: { ...TO_S3 } },
    does: ({ call }) =>
      expect(call('s3.PutObject', { Bucket: 'out', Key: 'made.zip', ServerSideEncryption: 'aws:kms' })).toBeDefined(),
  },
  secondaryArtifactsOverride: {
    project: { secondaryArtifacts: [{ ...TO_S3, name: 'more.zip', artifactIdentifier: 'more' }] },
    override: { secondaryArtifactsOverride: [{ ...TO_S3, name: 'more.zip', artifactIdentifier: 'more' }] },
    does: ({ call }) => expect(call('s3.PutObject', { Bucket: 'out', Key: 'more.zip' })).toBeDefined(),
  },
  encryptionKeyOverride: {
    on: { artifacts: { ...TO_S3 } },
    project: { encryptionKey: KEY },
    override: { encryptionKeyOverride: KEY },
    does: ({ call }) => expect(call('s3.PutObject', { Key: 'made.zip', SSEKMSKeyId: KEY })).toBeDefined(),
  },
  environmentVariablesOverride: {
    project: own({ environmentVariables: [{ name: 'ASKED', value: 'yes' }] }),
    override: { environmentVariablesOverride: [{ name: 'ASKED', value: 'yes' }] },
    does: ({ log }) => expect(log).toContain('[yes]\n'),
  },
  environmentTypeOverride: {
    project: own({ type: 'WINDOWS_SERVER_2022_CONTAINER' }),
    override: { environmentTypeOverride: 'WINDOWS_SERVER_2022_CONTAINER' },
    refused: /^Invalid environment: type WINDOWS_SERVER_2022_CONTAINER is not supported by Codeyard/,
  },
  imageOverride: {
    project: own({ image: 'debian:13' }),
    override: { imageOverride: 'debian:13' },
    does: ({ sandbox }) => expect(sandbox?.image).toBe('debian:13'),
  },
  computeTypeOverride: {
    project: own({ computeType: 'BUILD_GENERAL1_LARGE' }),
    override: { computeTypeOverride: 'BUILD_GENERAL1_LARGE' },
    does: ({ sandbox }) => expect(sandbox?.limits).toMatchObject({ cpus: 8 }),
  },
  privilegedModeOverride: {
    project: own({ privilegedMode: true }),
    override: { privilegedModeOverride: true },
    does: ({ sandbox }) => expect(sandbox?.privileged).toBe(true),
  },
  certificateOverride: {
    project: own({ certificate: 'certificates/ca.pem' }),
    override: { certificateOverride: 'certificates/ca.pem' },
    does: ({ call }) => expect(call('s3.GetObject', { Bucket: 'certificates', Key: 'ca.pem' })?.as).toBe(ROLE),
  },
  registryCredentialOverride: {
    on: own({ imagePullCredentialsType: 'SERVICE_ROLE' }),
    project: own({
      imagePullCredentialsType: 'SERVICE_ROLE',
      registryCredential: { credential: SECRET, credentialProvider: 'SECRETS_MANAGER' },
    }),
    override: { registryCredentialOverride: { credential: SECRET, credentialProvider: 'SECRETS_MANAGER' } },
    does: ({ sandbox }) =>
      expect(sandbox).toMatchObject({ pull: 'always', registry: { username: 'u', password: 'p' } }),
  },
  imagePullCredentialsTypeOverride: {
    on: own({ image: 'aws/codebuild/standard:7.0' }),
    project: own({ image: 'aws/codebuild/standard:7.0', imagePullCredentialsType: 'SERVICE_ROLE' }),
    override: { imagePullCredentialsTypeOverride: 'SERVICE_ROLE' },
    refused: /imagePullCredentialsType must be CODEBUILD for a CodeBuild curated image/,
  },
  cacheOverride: {
    project: { cache: { type: 'S3', location: 'cache/some' } },
    override: { cacheOverride: { type: 'S3', location: 'cache/some' } },
    does: ({ calls: made }) => expect(made.some(({ input }) => input.Bucket === 'cache')).toBe(true),
  },
  serviceRoleOverride: {
    project: { serviceRole: OTHER },
    override: { serviceRoleOverride: OTHER },
    does: ({ call }) => expect(call('logs.PutLogEvents')?.as).toBe(OTHER),
  },
  logsConfigOverride: {
    project: { logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: 'mine', streamName: 'all' } } },
    override: { logsConfigOverride: { cloudWatchLogs: { status: 'ENABLED', groupName: 'mine', streamName: 'all' } } },
    does: ({ call, build: { id } }) =>
      expect(
        call('logs.PutLogEvents', { logGroupName: 'mine', logStreamName: `all/${id!.split(':')[1]}` }),
      ).toBeDefined(),
  },
  fleetOverride: {
    project: own({ fleet: { fleetArn: 'arn:aws:codebuild:us-east-1:000000000000:fleet/none:1' } }),
    override: { fleetOverride: { fleetArn: 'arn:aws:codebuild:us-east-1:000000000000:fleet/none:1' } },
    refused: /^Invalid fleet: arn:aws:codebuild:us-east-1:000000000000:fleet\/none:1 does not exist/,
  },
  hostKernelOverride: {
    project: own({ hostKernel: 'KERNEL' }),
    override: { hostKernelOverride: 'KERNEL' as never },
    does: ({ log }) => expect(log).toContain('hostKernel KERNEL has no effect here'),
  },
}

describe('members of a build', () => {
  test.each(Object.entries(OVERRIDES))('%s', { timeout: 60_000 }, async (_name, row) => {
    const { on, project, override, does, refused } = row
    if (refused) {
      const name = await create(on)
      const refusal = { code: 'InvalidInputException', message: expect.stringMatching(refused) }
      await expect(house.invoke('codebuild', 'StartBuild', { projectName: name, ...override })).rejects.toMatchObject(
        refusal,
      )
      if (project) await expect(create({ ...on, ...project })).rejects.toMatchObject(refusal)
      return
    }
    const before = await build(await create(on))
    expect(() => does!(before), 'without it').toThrow()
    does!(await build(await create(on), override))
    if (project) does!(await build(await create({ ...on, ...project })))
  })

  test('reportBuildStatusOverride and buildStatusConfigOverride', async () => {
    const name = await create({ source: { type: 'GITHUB', location: GIT } })
    provider.statuses.length = 0
    await build(name)
    await house.runJobs({ tolerant: true })
    expect(provider.statuses).toEqual([])
    await build(name, { reportBuildStatusOverride: true, buildStatusConfigOverride: { context: 'mine' } })
    await house.runJobs({ tolerant: true })
    expect(provider.statuses).toMatchObject([{ context: 'mine', state: 'success' }])
  }, 60_000)

  test('debugSessionEnabled', async () => {
    const name = await create()
    expect((await build(name)).build.debugSession).toBeUndefined()
    expect((await build(name, { debugSessionEnabled: true })).build.debugSession).toEqual({ sessionEnabled: true })
  }, 60_000)

  test('autoRetryLimitOverride and autoRetryLimit', async () => {
    const source = { type: 'NO_SOURCE', buildspec: says('false') } as const
    const name = await create({ source })
    expect((await build(name)).build.autoRetryConfig).toBeUndefined()
    const { build: first } = await build(name, { autoRetryLimitOverride: 1 })
    const next = (await get(first.id!)).autoRetryConfig?.nextAutoRetry
    expect(await until(async () => ((await get(next!)).buildComplete ? get(next!) : undefined))).toMatchObject({
      buildStatus: 'FAILED',
      autoRetryConfig: { autoRetryLimit: 1, autoRetryNumber: 1, previousAutoRetry: first.arn },
    })
    const { build: other } = await build(await create({ source, autoRetryLimit: 1 }))
    expect((await get(other.id!)).autoRetryConfig?.nextAutoRetry).toBeDefined()
  }, 60_000)

  test('idempotencyToken', async () => {
    const projectName = await create()
    const first = await house.invoke('codebuild', 'StartBuild', { projectName, idempotencyToken: 't' })
    const second = await house.invoke('codebuild', 'StartBuild', { projectName, idempotencyToken: 't' })
    expect(second.build!.id).toBe(first.build!.id)
    await until(async () => (await get(first.build!.id!)).buildComplete)
  }, 60_000)

  test('timeoutInMinutesOverride and queuedTimeoutInMinutesOverride', async () => {
    const start = async (projectName: string, more: object) =>
      (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!.id!
    const source = { type: 'NO_SOURCE', buildspec: says('sleep 60') } as const
    const running = await start(await create({ source }), { timeoutInMinutesOverride: 5 })
    await until(async () => (await get(running)).currentPhase === 'BUILD')
    await stop()
    const waiting = await start(await create(), { queuedTimeoutInMinutesOverride: 6 })
    const patient = await start(await create(), {})
    house.clock.advance(6 * 60_000 + 1)
    await house.runJobs({ tolerant: true })
    expect(await get(waiting)).toMatchObject({ buildStatus: 'TIMED_OUT' })
    stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
    const ended = async (id: string) => (await get(id)).buildComplete && (await get(id))
    expect(await until(() => ended(running))).toMatchObject({ buildStatus: 'TIMED_OUT' })
    expect(await until(() => ended(patient))).toMatchObject({ buildStatus: 'SUCCEEDED' })
  }, 60_000)
})

/** Members of a project that no build's override says: each with what it does. */
const PROJECT: Record<
  Exclude<
    keyof CreateProjectCommandInput,
    // Those that an override says as well are above.
    | 'name'
    | 'source'
    | 'artifacts'
    | 'environment'
    | 'serviceRole'
    | 'sourceVersion'
    | 'secondarySources'
    | 'secondarySourceVersions'
    | 'secondaryArtifacts'
    | 'cache'
    | 'encryptionKey'
    | 'logsConfig'
    | 'autoRetryLimit'
    | 'timeoutInMinutes'
    | 'queuedTimeoutInMinutes'
  >,
  () => Promise<void>
> = {
  async description() {
    const name = await create({ description: 'what it is for' })
    const { projects } = await house.invoke('codebuild', 'BatchGetProjects', { names: [name] })
    expect(projects![0]!.description).toBe('what it is for')
  },
  async tags() {
    const name = await create({ tags: [{ key: 'team', value: 'blue' }] })
    const { projects } = await house.invoke('codebuild', 'BatchGetProjects', { names: [name] })
    expect(projects![0]!.tags).toEqual([{ key: 'team', value: 'blue' }])
  },
  async badgeEnabled() {
    const name = await create({ badgeEnabled: true, source: { type: 'GITHUB', location: GIT } })
    const { projects } = await house.invoke('codebuild', 'BatchGetProjects', { names: [name] })
    expect(projects![0]!.badge?.badgeRequestUrl).toMatch(/^http/)
  },
  async vpcConfig() {
    const { log } = await build(
      await create({ vpcConfig: { vpcId: 'vpc-1', subnets: ['s'], securityGroupIds: ['g'] } }),
    )
    expect(log).toContain('vpcConfig has no effect here: the build is not in vpc-1')
  },
  async fileSystemLocations() {
    const mount = { type: 'EFS', location: 'fs-1:/', mountPoint: '/mnt', identifier: 'm' } as const
    const { log } = await build(await create({ fileSystemLocations: [mount] }))
    expect(log).toContain('fileSystemLocations are not mounted here')
  },
  async buildBatchConfig() {
    const name = await create({ buildBatchConfig: { serviceRole: OTHER } })
    const { buildBatch } = await house.invoke('codebuild', 'StartBuildBatch', { projectName: name })
    expect(buildBatch?.buildBatchConfig).toMatchObject({ serviceRole: OTHER, timeoutInMins: 480 })
    await house.invoke('codebuild', 'StopBuildBatch', { id: buildBatch!.id! })
  },
  async concurrentBuildLimit() {
    const source = { type: 'NO_SOURCE', buildspec: says('sleep 60') } as const
    const projectName = await create({ concurrentBuildLimit: 1, source })
    const { build: first } = await house.invoke('codebuild', 'StartBuild', { projectName })
    await expect(house.invoke('codebuild', 'StartBuild', { projectName })).rejects.toMatchObject({
      code: 'AccountLimitExceededException',
    })
    await house.invoke('codebuild', 'StopBuild', { id: first!.id! })
    await until(async () => (await get(first!.id!)).buildComplete)
  },
}

test.each(Object.entries(PROJECT))('%s of a project', { timeout: 60_000 }, async (_name, look) => await look())

/** What StartBuildBatch says otherwise than StartBuild; everything else goes the same way. */
const BATCH: Record<Exclude<keyof StartBuildBatchCommandInput, keyof StartBuildCommandInput>, [object, object]> = {
  buildTimeoutInMinutesOverride: [{ buildTimeoutInMinutesOverride: 7 }, { buildTimeoutInMinutes: 7 }],
  reportBuildBatchStatusOverride: [{ reportBuildBatchStatusOverride: true }, { source: { reportBuildStatus: true } }],
  buildBatchConfigOverride: [
    { buildBatchConfigOverride: { timeoutInMins: 9, restrictions: { maximumBuildsAllowed: 3 } } },
    { buildBatchConfig: { serviceRole: ROLE, timeoutInMins: 9, restrictions: { maximumBuildsAllowed: 3 } } },
  ],
}

test.each(Object.entries(BATCH))('%s of a batch', async (_name, [override, shown]) => {
  const source = { type: 'GITHUB', location: GIT } as const
  const projectName = await create({ source, buildBatchConfig: { serviceRole: ROLE } })
  const { buildBatch } = await house.invoke('codebuild', 'StartBuildBatch', { projectName, ...override })
  expect(buildBatch).toMatchObject(shown)
  await house.invoke('codebuild', 'StopBuildBatch', { id: buildBatch!.id! })
})

describe('UpdateProject', () => {
  const read = async (name: string) =>
    (await house.invoke('codebuild', 'BatchGetProjects', { names: [name] })).projects![0]!

  test('leaves what is not given', async () => {
    const name = await create({
      description: 'd',
      tags: [{ key: 'a', value: 'b' }],
      sourceVersion: 'v',
      timeoutInMinutes: 7,
    })
    const { lastModified: _, ...before } = await read(name)
    await house.invoke('codebuild', 'UpdateProject', { name })
    const { lastModified: __, ...after } = await read(name)
    expect(after).toEqual(before)
  })

  test('replaces structures as a whole', async () => {
    const environmentVariables = [{ name: 'A', value: '1', type: 'PLAINTEXT' as const }]
    const name = await create({
      ...own({ environmentVariables, privilegedMode: true }),
      source: { ...S3, buildspec: 'x' },
    })
    await house.invoke('codebuild', 'UpdateProject', { name, environment, source: { ...S3 } })
    expect(await read(name)).toMatchObject({
      environment: { environmentVariables: [], privilegedMode: false },
      source: { ...S3, insecureSsl: false },
    })
    expect((await read(name)).source).not.toHaveProperty('buildspec')
  })

  test.each<[string, Partial<CreateProjectCommandInput>, object, string]>([
    [
      'vpcConfig',
      { vpcConfig: { vpcId: 'v', subnets: ['s'], securityGroupIds: ['g'] } },
      { vpcConfig: {} },
      'vpcConfig',
    ],
    ['buildBatchConfig', { buildBatchConfig: { serviceRole: ROLE } }, { buildBatchConfig: {} }, 'buildBatchConfig'],
    [
      'fileSystemLocations',
      { fileSystemLocations: [{ type: 'EFS', location: 'fs:/', mountPoint: '/m', identifier: 'm' }] },
      { fileSystemLocations: [] },
      'fileSystemLocations',
    ],
    ['sourceVersion', { sourceVersion: 'v' }, { sourceVersion: '' }, 'sourceVersion'],
    ['concurrentBuildLimit', { concurrentBuildLimit: 2 }, { concurrentBuildLimit: -1 }, 'concurrentBuildLimit'],
  ])('takes %s away by an empty value', async (_name, given, empty, member) => {
    const name = await create(given)
    expect(await read(name)).toHaveProperty(member)
    await house.invoke('codebuild', 'UpdateProject', { name, ...empty })
    expect(await read(name)).not.toHaveProperty(member)
  })

  test.each<[string, Partial<CreateProjectCommandInput>, object, object]>([
    ['secondarySources', { secondarySources: [{ ...TWO }] }, { secondarySources: [] }, { secondarySources: [] }],
    [
      'secondaryArtifacts',
      { secondaryArtifacts: [{ ...TO_S3, artifactIdentifier: 'more' }] },
      { secondaryArtifacts: [] },
      { secondaryArtifacts: [] },
    ],
    ['tags', { tags: [{ key: 'a', value: 'b' }] }, { tags: [] }, { tags: [] }],
    ['description', { description: 'd' }, { description: '' }, { description: '' }],
    [
      'cache',
      { cache: { type: 'S3', location: 'b' } },
      { cache: { type: 'NO_CACHE' } },
      { cache: { type: 'NO_CACHE' } },
    ],
  ])('empties %s', async (_name, given, empty, shown) => {
    const name = await create(given)
    await house.invoke('codebuild', 'UpdateProject', { name, ...empty })
    expect(await read(name)).toMatchObject(shown)
  })
})
