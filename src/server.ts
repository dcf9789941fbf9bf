// The only place where implementations meet: a process of Codeyard from its configuration, and its orderly end.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, isIP, type Server as NetServer } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import type pg from 'pg'
import { type BlobStore, fileBlobs, s3Blobs } from './blobs/index.ts'
import { systemClock } from './core/clock.ts'
import type { Config } from './core/config.ts'
import { randomIds } from './core/ids.ts'
import type { Log } from './core/log.ts'
import { authenticator } from './gateway/authenticate.ts'
import { createGateway, type House } from './gateway/createGateway.ts'
import { openGit } from './git/index.ts'
import { jobMigrations, prepareJobs } from './jobs/prepare.ts'
import { type JobHandler, startJobRunner } from './jobs/runner.ts'
import { services } from './registry.ts'
import { createDockerProvider } from './sandbox/docker/dockerProvider.ts'
import { containerEndpoint } from './sandbox/docker/network.ts'
import { auditSink } from './services/cloudtrail/index.ts'
import { badgeDoor, codebuild, joinHouse, openTerminal, publicDoor, webhookDoor } from './services/codebuild/index.ts'
import { IAM_CHANNEL } from './services/iam/channel.ts'
import { createIdentityDirectory } from './services/iam/directory/identityDirectory.ts'
import { ensureRootCredentials } from './services/iam/directory/rootCredentials.ts'
import { sns, snsDoor } from './services/sns/index.ts'
import { sessionDoor, ssm } from './services/ssm/index.ts'
import { startEmbedded } from './store/embedded/server.ts'
import { migrate } from './store/migrate.ts'
import { openStore } from './store/postgres.ts'
import { emptySchemas } from './store/reset.ts'
import { notify, type Store } from './store/tx.ts'
import { gitHttpDoor } from './transports/git/index.ts'
import { createHttpServer, openCertificates, resetDoor } from './transports/http/index.ts'
import { openHostKey } from './transports/ssh/hostKey.ts'
import { type SshDoorParts, sshDoor } from './transports/ssh/sshDoor.ts'

export interface RunningServer {
  readonly endpoint: string
  readonly ssh: string | undefined
  readonly config: Config
  /** The root keys of the account. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Ends in order: no new calls, running ones end, jobs and builds are handed back, the database stops. */
  stop(): Promise<void>
}

/** What was opened is closed again in reverse order, at the end and when the start fails half-way. */
type Closing = () => Promise<unknown>

export async function startServer(wanted: Config, log: Log): Promise<RunningServer> {
  const closings: Closing[] = []
  const stop = async () => {
    for (const close of closings.splice(0).reverse()) {
      await close().catch(error => log.error({ err: error }, 'a part did not stop cleanly'))
    }
  }
  try {
    return await assemble(wanted, log, closings, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function assemble(
  wanted: Config,
  log: Log,
  closings: Closing[],
  stop: () => Promise<void>,
): Promise<RunningServer> {
  await mkdir(wanted.dataDir, { recursive: true, mode: 0o711 })
  const own = await withPorts(wanted)
  const connection = await openDatabase(own, log, closings)
  const store = openStore({ connection, log })
  closings.push(() => store.close())
  await prepareJobs(store.pool)
  await migrate(store.pool, [
    jobMigrations,
    ...services.flatMap(({ name, migrations }) => (migrations ? [{ owner: name, folder: migrations }] : [])),
  ])

  const clock = systemClock
  const ids = randomIds
  const { config, guest, share } = await joinHouse(store, own, log)
  const credentials = await ensureRootCredentials({ store, config, ids, clock, keep: !guest })
  const identity = await createIdentityDirectory({ store, config, clock, log })
  closings.push(() => identity.close())
  const audit = auditSink({ store, ids, log })
  closings.push(() => audit.close())
  const gateway = createGateway({ services, store, blobs: openBlobs(config), config, clock, ids, log, identity, audit })

  if (config.roles.includes('api')) {
    const certificates = (now: Date) =>
      openCertificates({ folder: join(config.dataDir, 'tls'), names: namesOfMachine(config), now })
    const sessions = await sessionDoor({
      openCall: scope => gateway.openCall(ssm, scope),
      openTerminal: (scope, target, wish) => openTerminal(gateway.openCall(codebuild, scope), target, wish),
    })
    const http = createHttpServer({
      gateway,
      authenticate: authenticator({ identity, clock, config }),
      ids,
      log,
      doors: [
        resetDoor(config.dev ? () => empty(store) : undefined),
        gitHttpDoor({ gateway, identity, config, clock, ids, log }),
        snsDoor({ openCall: scope => gateway.openCall(sns, scope) }),
        badgeDoor({ openCall: scope => gateway.openCall(codebuild, scope) }),
        webhookDoor({ openCall: scope => gateway.openCall(codebuild, scope) }),
        publicDoor({ openCall: scope => gateway.openCall(codebuild, scope) }),
        sessions,
      ],
      health: async () => {
        await store.read(tx => tx.one`select 1`)
        return { roles: config.roles }
      },
      tls: { certificates: await certificates(clock.now()), renew: certificates, now: () => clock.now() },
    })
    await http.listen(config.port, config.host)
    closings.push(() => http.close())
    closings.push(() => sessions.close())
    await listenForContainers(config, http.server, log, closings)
  }
  const ssh = config.roles.includes('api')
    ? await openSsh({ gateway, identity, config, ids, log }, closings)
    : undefined
  closings.push(await share())
  await startRoles({ gateway, config, log, closings, store, connection })
  if (!guest) await writeState(config, credentials, closings)
  return { endpoint: config.endpoint, ssh, config, credentials, stop }
}

/** Port 0 means any free one; it has to be known before anything that names the endpoint is made. */
async function withPorts(config: Config): Promise<Config> {
  const port = config.port || (await freePort(config.host))
  const sshPort = config.sshPort || (await freePort(config.host))
  return { ...config, port, sshPort, endpoint: config.endpoint.replace(/:0$/, `:${port}`) }
}

async function freePort(host: string): Promise<number> {
  const probe = createServer()
  const port = await new Promise<number>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, host, () => resolve((probe.address() as { port: number }).port))
  })
  await new Promise(resolve => probe.close(resolve))
  return port
}

