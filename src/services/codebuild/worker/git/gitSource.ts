// A source that is a git repository, of CodeCommit or of a provider: its version into the sandbox, with submodules, by way of the cache
// where the project has one.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import { tarOfDirectory } from '../../../../build/archives.ts'
import { BuildFailure } from '../../../../build/build.ts'
import { inTemporary } from '../../../../core/temporary.ts'
import type { Sandbox } from '../../../../sandbox/sandbox.ts'
import type { BuildRow } from '../../builds.ts'
import { codecommitRepository } from '../../definition.ts'
import { CredentialProblem } from '../../providers/credentials.ts'
import { isProviderType, type ProviderTable, repositoryOf } from '../../providers/hosts.ts'
import type { ProviderCredential } from '../../providers/provider.ts'
import { providerOf } from '../../providers/providerOf.ts'
import type { RoleCredentials } from '../credentials.ts'
import { gitAuthorization } from '../gitAuthorization.ts'
import type { GitAccess } from './access.ts'
import { checkOut, isPassing } from './checkout.ts'
import { cloneFailure, isGitFailure } from './failure.ts'
import { checkOutCached, type Mirrors } from './mirrors.ts'
import { fetchSubmodules } from './submodules.ts'
import { readGitVersion } from './version.ts'

export interface GitPorts {
  /** Where this process reaches the house over HTTP. */
  readonly endpoint: string
  /** Of the project's role: for CodeCommit. */
  credentials(): Promise<RoleCredentials>
  readonly signal: AbortSignal
  /** What is known of git providers; without it there are none. */
  readonly providers?: {
    table(): Promise<ProviderTable>
    /** Throws CredentialProblem. */
    credential(source: ProjectSource): Promise<ProviderCredential | undefined>
  }
  /** The builder's source cache, for projects that have one. */
  readonly mirrors?: Mirrors
}

/** Where a repository is and how git may go there. */
interface Origin {
  /** The remote that stays in the working copy. */
  readonly url: string
  readonly access: GitAccess
}

export const isGitSource = ({ type }: ProjectSource) => type === 'CODECOMMIT' || isProviderType(type)

/** Answers the commit. `which` is the source in sentences: `primary source`. Throws BuildFailure. */
export async function downloadGit(
  row: BuildRow,
  { source, version, which }: { source: ProjectSource; version: string | undefined; which: string },
  { sandbox, directory }: { sandbox: Sandbox; directory: string },
  ports: GitPorts,
): Promise<string> {
  const { url, access } = await originOf(row, source, which, ports)
  const { signal, mirrors } = ports
  const fill = async (temporary: string): Promise<string> => {
    const folder = join(temporary, 'src')
    const checkout = {
      url,
      folder,
      version: readGitVersion(version, source.type),
      depth: source.gitCloneDepth ?? 0,
      access,
      signal,
    }
    const commit = await patiently(folder, signal, () =>
      mirrors ? checkOutCached(checkout, keyOf(row), mirrors) : checkOut(checkout),
    )
    if (source.gitSubmodulesConfig?.fetchSubmodules) {
      const accessFor = (urls: readonly string[]) => withSubmodules(access, urls, row, ports)
      await fetchSubmodules({ folder, signal, configFile: join(temporary, 'gitconfig'), accessFor })
    }
    await sandbox.put(directory, tarOfDirectory(folder))
    return commit
  }
  return inTemporary(fill).catch(error => {
    if (isGitFailure(error) && !signal.aborted) throw cloneFailure(error, which, version, access.login?.password)
    throw error
  })
}

const PAUSES_MS = [500, 2000, 5000]

/** Tries again, from nothing, while the server only has trouble for now. */
async function patiently(folder: string, signal: AbortSignal, work: () => Promise<string>): Promise<string> {
  for (const pause of PAUSES_MS) {
    try {
      return await work()
    } catch (error) {
      if (!isGitFailure(error) || !isPassing(error) || signal.aborted) throw error
    }
    await setTimeout(pause, undefined, { signal })
    await rm(folder, { recursive: true, force: true })
  }
  return await work()
}

/** A project's mirrors are its own: another project's credentials may not see the same. */
const keyOf = ({ account, region, definition }: BuildRow) =>
  `${account}/${region}/${definition.projectId}/${definition.cacheGeneration ?? 0}`

async function originOf(row: BuildRow, source: ProjectSource, which: string, ports: GitPorts): Promise<Origin> {
  if (source.type === 'CODECOMMIT') return codecommitOrigin(row, source, ports)
  const table = await ports.providers?.table().catch((error: Error) => {
    throw new BuildFailure('CLIENT_ERROR', `the table of git providers can not be used: ${error.message}`)
  })
  const repository = table && repositoryOf(source, table)
  if (!repository) {
    throw new BuildFailure(
      'CLIENT_ERROR',
      `repository not found for ${which}: ${source.location} is none of ${source.type}`,
    )
  }
  const credential = await ports.providers!.credential(source).catch(error => {
    if (error instanceof CredentialProblem) throw new BuildFailure('CLIENT_ERROR', `${error.message} for ${which}`)
    throw error
  })
  const { base, rewrites, insecure } = repository
  const login = credential && { base, ...providerOf(repository.type).login(credential) }
  return { url: repository.location, access: { rewrites, insecure, ...(login && { login }) } }
}

async function codecommitOrigin(row: BuildRow, { location }: ProjectSource, ports: GitPorts): Promise<Origin> {
  const repository = codecommitRepository(location!)!
  const base = repositoriesAt(ports.endpoint)
  const url = location!.startsWith('http') ? location! : `${base}${repository.name}`
  const prefix = prefixOf(url, repository.name)
  const rewrites = prefix === base ? [] : [[prefix, base] as const]
  return { url, access: { rewrites, headers: [await roleHeader(row, repository, ports)] } }
}

const repositoriesAt = (endpoint: string) => `${endpoint.replace(/\/$/, '')}/v1/repos/`
const prefixOf = (url: string, name: string) => url.replace(/\/$/, '').slice(0, -name.length)

/** A signature of the repository's path, as the project's role. */
async function roleHeader(row: BuildRow, { name, region }: { name: string; region?: string }, ports: GitPorts) {
  const url = `${repositoriesAt(ports.endpoint)}${name}`
  const authorization = gitAuthorization(await ports.credentials(), new URL(url), region ?? row.region)
  return [url, `Authorization: ${authorization}`] as const
}

/** `access`, and to those of the submodules that are repositories of this house as the project's role; no other server gets its signature. */
async function withSubmodules(
  access: GitAccess,
  urls: readonly string[],
  row: BuildRow,
  ports: GitPorts,
): Promise<GitAccess> {
  const base = repositoriesAt(ports.endpoint)
  const rewrites = new Map(access.rewrites)
  const headers = new Map(access.headers)
  for (const url of urls) {
    const repository = codecommitRepository(url)
    if (!repository) continue
    const prefix = prefixOf(url, repository.name)
    if (prefix !== base && rewrites.get(prefix) !== base && repository.region === undefined) continue
    if (prefix !== base) rewrites.set(prefix, base)
    headers.set(...(await roleHeader(row, repository, ports)))
  }
  return { ...access, rewrites: [...rewrites], headers: [...headers] }
}
