// The demo itself, an AWS client like any other: two pushes through the pipeline, each checked at the application's URL.

import { once as event } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startAgent } from '../../agent/agent.ts'
import { signalAll } from '../../core/processes.ts'
import { createDockerProvider } from '../../sandbox/docker/dockerProvider.ts'
import { ensureNodeImage } from '../../sandbox/localImages.ts'
import type { RunningServer } from '../../server.ts'
import { type Clients, clientsOf } from '../clients.ts'
import { type Followed, followExecution } from '../follow.ts'
import { makeGitLogin } from './login.ts'
import { makeWorkingCopy, type WorkingCopy } from './repository.ts'
import { makeResources, NAME } from './resources.ts'

export interface DemoRun {
  readonly server: RunningServer
  readonly once: boolean
  readonly stopped: Promise<void>
  readonly say: (line: string) => void
  readonly image?: string
}

/** Looked at when no other image was named and a Docker Engine answers that has none of ours. */
const STANDARD_IMAGE = 'node:24-slim'
const START_PATIENCE = 30_000

export async function runDemo({ server, once, stopped, say, image }: DemoRun): Promise<number> {
  const { config } = server
  const clients = clientsOf({ endpoint: server.endpoint, region: config.region, credentials: server.credentials })
  const home = join(config.dataDir, 'demo/service')
  const port = await freePort()
  const { repositoryUrl } = await makeResources(clients, {
    account: config.account,
    region: config.region,
    image: image ?? (await demoImage(config.sandbox, say)),
  })
  const agent = await startAgent({
    endpoint: server.endpoint,
    region: config.region,
    name: `${NAME}-host`,
    tags: { app: NAME },
    root: join(config.dataDir, 'demo/agent'),
    credentials: server.credentials,
    env: { WEB_NODE_HOME: home, PORT: String(port), PATH: process.env.PATH! },
    log: (level, message) => level !== 'info' && say(`agent: ${message}`),
  })
  const url = `http://127.0.0.1:${port}/`
  const legs: Record<string, unknown>[] = []
  try {
    const copy = await makeWorkingCopy(
      join(config.dataDir, 'demo', NAME),
      repositoryUrl,
      await makeGitLogin(clients),
      home,
    )
    const changes = [
      { message: 'The first version', greeting: 'Hello' },
      { message: 'Say it differently', greeting: 'Welcome' },
    ]
    for (const { message, greeting } of changes) {
      const leg = await pushAndFollow({ clients, copy, url, say }, message, greeting)
      if (!leg) return 1
      legs.push(leg)
    }
    say(`\nThe application is running: ${url}`)
    if (once) {
      process.stdout.write(
        `${JSON.stringify({ ok: true, url, commits: legs.map(({ commit }) => commit), seconds: legs.map(({ seconds }) => seconds) })}\n`,
      )
      return 0
    }
    say(whatNext(server, copy))
    await stopped
    return 0
  } finally {
    await agent.stop()
    await endService(home)
    clients.close()
  }
}

interface Leg {
  readonly clients: Clients
  readonly copy: WorkingCopy
  readonly url: string
  readonly say: (line: string) => void
}

/** One push until the URL answers with its commit; undefined, after saying why, when it does not arrive. */
async function pushAndFollow({ clients, copy, url, say }: Leg, message: string, greeting: string) {
  const start = performance.now()
  const seconds = () => Number(((performance.now() - start) / 1000).toFixed(2))
  await copy.changeGreeting(greeting)
  const before = await newest(clients)
  const commit = await copy.push(message)
  const pushed = seconds()
  say(`\npushed ${commit.slice(0, 8)} "${message}" in ${pushed} s`)
  const executionId = await executionAfter(clients, before)
  const followed = await followExecution(clients, { pipeline: NAME, executionId, say, patience: 600_000 })
  if (followed.status !== 'Succeeded') return sayFailure(followed, say)
  const answer = await fetch(url).then(response => response.text())
  if (!answer.includes(commit) || !answer.startsWith(greeting)) {
    say(`${url} answers "${answer.trim()}" instead of commit ${commit}`)
    return undefined
  }
  say(`${url} answers: ${answer.trim().replaceAll('\n', ' / ')}`)
  return { commit, seconds: { push: pushed, ...followed.seconds, total: seconds() } }
}

function sayFailure({ status, failure }: Followed, say: (line: string) => void): undefined {
  say(`the execution ended: ${status}`)
  if (!failure) return undefined
  say(`${failure.action} failed: ${failure.message}`)
  for (const line of failure.lines) say(`   | ${line}`)
  return undefined
}

async function newest({ codepipeline }: Clients): Promise<string | undefined> {
  const { pipelineExecutionSummaries } = await codepipeline.listPipelineExecutions({
    pipelineName: NAME,
    maxResults: 1,
  })
  return pipelineExecutionSummaries?.[0]?.pipelineExecutionId
}

/** The execution that the push started: it comes by itself. */
async function executionAfter(clients: Clients, before: string | undefined): Promise<string> {
  const end = performance.now() + START_PATIENCE
  while (performance.now() < end) {
    const id = await newest(clients)
    if (id !== undefined && id !== before) return id
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`the push started no execution of pipeline ${NAME} within ${START_PATIENCE / 1000} s`)
}

/** Builds in Docker need an image with Node.js; without a registry it is made of this machine's own programs. */
async function demoImage(sandbox: string, say: (line: string) => void): Promise<string> {
  if (sandbox === 'host') return STANDARD_IMAGE
  const docker = createDockerProvider()
  if (await docker.unavailable()) return STANDARD_IMAGE
  try {
    return await ensureNodeImage(docker)
  } catch (error) {
    say(`no image could be made of this machine's programs (${(error as Error).message}): builds use ${STANDARD_IMAGE}`)
    return STANDARD_IMAGE
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await event(server, 'listening')
  const address = server.address() as { port: number }
  server.close()
  await event(server, 'close')
  return address.port
}

/** The service runs on its own; with the demo it ends. */
async function endService(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'service.pid'), 'utf8').catch(() => ''))
  if (pid) signalAll([pid], 'SIGTERM')
}

function whatNext(server: RunningServer, { directory }: WorkingCopy): string {
  return `
What to try next, in another terminal:
  eval "$(codeyard env --data ${server.config.dataDir})"
  cd ${directory}
  edit greeting.js; git commit -am change; git push      # see it arrive: codeyard watch ${NAME}
  break test/greeting.test.js, commit and push           # see it stopped at Build
  aws codepipeline get-pipeline-state --name ${NAME}
  aws codepipeline list-pipeline-executions --pipeline-name ${NAME}
  aws codebuild list-builds-for-project --project-name ${NAME}
  aws deploy list-deployments --application-name ${NAME}
Ctrl-C ends the demo.`
}
