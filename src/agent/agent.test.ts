import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Agent, startAgent } from './agent.ts'
import { openWireHouse, ROOT_KEYS, type WireHouse } from './testing/wire.ts'

let wire: WireHouse
let home: string
const agents: Agent[] = []
beforeEach(async () => {
  wire = await openWireHouse()
  home = mkdtempSync(join(tmpdir(), 'codeyard-agent-'))
})
afterEach(async () => {
  await Promise.all(agents.splice(0).map(agent => agent.stop()))
  await wire.close()
  rmSync(home, { recursive: true, force: true })
})

async function start(name: string, more: Partial<Parameters<typeof startAgent>[0]> = {}): Promise<Agent> {
  const agent = await startAgent({
    endpoint: wire.endpoint,
    region: wire.region,
    name,
    tags: { env: 'prod' },
    root: join(home, name),
    credentials: ROOT_KEYS,
    graceMs: 2000,
    ...more,
  })
  agents.push(agent)
  return agent
}

/** A tgz with an appspec that has `script` at `event`, and a file to install. */
async function bundle(key: string, scripts: Record<string, string>) {
  const directory = join(home, `bundle-${key}`)
  const hooks = Object.keys(scripts).map(event => `  ${event}:\n    - location: hooks/${event}.sh\n`)
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text, { mode: 0o755 })
  }
  put(
    'appspec.yml',
    `version: 0.0\nos: linux\nfiles:\n  - source: app\n    destination: ${home}/srv\nhooks:\n${hooks.join('')}`,
  )
  put('app/version.txt', key)
  for (const [event, script] of Object.entries(scripts)) put(`hooks/${event}.sh`, `#!/bin/sh\n${script}\n`)
  await wire.putBundle(key, execFileSync('tar', ['-czf', '-', '.'], { cwd: directory }))
}
const over = (id: string) => expect.poll(async () => (await wire.status(id)).status, { timeout: 15_000, interval: 50 })

