// Builds that do what builds must not do, in Docker on a real server: each is contained, says what happened, and leaves nothing; and the server
// answers meanwhile. Long, since each misdeed is a test of its own on the same server.

import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Build } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDockerProvider, type DockerProvider } from '../src/sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../src/sandbox/host/hostProvider.ts'
import type { SandboxProvider } from '../src/sandbox/sandbox.ts'
import { dockerForTests, ensureDebianImage } from '../src/sandbox/testImages.ts'
import { codebuildWith } from '../src/services/codebuild/index.ts'
import { logs } from '../src/services/logs/index.ts'
import { openHouse } from '../src/testing/house.ts'
import { untilIn } from './harness/builds.ts'
import { openYard, type Yard } from './harness/yard.ts'

const PATIENCE = 120_000
const engine = await dockerForTests()
let yard: Yard
let image = ''
let roleArn = ''

const until = <T>(what: () => Promise<T | undefined | false>, otherwise: string) =>
  untilIn(yard ? [yard] : [], what, { seconds: PATIENCE / 1000, otherwise: () => otherwise })

interface Wanted {
  readonly commands: readonly string[]
  /** Of the other phases and the rest of the buildspec. */
  readonly more?: object
  /** GiB and GB of the environment. */
  readonly memory?: number
  readonly disk?: number
  readonly start?: object
}

let count = 0
async function start({ commands, more = {}, memory = 2, disk = 20, start = {} }: Wanted): Promise<string> {
  const name = `abuse-${++count}`
  const { codebuild } = yard.clients
  const after = { post_build: { commands: ['echo after=$CODEBUILD_BUILD_SUCCEEDING'] } }
  await codebuild.createProject({
    name,
    source: {
      type: 'NO_SOURCE',
      buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands }, ...after }, ...more }),
    },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: {
      type: 'LINUX_CONTAINER',
      image,
      computeType: 'ATTRIBUTE_BASED_COMPUTE',
      computeConfiguration: { vCpu: 1, memory, disk },
    },
    serviceRole: roleArn,
    logsConfig: { s3Logs: { status: 'ENABLED', location: 'abuse-logs' } },
  })
  return (await codebuild.startBuild({ projectName: name, ...start })).build!.id!
}

const get = async (id: string): Promise<Build> =>
  (await yard.clients.codebuild.batchGetBuilds({ ids: [id] })).builds![0]!
const inBuild = (id: string) => until(async () => (await get(id)).currentPhase === 'BUILD', 'the build does not begin')
const ended = async (id: string): Promise<Build> => {
  const build = await until(async () => {
    const found = await get(id)
    return found.buildComplete && found
  }, 'the build does not end')
  await until(async () => (await containersOf(id)).length === 0, 'a container is left')
  return build
}
const containersOf = async (id: string) => {
  if (typeof engine === 'string') return []
  const name = [`codeyard-build-${id.split(':')[1]}`]
  return await engine.docker.listContainers({ all: true, filters: { name } })
}
const phaseOf = (build: Build, type: string) => build.phases!.find(({ phaseType }) => phaseType === type)
const reasonOf = (build: Build, type = 'BUILD') => phaseOf(build, type)?.contexts?.[0]?.message

/** The log as it is in S3: whole, as bytes. */
async function logOf(id: string): Promise<Buffer> {
  const { Body } = await yard.clients.s3.getObject({ Bucket: 'abuse-logs', Key: `${id.split(':')[1]}.gz` })
  return Buffer.concat(await (Body as Readable).pipe(createGunzip()).toArray())
}

/** How long the API takes to answer while `work` goes on: the median and the longest, in milliseconds. */
async function answering<T>(work: Promise<T>): Promise<{ result: T; median: number; longest: number }> {
  const times: number[] = []
  let over = false
  const watched = work.finally(() => {
    over = true
  })
  watched.catch(() => {})
  do {
    const before = performance.now()
    await yard.clients.codebuild.listProjects({})
    times.push(performance.now() - before)
    await new Promise(resolve => setTimeout(resolve, 50))
  } while (!over)
  times.sort((a, b) => a - b)
  return { result: await watched, median: times[times.length >> 1]!, longest: times.at(-1)! }
}

