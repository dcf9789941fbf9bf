import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { principalArn } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { codedeployCommands } from './commands.ts'
import { codedeploy } from './index.ts'
import { deploy, host, hostArn, makeFleet, ROLE, S3_REVISION, statusOf } from './testing/fleet.ts'

let house: TestHouse
let published: any[]
let etag: string
beforeEach(async () => {
  published = []
  etag = '"e1"'
  house = await openHouse({
    services: [codedeploy, codedeployCommands],
    answers: {
      's3.HeadObject': async () => ({ ETag: etag, VersionId: 'v1' }),
      'sns.Publish': async (input, principal) => {
        published.push({ ...input, by: principalArn(principal) })
        return { MessageId: 'm' }
      },
    },
    now: '2026-11-23T05:00:00Z',
  })
})
afterEach(() => house.close())

const target = async (deploymentId: string, targetId: string) =>
  (await house.invoke('codedeploy', 'GetDeploymentTarget', { deploymentId, targetId })).deploymentTarget!
    .instanceTarget!

describe('a deployment', () => {
  test('goes through the lifecycle events of a host in order and succeeds', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house, { description: 'first' })
    expect(id).toMatch(/^d-[A-Z0-9]{9}$/)
    expect(await host(house, 'a').obey()).toEqual([
      'ApplicationStop',
      'DownloadBundle',
      'BeforeInstall',
      'Install',
      'AfterInstall',
      'ApplicationStart',
      'ValidateService',
    ])
    const info = await statusOf(house, id)
    expect(info).toMatchObject({
      status: 'Succeeded',
      creator: 'user',
      description: 'first',
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      deploymentOverview: { Pending: 0, InProgress: 0, Succeeded: 1, Failed: 0, Skipped: 0, Ready: 0 },
      revision: {
        revisionType: 'S3',
        s3Location: { bucket: 'artifacts', key: 'app.zip', bundleType: 'zip', version: 'v1', eTag: 'e1' },
      },
      fileExistsBehavior: 'DISALLOW',
    })
    const group = await house.invoke('codedeploy', 'GetDeploymentGroup', {
      applicationName: 'shop',
      deploymentGroupName: 'fleet',
    })
    expect(group.deploymentGroupInfo).toMatchObject({
      lastSuccessfulDeployment: { deploymentId: id, status: 'Succeeded' },
      lastAttemptedDeployment: { deploymentId: id },
      targetRevision: S3_REVISION,
    })
  })

  test('emits the events of AWS', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    await host(house, 'a').obey()
    const group = await house.invoke('codedeploy', 'GetDeploymentGroup', {
      applicationName: 'shop',
      deploymentGroupName: 'fleet',
    })
    expect(house.events.map(event => [event['detail-type'], event.detail.state])).toEqual([
      ['CodeDeploy Deployment State-change Notification', 'START'],
      ['CodeDeploy Instance State-change Notification', 'START'],
      ['CodeDeploy Instance State-change Notification', 'SUCCESS'],
      ['CodeDeploy Deployment State-change Notification', 'SUCCESS'],
    ])
    expect(house.events[0]).toMatchObject({
      source: 'aws.codedeploy',
      resources: [
        'arn:aws:codedeploy:us-east-1:000000000000:application:shop',
        'arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:shop/fleet',
      ],
      detail: {
        region: 'us-east-1',
        deploymentId: id,
        instanceGroupId: group.deploymentGroupInfo?.deploymentGroupId,
        deploymentGroup: 'fleet',
        state: 'START',
        application: 'shop',
      },
    })
    expect(house.events[1]?.detail.instanceId).toBe('a')
  })

  test('takes one host at a time and fails the rest when one fails', async () => {
    await makeFleet(house, ['a', 'b', 'c'])
    const id = await deploy(house)
    await host(house, 'a').obey({ failing: 'AfterInstall' })
    expect(await statusOf(house, id)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS' },
      deploymentOverview: { Failed: 1, Skipped: 2 },
    })
    const failed = await target(id, 'a')
    expect(failed.lifecycleEvents?.map(event => event.status)).toEqual([
      'Succeeded',
      'Succeeded',
      'Succeeded',
      'Succeeded',
      'Failed',
      'Skipped',
      'Skipped',
    ])
    expect(failed.lifecycleEvents?.[4]?.diagnostics).toEqual({
      errorCode: 'ScriptFailed',
      scriptName: 'x.sh',
      message: 'broken',
      logTail: 'the log',
    })
  })

  test('goes to the failed and the unknown hosts first, then to older revisions', async () => {
    await makeFleet(house, ['a', 'b', 'c'], { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' })
    await deploy(house)
    await host(house, 'a').obey()
    await host(house, 'b').obey({ failing: 'Install' })
    await host(house, 'c').obey()
    await house.invoke('codedeploy', 'RegisterOnPremisesInstance', { instanceName: 'd', iamUserArn: hostArn('d') })
    await house.invoke('codedeploy', 'AddTagsToOnPremisesInstances', {
      instanceNames: ['d'],
      tags: [{ Key: 'env', Value: 'prod' }],
    })
    etag = '"e2"'
    const second = await deploy(house)
    const { targetIds } = await house.invoke('codedeploy', 'ListDeploymentTargets', { deploymentId: second })
    expect(targetIds).toEqual(['b', 'd', 'a', 'c'])
  })

  test('fails with NO_INSTANCES when no host has the tags', async () => {
    await makeFleet(house, [])
    const id = await deploy(house)
    expect(await statusOf(house, id)).toMatchObject({ status: 'Failed', errorInformation: { code: 'NO_INSTANCES' } })
  })

  test('is refused while another one is active in the group', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    await expect(deploy(house)).rejects.toMatchObject({
      code: 'DeploymentLimitExceededException',
      message: `The Deployment Group 'fleet' already has an active Deployment '${id}'`,
    })
  })

  test.each([
    [
      { revision: { revisionType: 'GitHub', gitHubLocation: { repository: 'a/b', commitId: 'c' } } },
      'InvalidRevisionException',
      'GitHub',
    ],
    [
      { revision: { revisionType: 'AppSpecContent', appSpecContent: { content: '{}' } } },
      'InvalidRevisionException',
      'Lambda',
    ],
    [
      { revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'YAML' } } },
      'InvalidRevisionException',
      'YAML',
    ],
    [
      { deploymentGroupName: 'nope' },
      'DeploymentGroupDoesNotExistException',
      'No Deployment Group found for name: nope',
    ],
    [{ applicationName: 'nope' }, 'ApplicationDoesNotExistException', 'No application found for name: nope'],
    [{ deploymentConfigName: 'nope' }, 'DeploymentConfigDoesNotExistException', 'nope'],
    [{ revision: undefined }, 'RevisionRequiredException', ''],
  ])('%j is refused: %s', async (input, code, text) => {
    await makeFleet(house, ['a'])
    await expect(deploy(house, input)).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
  })

  test('a silent host is told of, and after an hour its event and the deployment fail', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    expect((await target(id, 'a')).lifecycleEvents?.[0]).toMatchObject({
      status: 'InProgress',
      diagnostics: { message: 'The agent of a has never been seen.' },
    })
    house.clock.advance(3_599_000)
    await house.runJobs()
    expect((await statusOf(house, id)).status).toBe('InProgress')
    house.clock.advance(1000)
    await house.runJobs()
    expect(await statusOf(house, id)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HEALTH_CONSTRAINTS' },
    })
    expect((await target(id, 'a')).lifecycleEvents?.[0]?.diagnostics?.message).toContain(
      'CodeDeploy agent was not able to receive the lifecycle event.',
    )
    expect(await house.waitingJobs()).toEqual([])
  })

  test('an acknowledged event has its hour from then on', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    const agent = host(house, 'a')
    house.clock.advance(1_800_000)
    await agent.acknowledge((await agent.poll())!)
    house.clock.advance(3_600_000)
    await house.runJobs()
    expect((await statusOf(house, id)).status).toBe('InProgress')
    house.clock.advance(61_000)
    await house.runJobs()
    expect((await statusOf(house, id)).status).toBe('Failed')
  })
})

