import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { text as consume, text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sandboxContract } from '../contract.suite.ts'
import type { Sandbox, SandboxProvider, SandboxSpec } from '../sandbox.ts'
import { dockerForTests, ensureBusyboxImage, ensureDebianImage } from '../testImages.ts'
import { processesWith } from '../testProcesses.ts'
import { createDockerProvider } from './dockerProvider.ts'
import { CREDENTIALS_ADDRESS, containerEndpoint, openCredentialsAddress } from './network.ts'

const engine = await dockerForTests()
const user = { name: 'nobody', uid: 65534 }

describe.skipIf(typeof engine === 'string')(
  `with a Docker Engine${typeof engine === 'string' ? ` (${engine})` : ''}`,
  async () => {
    if (typeof engine === 'string') return
    const { docker } = engine
    const provider = async () => createDockerProvider()
    const processes = processesWith
    const image = await ensureBusyboxImage(engine)
    sandboxContract('busybox container', { provider, image, user, processes })
    sandboxContract('Debian container with large transfers', {
      provider: async () => movingMuch(createDockerProvider()),
      image: await ensureDebianImage(engine),
      user,
      processes,
    })

    let count = 0
    async function createSandbox(more: Partial<SandboxSpec> = {}): Promise<Sandbox> {
      const name = `docker-test-${process.pid}-${count++}`
      const sandbox = await engineProvider().create({ name, image, labels: { 'codeyard.test': 'docker' }, ...more })
      onTestFinished(() => sandbox.destroy())
      return sandbox
    }
    const engineProvider = () => createDockerProvider()
    async function sh(sandbox: Sandbox, id: string, script: string) {
      const run = await sandbox.run(id, { argv: ['sh', '-c', script] })
      return { output: await text(run.output), ...(await run.result) }
    }

    test('an image that can not be had is named together with the reason, by create and beforehand', async () => {
      const missing = 'registry.invalid/no/image:1'
      const message = expect.stringMatching(/registry\.invalid\/no\/image:1 .*can not be pulled: .*no such host/)
      await expect(createSandbox({ image: missing })).rejects.toMatchObject({ code: 'NO_IMAGE', message })
      expect(await engineProvider().missingImage!(missing)).toEqual(message)
      expect(await engineProvider().missingImage!(image)).toBeUndefined()
    })

    test('limits and labels arrive at the engine', async () => {
      const limits = { cpus: 0.5, memoryBytes: 64 * 2 ** 20, processes: 50 }
      const { name } = await createSandbox({ limits })
      const { HostConfig, Config } = await docker.getContainer(`codeyard-${name}`).inspect()
      expect(HostConfig).toMatchObject({
        NanoCpus: 500_000_000,
        Memory: 67_108_864,
        PidsLimit: 50,
        Privileged: false,
        Init: true,
      })
      expect(Config.Labels).toMatchObject({ 'codeyard.test': 'docker', 'codeyard.sandbox': name })
    })

    test('a privileged sandbox takes its volume along when it goes', async context => {
      const sandbox = await createSandbox({ privileged: true }).catch(error => {
        // A machine that lacks capabilities itself can not give all of them to a container.
        if (/unable to apply caps/.test(error.message))
          return context.skip('this machine can not run privileged containers')
        throw error
      })
      const { Mounts } = await docker.getContainer(`codeyard-${sandbox.name}`).inspect()
      const volume = docker.getVolume(Mounts[0]!.Name!)
      await volume.inspect()
      await sandbox.destroy()
      await expect(volume.inspect()).rejects.toMatchObject({ statusCode: 404 })
    })

    test('a command that forks up to its limit can be killed although there is room for no other, and the sandbox lives on', async () => {
      const sandbox = await createSandbox({ limits: { processes: 40, cpus: 0.5 } })
      // The inner shell ends when it can not fork; the outer one goes on without ever forking again.
      const bomb = '(while :; do sleep 7398 & done); echo full; while :; do :; done'
      const run = await sandbox.run('bomb', { argv: ['sh', '-c', bomb] })
      await new Promise(resolve => run.output.once('data', resolve))
      run.output.resume()
      // At half a processor some of them are forked but have not become `sleep` yet.
      await expect.poll(() => processes('7398'), { timeout: 20_000 }).toBeGreaterThan(20)
      await run.kill(100)
      const end = await run.result.catch(error => error)
      expect(end).toSatisfy(value => value.code === 'LOST' || value.exitCode > 128)
      await expect.poll(() => processes('7398')).toBe(0)
      expect(await sh(sandbox, 'after', 'echo alive')).toEqual({ output: 'alive\n', exitCode: 0 })
    })

    test('a command that kills everything it can reach does not pass for a success, and the sandbox lives on', async () => {
      const sandbox = await createSandbox()
      const run = await sandbox.run('all', { argv: ['sh', '-c', 'echo before; kill -9 -1; sleep 5'] })
      run.output.resume()
      const end = await run.result.catch(error => error)
      expect(end).toSatisfy(value => value.code === 'LOST' || value.exitCode > 128)
      expect(await sh(sandbox, 'after', 'echo alive')).toEqual({ output: 'alive\n', exitCode: 0 })
    })

    test('after a stop of the container its files are there, and what ran is lost, not waited for', async () => {
      const sandbox = await createSandbox()
      const running = await sandbox.run('long', { argv: ['sh', '-c', 'echo kept >file; echo up; sleep 1000'] })
      await new Promise(resolve => running.output.once('data', resolve))
      await docker.getContainer(`codeyard-${sandbox.name}`).stop({ t: 0 })
      running.output.resume()
      await running.result.catch(() => {})
      const later = await engineProvider().attach(sandbox.name)
      expect((await sh(later!, 'new', 'cat file')).output).toBe('kept\n')
      const again = await later!.run('long', { argv: ['sh', '-c', 'never'] })
      expect(await text(again.output)).toBe('up\n')
      await expect(again.result).rejects.toMatchObject({ code: 'LOST' })
    })

    test('a container that somebody else removed is a destroyed sandbox', async () => {
      const sandbox = await createSandbox()
      const run = await sandbox.run('long', { argv: ['sh', '-c', 'echo up; sleep 1000'] })
      await new Promise(resolve => run.output.once('data', resolve))
      await docker.getContainer(`codeyard-${sandbox.name}`).remove({ force: true })
      run.output.resume()
      const end = await run.result.catch(error => error)
      expect(end).toSatisfy(value => ['LOST', 'DESTROYED'].includes(value.code) || value.exitCode > 128)
      await expect(sandbox.run('x', { argv: ['true'] })).rejects.toMatchObject({ code: 'DESTROYED' })
      await sandbox.destroy()
    })

    test('a command finds what was prepared for it, which is not done again for whoever attaches', async () => {
      const sandbox = await createSandbox()
      const directory = `${sandbox.workspace}/a b/$c`
      const text = `it's "quoted" $HOME \\ %s\nlast`
      const preparation = {
        directories: [directory],
        files: { [`${directory}/f'1`]: text, [`${directory}/empty`]: '' },
      }
      const command = { argv: ['sh', '-c', `cat *; rm *; echo; ls -A; env | grep -c PREPARE`], cwd: directory }
      const run = await sandbox.runPrepared!('prepared', command, preparation)
      expect(await consume(run.output)).toBe(`${text}\n0\n`)
      const again = await sandbox.runPrepared!('prepared', command, preparation)
      expect(await consume(again.output)).toBe(`${text}\n0\n`)
      expect((await sh(sandbox, 'after', `ls -A '${directory}' | wc -l`)).output.trim()).toBe('0')
    })

    test('what can not be prepared is told with the reason, and the command has not begun', async () => {
      const sandbox = await createSandbox()
      const preparation = { directories: ['/proc/none/x'], files: {} }
      const command = { argv: ['sh', '-c', 'echo ran'] }
      await expect(sandbox.runPrepared!('x', command, preparation)).rejects.toMatchObject({
        code: 'ENGINE',
        message: expect.stringMatching(/can not prepare the command: .*\/proc\/none/),
      })
      const run = await sandbox.run('x', command)
      expect(await consume(run.output)).toBe('ran\n')
    })

    test('the collector is found although the command gets a useless PATH', async () => {
      const sandbox = await createSandbox({ env: { PATH: '/nowhere' } })
      const run = await sandbox.run('x', { argv: ['/bin/sh', '-c', 'echo $PATH'] })
      expect(await text(run.output)).toBe('/nowhere\n')
      expect(await run.result).toEqual({ exitCode: 0 })
      const again = await sandbox.run('x', { argv: ['/bin/sh', '-c', 'never'] })
      expect(await text(again.output)).toBe('/nowhere\n')
    })

    test('a container reaches a listener on the bridge, and one at the address of the credentials endpoint', async () => {
      const server = createHttpServer((_, response) => response.end('hello'))
      onTestFinished(() => void server.close())
      const listen = async (address: string) => {
        await new Promise<void>(resolve => server.listen(0, address, resolve))
        return (server.address() as { port: number }).port
      }
      const sandbox = await createSandbox()
      const port = await listen((await containerEndpoint(docker, 0))!.address)
      const endpoint = await containerEndpoint(docker, port)
      expect((await sh(sandbox, 'bridge', `wget -q -O - ${endpoint!.url}`)).output).toBe('hello')
      if (!(await openCredentialsAddress(docker))) return
      expect(await openCredentialsAddress(docker)).toBe(true)
      await new Promise(resolve => server.close(resolve))
      const other = await listen(CREDENTIALS_ADDRESS)
      expect((await sh(sandbox, 'credentials', `wget -q -O - http://${CREDENTIALS_ADDRESS}:${other}`)).output).toBe(
        'hello',
      )
    })
  },
)

