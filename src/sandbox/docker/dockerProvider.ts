// Sandboxes that are containers of a Docker Engine. The container is the only state: name and labels find it again after a crash.

import type Docker from 'dockerode'
import { retryFor, within } from '../../core/bounded.ts'
import type { RegistryCredentials, Sandbox, SandboxProvider, SandboxSpec } from '../sandbox.ts'
import { checkCommand, checkName, isSandboxError, SandboxError } from '../sandboxError.ts'
import { CONTAINER_MAIN } from '../supervisor.ts'
import { createDockerSandbox, RUNS, workspaceOf } from './dockerSandbox.ts'
import { freeDiskOf } from './dockerUsage.ts'
import { CALL_TIMEOUT_MS, connectEngine, createProbe, engineFailure, engineMessage, engineStatus } from './engine.ts'
import { createImageStore } from './image.ts'
import { boundVolume, createLayerVolumes, END_DOCKER, LAYERS_PATH, layersOf } from './layerVolumes.ts'
import { PRIVILEGED_MAIN, privilegedWays } from './privileged.ts'
import { createTransfers } from './transfers.ts'
import { createWarmPool, POOL_LABEL, POOL_NAME, type PoolOptions } from './warmPool.ts'

const PREFIX = 'codeyard-'
const NAME_LABEL = 'codeyard.sandbox'

export interface DockerProvider extends SandboxProvider {
  readonly kind: 'docker'
  readonly docker: Docker
  /** As people write it: unix:///var/run/docker.sock */
  readonly address: string
  /** Removes the containers that wait for a build. */
  close(): Promise<void>
}

export interface DockerOptions {
  /** DOCKER_HOST or the default socket without it. */
  readonly host?: string
  /** Keeps containers of recently used images waiting; none without it. */
  readonly pool?: PoolOptions
}

