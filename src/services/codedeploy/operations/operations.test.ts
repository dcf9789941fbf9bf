import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codedeployCommands } from '../commands.ts'
import { codedeploy } from '../index.ts'
import { deploy, host, hostArn, makeFleet, ROLE, S3_REVISION } from '../testing/fleet.ts'

let house: TestHouse
beforeEach(async () => {
  house = await openHouse({
    services: [codedeploy, codedeployCommands],
    answers: { 's3.HeadObject': async () => ({ ETag: '"e1"' }) },
    now: '2026-11-23T05:00:00Z',
  })
})
afterEach(() => house.close())
const call = (operation: any, input: any): Promise<any> => house.invoke('codedeploy', operation, input)
const code = (wanted: string) => ({ code: wanted })

describe('applications', () => {
  test('are made, shown, renamed with their tags, listed and deleted', async () => {
    const { applicationId } = await call('CreateApplication', {
      applicationName: 'shop',
      tags: [{ Key: 'team', Value: 'a' }],
    })
    await expect(call('CreateApplication', { applicationName: 'shop' })).rejects.toMatchObject(
      code('ApplicationAlreadyExistsException'),
    )
    expect((await call('GetApplication', { applicationName: 'shop' })).application).toEqual({
      applicationId,
      applicationName: 'shop',
      computePlatform: 'Server',
      linkedToGitHub: false,
      createTime: new Date('2026-11-23T05:00:00Z'),
    })
    await call('UpdateApplication', { applicationName: 'shop', newApplicationName: 'store' })
    expect(
      await call('ListTagsForResource', { ResourceArn: 'arn:aws:codedeploy:us-east-1:000000000000:application:store' }),
    ).toEqual({
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    expect((await call('ListApplications', {})).applications).toEqual(['store'])
    expect((await call('BatchGetApplications', { applicationNames: ['store'] })).applicationsInfo).toHaveLength(1)
    await call('DeleteApplication', { applicationName: 'store' })
    await call('DeleteApplication', { applicationName: 'store' })
    await expect(call('GetApplication', { applicationName: 'store' })).rejects.toMatchObject({
      code: 'ApplicationDoesNotExistException',
      message: 'No application found for name: store',
    })
  })

  test('are listed a hundred a page', async () => {
    for (let index = 0; index < 101; index++)
      await call('CreateApplication', { applicationName: `app-${String(index).padStart(3, '0')}` })
    const first = await call('ListApplications', {})
    expect(first.applications).toHaveLength(100)
    expect(await call('ListApplications', { nextToken: first.nextToken })).toEqual({
      applications: ['app-100'],
      nextToken: undefined,
    })
    await expect(call('ListApplications', { nextToken: '???' })).rejects.toMatchObject(
      code('InvalidNextTokenException'),
    )
  })

  test.each(['Lambda', 'ECS'])('of the platform %s are refused by name', async computePlatform => {
    await expect(call('CreateApplication', { applicationName: 'x', computePlatform })).rejects.toMatchObject({
      code: 'InvalidComputePlatformException',
      message: expect.stringContaining(computePlatform),
    })
  })

  test('missing and malformed names have exceptions of their own', async () => {
    await expect(call('GetApplication', {})).rejects.toMatchObject(code('ApplicationNameRequiredException'))
    await expect(call('GetApplication', { applicationName: 'x'.repeat(101) })).rejects.toMatchObject(
      code('InvalidApplicationNameException'),
    )
    await expect(call('GetDeployment', {})).rejects.toMatchObject(code('DeploymentIdRequiredException'))
    await expect(call('GetDeployment', { deploymentId: 'd-NOPE12345' })).rejects.toMatchObject(
      code('DeploymentDoesNotExistException'),
    )
  })
})

describe('deployment groups', () => {
  test('are made, changed part by part, listed and deleted', async () => {
    await makeFleet(house, [])
    await expect(
      call('CreateDeploymentGroup', { applicationName: 'shop', deploymentGroupName: 'fleet', serviceRoleArn: ROLE }),
    ).rejects.toMatchObject(code('DeploymentGroupAlreadyExistsException'))
    await call('UpdateDeploymentGroup', {
      applicationName: 'shop',
      currentDeploymentGroupName: 'fleet',
      newDeploymentGroupName: 'hosts',
      onPremisesTagSet: { onPremisesTagSetList: [[{ Key: 'a', Type: 'KEY_ONLY' }]] },
      alarmConfiguration: { enabled: true, alarms: [{ name: 'x' }] },
    })
    const { deploymentGroupInfo } = await call('GetDeploymentGroup', {
      applicationName: 'shop',
      deploymentGroupName: 'hosts',
    })
    expect(deploymentGroupInfo).toMatchObject({
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      serviceRoleArn: ROLE,
      onPremisesInstanceTagFilters: [],
      onPremisesTagSet: { onPremisesTagSetList: [[{ Key: 'a', Type: 'KEY_ONLY' }]] },
      alarmConfiguration: { enabled: true, alarms: [{ name: 'x' }] },
      computePlatform: 'Server',
    })
    expect(await call('ListDeploymentGroups', { applicationName: 'shop' })).toMatchObject({
      deploymentGroups: ['hosts'],
    })
    expect(
      await call('BatchGetDeploymentGroups', { applicationName: 'shop', deploymentGroupNames: ['hosts', 'nope'] }),
    ).toMatchObject({
      deploymentGroupsInfo: [{ deploymentGroupName: 'hosts' }],
      errorMessage: expect.stringContaining('nope'),
    })
    await call('DeleteDeploymentGroup', { applicationName: 'shop', deploymentGroupName: 'hosts' })
    await expect(
      call('GetDeploymentGroup', { applicationName: 'shop', deploymentGroupName: 'hosts' }),
    ).rejects.toMatchObject({
      message: 'No Deployment Group found for name: hosts',
    })
  })

  test.each([
    [
      { deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' } },
      'InvalidDeploymentStyleException',
    ],
    [{ autoScalingGroups: ['asg'] }, 'InvalidAutoScalingGroupException'],
    [{ ec2TagFilters: [{ Key: 'a', Type: 'KEY_ONLY' }] }, 'InvalidEC2TagException'],
    [{ loadBalancerInfo: { elbInfoList: [{ name: 'lb' }] } }, 'InvalidLoadBalancerInfoException'],
    [{ serviceRoleArn: 'nonsense' }, 'InvalidRoleException'],
    [{ deploymentConfigName: 'nope' }, 'DeploymentConfigDoesNotExistException'],
    [{ autoRollbackConfiguration: { enabled: true } }, 'InvalidAutoRollbackConfigException'],
    [
      {
        onPremisesInstanceTagFilters: [{ Key: 'a' }],
        onPremisesTagSet: { onPremisesTagSetList: [[{ Key: 'a' }]] },
      },
      'InvalidOnPremisesTagCombinationException',
    ],
  ])('%j is refused: %s', async (input, exception) => {
    await call('CreateApplication', { applicationName: 'shop' })
    const group = { applicationName: 'shop', deploymentGroupName: 'g', serviceRoleArn: ROLE }
    await expect(call('CreateDeploymentGroup', { ...group, ...input })).rejects.toMatchObject(code(exception))
  })

  test('of several tag groups every one must match, of the filters in one any', async () => {
    await makeFleet(house, ['a', 'b'], {
      onPremisesInstanceTagFilters: undefined,
      onPremisesTagSet: {
        onPremisesTagSetList: [
          [{ Key: 'env', Value: 'prod', Type: 'KEY_AND_VALUE' }],
          [
            { Key: 'zone', Value: 'x', Type: 'KEY_AND_VALUE' },
            { Key: 'zone', Value: 'y', Type: 'KEY_AND_VALUE' },
          ],
        ],
      },
    })
    await call('AddTagsToOnPremisesInstances', { instanceNames: ['b'], tags: [{ Key: 'zone', Value: 'y' }] })
    const deploymentId = await deploy(house)
    expect((await call('ListDeploymentTargets', { deploymentId })).targetIds).toEqual(['b'])
  })
})

describe('deployment configurations', () => {
  test('AWS’s own are there and can not be changed', async () => {
    expect((await call('ListDeploymentConfigs', {})).deploymentConfigsList).toEqual([
      'CodeDeployDefault.AllAtOnce',
      'CodeDeployDefault.HalfAtATime',
      'CodeDeployDefault.OneAtATime',
    ])
    const { deploymentConfigInfo } = await call('GetDeploymentConfig', {
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
    })
    expect(deploymentConfigInfo.minimumHealthyHosts).toEqual({ type: 'MOST_CONCURRENCY', value: 1 })
    await expect(
      call('DeleteDeploymentConfig', { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' }),
    ).rejects.toMatchObject(code('InvalidOperationException'))
  })

  test('own ones are used by groups, and not deleted while they are', async () => {
    const deploymentConfigName = 'three-quarters'
    await call('CreateDeploymentConfig', {
      deploymentConfigName,
      minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 75 },
    })
    await makeFleet(house, [], { deploymentConfigName })
    await expect(call('DeleteDeploymentConfig', { deploymentConfigName })).rejects.toMatchObject(
      code('DeploymentConfigInUseException'),
    )
    await call('DeleteDeploymentGroup', { applicationName: 'shop', deploymentGroupName: 'fleet' })
    await call('DeleteDeploymentConfig', { deploymentConfigName })
    await expect(call('GetDeploymentConfig', { deploymentConfigName })).rejects.toMatchObject(
      code('DeploymentConfigDoesNotExistException'),
    )
    await expect(
      call('CreateDeploymentConfig', {
        deploymentConfigName,
        minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 101 },
      }),
    ).rejects.toMatchObject(code('InvalidMinimumHealthyHostValueException'))
  })
})

describe('revisions', () => {
  test('are registered, found, filtered and sorted', async () => {
    await makeFleet(house, ['a'])
    const location = (key: string) => ({
      revisionType: 'S3',
      s3Location: { bucket: 'artifacts', key, bundleType: 'zip' },
    })
    await call('RegisterApplicationRevision', {
      applicationName: 'shop',
      revision: location('old.zip'),
      description: 'first',
    })
    house.clock.advance(1000)
    await deploy(house)
    const { revisions } = await call('ListApplicationRevisions', {
      applicationName: 'shop',
      sortBy: 'registerTime',
      sortOrder: 'descending',
    })
    expect(revisions).toEqual([S3_REVISION, location('old.zip')])
    const list = async (filter: object) =>
      (await call('ListApplicationRevisions', { applicationName: 'shop', ...filter })).revisions
    expect(await list({ deployed: 'include' })).toEqual([S3_REVISION])
    expect(await list({ deployed: 'exclude' })).toEqual([location('old.zip')])
    expect(await list({ s3Bucket: 'artifacts', s3KeyPrefix: 'ol' })).toEqual([location('old.zip')])
    await expect(list({ s3KeyPrefix: 'ol' })).rejects.toMatchObject(code('BucketNameFilterRequiredException'))
    expect(await call('GetApplicationRevision', { applicationName: 'shop', revision: S3_REVISION })).toMatchObject({
      revision: S3_REVISION,
      revisionInfo: { deploymentGroups: ['fleet'], lastUsedTime: new Date('2026-11-23T05:00:01Z') },
    })
    await expect(
      call('GetApplicationRevision', { applicationName: 'shop', revision: location('no') }),
    ).rejects.toMatchObject(code('RevisionDoesNotExistException'))
    expect(
      await call('BatchGetApplicationRevisions', {
        applicationName: 'shop',
        revisions: [location('old.zip'), location('no')],
      }),
    ).toMatchObject({
      revisions: [{ genericRevisionInfo: { description: 'first' } }],
      errorMessage: expect.stringContaining('1 '),
    })
  })
})

describe('on-premises instances', () => {
  test('are registered with one identity, once', async () => {
    const register = (input: object) => call('RegisterOnPremisesInstance', input)
    await register({ instanceName: 'a', iamUserArn: hostArn('a') })
    await expect(register({ instanceName: 'a', iamUserArn: hostArn('x') })).rejects.toMatchObject(
      code('InstanceNameAlreadyRegisteredException'),
    )
    await expect(register({ instanceName: 'b', iamUserArn: hostArn('a') })).rejects.toMatchObject(
      code('IamUserArnAlreadyRegisteredException'),
    )
    await expect(register({ instanceName: 'b' })).rejects.toMatchObject(code('IamArnRequiredException'))
    await expect(register({ instanceName: 'b', iamUserArn: 'x' })).rejects.toMatchObject(
      code('InvalidIamUserArnException'),
    )
    await expect(
      register({
        instanceName: 'b',
        iamUserArn: hostArn('b'),
        iamSessionArn: 'arn:aws:sts::000000000000:assumed-role/r/s',
      }),
    ).rejects.toMatchObject(code('MultipleIamArnsProvidedException'))
    await register({ instanceName: 's', iamSessionArn: 'arn:aws:sts::000000000000:assumed-role/r/s' })
    expect((await call('GetOnPremisesInstance', { instanceName: 'a' })).instanceInfo).toMatchObject({
      instanceName: 'a',
      iamUserArn: hostArn('a'),
      instanceArn: expect.stringMatching(/^arn:aws:codedeploy:us-east-1:000000000000:instance\/a_[A-Za-z0-9]{10}$/),
      tags: [],
    })
    await call('DeregisterOnPremisesInstance', { instanceName: 'a' })
    expect((await call('ListOnPremisesInstances', { registrationStatus: 'Registered' })).instanceNames).toEqual(['s'])
    expect((await call('ListOnPremisesInstances', { registrationStatus: 'Deregistered' })).instanceNames).toEqual(['a'])
    expect((await call('ListOnPremisesInstances', {})).instanceNames).toEqual(['a', 's'])
    await register({ instanceName: 'a', iamUserArn: hostArn('a') })
  })

  test('are found by tags', async () => {
    await makeFleet(house, ['a', 'b'])
    await call('AddTagsToOnPremisesInstances', { instanceNames: ['a'], tags: [{ Key: 'env', Value: 'test' }] })
    const filters = (...tagFilters: object[]) => call('ListOnPremisesInstances', { tagFilters })
    expect((await filters({ Key: 'env', Type: 'KEY_ONLY' })).instanceNames).toEqual(['a', 'b'])
    expect((await filters({ Key: 'env', Value: 'test', Type: 'KEY_AND_VALUE' })).instanceNames).toEqual(['a'])
    expect((await filters({ Value: 'prod', Type: 'VALUE_ONLY' })).instanceNames).toEqual(['b'])
    await call('RemoveTagsFromOnPremisesInstances', {
      instanceNames: ['a', 'b'],
      tags: [{ Key: 'env', Value: 'test' }],
    })
    expect(
      (await call('BatchGetOnPremisesInstances', { instanceNames: ['a', 'b'] })).instanceInfos.map(
        (info: any) => info.tags,
      ),
    ).toEqual([[], [{ Key: 'env', Value: 'prod' }]])
    await expect(
      call('AddTagsToOnPremisesInstances', { instanceNames: ['nope'], tags: [{ Key: 'a' }] }),
    ).rejects.toMatchObject(code('InstanceNotRegisteredException'))
  })
})

describe('deployments and their targets', () => {
  test('are listed by group, status and time, in the old shapes too', async () => {
    await makeFleet(house, ['a', 'b'], { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' })
    const first = await deploy(house)
    await host(house, 'a').obey()
    await host(house, 'b').obey({ failing: 'Install' })
    house.clock.advance(60_000)
    const second = await deploy(house)
    const list = async (filter: object) => (await call('ListDeployments', filter)).deployments
    expect(await list({})).toEqual([second, first])
    expect(
      await list({ applicationName: 'shop', deploymentGroupName: 'fleet', includeOnlyStatuses: ['Succeeded'] }),
    ).toEqual([first])
    expect(await list({ createTimeRange: { start: new Date('2026-11-23T05:00:30Z') } })).toEqual([second])
    await expect(list({ deploymentGroupName: 'fleet' })).rejects.toMatchObject(code('ApplicationNameRequiredException'))
    const infos = (await call('BatchGetDeployments', { deploymentIds: [first, second, 'd-NOPE00000'] })).deploymentsInfo
    expect(infos.map((info: any) => info.status)).toEqual(['InProgress', 'Succeeded'])
    expect(
      (await call('ListDeploymentTargets', { deploymentId: first, targetFilters: { TargetStatus: ['Failed'] } }))
        .targetIds,
    ).toEqual(['b'])
    expect((await call('ListDeploymentInstances', { deploymentId: first })).instancesList).toEqual(['a', 'b'])
    expect(
      (await call('GetDeploymentInstance', { deploymentId: first, instanceId: 'b' })).instanceSummary,
    ).toMatchObject({ status: 'Failed' })
    expect(
      (await call('BatchGetDeploymentInstances', { deploymentId: first, instanceIds: ['a', 'zz'] })).errorMessage,
    ).toContain('zz')
    const targets = await call('BatchGetDeploymentTargets', { deploymentId: first, targetIds: ['a', 'b'] })
    expect(targets.deploymentTargets.map((one: any) => one.instanceTarget.status)).toEqual(['Succeeded', 'Failed'])
    await expect(call('BatchGetDeploymentTargets', { deploymentId: first, targetIds: ['zz'] })).rejects.toMatchObject(
      code('DeploymentTargetDoesNotExistException'),
    )
  })

  test('follow a renamed application and group', async () => {
    await makeFleet(house, ['a'])
    const deploymentId = await deploy(house)
    await call('UpdateApplication', { applicationName: 'shop', newApplicationName: 'store' })
    await call('UpdateDeploymentGroup', {
      applicationName: 'store',
      currentDeploymentGroupName: 'fleet',
      newDeploymentGroupName: 'hosts',
    })
    expect(
      (await call('ListDeployments', { applicationName: 'store', deploymentGroupName: 'hosts' })).deployments,
    ).toEqual([deploymentId])
    expect((await call('GetDeployment', { deploymentId })).deploymentInfo).toMatchObject({
      applicationName: 'store',
      deploymentGroupName: 'hosts',
    })
  })

  test('a deleted application leaves the record of its deployments', async () => {
    await makeFleet(house, ['a'])
    const deploymentId = await deploy(house)
    await host(house, 'a').obey()
    await call('DeleteApplication', { applicationName: 'shop' })
    expect((await call('GetDeployment', { deploymentId })).deploymentInfo.status).toBe('Succeeded')
  })
})

test('tags of groups; other ARNs are refused', async () => {
  await makeFleet(house, [])
  const ResourceArn = 'arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:shop/fleet'
  await call('TagResource', {
    ResourceArn,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
  await call('UntagResource', { ResourceArn, TagKeys: ['a'] })
  expect(await call('ListTagsForResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] })
  await expect(call('ListTagsForResource', { ResourceArn: 'arn:aws:s3:::b' })).rejects.toMatchObject(
    code('InvalidArnException'),
  )
  await expect(
    call('ListTagsForResource', { ResourceArn: 'arn:aws:codedeploy:us-east-1:000000000000:deploymentconfig:x' }),
  ).rejects.toMatchObject(code('ArnNotSupportedException'))
})
