// Where the git providers are: their public hosts, or what `providers.json` in the data directory says, so that a self-hosted server (or
// one of a test) is the provider.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import type { Call, OpenCall } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'

export const PROVIDERS = ['GITHUB', 'GITHUB_ENTERPRISE', 'BITBUCKET', 'GITLAB', 'GITLAB_SELF_MANAGED'] as const
export type ProviderType = (typeof PROVIDERS)[number]

export const isProviderType = (type: string | undefined): type is ProviderType =>
  (PROVIDERS as readonly (string | undefined)[]).includes(type)

interface Host {
  /** Of the web pages and of git, without a slash at the end. */
  readonly url: string
  /** Of the REST API. */
  readonly api: string
}

/** `{"GITHUB": {"url": "https://git.example.com", "api": "https://git.example.com/api/v3"}, "webhookUrl": "https://ci.example.com"}` */
export interface ProviderTable {
  readonly hosts: Partial<Readonly<Record<ProviderType, Partial<Host>>>>
  /** Under which providers reach this server; the endpoint without it. */
  readonly webhookUrl?: string
}

/** A repository at its provider. */
export interface Repository {
  readonly type: ProviderType
  /** Where the provider is: its credentials are for URLs below, and for no others. */
  readonly base: string
  readonly api: string
  /** `owner/name`; groups of GitLab may be deeper. */
  readonly path: string
  readonly cloneUrl: string
  /** What the project calls it, without a user in it: it stays in the working copy as its remote. */
  readonly location: string
  /** How the project's URLs become those of the configured host. */
  readonly rewrites: readonly (readonly [string, string])[]
  readonly insecure: boolean
}

// AWS: the source location of a webhook of an organization or group, whose repositories are only known when it sends
// [github-global-organization-webhook].
export const ANY_REPOSITORY = 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION'

const PUBLIC: Partial<Readonly<Record<ProviderType, Host>>> = {
  GITHUB: { url: 'https://github.com', api: 'https://api.github.com' },
  BITBUCKET: { url: 'https://bitbucket.org', api: 'https://api.bitbucket.org/2.0' },
  GITLAB: { url: 'https://gitlab.com', api: 'https://gitlab.com/api/v4' },
}

const API: Readonly<Record<ProviderType, string>> = {
  GITHUB: '/api/v3',
  GITHUB_ENTERPRISE: '/api/v3',
  BITBUCKET: '/2.0',
  GITLAB: '/api/v4',
  GITLAB_SELF_MANAGED: '/api/v4',
}

/** The host of a provider; undefined for a self-managed one that only a project's location names. */
export function hostOf(type: ProviderType, table: ProviderTable): Host | undefined {
  const own = table.hosts[type]
  if (!own?.url) return PUBLIC[type] && { ...PUBLIC[type], ...own }
  const url = own.url.replace(/\/+$/, '')
  return { url, api: (own.api ?? `${url}${API[type]}`).replace(/\/+$/, '') }
}

/** The repository that a source names; undefined when its location is none of this provider's. */
export function repositoryOf(
  { type, location, insecureSsl }: Pick<ProjectSource, 'type' | 'location' | 'insecureSsl'>,
  table: ProviderTable,
): Repository | undefined {
  const url = isProviderType(type) ? readUrl(location) : undefined
  if (!url || !isProviderType(type)) return undefined
  const host = hostOf(type, table) ?? { url: url.origin, api: `${url.origin}${API[type]}` }
  const plain = `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  const given = [host.url, PUBLIC[type]?.url].find(base => base !== undefined && isBelow(plain, base))
  if (given === undefined) return undefined
  const path = plain.slice(given.length + 1).replace(/\.git$/, '')
  const parts = path.split('/')
  if (parts.length < 2 || (parts.length > 2 && !type.startsWith('GITLAB'))) return undefined
  if (!parts.every(part => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part))) return undefined
  return {
    type,
    base: host.url,
    api: host.api,
    path,
    cloneUrl: `${host.url}/${path}.git`,
    location: plain,
    rewrites: given === host.url ? [] : [[`${given}/`, `${host.url}/`]],
    insecure: insecureSsl === true,
  }
}

const isBelow = (url: string, base: string) => url.toLowerCase().startsWith(`${base.toLowerCase()}/`)

function readUrl(location: string | undefined): URL | undefined {
  if (!location || !URL.canParse(location)) return undefined
  const url = new URL(location)
  return /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' ? url : undefined
}

/** The table of this process, or that of the processes which answer calls when it has none. Throws when it can not be read as one. */
export async function providerTableOf(call: OpenCall | Call): Promise<ProviderTable> {
  const { dataDir, roles } = call.config
  const own = await readProviderTable(dataDir)
  if (Object.keys(own.hosts).length > 0 || own.webhookUrl || roles.includes('api')) return own
  const told = await ('tx' in call ? toldTable(call.tx) : call.read(({ tx }) => toldTable(tx)))
  return told ?? own
}

const toldTable = async (tx: Tx): Promise<ProviderTable | undefined> =>
  (
    await tx.one<{ providers: ProviderTable }>`
      select providers from codebuild.api_endpoints where providers <> '{"hosts": {}}' order by seen_at desc limit 1`
  )?.providers

/** The table of this installation; empty without the file. Throws when it can not be read as one. */
export async function readProviderTable(dataDir: string): Promise<ProviderTable> {
  const file = join(dataDir, 'providers.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { hosts: {} }
    throw error
  }
  const { webhookUrl, ...hosts } = JSON.parse(text) as ProviderTable['hosts'] & { webhookUrl?: string }
  const isUrl = (value: unknown) => value === undefined || (typeof value === 'string' && /^https?:\/\/[^/]/.test(value))
  const good = Object.entries(hosts).every(
    ([type, host]) => isProviderType(type) && isUrl(host?.url) && isUrl(host?.api),
  )
  if (!good || !isUrl(webhookUrl)) {
    throw new Error(
      `${file} must map ${PROVIDERS.join(', ')} to {"url": URL, "api": URL}, and may name a "webhookUrl" where providers reach this server`,
    )
  }
  return { hosts, ...(webhookUrl && { webhookUrl: webhookUrl.replace(/\/+$/, '') }) }
}
