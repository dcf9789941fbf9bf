// The embedded PostgreSQL: made on first use, on a unix socket of its own, adopted when it outlived us, restarted when it dies.

import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { retryFor } from '../../core/bounded.ts'
import type { Log } from '../../core/log.ts'
import { isAlive, signalAll } from '../../core/processes.ts'
import { exists, isReachable, postgresBinaries } from './binaries.ts'

const run = promisify(execFile)
/** PostgreSQL refuses to run as root: then it runs as nobody. */
const UNPRIVILEGED = 65534
const START_TIMEOUT = 20_000
const STOP_TIMEOUT = 20_000
/** A socket's path has 107 bytes at most. */
const SOCKET_PATH_LIMIT = 80

export interface EmbeddedServer {
  readonly connection: pg.PoolConfig
  /** Fast shutdown: sessions end, nothing committed is lost. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  readonly dataDir: string
  readonly log: Log
  /** Extra `name=value` settings, for tests (`fsync=off`). */
  readonly settings?: readonly string[]
}

export async function startEmbedded({ dataDir, log, settings = [] }: EmbeddedOptions): Promise<EmbeddedServer> {
  const uid = process.getuid?.() === 0 ? UNPRIVILEGED : undefined
  await mkdir(dataDir, { recursive: true })
  if (uid !== undefined) await chmod(dataDir, 0o711)
  if (!(await isReachable(dataDir, uid))) {
    throw new Error(
      `PostgreSQL does not run as root, and its unprivileged user can not reach ${dataDir}: choose another --data directory, for example /var/lib/codeyard`,
    )
  }
  const home = join(dataDir, 'postgres')
  const socket = home.length <= SOCKET_PATH_LIMIT ? home : join(tmpdir(), `codeyard-${hash(home)}`)
  const binaries = await postgresBinaries(dataDir, uid)
  for (const folder of [home, socket]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (uid !== undefined) await chown(folder, uid, uid)
  }
  const cluster = join(home, 'data')
  if (!(await exists(join(cluster, 'PG_VERSION')))) await initialize(binaries, home, cluster, uid)
  const connection: pg.PoolConfig = { host: socket, port: 5432, user: 'codeyard', database: 'codeyard' }

  let stopping = false
  let pid = await livingPostmaster(cluster)
  const launch = async () => {
    const output = await open(join(home, 'postgres.log'), 'a')
    const child = spawn(join(binaries, 'bin/postgres'), postgresArguments(cluster, socket, settings), {
      ...(uid === undefined ? {} : { uid, gid: uid }),
      cwd: home,
      detached: true, // a signal to our process group is ours to handle: we stop it in order
      stdio: ['ignore', output.fd, output.fd],
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    })
    child.unref()
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    await output.close()
    pid = child.pid
  }
  if (pid === undefined) await launch()
  else log.info({ pid }, 'adopted the database server of an earlier process')
  await ensureDatabase(connection, home)
  const owner = await own(connection, dataDir)

  const watch = (async () => {
    while (!stopping) {
      await delay(250, undefined, { ref: false })
      if (stopping || (pid !== undefined && isAlive(pid))) continue
      log.warn('the database server ended: starting it again')
      await launch().catch(error => log.error({ err: error }, 'the database server does not start'))
      await delay(1000, undefined, { ref: false })
    }
  })()
  void watch

  return {
    connection,
    async stop() {
      stopping = true
      await owner.end().catch(() => {})
      if (pid === undefined || !isAlive(pid)) return
      signalAll([pid], 'SIGINT')
      for (let waited = 0; isAlive(pid); waited += 10) {
        if (waited > STOP_TIMEOUT) {
          signalAll([pid], 'SIGQUIT')
          return
        }
        await delay(10)
      }
      if (socket !== home) await rm(socket, { recursive: true, force: true })
    },
  }
}

async function initialize(binaries: string, home: string, cluster: string, uid: number | undefined): Promise<void> {
  const fresh = join(home, 'data.new')
  await rm(fresh, { recursive: true, force: true }) // an earlier attempt was cut off
  const identity = uid === undefined ? {} : { uid, gid: uid }
  const flags = ['--auth=trust', '--username=codeyard', '--encoding=UTF8', '--locale=C', '--no-sync']
  await run(join(binaries, 'bin/initdb'), [...flags, '-D', fresh], {
    ...identity,
    cwd: home,
    env: { LC_ALL: 'C', TZ: 'UTC' },
  })
  await writeFile(join(fresh, 'pg_hba.conf'), 'local all all trust\n')
  await run('mv', [fresh, cluster])
}

function postgresArguments(cluster: string, socket: string, settings: readonly string[]): string[] {
  const base = [
    'listen_addresses=',
    `unix_socket_directories=${socket}`,
    'unix_socket_permissions=0700',
    'max_connections=200',
    'shared_buffers=128MB',
    'max_wal_size=512MB',
    'jit=off',
    'autovacuum_naptime=15s',
    'log_min_messages=warning',
    'log_line_prefix=%m [%p] ',
  ]
  return ['-D', cluster, ...[...base, ...settings].flatMap(setting => ['-c', setting])]
}

/** Waits until the server answers, then makes sure that our database is there. */
async function ensureDatabase(connection: pg.PoolConfig, home: string): Promise<void> {
  const started = async () => {
    const client = new pg.Client({ ...connection, database: 'postgres' })
    client.on('error', () => {}) // the query in flight reports it
    try {
      await client.connect()
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', ['codeyard'])
      if (!rowCount) await client.query('create database codeyard')
    } finally {
      void client.end().catch(() => {}) // never settles on a connection that was refused
    }
  }
  try {
    await retryFor(START_TIMEOUT, () => true, started)
  } catch (cause) {
    const tail = (await readFile(join(home, 'postgres.log'), 'utf8').catch(() => '')).split('\n').slice(-15).join('\n')
    throw new Error(`the embedded PostgreSQL does not start; its log ends with:\n${tail}`, { cause })
  }
}

/** Which advisory lock means "this data directory is in use". */
const OWNER_LOCK = 4_566_002
const OWNER_PATIENCE = 5_000

/** One process a data directory: the lock goes with its session, also when the process is killed. */
async function own(connection: pg.PoolConfig, dataDir: string): Promise<pg.Client> {
  const client = new pg.Client(connection)
  client.on('error', () => {}) // a server that ended is started again; the directory stays ours
  await client.connect()
  const lock = async () => {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as won', [OWNER_LOCK])
    if (!rows[0].won)
      throw new Error(`another Codeyard is running on ${dataDir}: stop it, or choose another --data directory`)
  }
  try {
    await retryFor(OWNER_PATIENCE, () => true, lock)
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}

/** The pid of a postmaster that serves this cluster, if one lives. A stale file (after a reboot) is none. */
async function livingPostmaster(cluster: string): Promise<number | undefined> {
  const [first] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(first)
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres')
  return command.includes('postgres') ? pid : undefined
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
