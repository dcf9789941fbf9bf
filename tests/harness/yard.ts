// A Codeyard as a user starts it: a process of its own, on free ports, with its own data, ended and cleared away afterwards.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { clientsOf } from '../../src/cli/clients.ts'
import { within } from '../../src/core/bounded.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))

export interface Yard {
  readonly endpoint: string
  readonly dataDir: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly process: ChildProcess
  /** Environment of a client's shell. */
  readonly env: NodeJS.ProcessEnv
  readonly clients: ReturnType<typeof clientsOf>
  /** What the server has logged. */
  log(): string
  /** SIGKILL, without any chance to clean up. */
  kill(): Promise<void>
  /** Orderly end; the data stays. */
  stop(): Promise<void>
  /** Orderly end; the data goes. */
  close(): Promise<void>
}

export interface YardOptions {
  /** Data of an earlier one; a fresh directory without it. */
  readonly dataDir?: string
  readonly port?: number
  readonly args?: readonly string[]
}

const START_TIMEOUT = 60_000

export async function openYard({ dataDir, port = 0, args = [] }: YardOptions = {}): Promise<Yard> {
  const data = dataDir ?? (await mkdtemp(join(tmpdir(), 'codeyard-yard-')))
  const child = spawn(launcher, ['up', '--json', '--data', data, '--port', String(port), '--ssh-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CODEYARD_LOG: process.env.CODEYARD_LOG ?? 'info' },
  })
  const logged: string[] = []
  child.stderr!.setEncoding('utf8').on('data', text => logged.push(text))
  const log = () => logged.join('')
  const exited = once(child, 'exit')
  const ready = new Promise<Record<string, string>>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', line => resolve(JSON.parse(line)))
    exited.then(([code]) => reject(new Error(`Codeyard ended with ${code} before it was ready:\n${log()}`)), reject)
  })
  const { endpoint, accessKeyId, secretAccessKey } = await within(
    START_TIMEOUT,
    `Codeyard is not ready after ${START_TIMEOUT / 1000} s`,
    ready,
  ).catch(async error => {
    child.kill('SIGKILL')
    if (dataDir === undefined) await rm(data, { recursive: true, force: true })
    throw error
  })
  const region = 'us-east-1'
  const clients = clientsOf({
    endpoint: endpoint!,
    region,
    credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
  })
  const end = async (signal: NodeJS.Signals) => {
    clients.close()
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await within(30_000, `Codeyard did not end on ${signal}:\n${log()}`, exited)
    }
  }
  return {
    endpoint: endpoint!,
    dataDir: data,
    accessKeyId: accessKeyId!,
    secretAccessKey: secretAccessKey!,
    process: child,
    env: clientEnvironment({
      endpoint: endpoint!,
      region,
      accessKeyId: accessKeyId!,
      secretAccessKey: secretAccessKey!,
    }),
    clients,
    log,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async close() {
      await end('SIGTERM')
      await rm(data, { recursive: true, force: true })
    },
  }
}

interface Keys {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

function clientEnvironment({ endpoint, region, accessKeyId, secretAccessKey }: Keys): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    LANG: 'C.UTF-8',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
}

/** Runs a client program; rejects with its output when it fails. */
export async function client(
  yard: Yard,
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const { stdout, stderr } = await run(program, args, {
    cwd: options.cwd,
    env: { ...yard.env, ...options.env },
    timeout: 120_000,
    maxBuffer: 64 << 20,
  })
  return { stdout, stderr }
}
