import type { CreateFleetCommandInput, CreateProjectCommandInput } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { advance } from '../advance.ts'
import { findBuild } from '../builds.ts'
import { codebuildWith } from '../index.ts'
import { endPhase } from '../machine.ts'
import { limitsOf } from '../worker/limits.ts'
import { notCarriedOut } from '../worker/notCarriedOut.ts'
import { type BuilderAbout, lockBuilder, nextId, seeBuilder, unlockBuilder } from './builders.ts'
import { setLimits } from './limits.ts'
import { giveUpLost } from './lost.ts'
import { takeAdrift, takeBuild } from './queue.ts'

const service = codebuildWith({
  sandboxes: () => {
    throw new Error('no builder runs here')
  },
  endpointIn: async () => undefined,
})
let house: TestHouse
let count = 0

beforeAll(async () => {
  house = await openHouse({ services: [service], answers: { 'sts.GetCallerIdentity': async () => ({}) } })
})
afterAll(() => house.close())
beforeEach(() =>
  house.transaction(async ({ tx }) => {
    await tx.run`delete from codebuild.builds`
    await tx.run`delete from codebuild.limits`
  }),
)

async function project(more: Partial<CreateProjectCommandInput> = {}, environment: object = {}): Promise<string> {
  const name = `project-${++count}`
  await house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: { build: { commands: [true] } }\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL', ...environment },
    serviceRole: 'arn:aws:iam::000000000000:role/b',
    ...more,
  })
  return name
}
const start = async (projectName: string, more: object = {}) =>
  (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!.id!
const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
const taker = (place: string, ...fleets: string[]) => ({ owner: place, place, fleets })
/** What a builder takes now, as its engine would begin it. */
const take = (by = taker('here:/a')) =>
  house.transaction(async call => {
    const row = await takeBuild(call.tx, by)
    return row && (await advance(call, row.id, { type: 'leased', owner: by.owner }))?.id
  })
const reason = async (id: string) => (await get(id)).phases![1]!.contexts?.[0]?.message
const fleet = (more: Partial<CreateFleetCommandInput> = {}) => ({
  name: `fleet-${++count}`,
  baseCapacity: 1,
  environmentType: 'LINUX_CONTAINER' as const,
  computeType: 'BUILD_GENERAL1_MEDIUM' as const,
  ...more,
})
const create = async (more: Partial<CreateFleetCommandInput> = {}) =>
  (await house.invoke('codebuild', 'CreateFleet', fleet(more))).fleet!

describe('the queue', () => {
  test('lets projects take turns, however many builds one of them starts', async () => {
    const [many, few] = [await project(), await project()]
    const crowd = [await start(many), await start(many), await start(many)]
    expect(await take()).toBe(crowd[0])
    house.clock.advance(1000)
    const single = await start(few)
    expect(await reason(single)).toMatch(/^Position 2 of 3 in the queue: /)
    expect([await take(), await take(), await take(), await take()]).toEqual([crowd[1], single, crowd[2], undefined])
  })

  test("holds back what is over the account's limit, by kind, and refuses when five times as many wait", async () => {
    await house.transaction(({ tx }) => setLimits(tx, new Map([['Linux/Small', 1]])))
    const [small, large] = [await project(), await project({}, { computeType: 'BUILD_GENERAL1_LARGE' })]
    const first = await start(small)
    const waiting: string[] = []
    expect(await take()).toBe(first)
    for (let more = 0; more < 5; more++) waiting.push(await start(small))
    // AWS: verbatim.
    await expect(start(small)).rejects.toMatchObject({
      code: 'AccountLimitExceededException',
      message: 'Cannot have more than 5 builds in queue for the account',
    })
    expect(await take()).toBeUndefined()
    expect(await reason(waiting[0]!)).toContain('the account has as many builds of Linux/Small running as it may')
    const other = await start(large)
    expect(await take()).toBe(other)
    await house.transaction(call => advance(call, first, { type: 'released', owner: 'here:/a' }))
    await house.invoke('codebuild', 'StopBuild', { id: first })
    expect(await take()).toBe(waiting[0])
    await expect(project({ concurrentBuildLimit: 2 })).rejects.toMatchObject({
      message: 'Project-level concurrent build limit cannot exceed the account-level concurrent build limit of 1.',
    })
    await expect(house.transaction(({ tx }) => setLimits(tx, new Map([['Linux/Tiny', 1]])))).rejects.toThrow(
      'Linux/Tiny',
    )
  })

  test("refuses what is over the project's limit, and a build in the queue too long ends as TIMED_OUT", async () => {
    const name = await project({ concurrentBuildLimit: 1, queuedTimeoutInMinutes: 5 })
    const id = await start(name)
    await expect(start(name)).rejects.toMatchObject({ code: 'AccountLimitExceededException' })
    house.clock.advance(5 * 60_000)
    await house.runJobs()
    expect(await get(id)).toMatchObject({
      buildStatus: 'TIMED_OUT',
      phases: [{}, { phaseStatus: 'TIMED_OUT', contexts: [{ statusCode: 'BUILD_QUEUED_TIMED_OUT' }] }, {}],
    })
  })
})

describe('a build whose machine is gone', () => {
  const scope = { account: '000000000000', region: 'us-east-1' }
  const giveUp = () => giveUpLost(where => house.openCall(service, where), scope, 0)
  const phases = async (id: string, ends: number) => {
    for (let end = 0; end < ends; end++)
      await house.transaction(async call => {
        const { progress } = (await findBuild(call.tx, call.scope, id))!
        const next = endPhase(progress, 'SUCCEEDED', call.now)
        await advance(call, id, { type: 'progressed', owner: 'gone:/b', progress: next })
      })
    await house.transaction(call => advance(call, id, { type: 'released', owner: 'gone:/b' }))
  }

  test('ends as FAULT with the reason and is run again, once', async () => {
    let id = await start(await project())
    for (const again of [true, false]) {
      expect(await take(taker('gone:/b'))).toBe(id)
      await phases(id, 3)
      await giveUp()
      const build = await get(id)
      expect(build).toMatchObject({ buildStatus: 'FAULT', autoRetryConfig: { autoRetryNumber: again ? 0 : 1 } })
      expect(build.phases!.find(({ phaseStatus }) => phaseStatus === 'FAULT')!.contexts).toEqual([
        {
          statusCode: 'INTERNAL_SERVICE_ERROR',
          message: 'PRE_BUILD: the builder on gone is gone, and no other one reaches what it left of this build',
        },
      ])
      const { nextAutoRetry } = build.autoRetryConfig!
      expect(nextAutoRetry === undefined).toBe(!again)
      if (nextAutoRetry) {
        expect((await get(nextAutoRetry)).autoRetryConfig).toMatchObject({ previousAutoRetry: build.arn })
        id = nextAutoRetry.split('build/')[1]!
      }
    }
    expect(await take()).toBeUndefined()
  })

  test('is replaced in its batch, which waits for the one in its place', async () => {
    const buildspec =
      'version: 0.2\nbatch: { build-list: [{ identifier: one }] }\nphases: { build: { commands: [true] } }\n'
    const projectName = await project({
      source: { type: 'NO_SOURCE', buildspec },
      buildBatchConfig: { serviceRole: 'arn:aws:iam::000000000000:role/b' },
    })
    const { id } = (await house.invoke('codebuild', 'StartBuildBatch', { projectName })).buildBatch!
    const batch = async () => {
      await house.runJobs()
      return (await house.invoke('codebuild', 'BatchGetBuildBatches', { ids: [id!] })).buildBatches![0]!
    }
    const first = (await batch()).buildGroups![0]!.currentBuildSummary!.arn!
    await take(taker('gone:/b'))
    await phases(first.split('build/')[1]!, 3)
    await giveUp()
    // The one in its place ends before the batch has heard of it.
    const next = (await get(first)).autoRetryConfig!.nextAutoRetry!
    await house.invoke('codebuild', 'StopBuild', { id: next })
    expect(await batch()).toMatchObject({
      buildBatchStatus: 'FAILED',
      buildGroups: [
        {
          identifier: 'one',
          currentBuildSummary: { arn: next, buildStatus: 'STOPPED' },
          priorBuildSummaryList: [{ arn: first, buildStatus: 'FAULT' }],
        },
      ],
    })
    expect((await get(next)).buildBatchArn).toBe((await batch()).arn)
  })

  test('is begun anew by another builder when nothing of it had run', async () => {
    const id = await start(await project())
    await take(taker('gone:/b'))
    await phases(id, 0)
    const elsewhere = () => house.transaction(({ tx }) => takeAdrift(tx, taker('here:/a'), []))
    expect(await elsewhere()).toBeUndefined()
    await giveUp()
    expect((await elsewhere())?.id).toBe(id)
    expect((await get(id)).buildStatus).toBe('IN_PROGRESS')
  })

  test('is waited for where its builder still lives', async () => {
    const id = await start(await project())
    await take(taker('gone:/b'))
    await phases(id, 3)
    const about: BuilderAbout = { owner: 'o', host: 'gone', pid: 1, place: 'gone:/b', fleets: [], slots: 1 }
    await house.store.read(async tx => {
      const number = await nextId(tx)
      await lockBuilder(tx, number)
      await seeBuilder(tx, number, about)
      await giveUp()
      expect((await get(id)).buildStatus).toBe('IN_PROGRESS')
      await unlockBuilder(tx, number)
    })
    const taken = await house.transaction(({ tx }) => takeAdrift(tx, taker('gone:/b'), []))
    expect(taken?.id).toBe(id)
    await house.transaction(call => advance(call, id, { type: 'released', owner: 'gone:/b' }))
    // Nobody has it: a stop is at once.
    expect((await house.invoke('codebuild', 'StopBuild', { id })).build).toMatchObject({ buildStatus: 'STOPPED' })
  })

  test('that fails is retried as often as the project says', async () => {
    const name = await project({ autoRetryLimit: 1 })
    let id = await start(name)
    for (const number of [0, 1]) {
      expect(await take()).toBe(id)
      await house.transaction(async call => {
        const { progress } = (await findBuild(call.tx, call.scope, id))!
        await advance(call, id, {
          type: 'progressed',
          owner: 'here:/a',
          progress: endPhase(progress, 'FAILED', call.now),
        })
      })
      const build = await get(id)
      expect(build).toMatchObject({
        buildStatus: 'FAILED',
        autoRetryConfig: { autoRetryLimit: 1, autoRetryNumber: number },
      })
      expect(build.autoRetryConfig!.nextAutoRetry === undefined).toBe(number === 1)
      id = build.autoRetryConfig!.nextAutoRetry?.split('build/')[1] ?? id
    }
  })
})

describe('fleets', () => {
  test('are created, updated member by member, listed in every order and deleted', async () => {
    const tags = [{ key: 'k', value: 'v' }]
    const made = await create({ tags })
    expect(made).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:codebuild:us-east-1:000000000000:fleet\/fleet-\d+:[0-9a-f-]{36}$/),
      status: { statusCode: 'CREATING', context: 'INSUFFICIENT_CAPACITY' },
      overflowBehavior: 'QUEUE',
      tags,
    })
    await expect(house.invoke('codebuild', 'CreateFleet', fleet({ name: made.name! }))).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
    })
    await house.runJobs()
    house.clock.advance(1000)
    const scalingConfiguration = { scalingType: 'TARGET_TRACKING_SCALING' as const, maxCapacity: 4 }
    const { fleet: updated } = await house.invoke('codebuild', 'UpdateFleet', {
      arn: made.arn!,
      baseCapacity: 2,
      scalingConfiguration,
    })
    expect(updated).toMatchObject({
      status: { statusCode: 'UPDATING' },
      baseCapacity: 2,
      tags,
      computeType: 'BUILD_GENERAL1_MEDIUM',
      scalingConfiguration: { ...scalingConfiguration, desiredCapacity: 2 },
    })
    await house.runJobs()
    const other = await create()
    const names = [other.name!, made.arn!, 'nothing', `${made.arn}0`]
    const found = await house.invoke('codebuild', 'BatchGetFleets', { names })
    expect(found.fleets!.map(({ name }) => name)).toEqual([other.name, made.name])
    expect(found.fleetsNotFound).toEqual(['nothing', `${made.arn}0`])
    for (const sortBy of ['NAME', 'CREATED_TIME', 'LAST_MODIFIED_TIME'] as const) {
      for (const sortOrder of ['ASCENDING', 'DESCENDING'] as const) {
        const page = { sortBy, sortOrder, maxResults: 1 }
        const one = await house.invoke('codebuild', 'ListFleets', page)
        const two = await house.invoke('codebuild', 'ListFleets', { ...page, nextToken: one.nextToken! })
        expect([...one.fleets!, ...two.fleets!].sort()).toEqual([made.arn!, other.arn!].sort())
        expect(two.nextToken).toBeUndefined()
      }
    }
    for (const { arn } of [made, other]) await house.invoke('codebuild', 'DeleteFleet', { arn: arn! })
    expect((await house.invoke('codebuild', 'ListFleets', {})).fleets).toEqual([])
    await expect(house.invoke('codebuild', 'UpdateFleet', { arn: made.arn! })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })

  test.each<[string, object, string]>([
    ['a bad name', { name: '-' }, "at 'name'"],
    ['less than no machines', { baseCapacity: -1 }, 'baseCapacity must not be negative'],
    ['Windows', { environmentType: 'WINDOWS_EC2' }, 'WINDOWS_EC2 is not supported by Codeyard'],
    ['Lambda', { computeType: 'BUILD_LAMBDA_1GB' }, 'can not be used with reserved capacity'],
    [
      'no instance type',
      { computeType: 'CUSTOM_INSTANCE_TYPE' },
      'Invalid instance type: InstanceType should be a valid EC2 instance type',
    ],
    [
      'an instance type',
      { computeType: 'CUSTOM_INSTANCE_TYPE', computeConfiguration: { instanceType: 't3.large' } },
      'CUSTOM_INSTANCE_TYPE is not supported by Codeyard',
    ],
    ['no attributes', { computeType: 'ATTRIBUTE_BASED_COMPUTE' }, 'computeConfiguration is required'],
    ['attributes of a size', { computeConfiguration: { vCpu: 2 } }, 'needs the computeType ATTRIBUTE_BASED_COMPUTE'],
    [
      'disks of a kind',
      { computeType: 'ATTRIBUTE_BASED_COMPUTE', computeConfiguration: { vCpu: 2, machineType: 'NVME' } },
      'machineType NVME is not supported by Codeyard',
    ],
    [
      'a maximum below the base',
      { scalingConfiguration: { scalingType: 'TARGET_TRACKING_SCALING', maxCapacity: 1 } },
      'maxCapacity must be greater than baseCapacity',
    ],
    ['an image of machines', { imageId: 'ami-1' }, 'imageId ami-1 is not supported by Codeyard'],
    ['a proxy', { proxyConfiguration: { defaultBehavior: 'DENY_ALL' } }, 'proxyConfiguration is not supported'],
    ['a role that is none', { fleetServiceRole: 'admin' }, 'admin is not the ARN of a role of this account'],
    ['half a VPC', { vpcConfig: { vpcId: 'vpc-1' } }, 'vpcId, subnets and securityGroupIds are required'],
  ])('can not have %s', async (_, member, sentence) => {
    await expect(house.invoke('codebuild', 'CreateFleet', fleet(member))).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringContaining(sentence),
    })
  })

  test('keep nothing silently: what has no effect is in the log of each build, what has reaches the build or is told', async () => {
    const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
    const targetTrackingScalingConfigs = [{ metricType: 'FLEET_UTILIZATION_RATE' as const, targetValue: 0.5 }]
    const { arn: fleetArn } = await create({
      computeType: 'ATTRIBUTE_BASED_COMPUTE',
      computeConfiguration: { vCpu: 3, memory: 5, disk: 7 },
      fleetServiceRole: 'arn:aws:iam::000000000000:role/fleet',
      vpcConfig,
      scalingConfiguration: { scalingType: 'TARGET_TRACKING_SCALING', maxCapacity: 9, targetTrackingScalingConfigs },
    })
    const on = await project({}, { fleet: { fleetArn } })
    const id = await start(on)
    await start(on)
    // Two builds at half of the machines are four machines.
    const { fleets } = await house.invoke('codebuild', 'BatchGetFleets', { names: [fleetArn!] })
    expect(fleets).toMatchObject([{ vpcConfig, scalingConfiguration: { desiredCapacity: 4 } }])
    const { definition } = (await house.transaction(({ tx, scope }) => findBuild(tx, scope, id)))!
    expect(limitsOf(definition.environment!)).toMatchObject({ cpus: 3, memoryBytes: 5 * 1024 ** 3, diskBytes: 7e9 })
    expect(notCarriedOut(definition).join()).toMatch(/^vpcConfig of fleet fleet-\d+ has no effect here: .* vpc-1$/)
  })

  test("take builds up to their machines, those of others stay, and the compute type is the fleet's", async () => {
    const { arn: fleetArn, name } = await create()
    const key = `000000000000/us-east-1/${name}`
    const on = await project({}, { fleet: { fleetArn } })
    const [ours, second, theirs] = [await start(on), await start(on), await start(await project())]
    expect((await get(ours)).environment).toMatchObject({ computeType: 'BUILD_GENERAL1_MEDIUM', fleet: { fleetArn } })
    expect(await take(taker('here:/f', key))).toBe(ours)
    expect(await take(taker('here:/f', key))).toBeUndefined()
    expect(await take()).toBe(theirs)
    expect(await take()).toBeUndefined()
    await house.invoke('codebuild', 'UpdateFleet', { arn: fleetArn!, overflowBehavior: 'ON_DEMAND' })
    expect(await take()).toBe(second)
    await house.invoke('codebuild', 'DeleteFleet', { arn: fleetArn! })
    await expect(start(on)).rejects.toThrow('is being deleted')
    await expect(project({}, { type: 'ARM_CONTAINER', fleet: { fleetArn } })).rejects.toThrow('is being deleted')
    const arm = await create({ environmentType: 'ARM_CONTAINER' })
    await expect(project({}, { fleet: { fleetArn: arm.arn } })).rejects.toThrow('does not match ARM_CONTAINER')
    await expect(start(on, { fleetOverride: { fleetArn: `${fleetArn}0` } })).rejects.toThrow('does not exist')
  })
})
