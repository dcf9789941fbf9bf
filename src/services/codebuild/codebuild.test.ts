// CodeBuild through its operations and a real builder on this host, with the other services played by the test. Long, since each test needs
// that play.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { CreateProjectCommandInput } from '@aws-sdk/client-codebuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { zipOfFiles } from '../../build/archives.ts'
import { directorySandboxes } from '../../build/testing/directorySandbox.ts'
import { ServiceError } from '../../core/serviceError.ts'
import type { Principal } from '../../operation/principal.ts'
import { anyRole } from '../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { until } from '../../testing/until.ts'
import { codebuildWith } from './index.ts'
import type { BuilderOptions } from './worker/builder.ts'

const ROLE = 'arn:aws:iam::000000000000:role/build'
let root: string
let house: TestHouse
let stops: (() => Promise<void>)[] = []
const log: string[] = []
const objects = new Map<string, { body: Buffer; input: any; as: string }>()

const options: BuilderOptions = {
  sandboxes: (_call, chosen) => {
    const provider = directorySandboxes(root)
    return {
      ...provider,
      async create(spec) {
        await chosen('Running in a test')
        return provider.create(spec)
      },
    }
  },
  endpointIn: async () => 'http://endpoint.test',
  parallelism: 4,
  sweepMs: 100,
}
const service = codebuildWith(options)