describe.skipIf(typeof engine === 'string')('abuse', { timeout: 2 * PATIENCE }, () => {
  beforeAll(async () => {
    if (typeof engine === 'string') return
    image = await ensureDebianImage(engine)
    yard = await openYard({ args: ['--sandbox', 'docker'] })
    const { iam, s3 } = yard.clients
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const role = await iam.createRole({
      RoleName: 'abuse',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    })
    roleArn = role.Role!.Arn!
    await iam.putRolePolicy({
      RoleName: 'abuse',
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['logs:*', 's3:PutObject'], Resource: '*' }],
      }),
    })
    await s3.createBucket({ Bucket: 'abuse-logs' })
  }, PATIENCE)
  afterAll(async () => {
    if (!yard) return
    await yard.stop()
    const left = await readdir(join(yard.dataDir, 'build-logs')).catch(() => [])
    await yard.close()
    expect(left, 'logs are left on the builder').toEqual([])
  }, PATIENCE)

  test('a command that can not begin another process says how many there are', async () => {
    const fill = 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); sleep 600 & done'
    const id = await start({ commands: [`sh -c '${fill}' 2>/dev/null; sh -c 'sleep 0 & sleep 0'; exit 3`] })
    const { result, median } = await answering(ended(id))
    expect(result.buildStatus).toBe('FAILED')
    expect((await logOf(id)).toString()).toMatch(/The build environment has 4\d{3} processes, of 4096 that it may have/)
    expect(median).toBeLessThan(1_000)
  })

  test('a fork bomb has no more processes than it may have, and can be stopped', async () => {
    const id = await start({ commands: ['f() { f | f & }; f; while :; do read x </dev/zero; done'] })
    await inBuild(id)
    const { result, median, longest } = await answering(
      (async () => {
        await until(async () => {
          const [container] = await containersOf(id)
          if (!container || typeof engine === 'string') return false
          const stats: any = await engine.docker.getContainer(container.Id).stats({ stream: false, 'one-shot': true })
          return (stats.pids_stats?.current ?? 0) > 3000
        }, 'the bomb does not go off')
        await yard.clients.codebuild.stopBuild({ id })
        return await ended(id)
      })(),
    )
    expect(longest).toBeLessThan(10_000)
    expect(result.buildStatus).toBe('STOPPED')
    expect(median).toBeLessThan(1_000)
  })

  test('more memory than there is fails the command, with the reason', async () => {
    const build = await ended(await start({ commands: ['tail /dev/zero'], memory: 1 }))
    expect(build.buildStatus).toBe('FAILED')
    expect(reasonOf(build)).toBe(
      'Error while executing command: tail /dev/zero. Reason: exit status 137: it ran out of memory',
    )
    const killed = await ended(await start({ commands: ["sh -c 'kill -9 $$'"] }))
    expect(reasonOf(killed)).toMatch(/exit status 137$/)
  })

  test('more disk than there is ends the build, with the reason', async () => {
    const id = await start({ commands: ['dd if=/dev/zero of=big bs=1M count=3000 2>/dev/null; sleep 600'], disk: 1 })
    const { result: build, median } = await answering(ended(id))
    expect(build.buildStatus).toBe('FAILED')
    expect(phaseOf(build, 'BUILD')).toMatchObject({
      phaseStatus: 'FAILED',
      contexts: [{ statusCode: 'DISK_SPACE_EXCEEDED' }],
    })
    expect(reasonOf(build)).toMatch(/^The build took \d\.\d GB of disk space: the build environment has 1\.0 GB\.$/)
    expect((await logOf(id)).toString()).toContain(reasonOf(build)!)
    expect(median).toBeLessThan(1_000)
  })

  test('a line of 200 MB is cut into events and not held in memory, and is whole in S3', async () => {
    const megabytes = 200
    const id = await start({ commands: [`head -c ${megabytes}000000 /dev/zero | tr "\\0" y; echo; echo behind`] })
    const { result: build, median } = await answering(ended(id))
    expect(build.buildStatus).toBe('SUCCEEDED')
    expect(median).toBeLessThan(1_000)
    const { groupName, streamName } = build.logs!
    const { events } = await yard.clients.logs.getLogEvents({
      logGroupName: groupName!,
      logStreamName: streamName!,
      startFromHead: false,
    })
    expect(events!.some(({ message }) => message === 'behind\n')).toBe(true)
    const { Body } = await yard.clients.s3.getObject({ Bucket: 'abuse-logs', Key: `${streamName}.gz` })
    let letters = 0
    for await (const chunk of (Body as Readable).pipe(createGunzip())) {
      for (const byte of chunk as Buffer) if (byte === 0x79) letters++
    }
    expect(letters).toBeGreaterThanOrEqual(megabytes * 1e6)
    expect(letters).toBeLessThan(megabytes * 1e6 + 1_000)
  })

  test('NUL bytes, what is no UTF-8 and control sequences arrive as they were written', async () => {
    const bytes = '\\000\\001\\377\\376\\303(\\033[31mred\\033[0m\\r\\b'
    const id = await start({ commands: [`printf '<${bytes}>'`, 'head -c 300000 /dev/urandom'] })
    const build = await ended(id)
    expect(build.buildStatus).toBe('SUCCEEDED')
    const log = await logOf(id)
    expect(log.includes(Buffer.from('<\x00\x01\xff\xfe\xc3(\x1b[31mred\x1b[0m\r\b>', 'latin1'))).toBe(true)
    const { events } = await yard.clients.logs.getLogEvents({
      logGroupName: build.logs!.groupName!,
      logStreamName: build.logs!.streamName!,
      startFromHead: true,
    })
    expect(events!.map(({ message }) => message).join('')).toContain('<\0\x01\ufffd\ufffd\ufffd(\x1b[31mred')
  })

  test('an environment of 100,000 bytes arrives whole', async () => {
    const id = await start({
      commands: ['echo sizes $' + '{#LONG} $' + '{#V0} $' + '{#V99}; env | wc -c'],
      start: {
        environmentVariablesOverride: [
          { name: 'LONG', value: 'l'.repeat(50_000) },
          ...Array.from({ length: 100 }, (_, index) => ({ name: `V${index}`, value: 'v'.repeat(500) })),
        ],
      },
    })
    const build = await ended(id)
    expect(build.buildStatus, reasonOf(build)).toBe('SUCCEEDED')
    expect((await logOf(id)).toString()).toContain('sizes 50000 500 500\n')
  })

  test.each([
    [
      'one variable of 200,000 bytes',
      [{ name: 'LONG', value: 'l'.repeat(200_000) }],
      /^The environment variable LONG has 200006 bytes/,
    ],
    [
      'an environment of 2 MB',
      Array.from({ length: 20 }, (_, index) => ({ name: `V${index}`, value: 'v'.repeat(100_000) })),
      /^The environment variables of the build have 20\d{5} bytes together/,
    ],
  ])('%s is more than Linux takes: the build says so', async (_what, environmentVariablesOverride, message) => {
    const build = await ended(await start({ commands: ['echo never'], start: { environmentVariablesOverride } }))
    expect(build.buildStatus).toBe('FAILED')
    expect(reasonOf(build, 'DOWNLOAD_SOURCE')).toMatch(message)
  })

  test('a role that may not write the log to S3 fails the build before anything runs', async () => {
    const { iam, s3 } = yard.clients
    const own = { RoleName: 'abuse', PolicyName: 'not-there' }
    const statement = { Effect: 'Deny', Action: 's3:PutObject', Resource: 'arn:aws:s3:::abuse-logs/closed/*' }
    await iam.putRolePolicy({
      ...own,
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    })
    const s3Logs = { status: 'ENABLED', location: 'abuse-logs/closed' } as const
    const build = await ended(await start({ commands: ['echo never'], start: { logsConfigOverride: { s3Logs } } }))
    expect(build.buildStatus).toBe('FAILED')
    expect(phaseOf(build, 'PROVISIONING')).toMatchObject({
      phaseStatus: 'FAILED',
      contexts: [{ statusCode: 'ACCESS_DENIED', message: expect.stringMatching(/s3:PutObject.*explicit deny/) }],
    })
    expect((await s3.listMultipartUploads({ Bucket: 'abuse-logs' })).Uploads ?? []).toEqual([])
  })

  test('a process that ignores SIGTERM is gone when the build is stopped', async () => {
    const id = await start({ commands: ["trap '' TERM INT HUP; echo deaf; while :; do sleep 1; done"] })
    await inBuild(id)
    await yard.clients.codebuild.stopBuild({ id })
    const build = await ended(id)
    expect(build.buildStatus).toBe('STOPPED')
  })

  test('daemons that left their session do not keep the build, and end with it', async () => {
    const id = await start({
      commands: [
        'setsid sh -c "while :; do sleep 1; done" &',
        '( ( trap "" TERM HUP; exec setsid sh -c "while :; do echo noise; sleep 1; done" ) & )',
        'echo left two behind',
      ],
    })
    const build = await ended(id)
    expect(build.buildStatus).toBe('SUCCEEDED')
  })

  test('a phase that closes its output goes on unheard, and the next ones are heard', async () => {
    const id = await start({ commands: ['echo before', 'exec >&- 2>&-', 'true', 'exit 0'] })
    const build = await ended(id)
    expect(build.buildStatus).toBe('SUCCEEDED')
    expect((await logOf(id)).toString()).toMatch(
      /before\n[\s\S]*Phase complete: BUILD State: SUCCEEDED[\s\S]*after=1\n/,
    )
  })

  test('a command that kills what started it ends the build with that reason', async () => {
    const parent = await ended(await start({ commands: ['kill -9 $PPID; sleep 600'] }))
    expect(parent.buildStatus).toBe('FAULT')
    expect(reasonOf(parent)).toMatch(/^Build container found dead before completing the build\./)
    const all = await ended(await start({ commands: ['kill -9 -1; sleep 600'] }))
    expect(all.buildStatus).toBe('FAULT')
    // It has killed what carried its output: in which phase it stood may not be known.
    const fault = all.phases!.find(({ phaseStatus }) => phaseStatus === 'FAULT')
    expect(fault?.contexts?.[0]?.message).toMatch(/^Build container found dead before completing the build\./)
  })

  test('without /bin/sh and with a full /tmp a build ends all the same', async () => {
    const gone = await start({ commands: ['rm -f /bin/sh /usr/bin/sh', 'echo still here'] })
    const build = await ended(gone)
    expect(build.buildStatus).toMatch(/^(SUCCEEDED|FAILED)$/)
    expect((await logOf(gone)).toString()).toContain('still here\n')
    const full = await start({
      commands: [
        'mount -t tmpfs -o size=64k none /tmp 2>/dev/null; head -c 50000000 /dev/zero >/tmp/full; echo filled',
      ],
    })
    expect((await ended(full)).buildStatus).toMatch(/^(SUCCEEDED|FAILED)$/)
    expect((await logOf(full)).toString()).toContain('filled\n')
  })
})

