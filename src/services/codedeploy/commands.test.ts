import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { codedeployCommands } from './commands.ts'
import { codedeploy } from './index.ts'
import { deploy, host, hostArn, makeFleet, statusOf } from './testing/fleet.ts'

let house: TestHouse
beforeEach(async () => {
  house = await openHouse({
    services: [codedeploy, codedeployCommands],
    answers: { 's3.HeadObject': async () => ({ ETag: '"e1"' }) },
    now: '2026-11-23T05:00:00Z',
  })
})
afterEach(() => house.close())

describe('PollHostCommand', () => {
  test('a poll that waits is woken by a new command', async () => {
    await makeFleet(house, ['a'])
    const waiting = host(house, 'a').poll()
    await expect
      .poll(
        async () =>
          (await house.store.pool.query('select last_seen_at from codedeploy.on_premises_instances')).rows[0]
            .last_seen_at,
      )
      .not.toBeNull()
    await deploy(house)
    expect(await waiting).toMatchObject({
      CommandName: 'ApplicationStop',
      Nonce: 1,
      DeploymentExecutionId: expect.stringMatching(/^us-east-1\/000000000000\/d-[A-Z0-9]{9}\/1$/),
    })
  })

  test('of two polls only one gets a command, and an acknowledged one is never given again', async () => {
    await makeFleet(house, ['a'])
    await deploy(house)
    const agent = host(house, 'a')
    const first = (await agent.poll())!
    await agent.acknowledge(first)
    house.clock.advance(3_000_000)
    const second = agent.poll()
    await agent.complete(first)
    expect((await second)?.CommandName).toBe('DownloadBundle')
  })

  test('a command that was never acknowledged is given again after some seconds, with the next nonce', async () => {
    await makeFleet(house, ['a'])
    await deploy(house)
    const first = (await host(house, 'a').poll())!
    house.clock.advance(6_000)
    expect(await host(house, 'a').poll()).toEqual({ ...first, Nonce: 2 })
  })

  test('nobody polls for another host, or for one that is not registered', async () => {
    await makeFleet(house, ['a', 'b'])
    await expect(host(house, 'a').poll('b')).rejects.toMatchObject({ code: 'AccessDeniedException' })
    await expect(host(house, 'stranger').poll()).rejects.toMatchObject({ code: 'ClientException' })
    await house.invoke('codedeploy', 'DeregisterOnPremisesInstance', { instanceName: 'a' })
    await expect(host(house, 'a').poll()).rejects.toMatchObject({ code: 'ClientException' })
  })
})

test('the deployment specification is signed JSON with what the agent needs', async () => {
  await makeFleet(house, ['a', 'b'])
  const id = await deploy(house, { fileExistsBehavior: 'OVERWRITE' })
  const agent = host(house, 'a')
  const command = (await agent.poll())!
  const answer = await agent.commands('GetDeploymentSpecification', {
    DeploymentExecutionId: command.DeploymentExecutionId,
    HostIdentifier: hostArn('a'),
  })
  expect(answer.DeploymentSystem).toBe('CodeDeploy')
  const { Format, Payload } = answer.DeploymentSpecification.GenericEnvelope
  expect(Format).toBe('PKCS7/JSON')
  const spec = JSON.parse(
    execFileSync('openssl', ['smime', '-verify', '-noverify', '-inform', 'PEM'], {
      input: Payload,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString(),
  )
  expect(spec).toMatchObject({
    DeploymentId: id,
    ApplicationName: 'shop',
    DeploymentGroupName: 'fleet',
    DeploymentCreator: 'user',
    DeploymentType: 'IN_PLACE',
    AgentActionOverrides: { AgentOverrides: { FileExistsBehavior: 'OVERWRITE' } },
    Revision: {
      RevisionType: 'S3',
      S3Revision: { Bucket: 'artifacts', Key: 'app.zip', BundleType: 'zip', Version: null, ETag: 'e1' },
    },
  })
  await expect(
    host(house, 'b').commands('GetDeploymentSpecification', {
      DeploymentExecutionId: command.DeploymentExecutionId,
      HostIdentifier: hostArn('a'),
    }),
  ).rejects.toMatchObject({ code: 'AccessDeniedException' })
})

describe('reports', () => {
  test('the second completion is answered and ignored', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    const agent = host(house, 'a')
    const command = (await agent.poll())!
    await agent.acknowledge(command)
    await agent.complete(command, 4, 'the real reason')
    expect(await agent.complete(command, 5, 'the rescue')).toEqual({})
    const { deploymentTarget } = await house.invoke('codedeploy', 'GetDeploymentTarget', {
      deploymentId: id,
      targetId: 'a',
    })
    expect(deploymentTarget?.instanceTarget?.lifecycleEvents?.[0]?.diagnostics?.message).toBe('the real reason')
    expect((await statusOf(house, id)).status).toBe('Failed')
  })

  test('a no-op is over when it is acknowledged', async () => {
    await makeFleet(house, ['a'])
    await deploy(house)
    const agent = host(house, 'a')
    expect(await agent.acknowledge((await agent.poll())!, true)).toEqual({ CommandStatus: 'Succeeded' })
    expect((await agent.poll())?.CommandName).toBe('DownloadBundle')
  })

  test('a command of a stopped deployment is answered Failed and not run', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    const agent = host(house, 'a')
    const command = (await agent.poll())!
    await house.invoke('codedeploy', 'StopDeployment', { deploymentId: id })
    expect(await agent.acknowledge(command)).toEqual({ CommandStatus: 'Failed' })
  })

  test('only the host itself reports, and only on commands that exist', async () => {
    await makeFleet(house, ['a', 'b'])
    await deploy(house)
    const command = (await host(house, 'a').poll())!
    await expect(host(house, 'b').complete(command)).rejects.toMatchObject({ code: 'AccessDeniedException' })
    await expect(host(house, 'a').complete({ ...command, HostCommandIdentifier: 'x' })).rejects.toMatchObject({
      code: 'ClientException',
    })
  })

  test('an update shows the output of a script that still runs', async () => {
    await makeFleet(house, ['a'])
    const id = await deploy(house)
    const agent = host(house, 'a')
    const command = (await agent.poll())!
    await agent.acknowledge(command)
    await agent.commands('PostHostCommandUpdate', {
      HostCommandIdentifier: command.HostCommandIdentifier,
      Diagnostics: {
        Format: 'JSON',
        Payload: JSON.stringify({ error_code: 0, script_name: 's.sh', message: '', log: 'so far' }),
      },
    })
    const { deploymentTarget } = await house.invoke('codedeploy', 'GetDeploymentTarget', {
      deploymentId: id,
      targetId: 'a',
    })
    expect(deploymentTarget?.instanceTarget?.lifecycleEvents?.[0]).toMatchObject({
      status: 'InProgress',
      diagnostics: { logTail: 'so far', scriptName: 's.sh' },
    })
  })
})