describe('stopping and rolling back', () => {
  const withRollback = {
    autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST'] },
  }

  test('StopDeployment lets a running event end', async () => {
    await makeFleet(house, ['a', 'b'])
    const id = await deploy(house)
    const agent = host(house, 'a')
    const command = (await agent.poll())!
    await agent.acknowledge(command)
    expect(await house.invoke('codedeploy', 'StopDeployment', { deploymentId: id })).toMatchObject({
      status: 'Pending',
    })
    expect((await statusOf(house, id)).status).toBe('InProgress')
    await agent.complete(command)
    expect(await statusOf(house, id)).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } })
    await expect(house.invoke('codedeploy', 'StopDeployment', { deploymentId: id })).rejects.toMatchObject({
      code: 'DeploymentAlreadyCompletedException',
    })
  })

  test('StopDeployment before any event runs stops at once, and nobody gets the command', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    expect(await house.invoke('codedeploy', 'StopDeployment', { deploymentId: id })).toEqual({
      status: 'Succeeded',
      statusMessage: 'Stop operation succeeded.',
    })
    expect((await statusOf(house, id)).status).toBe('Stopped')
    const waiting = await house.transaction(
      ({ tx }) => tx.rows`select 1 from codedeploy.commands where state <> 'over'`,
    )
    expect(waiting).toEqual([])
  })

  test('a failed deployment is followed by one of the last good revision', async () => {
    await makeFleet(house, ['a'], withRollback)
    const good = await deploy(house)
    await host(house, 'a').obey()
    etag = '"e2"'
    const bad = await deploy(house)
    await host(house, 'a').obey({ failing: 'ValidateService' })
    const failed = await statusOf(house, bad)
    const rollback = failed.rollbackInfo!.rollbackDeploymentId!
    expect(failed.status).toBe('Failed')
    await house.runJobs()
    expect(await statusOf(house, rollback)).toMatchObject({
      creator: 'codeDeployRollback',
      status: 'InProgress',
      rollbackInfo: { rollbackTriggeringDeploymentId: bad },
      revision: { s3Location: { eTag: 'e1' } },
      previousRevision: { s3Location: { eTag: 'e1' } },
    })
    expect(failed.rollbackInfo?.rollbackMessage).toContain(good)
    await host(house, 'a').obey({ failing: 'ApplicationStart' })
    // A rollback that fails is not rolled back.
    expect((await statusOf(house, rollback)).rollbackInfo?.rollbackDeploymentId).toBeUndefined()
  })

  test('without a good revision the failed deployment says that there is no rollback', async () => {
    await makeFleet(house, ['a'], withRollback)
    const id = await deploy(house)
    await host(house, 'a').obey({ failing: 'Install' })
    expect((await statusOf(house, id)).rollbackInfo?.rollbackMessage).toContain('No rollback')
  })
})

test('triggers publish to SNS as the service role, for the events they name', async () => {
  await makeFleet(house, ['a'], {
    triggerConfigurations: [
      {
        triggerName: 'ops',
        triggerTargetArn: 'arn:aws:sns:us-east-1:000000000000:ops',
        triggerEvents: ['DeploymentSuccess', 'InstanceSuccess'],
      },
    ],
  })
  const id = await deploy(house)
  await host(house, 'a').obey()
  await house.runJobs()
  expect(published.map(message => message.Subject)).toEqual([
    `SUCCEEDED: AWS CodeDeploy ${id} in us-east-1 to shop`,
    `SUCCEEDED: AWS CodeDeploy ${id} in us-east-1 to shop`,
  ])
  expect(published[0].by).toContain(`assumed-role/${ROLE.split('/')[1]}/`)
  expect(JSON.parse(published[1].Message)).toMatchObject({
    eventTriggerName: 'ops',
    deploymentId: id,
    status: 'SUCCEEDED',
  })
})
