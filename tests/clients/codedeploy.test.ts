// Deployments with real aws command lines, carried out by agent processes that each have their own root.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { within } from '../../src/core/bounded.ts'
import { type Aws, findClis, openCli, unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))
const clis = await findClis()

let yard: Yard
let roots: string
const agents: ChildProcess[] = []
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  roots = await mkdtemp(join(tmpdir(), 'codeyard-agents-'))
}, 120_000)
afterAll(async () => {
  for (const agent of agents) {
    const exited = agent.exitCode === null ? once(agent, 'exit') : undefined
    agent.kill('SIGTERM')
    if (exited) await within(30_000, 'an agent does not end', exited).catch(() => agent.kill('SIGKILL'))
  }
  const errors = unexpectedErrors(yard)
  await yard.close()
  await rm(roots, { recursive: true, force: true })
  expect(errors).toEqual([])
}, 120_000)

async function startAgent(name: string, tag: string) {
  const args = ['agent', '--endpoint', yard.endpoint, '--name', name, '--tag', tag, '--root', join(roots, name)]
  const agent = spawn(launcher, args, { env: yard.env, stdio: ['ignore', 'pipe', 'ignore'] })
  agents.push(agent)
  const [line] = await within(
    60_000,
    `agent ${name} does not start`,
    once(createInterface({ input: agent.stdout! }), 'line'),
  )
  expect(line).toContain(`agent ${name} polls ${yard.endpoint}`)
}

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  const app = `app-${slug}`
  const bucket = `revisions-${slug}`
  const hosts = [1, 2, 3].map(number => `host-${number}-${slug}`)
  const roleArn = `arn:aws:iam::000000000000:role/deploy-${slug}`
  beforeAll(async () => {
    aws = await openCli(program, yard)
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    await aws`iam create-role --role-name deploy-${slug} --assume-role-policy-document ${trust}`
    await aws`s3api create-bucket --bucket ${bucket}`
    await aws`s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`
    await Promise.all(hosts.map(host => startAgent(host, `fleet=${slug}`)))
  }, 120_000)
  afterAll(() => aws?.close())

  /**
   * A revision whose ApplicationStart hook is this script; answers the --revision. The agents share this machine's files: only what goes to
   * one of them may install some.
   */
  async function revision(name: string, script: string, destination?: string) {
    const folder = join(aws.home, name)
    await mkdir(join(folder, 'scripts'), { recursive: true })
    const files = destination
      ? `file_exists_behavior: OVERWRITE\nfiles:\n  - { source: page.txt, destination: ${destination} }\n`
      : ''
    await writeFile(
      join(folder, 'appspec.yml'),
      `version: 0.0\nos: linux\n${files}hooks:\n  ApplicationStart:\n    - { location: scripts/start.sh, timeout: 60 }\n`,
    )
    await writeFile(join(folder, 'page.txt'), `${name}\n`)
    await writeFile(join(folder, 'scripts/start.sh'), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, 'scripts/start.sh'), 0o755)
    await run('zip', ['-qr', `../${name}.zip`, '.'], { cwd: folder })
    const { ETag, VersionId } = await aws`s3api put-object --bucket ${bucket} --key ${name}.zip --body ${name}.zip`
    return {
      revisionType: 'S3',
      s3Location: { bucket, key: `${name}.zip`, bundleType: 'zip', eTag: ETag.replaceAll('"', ''), version: VersionId },
    }
  }
  const deploy = async (group: string, of: object) =>
    (
      await aws`deploy create-deployment --application-name ${app} --deployment-group-name ${group} --revision ${of} --description ${'by test'}`
    ).deploymentId as string
  const ended = async (id: string) =>
    (
      await until(
        () => aws`deploy get-deployment --deployment-id ${id}`,
        answer => ['Succeeded', 'Failed', 'Stopped'].includes(answer.deploymentInfo.status),
        { patience: 90_000 },
      )
    ).deploymentInfo
  const targets = async (id: string) => {
    const { targetIds } = await aws`deploy list-deployment-targets --deployment-id ${id}`
    const { deploymentTargets } =
      await aws`deploy batch-get-deployment-targets --deployment-id ${id} --target-ids ${targetIds}`
    return deploymentTargets.map((target: any) => target.instanceTarget)
  }

  test('agents register themselves and are found by their tags', async () => {
    const { instanceNames } =
      await aws`deploy list-on-premises-instances --tag-filters Key=fleet,Value=${slug},Type=KEY_AND_VALUE`
    expect(instanceNames.sort()).toEqual(hosts)
    expect((await aws`deploy get-on-premises-instance --instance-name ${hosts[0]!}`).instanceInfo).toMatchObject({
      instanceName: hosts[0],
      tags: [{ Key: 'fleet', Value: slug }],
    })
    await aws`deploy add-tags-to-on-premises-instances --instance-names ${hosts[0]!} --tags Key=only,Value=${slug}`
    expect(
      (await aws`deploy list-on-premises-instances --tag-filters Key=only,Value=${slug},Type=KEY_AND_VALUE`)
        .instanceNames,
    ).toEqual([hosts[0]])
  })

  test('applications, groups and configurations are made, described, changed and listed', async () => {
    expect(
      (await aws`deploy create-application --application-name ${app} --compute-platform Server`).applicationId,
    ).toMatch(/^[0-9a-f-]{36}$/)
    await expect(aws`deploy create-application --application-name ${app}`).rejects.toThrow(
      `An error occurred (ApplicationAlreadyExistsException) when calling the CreateApplication operation`,
    )
    await expect(aws`deploy get-application --application-name none-${slug}`).rejects.toThrow(
      `An error occurred (ApplicationDoesNotExistException) when calling the GetApplication operation: No application found for name: none-${slug}`,
    )
    const filters = `Key=fleet,Value=${slug},Type=KEY_AND_VALUE`
    for (const [group, config, filter] of [
      ['all', 'CodeDeployDefault.AllAtOnce', filters],
      ['one', 'CodeDeployDefault.OneAtATime', filters],
      ['single', 'CodeDeployDefault.AllAtOnce', `Key=only,Value=${slug},Type=KEY_AND_VALUE`],
    ]) {
      await aws`deploy create-deployment-group --application-name ${app} --deployment-group-name ${group!} --deployment-config-name ${config!} --service-role-arn ${roleArn} --on-premises-instance-tag-filters ${filter!}`
    }
    await expect(
      aws`deploy create-deployment-group --application-name ${app} --deployment-group-name other --deployment-config-name Nope --service-role-arn ${roleArn}`,
    ).rejects.toThrow(
      'An error occurred (DeploymentConfigDoesNotExistException) when calling the CreateDeploymentGroup operation: No Deployment Configuration found for name: Nope',
    )
    expect((await aws`deploy list-deployment-groups --application-name ${app}`).deploymentGroups.sort()).toEqual([
      'all',
      'one',
      'single',
    ])
    expect(
      (await aws`deploy get-deployment-group --application-name ${app} --deployment-group-name all`)
        .deploymentGroupInfo,
    ).toMatchObject({
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: slug, Type: 'KEY_AND_VALUE' }],
      deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
    })
    await aws`deploy create-deployment-config --deployment-config-name two-${slug} --minimum-healthy-hosts type=HOST_COUNT,value=2`
    await aws`deploy update-deployment-group --application-name ${app} --current-deployment-group-name one --deployment-config-name two-${slug}`
    const { deploymentConfigsList } = await aws`deploy list-deployment-configs`
    expect(deploymentConfigsList).toEqual(expect.arrayContaining(['CodeDeployDefault.HalfAtATime', `two-${slug}`]))
    await expect(aws`deploy delete-deployment-config --deployment-config-name two-${slug}`).rejects.toThrow(
      '(DeploymentConfigInUseException)',
    )
    await expect(
      aws`deploy delete-deployment-config --deployment-config-name CodeDeployDefault.AllAtOnce`,
    ).rejects.toThrow('(InvalidOperationException)')
  })

  test('a deployment runs the revision everywhere and shows every lifecycle event', async () => {
    const id = await deploy(
      'all',
      await revision('good', 'cp "${0%/*}/../page.txt" "${0%/*/*/deployment-archive/*}/started.txt"'),
    )
    expect(id).toMatch(/^d-[A-Z0-9]{9}$/)
    const info = await ended(id)
    expect(info).toMatchObject({
      status: 'Succeeded',
      creator: 'user',
      description: 'by test',
      deploymentOverview: { Succeeded: 3, Failed: 0, Pending: 0, InProgress: 0, Skipped: 0 },
    })
    for (const host of hosts) expect(await readFile(join(roots, host, 'started.txt'), 'utf8')).toBe('good\n')
    for (const target of await targets(id)) {
      expect(target.status).toBe('Succeeded')
      expect(target.lifecycleEvents.map((event: any) => [event.lifecycleEventName, event.status])).toEqual([
        ['ApplicationStop', 'Succeeded'],
        ['DownloadBundle', 'Succeeded'],
        ['BeforeInstall', 'Succeeded'],
        ['Install', 'Succeeded'],
        ['AfterInstall', 'Succeeded'],
        ['ApplicationStart', 'Succeeded'],
        ['ValidateService', 'Succeeded'],
      ])
    }
    expect(
      (
        await aws`deploy list-deployments --application-name ${app} --deployment-group-name all --include-only-statuses Succeeded`
      ).deployments,
    ).toEqual([id])
    const { revisions } = await aws`deploy list-application-revisions --application-name ${app} --deployed include`
    expect(revisions).toMatchObject([{ revisionType: 'S3', s3Location: { key: 'good.zip' } }])
  })

  test('files are installed, over those that are there', async () => {
    const destination = join(roots, 'installed', slug)
    await mkdir(destination, { recursive: true })
    await writeFile(join(destination, 'page.txt'), 'older\n')
    expect((await ended(await deploy('single', await revision('files', 'true', destination)))).status).toBe('Succeeded')
    expect(await readFile(join(destination, 'page.txt'), 'utf8')).toBe('files\n')
  })

  test('a share of the hosts has to stay healthy, rounded up: no further host is taken when that would break it', async () => {
    for (const [percent, fails, overview, status, why] of [
      [34, 'host-1', { Succeeded: 0, Failed: 1 }, 'Failed', 'HEALTH_CONSTRAINTS'],
      [33, 'host-1', { Succeeded: 2, Failed: 1 }, 'Succeeded', undefined],
      [99, 'none', { Succeeded: 0, Failed: 0 }, 'Failed', 'HEALTH_CONSTRAINTS_INVALID'],
    ] as const) {
      const config = `share-${percent}-${slug}`
      await aws`deploy create-deployment-config --deployment-config-name ${config} --minimum-healthy-hosts type=FLEET_PERCENT,value=${String(percent)}`
      const broken = await revision(`share-${percent}`, `case "$0" in */${fails}-*) exit 1;; esac`)
      const { deploymentId } =
        await aws`deploy create-deployment --application-name ${app} --deployment-group-name all --deployment-config-name ${config} --revision ${broken}`
      const info = await ended(deploymentId)
      expect({
        status: info.status,
        overview: info.deploymentOverview,
        why: info.errorInformation?.code,
      }).toMatchObject({
        status,
        overview,
        why,
      })
    }
  })

  test('a failing hook fails its instance, with the script and the end of its output in the diagnostics', async () => {
    const id = await deploy('single', await revision('bad', 'echo about to break; echo oh no >&2; exit 3'))
    const info = await ended(id)
    expect(info).toMatchObject({ status: 'Failed', errorInformation: { code: 'HEALTH_CONSTRAINTS' } })
    const { deploymentTarget } =
      await aws`deploy get-deployment-target --deployment-id ${id} --target-id ${(await targets(id))[0].targetId}`
    const start = deploymentTarget.instanceTarget.lifecycleEvents.find(
      (event: any) => event.lifecycleEventName === 'ApplicationStart',
    )
    expect(start).toMatchObject({
      status: 'Failed',
      diagnostics: { errorCode: 'ScriptFailed', scriptName: 'scripts/start.sh' },
    })
    expect(start.diagnostics.message).toContain('failed with exit code 3')
    expect(start.diagnostics.logTail).toContain('[stdout]about to break')
    expect(start.diagnostics.logTail).toContain('[stderr]oh no')
    expect(
      deploymentTarget.instanceTarget.lifecycleEvents.find(
        (event: any) => event.lifecycleEventName === 'ValidateService',
      ).status,
    ).toBe('Skipped')
  })

  test('a deployment stops before it goes below the healthy hosts that must stay', async () => {
    const id = await deploy('one', await revision('bad-fleet', 'exit 1'))
    const info = await ended(id)
    expect(info.status).toBe('Failed')
    // Two of three must stay: one is tried, the others are left alone.
    expect(info.deploymentOverview).toMatchObject({ Failed: 1, Skipped: 2, Succeeded: 0 })
    expect(info.errorInformation.message).toContain(
      'The overall deployment failed because too many individual instances failed deployment',
    )
  })

  test('a running deployment is stopped', async () => {
    const release = join(roots, `release-${slug}`)
    const id = await deploy('single', await revision('slow', `while [ ! -e ${release} ]; do sleep 0.1; done`))
    await until(
      () => targets(id),
      found =>
        found[0]?.lifecycleEvents.some(
          (event: any) => event.lifecycleEventName === 'ApplicationStart' && event.status === 'InProgress',
        ),
    )
    await expect(deploy('single', await revision('other', 'true'))).rejects.toThrow(
      `An error occurred (DeploymentLimitExceededException) when calling the CreateDeployment operation`,
    )
    expect(await aws`deploy stop-deployment --deployment-id ${id}`).toMatchObject({
      status: expect.stringMatching(/Pending|Succeeded/),
    })
    await writeFile(release, '')
    expect((await ended(id)).status).toBe('Stopped')
    await expect(aws`deploy stop-deployment --deployment-id ${id}`).rejects.toThrow(
      '(DeploymentAlreadyCompletedException)',
    )
  })

  test('a revision that is not there fails with its reason', async () => {
    const s3Location = { bucket, key: 'missing.zip', bundleType: 'zip' }
    const attempt = await deploy('single', { revisionType: 'S3', s3Location }).catch((error: Error) => error)
    if (attempt instanceof Error)
      expect(attempt.message).toMatch(/\((RevisionDoesNotExistException|InvalidRevisionException)\)/)
    else {
      expect((await ended(attempt)).status).toBe('Failed')
      const [target] = await targets(attempt)
      const download = target.lifecycleEvents.find((event: any) => event.lifecycleEventName === 'DownloadBundle')
      expect(download).toMatchObject({ status: 'Failed', diagnostics: { errorCode: 'UnknownError' } })
    }
  })

  test('an application goes with its groups', async () => {
    await aws`deploy delete-deployment-group --application-name ${app} --deployment-group-name one`
    await aws`deploy delete-deployment-config --deployment-config-name two-${slug}`
    await aws`deploy delete-application --application-name ${app}`
    expect((await aws`deploy list-applications`).applications).not.toContain(app)
  })
})
