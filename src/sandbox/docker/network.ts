// How commands in containers reach the server that started them: addresses of this machine on the engine's bridge.

import { execFile } from 'node:child_process'
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
  const bridge = await bridgeInterface(docker)
  const address = bridge && networkInterfaces()[bridge]?.find(({ family }) => family === 'IPv4')?.address
  return address ? { address, url: `http://${address}:${port}` } : undefined
}

/**
 * Makes 169.254.170.2 an address of the bridge, so that containers reach a listener there as they do on AWS. It stays when we end. False when that
 * can not be done (not root, not Linux, no `ip`): credentials then go into the environment.
 */
export async function openCredentialsAddress(docker: Docker): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const isThere = () =>
    Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === CREDENTIALS_ADDRESS))
  if (isThere()) return true
  const bridge = await bridgeInterface(docker)
  if (bridge === undefined || process.getuid?.() !== 0) return false
  try {
    await promisify(execFile)('ip', ['addr', 'add', `${CREDENTIALS_ADDRESS}/32`, 'dev', bridge], { timeout: 5_000 })
  } catch {
    // another process was faster, or there is no `ip`
  }
  return isThere()
}

/** The bridge's interface on this machine, if the engine runs here. */
async function bridgeInterface(docker: Docker): Promise<string | undefined> {
  try {
    const network = await within(5_000, 'no answer', docker.getNetwork('bridge').inspect())
    const name: unknown = network.Options?.['com.docker.network.bridge.name'] ?? 'docker0'
    return typeof name === 'string' && networkInterfaces()[name] ? name : undefined
  } catch {
    return undefined
  }
}
