// How commands in containers reach the server that started them: addresses of this machine on the engine's bridge.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'

/** AWS: where the SDKs look when AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set. */
export const CREDENTIALS_ADDRESS = '169.254.170.2'

export interface ContainerEndpoint {
  /** An address of this machine that containers reach and nobody outside of it does: the server adds a listener there. */
  readonly address: string
  /** What commands inside get as AWS_ENDPOINT_URL. */
  readonly url: string
}

/** The gateway of the engine's default bridge with `port`; undefined when that is not an address of this machine (a remote or virtual engine). */
export async function containerEndpoint(docker: Docker, port: number): Promise<ContainerEndpoint | undefined> {
  const bridge = await bridgeOf(docker)
  const address = bridge?.gateway ?? (bridge && addressOf(bridge.name))
  if (address === undefined || !(await isOurs(address))) return undefined
  return { address, url: `http://${address}:${port}` }
}

/**
 * Makes 169.254.170.2 an address of the bridge, so that containers reach a listener there as they do on AWS. It stays when we end. False when that
 * can not be done (not root, not Linux, no `ip`): credentials then go into the environment.
 */
export async function openCredentialsAddress(docker: Docker): Promise<boolean> {
  if (process.platform !== 'linux') return false
  if (await isOurs(CREDENTIALS_ADDRESS)) return true
  const bridge = await bridgeOf(docker)
  if (bridge === undefined || process.getuid?.() !== 0) return false
  try {
    const added = ['addr', 'add', `${CREDENTIALS_ADDRESS}/32`, 'dev', bridge.name]
    await promisify(execFile)('ip', added, { timeout: 5_000 })
  } catch {
    // another process was faster, or there is no `ip`
  }
  return await isOurs(CREDENTIALS_ADDRESS)
}

/** The bridge's interface on this machine, if the engine runs here. */
async function bridgeOf(docker: Docker): Promise<{ name: string; gateway: string | undefined } | undefined> {
  try {
    const network = await within(5_000, 'no answer', docker.getNetwork('bridge').inspect())
    const name: unknown = network.Options?.['com.docker.network.bridge.name'] ?? 'docker0'
    if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) return undefined
    // Not from the list of interfaces that Node has: a bridge without a running container is not in it.
    if (!existsSync(`/sys/class/net/${name}`) && !networkInterfaces()[name]) return undefined
    const gateway = network.IPAM?.Config?.map(({ Gateway }: { Gateway?: string }) => Gateway).find(isIPv4OrNone)
    return { name, gateway }
  } catch {
    return undefined
  }
}

const isIPv4OrNone = (address: string | undefined) => address !== undefined && isIPv4(address)
const addressOf = (name: string) => networkInterfaces()[name]?.find(({ family }) => family === 'IPv4')?.address

/** Whether this machine has the address: whether one can listen there. */
function isOurs(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(0, address, () => probe.close(() => resolve(true)))
  })
}
