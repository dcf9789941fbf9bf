// The CodeDeploy agent: registers this host when it can, then polls and deploys until it is stopped.

import { mkdirSync } from 'node:fs'
import { type Credentials, createCommandsClient } from './commandsClient.ts'
import { bundleFetcher } from './fetchBundle.ts'
import { establishIdentity, type HostIdentity, readConfig } from './identity.ts'
import { layoutOf } from './layout.ts'
import { startPoller } from './poller.ts'

export const AGENT_VERSION = 'codeyard-agent/0.1.0'

export interface AgentOptions {
  /** The server, for example http://127.0.0.1:4566. */
  readonly endpoint: string
  readonly region: string
  /** The on-premises instance's name. */
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  /** The deployment root: the host's identity, its revisions and logs. One agent a root. */
  readonly root: string
  /** Whoever starts the agent: registers the host. Not needed when `identity` is given. */
  readonly credentials?: Credentials | (() => Promise<Credentials>)
  /** A host that is registered already. */
  readonly identity?: HostIdentity
  readonly log?: (level: 'info' | 'warn' | 'error', message: string) => void
  /** On top of the agent's own environment, for scripts. */
  readonly env?: Readonly<Record<string, string>>
  /** How long stop() lets a running event go on; default 30 s. */
  readonly graceMs?: number
  readonly now?: () => Date
}

export interface Agent {
  readonly hostIdentifier: string
  /** Polls no more; a running event may end within the grace time. Again is fine. */
  stop(): Promise<void>
  /** Resolves when the agent has stopped. */
  readonly done: Promise<void>
}

/** Resolves when the host is registered and polling has begun; rejects when it can not be registered. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { endpoint, region, log = () => {}, now = () => new Date() } = options
  const layout = layoutOf(options.root)
  mkdirSync(layout.root, { recursive: true })
  const identity = options.identity ?? (await identify(options, layout.onPremisesConfig, log))
  const { host, credentials } = identity
  const poller = startPoller({
    client: createCommandsClient({ endpoint, region, host, credentials, version: AGENT_VERSION }),
    host,
    layout,
    executor: {
      layout,
      now,
      fetchBundle: bundleFetcher({ endpoint, region, credentials }),
      ...(options.env ? { env: options.env } : {}),
    },
    log,
    graceMs: options.graceMs ?? 30_000,
  })
  let stopped: Promise<void> | undefined
  log('info', `polling ${endpoint} as ${host}`)
  return {
    hostIdentifier: host,
    done: poller.done,
    stop: () => {
      stopped ??= poller.stop()
      return stopped
    },
  }
}

/** Without credentials only a host that was registered before can start: it trusts what it kept. */
async function identify(
  { endpoint, region, name, tags = {}, credentials }: AgentOptions,
  configFile: string,
  log: NonNullable<AgentOptions['log']>,
): Promise<HostIdentity> {
  if (credentials) {
    const given = typeof credentials === 'function' ? credentials : async () => credentials
    return establishIdentity({ endpoint, region, name, tags, credentials: given, configFile, log })
  }
  const kept = readConfig(configFile)
  if (kept) return kept
  throw new Error(
    `This host is not registered yet (there is no ${configFile}): the first start needs credentials that may register it.`,
  )
}
