// A push arrives whatever dies on its way: the server, its database, the agent, at any moment.

import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signalAll } from '../src/core/processes.ts'
import { createDockerProvider } from '../src/sandbox/docker/dockerProvider.ts'
import { ensureNodeImage } from '../src/sandbox/localImages.ts'
import { type Delivery, executionOf, openDelivery, PIPELINE, served } from './chaos/delivery.ts'
import { ask, childrenOf, databaseOf, orphans, stuck } from './chaos/leftovers.ts'
import { openYard, type Yard } from './harness/yard.ts'

/** CODEYARD_CHAOS_MOMENTS=100 CODEYARD_CHAOS_SEED=... for more of them, or the same again. */
const MOMENTS = Number(process.env.CODEYARD_CHAOS_MOMENTS ?? 30)
/** On a busy machine fewer moments are tried, never less than six. */
const BUDGET = 210_000
const DOCKER_MOMENTS = Math.min(4, MOMENTS)
const SEED = Number(process.env.CODEYARD_CHAOS_SEED ?? randomInt(2 ** 31))

let yard: Yard
let delivery: Delivery
/** What `codeyard up` is started with, each time. */
let args: readonly string[]
/** How long a push, and all of its way, take when nothing dies. */
let usual = { push: 0, total: 0 }

async function begin(sandbox: string, image?: string) {
  args = ['--sandbox', sandbox]
  yard = await openYard({ args })
  delivery = await openDelivery(yard, image)
  for (const message of ['The first version', 'The second version']) {
    const commit = await delivery.commit(message)
    const start = performance.now()
    await delivery.push()
    const push = performance.now() - start
    await expectArrived(commit)
    usual = { push, total: performance.now() - start }
  }
}

async function end() {
  if (yard?.process.exitCode) console.log(`the server ended with ${yard.process.exitCode}:\n${yard.log().slice(-5000)}`)
  await delivery?.close()
  await yard?.close()
}

