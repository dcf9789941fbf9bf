// Containers that wait for builds: taken once, never shared, gone at the end and after a crash. On a real engine.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sandbox } from '../sandbox.ts'
import { dockerForTests, ensureBusyboxImage } from '../testImages.ts'
import { createDockerProvider, type DockerProvider } from './dockerProvider.ts'
import { POOL_LABEL } from './warmPool.ts'

const found = await dockerForTests()
const engine = typeof found === 'string' ? undefined : found

describe.skipIf(!engine)('a pool of prepared containers', () => {
  const owner = `test-${randomUUID()}`
  const labels = { 'codeyard.house': randomUUID() }
  const opened: DockerProvider[] = []
  const made: Sandbox[] = []
  let image = ''
  let provider: DockerProvider

  const open = (perImage = 2) => {
    const one = createDockerProvider({ pool: { owner, perImage } })
    opened.push(one)
    return one
  }
  const create = async (name: string, from = provider) => {
    const sandbox = await from.create({ name, image, labels: { ...labels, 'codeyard.build': name } })
    made.push(sandbox)
    return sandbox
  }
  const waiting = async () => {
    const containers = await engine!.docker.listContainers({
      all: true,
      filters: { label: [`${POOL_LABEL}=${owner}`] },
    })
    return containers.filter(({ Names }) => Names[0]!.startsWith('/codeyard-pool-')).map(({ Id }) => Id)
  }
  const until = async (what: () => Promise<boolean>) => {
    for (const end = performance.now() + 15_000; !(await what()); ) {
      if (performance.now() > end) throw new Error('it never happened')
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }
  const sh = async (sandbox: Sandbox, script: string) => {
    const run = await sandbox.run(randomUUID(), { argv: ['sh', '-c', script] })
    const text = Buffer.concat(await run.output.toArray()).toString()
    return { text, exitCode: (await run.result).exitCode }
  }

  beforeAll(async () => {
    image = await ensureBusyboxImage(engine!)
    provider = open()
  })
  afterAll(async () => {
    for (const sandbox of made) await sandbox.destroy()
    for (const one of opened) await one.close()
  })

  test('fills after the first use, and gives each container to one sandbox only', async () => {
    const first = await create(`first-${owner}`)
    await until(async () => (await waiting()).length === 1)
    const [id] = await waiting()
    const second = await create(`second-${owner}`)
    expect(await sh(second, 'pwd; echo x > mine; cat /etc/hostname')).toMatchObject({ exitCode: 0 })
    expect((await engine!.docker.getContainer(id!).inspect()).Name).toBe(`/codeyard-second-${owner}`)
    await until(async () => (await waiting()).length > 0)
    expect(await waiting()).not.toContain(id)
    expect(await sh(first, `ls -A ${first.workspace} | wc -l`)).toMatchObject({ text: '0\n' })
  })

  test('a taken one is found again by name, with the same workspace and the same runs', async () => {
    const name = `found-${owner}`
    await until(async () => (await waiting()).length > 0)
    const sandbox = await create(name)
    const run = await sandbox.run('one', { argv: ['sh', '-c', 'echo here; pwd'] })
    const text = Buffer.concat(await run.output.toArray()).toString()
    const again = (await createDockerProvider().attach(name))!
    expect(again.workspace).toBe(sandbox.workspace)
    const replay = await again.run('one', { argv: ['true'] })
    expect(Buffer.concat(await replay.output.toArray()).toString()).toBe(text)
    expect(text).toBe(`here\n${sandbox.workspace}\n`)
    expect(await provider.list(labels)).toContain(name)
    await again.destroy()
    expect(await provider.attach(name)).toBeUndefined()
  })

  test('what a killed process left waiting is removed by its successor, sandboxes in use are not', async () => {
    const used = await create(`used-${owner}`)
    await until(async () => (await waiting()).length === 2) // full: it starts no more
    const left = await waiting()
    const successor = open()
    await create(`successor-${owner}`, successor)
    await until(async () => (await waiting()).every(id => !left.includes(id)))
    expect(await sh(used, 'echo alive')).toMatchObject({ text: 'alive\n' })
    await until(async () => (await waiting()).length > 0)
    await successor.close()
    await until(async () => (await waiting()).length === 0)
  })
})
