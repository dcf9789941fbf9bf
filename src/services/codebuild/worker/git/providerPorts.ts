// What a build knows of git providers: their table, the credentials of its sources, the builder's source cache, and what git inside of
// the sandbox is given of it.

import { join } from 'node:path'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import type { OpenCall } from '../../../../operation/call.ts'
import type { BuildRow } from '../../builds.ts'
import { CredentialProblem, credentialOf } from '../../providers/credentials.ts'
import { isProviderType, type ProviderTable, providerTableOf, repositoryOf } from '../../providers/hosts.ts'
import type { ProviderCredential } from '../../providers/provider.ts'
import { providerOf } from '../../providers/providerOf.ts'
import { sessionName } from '../credentials.ts'
import { configVariables } from './access.ts'
import type { GitPorts } from './gitSource.ts'

/** `say` is for the log. */
export function providerPorts(
  row: BuildRow,
  call: () => OpenCall,
  say: (line: string) => void | Promise<void>,
): Pick<GitPorts, 'providers' | 'mirrors'> {
  const { cache, serviceRole } = row.definition
  const { dataDir } = call().config
  const cached = cache?.type === 'LOCAL' && cache.modes?.includes('LOCAL_SOURCE_CACHE')
  return {
    providers: {
      table: () => providerTableOf(call()),
      credential: source => credentialOf(call(), source, call().as(serviceRole!, sessionName(row)).invoke),
    },
    ...(cached && { mirrors: { folder: join(dataDir, 'source-cache'), say } }),
  }
}

/** Variables for git in the sandbox behind the `from` that it has already, and what the log must not show of them. */
export interface InsideGit {
  readonly variables: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

// AWS: with `git-credential-helper: yes` git has the credentials of the source's provider [build-spec-ref]. Without it, it has none.
export async function gitInside(
  row: BuildRow,
  { helper, from }: { helper: boolean; from: number },
  { table, credential }: NonNullable<GitPorts['providers']>,
): Promise<InsideGit> {
  const { source, secondarySources = [] } = row.definition
  const sources = [source!, ...secondarySources].filter(({ type }) => isProviderType(type))
  if (sources.length === 0) return { variables: {}, secrets: [] }
  const hosts = await table().catch((): ProviderTable => ({ hosts: {} }))
  const settings = new Map<string, string>()
  const secrets: string[] = []
  for (const one of sources) {
    const repository = repositoryOf(one, hosts)
    if (!repository) continue
    for (const [outer, inner] of repository.rewrites) settings.set(`url.${inner}.insteadOf`, outer)
    const known = helper ? await usable(one, credential) : undefined
    if (!known) continue
    const { username, password } = providerOf(repository.type).login(known)
    secrets.push(password)
    settings.set(`credential.${repository.base}.helper`, helperOf(username, password))
  }
  return { variables: settings.size > 0 ? configVariables([...settings], from) : {}, secrets }
}

/** What the download did without, the commands do without. */
const usable = (
  source: ProjectSource,
  credential: (source: ProjectSource) => Promise<ProviderCredential | undefined>,
): Promise<ProviderCredential | undefined> =>
  credential(source).catch(error => {
    if (error instanceof CredentialProblem) return undefined
    throw error
  })

const helperOf = (username: string, password: string) =>
  `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' ${quoted(username)} ${quoted(password)}; }; f`

/** One word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