/** A house whose builds run in sandboxes of `provider`, with a clock that stands still. */
async function openBuilder(provider: (dataDir: string) => SandboxProvider) {
  const service = codebuildWith({
    sandboxes: call => provider(call.config.dataDir),
    endpointIn: async call => call.config.endpoint,
    sweepMs: 50,
  })
  const Credentials = {
    AccessKeyId: 'ASIATEST',
    SecretAccessKey: 'secret-of-role',
    SessionToken: 'token-of-role',
    Expiration: new Date('2026-01-01T12:00:00Z'),
  }
  const house = await openHouse({
    services: [service, logs],
    answers: { 'sts.GetCallerIdentity': async () => ({}), 'sts.AssumeRole': async () => ({ Credentials }) },
    now: '2026-01-01T00:00:00Z',
  })
  const now = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
  return {
    house,
    builder: () => service.workers![0]!.start(scope => house.openCall(service, scope)),
    async start(commands: readonly string[], imageName = 'any'): Promise<string> {
      const name = `own-${++count}`
      await house.invoke('codebuild', 'CreateProject', {
        name,
        source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands } } }) },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: {
          type: 'LINUX_CONTAINER',
          image: imageName,
          computeType: 'ATTRIBUTE_BASED_COMPUTE',
          computeConfiguration: { vCpu: 1, memory: 1, disk: 1 },
        },
        serviceRole: 'arn:aws:iam::000000000000:role/build',
        timeoutInMinutes: 5,
      })
      return (await house.invoke('codebuild', 'StartBuild', { projectName: name })).build!.id!
    },
    async reach(id: string, is: (build: Build) => boolean | undefined): Promise<Build> {
      for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
        const build = await now(id)
        if (is(build)) return build
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      throw new Error(`it is still ${JSON.stringify(await now(id))}`)
    },
  }
}
const over = ({ buildComplete }: Build) => buildComplete