/** Sandboxes on a Docker Engine. */
export function createDockerProvider(options: DockerOptions = {}): DockerProvider {
  const { docker, address } = connectEngine(options.host)
  const images = createImageStore(docker)
  const unavailable = createProbe(docker, address)
  const volumes = createLayerVolumes(docker)
  const freeDisk = freeDiskOf(docker, address)
  const privileged = privilegedWays(address.startsWith('unix:'))
  const transfers = createTransfers()
  const busy = () => transfers.running() > 0
  const pool = options.pool && createWarmPool(options.pool, { docker, prepare: createAndStart, busy, prefix: PREFIX })
  const sandboxOf = (container: Docker.Container, name: string, workspace: string) =>
    transfers.countedIn(createDockerSandbox(container, name, workspace, freeDisk))

  /** One that stopped (the engine was restarted) or never started is started by the next run, so that it can be reaped without. */
  async function attach(name: string) {
    const container = docker.getContainer(PREFIX + checkName('the sandbox', name))
    let workspace: string
    let volume: string | undefined
    try {
      const found = await within(CALL_TIMEOUT_MS, 'no answer', container.inspect())
      const labels = found.Config.Labels ?? {}
      if (labels[NAME_LABEL] !== name && labels[POOL_LABEL] === undefined) return undefined
      workspace = found.Config.WorkingDir || workspaceOf(name)
      volume = layersOf(found)
      if (found.State.Dead || (found.State as { Removing?: boolean }).Removing) return undefined
    } catch (error) {
      if (engineStatus(error) === 404) return undefined
      throw engineFailure(`find the container ${PREFIX}${name}`, error)
    }
    return keepingLayers(sandboxOf(container, name, workspace), volume)
  }

  async function create(spec: SandboxSpec) {
    checkName('the sandbox', spec.name)
    checkCommand({ argv: ['sh'], env: spec.env ?? {} })
    if (!spec.image) throw new SandboxError('INVALID', 'a docker sandbox needs an image')
    const why = await unavailable()
    if (why !== undefined) throw new SandboxError('UNAVAILABLE', why)
    const { image } = spec
    if (spec.pull === 'always') await images.pull(image, spec.registry)
    try {
      const warm = await pool?.take({ ...spec, image })
      // Its workspace was named before its build was.
      if (warm) return (await attach(spec.name)) ?? (await fresh({ ...spec, image }))
      return await fresh({ ...spec, image })
    } catch (error) {
      if (engineStatus(error) === 409) {
        const existing = await retryFor(10_000, isGoing, async () => await attach(spec.name))
        return existing ?? (await fresh({ ...spec, image }))
      }
      throw engineFailure(`start a ${spec.privileged ? 'privileged ' : ''}container of ${image}`, error)
    }
  }

  async function fresh(spec: SandboxSpec & { image: string }): Promise<Sandbox> {
    const layers = spec.privileged && spec.layers ? await volumes.take(spec.layers) : undefined
    try {
      const container = await createAndStart(spec, layers?.volume)
      const notes = [spec.privileged ? privileged.note() : undefined, layers?.note].filter(note => note !== undefined)
      const sandbox = sandboxOf(container, spec.name, workspaceOf(spec.name))
      return { ...keepingLayers(sandbox, layers?.volume), notes }
    } catch (error) {
      // Another process took the volume at the same moment.
      if (error instanceof VolumeTaken) return await fresh({ ...spec, layers: undefined })
      throw error
    } finally {
      layers?.release()
    }
  }

  /** Ends the Docker inside in order before the container goes, and removes a volume that has grown too large. */
  function keepingLayers(sandbox: Sandbox, volume: string | undefined): Sandbox {
    if (volume === undefined) return sandbox
    return {
      ...sandbox,
      destroy: () =>
        volumes.leave(volume, async () => {
          const bytes = await endDocker(sandbox).catch(() => 0)
          await sandbox.destroy()
          await boundVolume(docker, volume, bytes)
        }),
    }
  }

  async function createAndStart(spec: SandboxSpec & { image: string }, volume?: string): Promise<Docker.Container> {
    let init = true
    for (;;) {
      let container: Docker.Container | undefined
      try {
        const host = spec.privileged ? { ...privileged.hostConfig(), Mounts: [layersMount(volume)] } : {}
        container = await createContainer(docker, images.ensure, spec, { init, host })
        if (volume !== undefined && !(await volumes.isAlone(volume, container.id))) throw new VolumeTaken()
        await startContainer(container)
        return container
      } catch (error) {
        await container?.remove({ force: true, v: true }).catch(() => {})
        // An engine without docker-init says so only now; the main process reaps orphans as well.
        if (init && /docker-init|init binary/.test(engineMessage(error))) init = false
        else if (!spec.privileged || !(await privileged.fallBack(error))) throw error
      }
    }
  }

  return {
    kind: 'docker',
    docker,
    address,
    unavailable,
    create,
    attach,
    async missingImage(image, registry) {
      try {
        await images.ensure(image, registry)
        return undefined
      } catch (error) {
        if (isSandboxError(error)) return error.message
        throw error
      }
    },
    async list(labels) {
      const label = [NAME_LABEL, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
      const found = await docker.listContainers({ all: true, filters: { label } })
      const names = found.flatMap(({ Names }) => Names.slice(0, 1)).map(path => path.slice(1 + PREFIX.length))
      return names.filter(name => !name.startsWith(POOL_NAME))
    },
    close: async () => await pool?.close(),
  }
}

class VolumeTaken extends Error {}

/** A Docker inside needs a file system below it that overlays can be put on. */
const layersMount = (volume = '') => ({ Type: 'volume' as const, Source: volume, Target: LAYERS_PATH })

const END_TIMEOUT_MS = 30_000

/** Answers how many bytes it leaves. */
async function endDocker(sandbox: Sandbox): Promise<number> {
  const run = await sandbox.run('end-docker', { argv: ['/bin/sh', '-c', END_DOCKER], cwd: '/', user: '0:0' })
  const said = await within(END_TIMEOUT_MS, 'no answer', run.output.toArray())
  return Number.parseInt(Buffer.concat(said).toString(), 10) * 1024 || 0
}

/** The engine is still removing a container of that name. */
function isGoing(error: unknown): boolean {
  return /removal of container|is already in progress|marked for removal/i.test(engineMessage(error))
}

async function startContainer(container: Docker.Container) {
  await within(CALL_TIMEOUT_MS, 'the container did not start within a minute', container.start()).catch(error => {
    if (engineStatus(error) !== 304) throw error
  })
}

const processors = new WeakMap<Docker, Promise<number>>()

function processorsOf(docker: Docker): Promise<number> {
  const known = processors.get(docker)
  if (known) return known
  const asked = docker.info().then(({ NCPU }: { NCPU?: number }) => NCPU || Number.POSITIVE_INFINITY)
  asked.catch(() => processors.delete(docker))
  processors.set(docker, asked)
  return asked
}

async function createContainer(
  docker: Docker,
  ensureImage: (image: string, registry?: RegistryCredentials) => Promise<void>,
  spec: SandboxSpec & { image: string },
  { init, host }: { init: boolean; host: Docker.HostConfig },
): Promise<Docker.Container> {
  const { limits = {}, env = {} } = spec
  // The engine refuses more than it has.
  const cpus = limits.cpus === undefined ? undefined : Math.min(limits.cpus, await processorsOf(docker))
  const options: Docker.ContainerCreateOptions = {
    name: PREFIX + spec.name,
    Image: spec.image,
    // AWS: the entrypoint of a build image is not run, and commands run as root unless `run-as` says otherwise.
    Entrypoint: ['/bin/sh', '-c', `${spec.privileged ? PRIVILEGED_MAIN : ''}${CONTAINER_MAIN}`, 'codeyard', RUNS],
    Cmd: [],
    User: '0:0',
    WorkingDir: workspaceOf(spec.name),
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...spec.labels, [NAME_LABEL]: spec.name },
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Init: init,
      Privileged: false,
      NanoCpus: cpus === undefined ? 0 : Math.round(cpus * 1e9),
      Memory: limits.memoryBytes ?? 0,
      MemorySwap: limits.memoryBytes ?? 0,
      PidsLimit: limits.processes ?? 0,
      LogConfig: { Type: 'none', Config: {} },
      ...host,
    },
  }
  try {
    return await within(
      CALL_TIMEOUT_MS,
      'the container was not created within a minute',
      docker.createContainer(options),
    )
  } catch (error) {
    if (engineStatus(error) !== 404) throw error
    await ensureImage(spec.image, spec.registry)
    return await docker.createContainer(options)
  }
}