const again = async () => {
  yard = await openYard({ dataDir: yard.dataDir, port: Number(new URL(yard.endpoint).port), args })
}
const postmaster = async () =>
  Number((await readFile(join(yard.dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
const servicePid = async () => Number(await readFile(join(delivery.home, 'service.pid'), 'utf8'))

/** Where the newest execution stands, asked of the database: the server may be dead the next moment. */
const place = async () => {
  const [row] = await ask<{ stage: string; status: string }>(
    databaseOf(yard.dataDir),
    'select stage, status from codepipeline.execution order by number desc limit 1',
  )
  return row?.status === 'InProgress' ? row.stage : 'no execution'
}

async function expectArrived(commit: string) {
  const { status, reason } = await executionOf(yard, commit)
  expect(status, `${reason}\n${yard.log().slice(-4000)}\nthe agent:\n${delivery.agent.log().slice(-2000)}`).toBe(
    'Succeeded',
  )
  expect(await served(delivery.url)).toContain(commit)
}

async function expectNothingLeft() {
  expect(await stuck(databaseOf(yard.dataDir))).toEqual([])
  const known = [yard.process.pid!, await postmaster(), delivery.agent.process.pid!, await servicePid()]
  expect(await orphans([yard.dataDir, delivery.directory], known)).toEqual([])
}

/** Waits until the database says so. */
async function until(query: string) {
  const limit = performance.now() + 60_000
  while ((await ask(databaseOf(yard.dataDir), query)).length === 0) {
    if (performance.now() > limit) throw new Error(`never came: ${query}\n${yard.log().slice(-4000)}`)
    await delay(50)
  }
}

/** Kills the server at each of so many moments of a push's way; every push arrives. */
async function killAtMoments(count: number) {
  const random = randomOf(SEED)
  const hit: Record<string, number> = {}
  const told: string[] = []
  const over = performance.now() + BUDGET
  for (const moment of shuffled(momentsOf(count, usual, random), random)) {
    if (performance.now() > over && told.length >= 6) break
    const commit = await delivery.commit(`killed after ${moment} ms`)
    const start = performance.now()
    let pushing = true
    const push = delivery
      .push()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        pushing = false
      })
    await delay(moment)
    const where = pushing ? 'push' : await place()
    await yard.kill()
    hit[where] = (hit[where] ?? 0) + 1
    await again()
    if (!(await push)) await delivery.pushUntilAccepted()
    await expectArrived(commit)
    told.push(`${where} ${moment} ms: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
  console.log(
    `CODEYARD_CHAOS_SEED=${SEED}: ${told.length} of ${count} moments ${JSON.stringify(hit)}\n${told.join('\n')}`,
  )
  await expectNothingLeft()
  if (told.length >= 20)
    for (const where of ['push', 'Build', 'Deploy']) expect(hit[where] ?? 0, where).toBeGreaterThan(0)
}

describe('on the host', () => {
  beforeAll(() => begin('host'), 120_000)
  afterAll(end, 120_000)

  test(`a push arrives although the server is killed at any of ${MOMENTS} moments on its way, and nothing is left behind (seed ${SEED})`, async () => {
    await killAtMoments(MOMENTS)
    // None was lost, none ran twice.
    const twice = await ask(
      databaseOf(yard.dataDir),
      `select revision->>'revisionId' as commit, count(*)::int as executions from codepipeline.action_run
       where revision is not null group by 1 having count(*) > 1`,
    )
    expect(twice).toEqual([])
    const { pipelineExecutionSummaries } = await yard.clients.codepipeline.listPipelineExecutions({
      pipelineName: PIPELINE,
    })
    // The one that making the pipeline started found an empty repository.
    const ofPushes = pipelineExecutionSummaries!.filter(({ trigger }) => trigger?.triggerType !== 'CreatePipeline')
    expect(ofPushes.filter(({ status }) => status !== 'Succeeded')).toEqual([])
  }, 900_000)

  describe('in the middle of a build of some seconds', () => {
    const SPEC = 'buildspec.yml'
    let spec: string
    beforeAll(async () => {
      spec = await delivery.read(SPEC)
    })
    afterAll(() => delivery.write(SPEC, spec))

    /** Whether a build said this; the line that announces the command does not count. */
    async function said(words: string) {
      const { events } = await yard.clients.logs.filterLogEvents({
        logGroupName: `/aws/codebuild/${PIPELINE}`,
        filterPattern: `"${words}"`,
      })
      return events!.some(({ message }) => !message!.includes('Running command'))
    }

    /** Pushes a build that says MARK-begun, works for three seconds, and says how often it did; resolves when it has begun. */
    async function pushSlowBuild(mark: string) {
      const commands = `      - echo ${mark}-begun | tee -a begun; sleep 3; echo ${mark}-ran-$(wc -l < begun)\n`
      await delivery.write(
        SPEC,
        spec.replace('  build:\n    commands:\n', before => before + commands),
      )
      const commit = await delivery.commit(mark)
      await delivery.push()
      const limit = performance.now() + 60_000
      while (!(await said(`${mark}-begun`))) {
        if (performance.now() > limit) throw new Error(`the build never said ${mark}\n${yard.log().slice(-4000)}`)
        await delay(50)
      }
      return commit
    }

    test('a killed server finds the running build again: its commands run once', async () => {
      const commit = await pushSlowBuild('killed')
      await yard.kill()
      await again()
      await expectArrived(commit)
      expect({ once: await said('killed-ran-1'), twice: await said('killed-ran-2') }).toEqual({
        once: true,
        twice: false,
      })
      await expectNothingLeft()
    }, 120_000)

    test('an orderly stop hands the build back, and the next start goes on with it', async () => {
      const commit = await pushSlowBuild('stopped')
      const start = performance.now()
      await yard.stop()
      expect(performance.now() - start).toBeLessThan(20_000)
      const { exitCode, signalCode } = yard.process
      expect({ exitCode, signalCode }).toEqual({ exitCode: 0, signalCode: null })
      await again()
      await expectArrived(commit)
      expect({ once: await said('stopped-ran-1'), twice: await said('stopped-ran-2') }).toEqual({
        once: true,
        twice: false,
      })
      await expectNothingLeft()
    }, 120_000)
  })

  test('an agent that is killed in the middle of an event fails it with code 7, and the next push arrives', async () => {
    const script = 'scripts/after_install.sh'
    const whole = await delivery.read(script)
    await delivery.write(script, '#!/bin/sh\necho begun\nsleep 300\n')
    const commit = await delivery.commit('An event that takes its time')
    await delivery.push()
    await until(`select 1 from codedeploy.commands where event = 'AfterInstall' and state = 'running'`)
    await delivery.agent.kill()
    await delivery.startAgent(yard)
    const { status } = await executionOf(yard, commit)
    expect(status).toBe('Failed')
    const { deployments } = await yard.clients.codedeploy.listDeployments({
      applicationName: PIPELINE,
      deploymentGroupName: 'demo',
      includeOnlyStatuses: ['Failed'],
    })
    const { deploymentTargets } = await yard.clients.codedeploy.batchGetDeploymentTargets({
      deploymentId: deployments![0]!,
      targetIds: (await yard.clients.codedeploy.listDeploymentTargets({ deploymentId: deployments![0]! })).targetIds!,
    })
    const failed = deploymentTargets![0]!.instanceTarget!.lifecycleEvents!.find(event => event.status === 'Failed')
    expect(failed).toMatchObject({
      lifecycleEventName: 'AfterInstall',
      diagnostics: { errorCode: 'UnknownError', message: expect.stringContaining('after an agent restart') },
    })
    await delivery.write(script, whole)
    const next = await delivery.commit('The event is quick again')
    await delivery.push()
    await expectArrived(next)
    await expectNothingLeft()
  }, 120_000)

  describe('without its database', () => {
    /** Calls of every kind, one after the other, for as long as told; SDKs may try them again, nothing else may happen. */
    async function callUntil(over: Promise<unknown>) {
      let going = true
      const stop = () => {
        going = false
      }
      over.then(stop, stop)
      let calls = 0
      for (; going; calls++) {
        await yard.clients.codepipeline.listPipelineExecutions({ pipelineName: PIPELINE, maxResults: 1 })
        await yard.clients.iam.listRoles({})
        await yard.clients.codecommit.listRepositories({})
      }
      return calls
    }

    test('a killed database server is started again; calls and the push under way do not notice', async () => {
      const commit = await delivery.commit('The database is killed')
      await delivery.push()
      const arriving = expectArrived(commit)
      const calling = callUntil(arriving)
      arriving.catch(() => {})
      calling.catch(() => {})
      const first = await postmaster()
      for (const pause of [100, 1500]) {
        await delay(pause)
        process.kill(await postmaster(), 'SIGKILL')
        await answers()
      }
      await arriving
      expect(await calling).toBeGreaterThan(0)
      expect(await postmaster()).not.toBe(first)
      await expectNothingLeft()
    }, 120_000)

    test('a database server that stands still for ten seconds delays calls and pushes, and breaks none', async () => {
      const commit = await delivery.commit('The database stands still')
      await delivery.push()
      const all = [await postmaster(), ...(await childrenOf(await postmaster()))]
      signalAll(all, 'SIGSTOP')
      try {
        const arriving = expectArrived(commit)
        const calling = callUntil(arriving)
        arriving.catch(() => {})
        calling.catch(() => {})
        await delay(10_000)
        signalAll(all, 'SIGCONT')
        await arriving
        expect(await calling).toBeGreaterThan(0)
      } finally {
        signalAll(all, 'SIGCONT')
      }
      await expectNothingLeft()
    }, 120_000)
  })
})

/** Resolves when the database does, after half a minute at most. */
async function answers() {
  for (const limit = performance.now() + 30_000; ; ) {
    try {
      return await ask(databaseOf(yard.dataDir), 'select 1')
    } catch (error) {
      if (performance.now() > limit) throw error
      await delay(25)
    }
  }
}

const docker = createDockerProvider()
const noDocker = await docker.unavailable()

describe.skipIf(noDocker !== undefined)(`in Docker${noDocker ? ` (skipped: ${noDocker})` : ''}`, () => {
  beforeAll(async () => begin('docker', await ensureNodeImage(docker)), 180_000)
  afterAll(end, 120_000)

  test(`a push arrives although the server is killed at any of ${DOCKER_MOMENTS} moments on its way, and no container is left behind`, async () => {
    await killAtMoments(DOCKER_MOMENTS)
    const [house] = await ask<{ id: string }>(databaseOf(yard.dataDir), 'select id from codebuild.house')
    const containers = async () =>
      (await docker.list({ 'codeyard.house': house!.id })).filter(name => name.startsWith('build-'))
    // What a crash left is reaped a moment after the start.
    const limit = performance.now() + 90_000
    while ((await containers()).length > 0 && performance.now() < limit) await delay(250)
    expect(await containers()).toEqual([])
  }, 400_000)
})

/** A fifth of the moments lies within the push itself, the others evenly over the rest of the way. */
function momentsOf(count: number, { push, total }: { push: number; total: number }, random: () => number): number[] {
  const early = Math.round(count / 5)
  const spread = (from: number, to: number, points: number) =>
    Array.from({ length: points }, (_, index) => Math.round(from + ((index + random()) / points) * (to - from)))
  return [...spread(0, push, early), ...spread(push, total * 1.1, count - early)]
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** mulberry32: the same seed makes the same moments. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