async function openDatabase({ dataDir, databaseUrl }: Config, log: Log, closings: Closing[]): Promise<pg.PoolConfig> {
  if (databaseUrl !== undefined) return { connectionString: databaseUrl }
  const server = await startEmbedded({ dataDir, log })
  closings.push(() => server.stop())
  return server.connection
}

function openBlobs({ blobs, region }: Config): BlobStore {
  return blobs.startsWith('s3://') ? s3Blobs(blobs, { region }) : fileBlobs(resolve(blobs))
}

/** Git over SSH; its address as git writes it. */
async function openSsh(parts: Omit<SshDoorParts, 'git' | 'hostKey'>, closings: Closing[]): Promise<string> {
  const { config } = parts
  const git = openGit(join(config.dataDir, 'git'))
  const door = sshDoor({ ...parts, git, hostKey: await openHostKey(config.dataDir) })
  const { port } = await door.listen(config.sshPort, config.host)
  closings.push(async () => {
    await door.close()
    git.close()
  })
  return `ssh://${new URL(config.endpoint).hostname}:${port}`
}

/** A second door to the same port for containers only: on the engine's bridge, where nobody outside of this machine comes. */
async function listenForContainers(config: Config, main: NetServer, log: Log, closings: Closing[]): Promise<void> {
  if (config.sandbox === 'host' || config.sandbox === 'scripted') return
  const provider = createDockerProvider()
  if (await provider.unavailable()) return
  const place = await containerEndpoint(provider.docker, config.port)
  if (!place || config.host === '0.0.0.0') return
  const door = createServer(socket => void main.emit('connection', socket))
  try {
    await new Promise<void>((listening, failed) =>
      door.once('error', failed).listen(config.port, place.address, listening),
    )
  } catch (error) {
    log.warn(
      { err: error, address: place.address },
      'containers can not reach this server: their AWS_ENDPOINT_URL will not answer',
    )
    return
  }
  closings.push(() => new Promise(closed => door.close(closed)))
}

interface RoleParts {
  readonly gateway: House
  readonly config: Config
  readonly log: Log
  readonly closings: Closing[]
  readonly store: Store
  readonly connection: pg.PoolConfig
}

async function startRoles({ gateway, config, log, closings, store, connection }: RoleParts): Promise<void> {
  const stopping = new AbortController()
  if (config.roles.includes('jobs')) {
    const handlers: Record<string, JobHandler> = {}
    for (const service of services) {
      for (const [name, task] of Object.entries(service.tasks ?? {})) {
        handlers[`${service.name}.${name}`] = ({ scope, payload }) =>
          task(gateway.openCall(service, scope, stopping.signal), payload)
      }
    }
    const runner = await startJobRunner({ store, connection, handlers, log })
    closings.push(() => runner.stop())
  }
  for (const service of services) {
    for (const worker of service.workers ?? []) {
      if (!config.roles.includes(worker.role)) continue
      closings.push(await worker.start(scope => gateway.openCall(service, scope, stopping.signal)))
    }
  }
  closings.push(async () => stopping.abort(new Error('the process stops')))
}

/** What `codeyard env` reads; only its owner may. It goes when the process ends in order. */
async function writeState(
  config: Config,
  credentials: RunningServer['credentials'],
  closings: Closing[],
): Promise<void> {
  const file = join(config.dataDir, 'running.json')
  const { endpoint, region, account } = config
  const authority = join(resolve(config.dataDir), 'tls/ca.pem')
  await rm(file, { force: true })
  await writeFile(
    file,
    `${JSON.stringify({ endpoint, region, account, authority, pid: process.pid, ...credentials })}\n`,
    {
      mode: 0o600,
    },
  )
  closings.push(() => rm(file, { force: true }))
}

/** Rows of all services but root's own; what is running finds nothing any more and ends. */
async function empty(store: Store): Promise<void> {
  await store.transaction(async tx => {
    await emptySchemas(
      tx,
      services.map(({ name }) => name),
    )
    await notify(tx, IAM_CHANNEL, '') // what processes keep in mind of identities
  })
}

/** Besides localhost: where it listens, and the addresses under which containers and, if it may, other machines see it. */
function namesOfMachine({ host, endpoint }: Config): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
  return [host, new URL(endpoint).hostname, hostname(), ...addresses.filter(address => isIP(address) === 4)]
}