test('an engine that is not there is said quickly, with the address', async () => {
  const provider = createDockerProvider({ host: 'unix:///no/such/docker.sock' })
  expect(await provider.unavailable()).toMatch(
    /^Docker does not answer at unix:\/\/\/no\/such\/docker\.sock \(.*ENOENT/,
  )
  await expect(provider.create({ name: 'x', image: 'x', labels: {} })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('an engine that accepts and says nothing is given two seconds, once', async () => {
  const silent = createServer(() => {})
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  const provider = createDockerProvider({ host: `tcp://127.0.0.1:${port}` })
  const start = performance.now()
  const answers = await Promise.all([provider.unavailable(), provider.unavailable()])
  expect(answers[0]).toBe(`Docker does not answer at tcp://127.0.0.1:${port} (no answer within 2 seconds)`)
  await provider.unavailable()
  expect(performance.now() - start).toBeLessThan(3_500)
})

/** What it puts and gets goes the way of what is large. */
function movingMuch(provider: SandboxProvider): SandboxProvider {
  const moving = (sandbox: Sandbox): Sandbox => ({
    ...sandbox,
    put: (path, tar) => sandbox.put(path, tar, { large: true }),
    get: path => sandbox.get(path, { large: true }),
  })
  return {
    ...provider,
    create: async spec => moving(await provider.create(spec)),
    async attach(name) {
      const sandbox = await provider.attach(name)
      return sandbox && moving(sandbox)
    },
  }
}