describe.skipIf(typeof engine === 'string')('a build that is out of time', () => {
  test('is TIMED_OUT at its last minute and not before, whatever it does with signals', {
    timeout: PATIENCE,
  }, async () => {
    const { house, builder, start, reach } = await openBuilder(() => createDockerProvider())
    let stop = await builder()
    try {
      const commands = ["trap '' TERM INT HUP; while :; do sleep 1; done"]
      const id = await start(commands, await ensureDebianImage(engine as DockerProvider))
      await reach(id, ({ currentPhase }) => currentPhase === 'BUILD')
      await stop()
      // A second is left to the builder that takes it up.
      house.clock.advance(5 * 60_000 - 1_000)
      const taken = performance.now()
      stop = await builder()
      const build = await reach(id, over)
      expect(performance.now() - taken).toBeGreaterThan(900)
      expect(build.buildStatus).toBe('TIMED_OUT')
      expect(phaseOf(build, 'BUILD')).toMatchObject({
        phaseStatus: 'TIMED_OUT',
        contexts: [{ statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out. ' }],
      })
      expect(await containersOf(id)).toEqual([])
    } finally {
      await stop()
      await house.close()
    }
  })
})

describe('in a sandbox of the host', { timeout: 2 * PATIENCE }, () => {
  let opened: Awaited<ReturnType<typeof openBuilder>>
  let stop: () => Promise<void>
  let provider: SandboxProvider
  let limited = false
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'codeyard-abuse-'))
    await chmod(root, 0o755)
    provider = createHostProvider({ root })
    const trial = await provider.create({ name: 'trial', labels: {}, limits: { processes: 1000 } })
    const run = await trial.run('trial', { argv: ['true'] })
    run.output.resume()
    await run.result
    limited = (await trial.usage!()).processes !== undefined
    await trial.destroy()
    opened = await openBuilder(() => provider)
    stop = await opened.builder()
  }, PATIENCE)
  afterAll(async () => {
    await stop?.()
    await opened?.house.close()
    expect(await readdir(root)).toEqual([])
    await rm(root, { recursive: true, force: true })
  }, PATIENCE)

  test('a fork bomb and a memory hog are contained where there are control groups', async () => {
    if (!limited) return
    const { house, start, reach } = opened
    const bomb = await start(['f() { f | f & }; f; while :; do read x </dev/zero; done'])
    await reach(bomb, ({ currentPhase }) => currentPhase === 'BUILD')
    const sandbox = (await provider.attach(`build-${bomb.split(':')[1]}`))!
    await until(async () => ((await sandbox.usage!()).processes?.count ?? 0) > 3000, 'the bomb does not go off')
    await house.invoke('codebuild', 'StopBuild', { id: bomb })
    expect((await reach(bomb, over)).buildStatus).toBe('STOPPED')
    const name = `build-${bomb.split(':')[1]}`
    const groups = ['', 'unified/', 'pids/', 'memory/'].map(kind => `/sys/fs/cgroup/${kind}codeyard/${name}`)
    await until(async () => !groups.some(existsSync), 'a control group is left')
    const hog = await reach(await start(['tail /dev/zero']), over)
    expect(reasonOf(hog)).toMatch(/exit status 137: it ran out of memory$/)
  })

  test('too much disk, deaf processes and daemons end with the build', async () => {
    const { start, reach } = opened
    const full = await reach(await start(['head -c 1500000000 /dev/zero >big; sleep 600']), over)
    expect(reasonOf(full)).toMatch(/^The build took 1\.\d GB of disk space: the build environment has 1\.0 GB\.$/)
    const mark = `600.${process.pid}`
    const daemons = await reach(
      await start([`setsid sh -c 'trap "" TERM HUP; sleep ${mark}; sleep ${mark}' & sleep 0.2; echo left`]),
      over,
    )
    expect(daemons.buildStatus).toBe('SUCCEEDED')
    await until(async () => (await commandLines()).every(line => !line.includes(mark)), 'a daemon is left')
  })
})

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  return await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
}
