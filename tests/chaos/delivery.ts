// The demo's pipeline on a yard that may be killed: its resources, an agent of its own process, pushes, and what counts as arrived.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeGitLogin } from '../../src/cli/demo/login.ts'
import { makeWorkingCopy } from '../../src/cli/demo/repository.ts'
import { makeResources, NAME } from '../../src/cli/demo/resources.ts'
import { within } from '../../src/core/bounded.ts'
import { signalAll } from '../../src/core/processes.ts'
import type { Yard } from '../harness/yard.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../codeyard', import.meta.url))
export const PIPELINE = NAME

export interface Agent {
  readonly process: ChildProcess
  log(): string
  /** SIGKILL and nothing else; scripts that run go on. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface Delivery {
  readonly directory: string
  /** Where the application is installed. */
  readonly home: string
  readonly url: string
  readonly agent: Agent
  startAgent(yard: Yard): Promise<Agent>
  /** Commits a change that nobody pushed yet; its id. */
  commit(message: string): Promise<string>
  /** Pushes what is committed, once. */
  push(): Promise<void>
  /** Pushes, again when git says that it failed, until it went through. */
  pushUntilAccepted(): Promise<void>
  /** Files of the working copy. */
  read(path: string): Promise<string>
  write(path: string, text: string): Promise<void>
  /** Ends the agent and the application, removes the files. */
  close(): Promise<void>
}

export async function openDelivery(yard: Yard, image = 'node:24-slim'): Promise<Delivery> {
  const directory = await mkdtemp(join(tmpdir(), 'codeyard-delivery-'))
  const home = join(directory, 'service')
  const port = await freePort()
  const { repositoryUrl } = await makeResources(yard.clients, { account: '000000000000', region: 'us-east-1', image })
  const login = await makeGitLogin(yard.clients)
  const copy = await makeWorkingCopy(join(directory, 'copy'), repositoryUrl, login, home)
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: copy.directory, env: yard.env, timeout: 60_000 })).stdout.trim()
  const remote = new URL(repositoryUrl)
  remote.username = encodeURIComponent(login.userName)
  remote.password = encodeURIComponent(login.password)
  await git('remote', 'set-url', 'origin', remote.href)
  const push = async () => void (await git('push', '-q', '--force', 'origin', 'main'))
  const startAgent = (at: Yard) =>
    launchAgent(at, join(directory, 'agent'), { WEB_NODE_HOME: home, PORT: String(port) })
  let agent = await startAgent(yard)
  let words = 0
  return {
    directory,
    home,
    url: `http://127.0.0.1:${port}/`,
    get agent() {
      return agent
    },
    async startAgent(at) {
      agent = await startAgent(at)
      return agent
    },
    async commit(message) {
      words++
      await copy.changeGreeting(`Hello${words}`)
      await git('add', '-A')
      await git('commit', '-q', '--allow-empty', '-m', message)
      return await git('rev-parse', 'HEAD')
    },
    push,
    async pushUntilAccepted() {
      for (let attempt = 1; ; attempt++) {
        try {
          return await push()
        } catch (error) {
          if (attempt === 20) throw error
          await delay(250)
        }
      }
    },
    read: path => readFile(join(copy.directory, path), 'utf8'),
    write: (path, text) => writeFile(join(copy.directory, path), text),
    async close() {
      await agent.stop()
      await endService(home)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The demo's agent as a process of its own; `env` is for the scripts that it runs. */
export async function launchAgent(yard: Yard, root: string, env: Record<string, string>): Promise<Agent> {
  const args = ['agent', '--endpoint', yard.endpoint, '--name', `${NAME}-host`, '--tag', `app=${NAME}`, '--root', root]
  const child = spawn(launcher, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...yard.env, ...env },
  })
  const logged: string[] = []
  child.stderr!.setEncoding('utf8').on('data', text => logged.push(text))
  const exited = once(child, 'exit')
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', () => resolve())
    exited.then(([code]) => reject(new Error(`the agent ended with ${code}:\n${logged.join('')}`)), reject)
  })
  await within(30_000, 'the agent does not start', ready)
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await within(60_000, `the agent did not end on ${signal}`, exited)
  }
  return { process: child, log: () => logged.join(''), kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

export interface Arrival {
  readonly executionId: string
  readonly status: string
  /** Of the failed actions. */
  readonly reason: string
}

/** How the execution of this commit ended; throws with everything known when it does not end in time. */
export async function executionOf({ clients, log }: Yard, commit: string, patience = 90_000): Promise<Arrival> {
  const end = performance.now() + patience
  for (;;) {
    const { pipelineExecutionSummaries } = await clients.codepipeline.listPipelineExecutions({
      pipelineName: NAME,
      maxResults: 5,
    })
    const found = pipelineExecutionSummaries?.find(({ sourceRevisions }) =>
      sourceRevisions?.some(({ revisionId }) => revisionId === commit),
    )
    const status = found?.status
    if (found && status !== 'InProgress' && status !== 'Stopping') {
      return {
        executionId: found.pipelineExecutionId!,
        status: status!,
        reason: await reasonOf(clients, found.pipelineExecutionId!),
      }
    }
    if (performance.now() > end) {
      const seen = JSON.stringify(pipelineExecutionSummaries, undefined, 1)
      const actions = found ? await reasonOf(clients, found.pipelineExecutionId!) : ''
      throw new Error(
        `commit ${commit} did not arrive within ${patience / 1000} s: ${seen}\n${actions}\n${log().slice(-6000)}`,
      )
    }
    await delay(100)
  }
}

async function reasonOf({ codepipeline, codebuild }: Yard['clients'], pipelineExecutionId: string): Promise<string> {
  const { actionExecutionDetails } = await codepipeline.listActionExecutions({
    pipelineName: NAME,
    filter: { pipelineExecutionId },
  })
  const left = (actionExecutionDetails ?? []).filter(({ status }) => status !== 'Succeeded')
  const lines = left.map(({ actionName, status, output }) => {
    const result = output?.executionResult
    return `${actionName} ${status} ${result?.externalExecutionId ?? ''} ${result?.errorDetails?.message ?? ''}`
  })
  const ids = left.map(({ output }) => output?.executionResult?.externalExecutionId).filter(id => id?.includes(':'))
  const { builds } = ids.length > 0 ? await codebuild.batchGetBuilds({ ids: ids as string[] }) : { builds: [] }
  return [
    ...lines,
    ...(builds ?? []).map(({ buildStatus, phases }) => `${buildStatus} ${JSON.stringify(phases)}`),
  ].join('\n')
}

export async function served(url: string): Promise<string> {
  return await fetch(url)
    .then(response => response.text())
    .catch(error => `no answer: ${error.cause?.message ?? error.message}`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function endService(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'service.pid'), 'utf8').catch(() => ''))
  if (pid) signalAll([pid], 'SIGKILL')
}
