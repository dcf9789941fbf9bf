// Where the API is, told by the processes that have it to those that only build: builders on other machines know the database alone.

import { hostname, networkInterfaces } from 'node:os'
import type { Config } from '../../../core/config.ts'
import type { Log } from '../../../core/log.ts'
import type { Store } from '../../../store/tx.ts'
import { readImageTable } from '../images.ts'
import { readProviderTable } from '../providers/hosts.ts'
import { ALIVE } from './builders.ts'

const TELL_MS = 10_000

/** `http://127.0.0.1:4566` and its like lead to the asker's own machine. */
export const isLoopbackUrl = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)

/** What other machines are told: the flag, or an address under which this one can be seen. */
export function advertisedEndpoint({ apiEndpoint, host, port, endpoint }: Config): string {
  if (apiEndpoint !== undefined) return apiEndpoint
  if (host !== '0.0.0.0' && host !== '::') return endpoint
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  const seen = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  return `http://${seen?.address ?? hostname()}:${port}`
}

/** Tells where this process's API is, with the installation's tables of images and git providers, until it is closed. */
export async function tellEndpoint(store: Store, config: Config, log: Log): Promise<() => Promise<void>> {
  const endpoint = advertisedEndpoint(config)
  const tell = async () => {
    const images = JSON.stringify(await readImageTable(config.dataDir).catch(() => ({}))) // builds say what is wrong with it
    const providers = JSON.stringify(await readProviderTable(config.dataDir).catch(() => ({ hosts: {} })))
    await store.transaction(
      tx => tx.run`
        insert into codebuild.api_endpoints (endpoint, host, images, providers)
        values (${endpoint}, ${hostname()}, ${images}, ${providers})
        on conflict (endpoint) do update set host = excluded.host, images = excluded.images, providers = excluded.providers,
          seen_at = now()`,
    )
  }
  await tell()
  const timer = setInterval(() => void tell().catch(error => log.debug({ err: error }, 'not told')), TELL_MS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await store.transaction(tx => tx.run`delete from codebuild.api_endpoints where endpoint = ${endpoint}`)
  }
}

/** `config` whose endpoint is where the API is now, by the flag or by what is told; its own while nothing is. */
export async function followEndpoint(
  store: Store,
  config: Config,
  log: Log,
): Promise<{ config: Config; close(): void }> {
  let current = config.apiEndpoint ?? config.endpoint
  let warned = false
  const look = async () => {
    const rows = await store.read(
      tx => tx.rows<{ endpoint: string; host: string }>`
        select endpoint, host from codebuild.api_endpoints where ${ALIVE} order by endpoint`,
    )
    const reachable = rows.filter(({ endpoint, host }) => host === hostname() || !isLoopbackUrl(endpoint))
    if (rows.length > 0 && reachable.length === 0 && !warned) {
      warned = true
      log.warn(
        { told: rows.map(({ endpoint, host }) => `${endpoint} on ${host}`) },
        'the API listens on the loopback address of another machine: start it with --host, or this process with --api-endpoint',
      )
    }
    if (!reachable.some(({ endpoint }) => endpoint === current)) current = reachable[0]?.endpoint ?? current
  }
  if (config.apiEndpoint === undefined) await look()
  const again = () => void look().catch(error => log.debug({ err: error }, 'the API was not looked for'))
  const timer = config.apiEndpoint === undefined ? setInterval(again, TELL_MS) : undefined
  timer?.unref()
  return {
    config: Object.defineProperty({ ...config }, 'endpoint', { get: () => current, enumerable: true }),
    close: () => clearInterval(timer),
  }
}
