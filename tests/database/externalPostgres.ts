// A PostgreSQL of the machine's own packages, as an operator would give one to Codeyard: over TCP, with a password, owner of one database only.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { retryFor, within } from '../../src/core/bounded.ts'
import { freePort } from '../chaos/delivery.ts'

const run = promisify(execFile)
const NOBODY = 65534
const PACKAGES = '/usr/lib/postgresql'

export interface ExternalPostgres {
  readonly version: string
  /** A new database, owned by an ordinary role. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

export async function startPostgres(): Promise<ExternalPostgres> {
  const [version] = (await readdir(PACKAGES).catch(() => [])).sort().reverse()
  if (!version) throw new Error(`no PostgreSQL in ${PACKAGES}: install the package "postgresql"`)
  const bin = join(PACKAGES, version, 'bin')
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const home = await mkdtemp(join(tmpdir(), 'codeyard-postgres-'))
  const passwordFile = join(home, 'password')
  await writeFile(passwordFile, 'of the superuser')
  await chmod(home, 0o700)
  if (identity.uid) for (const path of [home, passwordFile]) await chown(path, NOBODY, NOBODY)
  const data = join(home, 'data')
  const flags = [
    '--auth=scram-sha-256',
    '--username=operator',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--no-sync',
  ]
  await run(join(bin, 'initdb'), [...flags, '-D', data], { ...identity, cwd: home, env: { LC_ALL: 'C.UTF-8' } })
  const port = await freePort()
  const output = await open(join(home, 'log'), 'a')
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${home}`, 'fsync=off']
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap(setting => ['-c', setting])], {
    ...identity,
    cwd: home,
    stdio: ['ignore', output.fd, output.fd],
  })
  await output.close()
  const exited = once(child, 'exit')
  const operator = { host: '127.0.0.1', port, user: 'operator', password: 'of the superuser', database: 'postgres' }
  const asOperator = async (...statements: string[]) => {
    const client = new pg.Client(operator)
    client.on('error', () => {})
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }
  const stop = async () => {
    child.kill('SIGINT')
    await within(20_000, 'PostgreSQL does not stop', exited).catch(() => child.kill('SIGQUIT'))
    await rm(home, { recursive: true, force: true })
  }
  try {
    await retryFor(
      20_000,
      () => child.exitCode === null,
      () => asOperator('select 1'),
    )
    await asOperator("create role codeyard login password 'pass@word'")
  } catch (error) {
    const log = await readFile(join(home, 'log'), 'utf8')
    await stop()
    throw new Error(`PostgreSQL ${version} does not start:\n${log}`, { cause: error })
  }
  return {
    version,
    async createDatabase(name) {
      await asOperator(`create database ${name} owner codeyard`)
      return `postgres://codeyard:${encodeURIComponent('pass@word')}@127.0.0.1:${port}/${name}`
    },
    stop,
  }
}