describe('an agent', () => {
  test('registers its host as an IAM user, tags it, and deploys what it is told', async () => {
    await wire.makeGroup()
    const agent = await start('web-1')
    expect(agent.hostIdentifier).toBe('arn:aws:iam::000000000000:user/AWS/CodeDeploy/web-1')
    expect(statSync(join(home, 'web-1/codedeploy.onpremises.yml')).mode & 0o777).toBe(0o600)
    await bundle('v1', { AfterInstall: 'echo "$LIFECYCLE_EVENT of $APPLICATION_NAME from $BUNDLE_BUCKET/$BUNDLE_KEY"' })
    const id = await wire.deploy('v1')
    await over(id).toBe('Succeeded')
    expect(readFileSync(join(home, 'srv/version.txt'), 'utf8')).toBe('v1')
    const group = (
      await wire.house.invoke('codedeploy', 'GetDeploymentGroup', {
        applicationName: 'shop',
        deploymentGroupName: 'fleet',
      })
    ).deploymentGroupInfo!
    expect(readFileSync(join(home, 'web-1', group.deploymentGroupId!, id, 'logs/scripts.log'), 'utf8')).toContain(
      '[stdout]AfterInstall of shop from artifacts/v1',
    )
    expect(existsSync(join(home, 'web-1/ongoing-deployment', id))).toBe(false)
    await bundle('v2', {})
    const second = await wire.deploy('v2')
    await over(second).toBe('Succeeded')
    expect(readFileSync(join(home, 'srv/version.txt'), 'utf8')).toBe('v2')
  })

  test('reports a failing script with its code, name and output', async () => {
    await wire.makeGroup()
    await start('web-1')
    await bundle('v1', { ApplicationStart: 'echo "port 80 is taken" >&2; exit 3' })
    const id = await wire.deploy('v1')
    await over(id).toBe('Failed')
    const failed = (await wire.events(id, 'web-1')).find(event => event.status === 'Failed')
    expect(failed).toMatchObject({
      lifecycleEventName: 'ApplicationStart',
      diagnostics: {
        errorCode: 'ScriptFailed',
        scriptName: 'hooks/ApplicationStart.sh',
        message: 'Script at specified location: hooks/ApplicationStart.sh failed with exit code 3',
        logTail: 'LifecycleEvent - ApplicationStart\nScript - hooks/ApplicationStart.sh\n[stderr]port 80 is taken\n',
      },
    })
  })

  test('refuses a bundle that was exchanged after the deployment was made', async () => {
    await wire.makeGroup()
    await bundle('v1', {})
    const stopped = await start('web-1')
    await stopped.stop()
    const id = await wire.deploy('v1')
    await wire.putBundle('v1', Buffer.from('something else'))
    await start('web-1')
    await over(id).toBe('Failed')
    const failed = (await wire.events(id, 'web-1')).find(event => event.status === 'Failed')
    expect(failed?.lifecycleEventName).toBe('DownloadBundle')
    expect(failed?.diagnostics?.message).toMatch(/^Expected deployment artifact bundle etag .* but was actually/)
  })

  test('keeps its identity over restarts, and two agents have their own', async () => {
    await wire.makeGroup({ deploymentConfigName: 'CodeDeployDefault.AllAtOnce' })
    const first = await start('web-1')
    await first.stop()
    const keys = readFileSync(join(home, 'web-1/codedeploy.onpremises.yml'), 'utf8')
    await (await start('web-1')).stop()
    expect(readFileSync(join(home, 'web-1/codedeploy.onpremises.yml'), 'utf8')).toBe(keys)
    await start('web-1', { credentials: undefined as never })
    await expect(start('web-3', { credentials: undefined as never })).rejects.toThrow('not registered yet')
    await start('web-2')
    await bundle('v1', { BeforeInstall: 'sleep 0.1' })
    const empty = join(home, 'bundle-v1')
    writeFileSync(join(empty, 'appspec.yml'), 'version: 0.0\nos: linux\n')
    await wire.putBundle('v1', execFileSync('tar', ['-czf', '-', '.'], { cwd: empty }))
    const id = await wire.deploy('v1')
    await over(id).toBe('Succeeded')
    expect((await wire.status(id)).deploymentOverview).toMatchObject({ Succeeded: 2 })
  })

  test('shows the output of a script while it runs, and stops it when it is stopped itself', async () => {
    await wire.makeGroup()
    const agent = await start('web-1', { graceMs: 100 })
    await bundle('v1', { AfterInstall: 'echo warming up; sleep 300' })
    const id = await wire.deploy('v1')
    await expect
      .poll(async () => (await wire.events(id, 'web-1'))[4]?.diagnostics?.logTail, { timeout: 15_000 })
      .toContain('[stdout]warming up')
    await agent.stop()
    const { status, diagnostics } = (await wire.events(id, 'web-1'))[4]!
    expect(status).toBe('Failed')
    expect(diagnostics?.message).toContain('the agent was stopped')
  }, 30_000)

  test('goes on when the server is gone for a while', async () => {
    await wire.makeGroup()
    await start('web-1')
    await wire.restartServer()
    await bundle('v1', {})
    const id = await wire.deploy('v1')
    await over(id).toBe('Succeeded')
  }, 30_000)

  test('delivers the end of a script that ended while the server was gone', async () => {
    await wire.makeGroup()
    await start('web-1')
    const started = join(home, 'started')
    await bundle('v1', { AfterInstall: `touch ${started}; sleep 0.3` })
    const id = await wire.deploy('v1')
    await expect.poll(() => existsSync(started), { timeout: 15_000, interval: 20 }).toBe(true)
    await wire.restartServer(1000)
    await over(id).toBe('Succeeded')
  }, 30_000)

  test('killed in the middle of an event, its next start fails that event with code 7, and the left script is gone', async () => {
    await wire.makeGroup()
    const started = join(home, 'started')
    await bundle('v1', { AfterInstall: `echo $$ > ${started}; exec sleep 300` })
    const script = `
      import { startAgent } from ${JSON.stringify(new URL('./agent.ts', import.meta.url).href)}
      await startAgent(${JSON.stringify({
        endpoint: wire.endpoint,
        region: wire.region,
        name: 'web-1',
        tags: { env: 'prod' },
        root: join(home, 'web-1'),
        credentials: ROOT_KEYS,
      })})
      console.log('ready')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise(resolve => child.stdout.once('data', resolve))
      const id = await wire.deploy('v1')
      await expect
        .poll(() => existsSync(started) && readFileSync(started, 'utf8').trim(), { timeout: 15_000 })
        .toBeTruthy()
      child.kill('SIGKILL')
      await new Promise(resolve => child.once('exit', resolve))
      const pid = Number(readFileSync(started, 'utf8'))
      expect(existsSync(`/proc/${pid}`)).toBe(true)
      await start('web-1')
      await over(id).toBe('Failed')
      const failed = (await wire.events(id, 'web-1')).find(event => event.status === 'Failed')
      expect(failed).toMatchObject({
        lifecycleEventName: 'AfterInstall',
        diagnostics: {
          errorCode: 'UnknownError',
          message: 'Failed: Failing in-progress lifecycle event after an agent restart.',
        },
      })
      await expect.poll(() => isRunning(pid)).toBe(false)
    } finally {
      child.kill('SIGKILL')
    }
  }, 40_000)
})

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