const answers = {
  'logs.CreateLogStream': async () => ({}),
  'logs.PutLogEvents': async (input: any) => {
    for (const { message } of input.logEvents) log.push(message)
    return {}
  },
  ...anyRole,
  's3.PutObject': async (input: any, principal: Principal) => {
    const body = Buffer.concat(await Readable.from(input.Body).toArray())
    objects.set(`${input.Bucket}/${input.Key}`, {
      body,
      input,
      as: principal.type === 'assumedRole' ? principal.roleArn : '',
    })
    return {}
  },
  's3.GetObject': async (input: any) => {
    const found = objects.get(`${input.Bucket}/${input.Key}`)
    if (!found) throw new ServiceError('NoSuchKey', 'The specified key does not exist.')
    return { Body: Readable.from([found.body]) }
  },
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-codebuild-'))
  house = await openHouse({ services: [service], answers, now: '2026-01-01T00:00:00Z' })
})
afterAll(async () => {
  await house.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => {
  log.length = 0
  house.events.length = 0
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

let count = 0
async function project(buildspec: string, more: Partial<CreateProjectCommandInput> = {}): Promise<string> {
  const name = `project-${++count}`
  await house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
    ...more,
  } as any)
  return name
}
const startBuilder = async (more: Partial<BuilderOptions> = {}) => {
  const { workers } = codebuildWith({ ...options, ...more })
  const stop = await workers![0]!.start(scope => house.openCall(service, scope))
  stops.push(stop)
  return stop
}
const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
const ended = (id: string) => until(async () => ((await get(id)).buildComplete ? get(id) : undefined))
const start = async (projectName: string, more: any = {}) =>
  (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!
const code = (error: unknown) => (error as ServiceError).code
const command = (...commands: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands: ${JSON.stringify(commands)}\n`

describe('projects', () => {
  test('have defaults, are updated member by member, listed and deleted', async () => {
    const name = await project(command('true'), { description: 'd', tags: [{ key: 'k', value: 'v' }] })
    const [first] = (await house.invoke('codebuild', 'BatchGetProjects', { names: [name, 'not-there'] })).projects!
    expect(first).toMatchObject({
      name,
      arn: `arn:aws:codebuild:us-east-1:000000000000:project/${name}`,
      timeoutInMinutes: 60,
      queuedTimeoutInMinutes: 480,
      cache: { type: 'NO_CACHE' },
      tags: [{ key: 'k', value: 'v' }],
      badge: { badgeEnabled: false },
      encryptionKey: 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3',
      created: new Date('2026-01-01T00:00:00Z'),
    })
    const { project: updated } = await house.invoke('codebuild', 'UpdateProject', { name, timeoutInMinutes: 5 })
    expect(updated).toMatchObject({ timeoutInMinutes: 5, description: 'd' })
    expect((await house.invoke('codebuild', 'ListProjects', { sortBy: 'NAME' })).projects).toContain(name)
    await house.invoke('codebuild', 'DeleteProject', { name })
    expect((await house.invoke('codebuild', 'BatchGetProjects', { names: [name] })).projectsNotFound).toEqual([name])
  })

  test('list pages in every order', async () => {
    for (let i = 0; i < 103; i++) await project(command('true'))
    for (const sortBy of ['NAME', 'CREATED_TIME', 'LAST_MODIFIED_TIME'] as const) {
      for (const sortOrder of ['ASCENDING', 'DESCENDING'] as const) {
        const one = await house.invoke('codebuild', 'ListProjects', { sortBy, sortOrder })
        const two = await house.invoke('codebuild', 'ListProjects', { sortBy, sortOrder, nextToken: one.nextToken! })
        expect(one.projects).toHaveLength(100)
        expect(new Set([...one.projects!, ...two.projects!]).size).toBe(100 + two.projects!.length)
      }
    }
    await expect(house.invoke('codebuild', 'ListProjects', { nextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidInputException',
    })
  })

  test.each<[string, Partial<CreateProjectCommandInput>, string]>([
    [
      'artifacts that are none with a location',
      { artifacts: { type: 'NO_ARTIFACTS', location: 'b' } },
      'Invalid artifacts: artifact type NO_ARTIFACTS should have null location',
    ],
    [
      'a role of another account',
      { serviceRole: 'arn:aws:iam::111111111111:role/x' },
      "Invalid service role: Service role account ID does not match caller's account",
    ],
    ['a source without a location', { source: { type: 'S3' } }, 'Project source location is required'],
    [
      'a git provider at another host',
      { source: { type: 'GITHUB', location: 'https://git.example.com/a/b' } },
      'location must be a GITHUB repository, https://github.com/OWNER/NAME.git',
    ],
    ['another source type', { source: { type: 'FTP' as never } }, 'Invalid type provided: Project source type'],
    [
      'Windows',
      { environment: { type: 'WINDOWS_SERVER_2019_CONTAINER', image: 'a', computeType: 'BUILD_GENERAL1_SMALL' } },
      'not supported',
    ],
    ['no inline buildspec without source', { source: { type: 'NO_SOURCE' } }, 'inline buildspec'],
  ])('are refused with %s', async (_name, more, message) => {
    await expect(project(command('true'), more)).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringContaining(message),
    })
  })

  test('of the same name exist once', async () => {
    const name = await project(command('true'))
    count--
    await expect(project(command('true'))).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: `Project already exists: arn:aws:codebuild:us-east-1:000000000000:project/${name}`,
    })
  })
})

describe('a build', () => {
  test('runs, logs, and says what happened in rows and events', async () => {
    await startBuilder()
    const name = await project(
      'version: 0.2\nenv: { exported-variables: [OUT] }\nphases:\n  build: { commands: ["export OUT=$FOO-$CODEBUILD_BUILD_NUMBER", echo $AWS_ENDPOINT_URL $AWS_CONTAINER_AUTHORIZATION_TOKEN, echo $CODEBUILD_INITIATOR] }\n',
      {
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'img',
          computeType: 'BUILD_GENERAL1_SMALL',
          environmentVariables: [{ name: 'FOO', value: 'project' }],
        },
      },
    )
    const build = await start(name, { environmentVariablesOverride: [{ name: 'FOO', value: 'start' }] })
    expect(build).toMatchObject({
      arn: `arn:aws:codebuild:us-east-1:000000000000:build/${build.id}`,
      buildNumber: 1,
      buildStatus: 'IN_PROGRESS',
      currentPhase: 'QUEUED',
      initiator: 'root',
    })
    const done = await ended(build.id!)
    expect(done).toMatchObject({
      buildStatus: 'SUCCEEDED',
      currentPhase: 'COMPLETED',
      exportedEnvironmentVariables: [{ name: 'OUT', value: 'start-1' }],
      logs: { groupName: `/aws/codebuild/${name}`, streamName: build.id!.split(':')[1] },
    })
    expect(done.phases!.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus}`)).toEqual([
      'SUBMITTED SUCCEEDED',
      'QUEUED SUCCEEDED',
      'PROVISIONING SUCCEEDED',
      'DOWNLOAD_SOURCE SUCCEEDED',
      'INSTALL SUCCEEDED',
      'PRE_BUILD SUCCEEDED',
      'BUILD SUCCEEDED',
      'POST_BUILD SUCCEEDED',
      'UPLOAD_ARTIFACTS SUCCEEDED',
      'FINALIZING SUCCEEDED',
      'COMPLETED undefined',
    ])
    const text = log.join('')
    expect(text).toContain('[Container] 2026/01/01 00:00:00.000000 Running in a test\n')
    expect(text).toContain('http://endpoint.test ***\n')
    expect(text).toContain('Phase complete: BUILD State: SUCCEEDED\n')
    const states = house.events.filter(event => event['detail-type'] === 'CodeBuild Build State Change')
    expect(states.map(event => event.detail['build-status'])).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
    expect(states[1]).toMatchObject({
      source: 'aws.codebuild',
      resources: [build.arn],
      detail: {
        'project-name': name,
        'build-id': build.arn,
        'current-phase': 'COMPLETED',
        'current-phase-context': '[]',
        version: '1',
        'additional-information': {
          'build-complete': true,
          initiator: 'root',
          'build-start-time': 'Jan 1, 2026 12:00:00 AM',
          logs: { 'group-name': `/aws/codebuild/${name}` },
        },
      },
    })
    const phases = house.events.filter(event => event['detail-type'] === 'CodeBuild Build Phase Change')
    expect(phases.map(event => event.detail['completed-phase'])).toEqual(
      done.phases!.slice(0, -1).map(({ phaseType }) => phaseType),
    )
  })

  test('that fails has the context of AWS', async () => {
    await startBuilder()
    const done = await ended((await start(await project(command('exit 3')))).id!)
    expect(done.buildStatus).toBe('FAILED')
    expect(done.phases!.find(({ phaseType }) => phaseType === 'BUILD')?.contexts).toEqual([
      {
        statusCode: 'COMMAND_EXECUTION_ERROR',
        message: 'Error while executing command: exit 3. Reason: exit status 3',
      },
    ])
  })

  test('stores a zip with its digests, as the role, where the project says', async () => {
    await startBuilder()
    const name = await project(
      'version: 0.2\nphases: { build: { commands: [echo hi > a.txt] } }\nartifacts: { files: [a.txt], name: spec-$CODEBUILD_BUILD_NUMBER, secondary-artifacts: { two: { files: [a.txt] } } }\n',
      {
        artifacts: {
          type: 'S3',
          location: 'bucket',
          path: 'p/q',
          namespaceType: 'BUILD_ID',
          packaging: 'ZIP',
          overrideArtifactName: true,
        },
        secondaryArtifacts: [{ type: 'S3', location: 'bucket', artifactIdentifier: 'two', name: 'second' }],
      },
    )
    const done = await ended((await start(name)).id!)
    expect(done.buildStatus).toBe('SUCCEEDED')
    const key = `p/q/${done.id!.split(':')[1]}/spec-1`
    expect(done.artifacts).toMatchObject({
      location: `arn:aws:s3:::bucket/${key}`,
      sha256sum: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const stored = objects.get(`bucket/${key}`)!
    expect(stored.as).toBe(ROLE)
    expect(stored.input.Metadata).toMatchObject({ 'codebuild-buildarn': done.arn })
    const zip = await yauzl.fromBufferPromise(stored.body)
    const names: string[] = []
    for await (const entry of zip.eachEntry()) names.push(entry.fileName)
    expect(names).toEqual(['a.txt'])
    expect(objects.get('bucket/second/a.txt')!.body.toString()).toBe('hi\n')
  })

  test('of a pipeline reads zips and writes a zip at the exact key', async () => {
    await startBuilder()
    const file = join(root, 'in.zip')
    const entry = (path: string, text: string) => ({
      path,
      mode: 0o755,
      size: text.length,
      mtime: undefined,
      content: Readable.from([Buffer.from(text)]),
    })
    await zipOfFiles(
      file,
      (async function* () {
        yield entry(
          'buildspec.yml',
          'version: 0.2\nphases: { build: { commands: [./run.sh, "cat $CODEBUILD_SRC_DIR_Other/buildspec.yml > other.txt", "test -n $CODEBUILD_RESOLVED_SOURCE_VERSION"] } }\nartifacts: { files: ["**/*.txt"] }\n',
        )
        yield entry('run.sh', '#!/bin/sh\necho made > out.txt\n')
      })(),
    )
    const { readFile } = await import('node:fs/promises')
    objects.set('pipe/in/key', { body: await readFile(file), input: {}, as: '' })
    const name = await project('', { source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } })
    await expect(start(name)).rejects.toMatchObject({ message: expect.stringContaining('location is required') })
    const pipeline: Principal = {
      type: 'assumedRole',
      account: '000000000000',
      arn: 'arn:aws:sts::000000000000:assumed-role/p/my-pipeline',
      roleArn: 'arn:aws:iam::000000000000:role/p',
      roleId: 'AROA',
      sessionName: 'my-pipeline',
      session: { expires: new Date('2100-01-01'), issuedTo: 'codepipeline.amazonaws.com' },
    }
    const { build } = await house.as(pipeline).invoke('codebuild', 'StartBuild', {
      projectName: name,
      sourceTypeOverride: 'CODEPIPELINE',
      sourceLocationOverride: 'pipe/in/key',
      sourceVersion: 'c0ffee',
      secondarySourcesOverride: [{ type: 'CODEPIPELINE', location: 'pipe/in/key', sourceIdentifier: 'Other' }],
      artifactsOverride: {
        type: 'CODEPIPELINE',
        location: 'pipe',
        path: 'my-pipe/Out',
        name: 'abc123',
        artifactIdentifier: 'Out',
      },
      idempotencyToken: 'run-1',
    })
    const done = await ended(build!.id!)
    expect(done).toMatchObject({
      buildStatus: 'SUCCEEDED',
      initiator: 'codepipeline/my-pipeline',
      resolvedSourceVersion: 'c0ffee',
    })
    const zip = await yauzl.fromBufferPromise(objects.get('pipe/my-pipe/Out/abc123')!.body)
    const names: string[] = []
    for await (const one of zip.eachEntry()) names.push(one.fileName)
    expect(names.sort()).toEqual(['other.txt', 'out.txt'])
  })

  test('whose S3 source is not there says so', async () => {
    await startBuilder()
    const name = await project('', { source: { type: 'S3', location: 'bucket/nothing.zip' } })
    const done = await ended((await start(name)).id!)
    expect(done.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')).toMatchObject({
      phaseStatus: 'FAILED',
      contexts: [{ statusCode: 'CLIENT_ERROR', message: expect.stringContaining('NoSuchKey') }],
    })
  })

  describe('starts because it was queued, not because a builder looked again', () => {
    /** It looks by itself only when everything here is long over: what starts now starts because of a notification. */
    const never = { sweepMs: 3_600_000 }

    test('on a builder that waits', async () => {
      await startBuilder(never)
      const { id } = await start(await project(command('true')))
      await ended(id!)
    })

    test('also when its row was locked at that moment', async () => {
      const { id } = await start(await project(command('true')))
      await house.transaction(async ({ tx }) => {
        await tx.run`select 1 from codebuild.builds where id = ${id} for update`
        await startBuilder(never)
        await until(async () => {
          const row = await tx.one<{ waiting: number }>`
            select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
          return row!.waiting > 0
        })
      })
      await ended(id!)
    })
  })

  test('that is stopped in the queue ends at once, a running one is killed', async () => {
    const waiting = await project(command('sleep 60'))
    const queued = await start(waiting)
    const { build } = await house.invoke('codebuild', 'StopBuild', { id: queued.id! })
    expect(build).toMatchObject({ buildStatus: 'STOPPED', currentPhase: 'COMPLETED', buildComplete: true })
    await startBuilder()
    const running = await start(waiting)
    await until(async () => (await get(running.id!)).currentPhase === 'BUILD')
    await house.invoke('codebuild', 'StopBuild', { id: running.id! })
    const done = await ended(running.id!)
    expect(done.buildStatus).toBe('STOPPED')
    expect(done.phases!.at(-2)).toMatchObject({ phaseType: 'BUILD', phaseStatus: 'STOPPED' })
    await expect(house.invoke('codebuild', 'StopBuild', { id: 'project-x:1' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })

  test('is stopped also when the builder did not hear of it', async () => {
    await startBuilder()
    const running = await start(await project(command('sleep 60')))
    await until(async () => (await get(running.id!)).currentPhase === 'BUILD')
    await house.transaction(
      ({ tx }) => tx.run`update codebuild.builds set stop_requested = true where id = ${running.id}`,
    )
    expect((await ended(running.id!)).buildStatus).toBe('STOPPED')
  })

  test('that waits too long is TIMED_OUT', async () => {
    const queued = await start(await project(command('true')), { queuedTimeoutInMinutesOverride: 5 })
    house.clock.advance(5 * 60_000 + 1)
    await house.runJobs()
    expect(await get(queued.id!)).toMatchObject({ buildStatus: 'TIMED_OUT' })
    house.clock.set('2026-01-01T00:00:00Z')
  })

  test('goes on with another builder when its own is gone', async () => {
    const stop = await startBuilder()
    const go = join(root, 'go')
    const { id } = await start(
      await project(command('echo before', `while [ ! -e ${go} ]; do sleep 0.02; done`, 'echo after')),
    )
    await until(async () => log.join('').includes('while ['))
    await stop()
    stops = []
    expect((await get(id!)).buildStatus).toBe('IN_PROGRESS')
    await startBuilder()
    await writeFile(go, '')
    expect((await ended(id!)).buildStatus).toBe('SUCCEEDED')
    const text = log.join('')
    expect(text.match(/Entering phase BUILD/g)).toHaveLength(1)
    expect(text).toContain('after\n')
  })

  test('is refused over the limit of the project, started once for one token, numbered, listed, retried and deleted', async () => {
    const name = await project(command('true'), { concurrentBuildLimit: 1 })
    const first = await start(name, { idempotencyToken: 't' })
    expect((await start(name, { idempotencyToken: 't' })).id).toBe(first.id)
    await expect(start(name)).rejects.toMatchObject({ code: 'AccountLimitExceededException' })
    await startBuilder()
    await ended(first.id!)
    const { build: second } = await house.invoke('codebuild', 'RetryBuild', { id: first.id! })
    await ended(second!.id!)
    expect((await house.invoke('codebuild', 'ListBuildsForProject', { projectName: name })).ids).toEqual([
      second!.id,
      first.id,
    ])
    expect((await house.invoke('codebuild', 'ListBuilds', {})).ids).toContain(first.id)
    expect(await house.invoke('codebuild', 'BatchDeleteBuilds', { ids: [first.id!, `${name}:nope`] })).toEqual({
      buildsDeleted: [first.arn],
      buildsNotDeleted: [
        { id: `arn:aws:codebuild:us-east-1:000000000000:build/${name}:nope`, statusCode: 'BUILD_NOT_FOUND' },
      ],
    })
    await start('not-there').catch(error => expect(code(error)).toBe('ResourceNotFoundException'))
  })

  test('twenty at once all succeed, each once', async () => {
    await startBuilder()
    const name = await project(command('echo $CODEBUILD_BUILD_NUMBER'))
    const builds = await Promise.all(Array.from({ length: 20 }, () => start(name)))
    const done = await Promise.all(builds.map(build => ended(build.id!)))
    expect(done.map(build => build.buildStatus)).toEqual(done.map(() => 'SUCCEEDED'))
    expect(done.map(build => build.buildNumber!).sort((a, b) => a - b)).toEqual(done.map((_, index) => index + 1))
    expect(log.join('').match(/Entering phase BUILD\n/g)).toHaveLength(20)
  })
})
