// Privileged sandboxes: a Docker that runs inside of one, with whatever capabilities this machine has, and layers that stay for the next.

import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SandboxSpec } from '../sandbox.ts'
import { dockerForTests, ensureBusyboxImage, ensureDockerImage } from '../testImages.ts'
import { createDockerProvider } from './dockerProvider.ts'
import { layersOf } from './layerVolumes.ts'
import { missingCapabilities, privilegedWays } from './privileged.ts'

test('capabilities that a machine does not have are named', () => {
  expect(missingCapabilities('CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n')).toEqual(['SYS_RESOURCE'])
  expect(missingCapabilities('CapBnd:\t000001ffffffffff\n')).toEqual([])
  expect(missingCapabilities('nothing')).toEqual([])
})

test('without a refusal the container is simply privileged, and another error is no reason for another way', async () => {
  const ways = privilegedWays(true)
  expect(ways.hostConfig()).toEqual({ Privileged: true })
  expect(ways.note()).toBeUndefined()
  expect(await ways.fallBack(new Error('no space left on device'))).toBe(false)
  expect(await privilegedWays(false).fallBack(new Error('unable to apply caps: operation not permitted'))).toBe(false)
})

const engine = await dockerForTests()
const image = typeof engine === 'string' ? undefined : await ensureDockerImage(engine)
const why = typeof engine === 'string' ? engine : image ? '' : 'no dockerd on this machine to be put into an image'

describe.skipIf(why !== '')(`a privileged sandbox${why && ` (${why})`}`, () => {
  if (typeof engine === 'string' || !image) return
  let count = 0
  const label = { 'codeyard.test': 'privileged' }
  async function create(more: Partial<SandboxSpec> = {}) {
    const name = `privileged-${process.pid}-${count++}`
    const sandbox = await createDockerProvider().create({ name, image, privileged: true, labels: label, ...more })
    onTestFinished(() => sandbox.destroy())
    return sandbox
  }
  const sh = async (sandbox: Awaited<ReturnType<typeof create>>, id: string, script: string) => {
    const run = await sandbox.run(id, { argv: ['bash', '-c', script] })
    return { output: await text(run.output), ...(await run.result) }
  }
  const DAEMON = `nohup dockerd --host=unix:///var/run/docker.sock >/tmp/dockerd.log 2>&1 &
timeout 30 sh -c "until docker info >/dev/null 2>&1; do sleep 0.1; done" || { cat /tmp/dockerd.log; exit 1; }\n`
  const BUILD = `mkdir -p context && cp /usr/bin/busybox context && cd context
printf 'FROM scratch\\nCOPY busybox /busybox\\nRUN ["/busybox", "touch", "/made"]\\nENTRYPOINT ["/busybox"]\\n' > Dockerfile
DOCKER_BUILDKIT=0 docker build -t inner . && docker run --rm --network none inner ls /made && docker run --rm inner echo "hello from inside"\n`

  test('runs a Docker that builds and runs images, and its layers are there for the next with the same key', async () => {
    const layers = `test-${process.pid}-${Date.now()}`
    const first = await create({ layers })
    expect(first.notes?.at(-1)).toBe('Local Docker layer cache miss: this builder has no layers of the project yet')
    const { HostConfig, ...found } = await engine.docker.getContainer(`codeyard-${first.name}`).inspect()
    const volume = layersOf(found as any)!
    onTestFinished(() => engine.docker.getVolume(volume).remove({ force: true }))
    if (!HostConfig.Privileged) expect(first.notes?.[0]).toMatch(/^Privileged mode: this machine has no CAP_/)
    const built = await sh(first, 'build', DAEMON + BUILD)
    expect(built).toMatchObject({ exitCode: 0, output: expect.stringContaining('hello from inside') })
    expect(built.output).toContain('/made')
    // While one has the layers nobody else does.
    const second = await create({ layers })
    expect(second.notes?.at(-1)).toBe('Local Docker layer cache miss: another build of the project uses it')
    await second.destroy()
    // A process that attaches keeps them as well.
    await (await createDockerProvider().attach(first.name))!.destroy()
    const third = await create({ layers })
    expect(third.notes?.at(-1)).toBe('Local Docker layer cache hit: layers of earlier builds are there')
    const again = await sh(third, 'build', DAEMON + BUILD)
    expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining('Using cache') })
    await third.destroy()
  }, 120_000)

  test('leaves no volume behind without a key', async () => {
    const sandbox = await create({ image: await ensureBusyboxImage(engine) })
    const { Mounts } = await engine.docker.getContainer(`codeyard-${sandbox.name}`).inspect()
    const [mount] = Mounts
    await sandbox.destroy()
    await expect(engine.docker.getVolume(mount!.Name!).inspect()).rejects.toMatchObject({ statusCode: 404 })
  }, 60_000)
})
