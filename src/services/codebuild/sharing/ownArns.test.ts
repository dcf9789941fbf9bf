// ARNs of another account or region never mean what has the same name here: one table of every operation that takes a name or an ARN.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codebuildWith } from '../index.ts'

const service = codebuildWith({
  sandboxes: () => {
    throw new Error('nothing is built here')
  },
  endpointIn: async () => 'http://endpoint.test',
})
const ROLE = 'arn:aws:iam::000000000000:role/build'
let house: TestHouse
/** What there is in this account and region, by kind, as in its ARN. */
const here: Record<string, string> = {}

beforeAll(async () => {
  house = await openHouse({ services: [service], answers: { 'sts.GetCallerIdentity': async () => ({}) } })
  const { invoke } = house
  await invoke('codebuild', 'CreateProject', {
    name: 'app',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
    buildBatchConfig: { serviceRole: ROLE },
  })
  here.project = 'app'
  here.build = (await invoke('codebuild', 'StartBuild', { projectName: 'app' })).build!.id!
  here['build-batch'] = (await invoke('codebuild', 'StartBuildBatch', { projectName: 'app' })).buildBatch!.id!
  here.sandbox = (await invoke('codebuild', 'StartSandbox', { projectName: 'app' })).sandbox!.id!
  const { fleet } = await invoke('codebuild', 'CreateFleet', {
    name: 'fast',
    baseCapacity: 1,
    environmentType: 'LINUX_CONTAINER',
    computeType: 'BUILD_GENERAL1_SMALL',
  })
  here.fleet = fleet!.arn!.split('fleet/')[1]!
})
afterAll(() => house?.close())

/** Operation, kind, and its input with a name or ARN in the place of `$`; `kept`: it answers that there is none. */
const TABLE = `
  StartBuild project {"projectName":"$"}
  StartBuildBatch project {"projectName":"$"}
  StartSandbox project {"projectName":"$"}
  InvalidateProjectCache project {"projectName":"$"}
  ListBuildsForProject project {"projectName":"$"}
  ListBuildBatchesForProject project {"projectName":"$"}
  ListSandboxesForProject project {"projectName":"$"}
  CreateWebhook project {"projectName":"$"}
  UpdateWebhook project {"projectName":"$","branchFilter":"x"}
  DeleteWebhook project {"projectName":"$"}
  DeleteProject project {"name":"$"} kept
  BatchGetProjects project {"names":["$"]} kept
  UpdateProjectVisibility project {"projectArn":"$","projectVisibility":"PRIVATE"}
  StopBuild build {"id":"$"}
  RetryBuild build {"id":"$"}
  BatchGetBuilds build {"ids":["$"]} kept
  BatchDeleteBuilds build {"ids":["$"]} kept
  StopBuildBatch build-batch {"id":"$"}
  RetryBuildBatch build-batch {"id":"$"}
  BatchGetBuildBatches build-batch {"ids":["$"]} kept
  DeleteBuildBatch build-batch {"id":"$"} kept
  StopSandbox sandbox {"id":"$"}
  BatchGetSandboxes sandbox {"ids":["$"]} kept
  StartCommandExecution sandbox {"sandboxId":"$","command":"true"}
  BatchGetCommandExecutions sandbox {"sandboxId":"$","commandExecutionIds":["x"]} kept
  ListCommandExecutionsForSandbox sandbox {"sandboxId":"$"}
  StartSandboxConnection sandbox {"sandboxId":"$"}
  UpdateFleet fleet {"arn":"$","baseCapacity":9}
  DeleteFleet fleet {"arn":"$"}
  BatchGetFleets fleet {"names":["$"]} kept
`
const CASES = TABLE.trim()
  .split('\n')
  .map(line => line.trim().split(' '))

// Another account's are refused before anything is looked for: no policy of that account shares them.
describe.each([
  ['another account', 'us-east-1:111111111111', true],
  ['another region', 'eu-west-1:000000000000', false],
])('an ARN of %s', (_, where, denied) => {
  test.each(CASES)('%s does nothing to what has its name here', async (operation, kind, input, kept) => {
    const arn = `arn:aws:codebuild:${where}:${kind}/${here[kind!]}`
    const answer = house.invoke('codebuild', operation as 'StopBuild', JSON.parse(input!.replace('$', arn)))
    if (operation!.endsWith('Webhook'))
      await expect(answer).rejects.toThrow(arn) // takes names only
    else if (denied) await expect(answer).rejects.toMatchObject({ code: 'AccessDeniedException' })
    else if (kept) {
      const found = Object.entries(await answer).filter(([name]) => !/not(Found|Deleted)$/i.test(name))
      expect(found.flatMap(([, value]) => (Array.isArray(value) ? value : []))).toEqual([])
    } else await expect(answer).rejects.toThrow(arn)
    const { projects } = await house.invoke('codebuild', 'BatchGetProjects', { names: ['app'] })
    expect(projects).toHaveLength(1)
    const { builds } = await house.invoke('codebuild', 'BatchGetBuilds', { ids: [here.build!] })
    expect(builds).toMatchObject([{ buildStatus: 'IN_PROGRESS' }])
    const { buildBatches } = await house.invoke('codebuild', 'BatchGetBuildBatches', { ids: [here['build-batch']!] })
    expect(buildBatches).toMatchObject([{ buildBatchStatus: 'IN_PROGRESS' }])
    const { sandboxes } = await house.invoke('codebuild', 'BatchGetSandboxes', { ids: [here.sandbox!] })
    expect(sandboxes![0]).not.toHaveProperty('endTime')
    const { fleets } = await house.invoke('codebuild', 'BatchGetFleets', { names: ['fast'] })
    expect(fleets).toMatchObject([{ baseCapacity: 1 }])
  })
})

test('ARNs of this account and region are as good as names', async () => {
  const own = (kind: string) => `arn:aws:codebuild:us-east-1:000000000000:${kind}/${here[kind]}`
  const { invoke } = house
  expect(await invoke('codebuild', 'InvalidateProjectCache', { projectName: own('project') })).toEqual({})
  expect((await invoke('codebuild', 'StopBuild', { id: own('build') })).build).toMatchObject({ buildStatus: 'STOPPED' })
  expect((await invoke('codebuild', 'StopSandbox', { id: own('sandbox') })).sandbox).toMatchObject({
    status: 'STOPPED',
  })
  expect((await invoke('codebuild', 'BatchGetFleets', { names: [own('fleet')] })).fleets).toHaveLength(1)
})
