// What every git door (HTTP, SSH) does once it knows the caller: fetches and pushes, permitted, carried out and recorded by
// CodeCommit's GitPull and GitPush behind the gateway.

import { formatArn } from '../../core/arn.ts'
import type { Ids } from '../../core/ids.ts'
import type { Scope } from '../../core/scope.ts'
import { isServiceError, ServiceError } from '../../core/serviceError.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import {
  type CommandResult,
  type Git,
  type PushOwner,
  type Reference,
  type Repository,
  ZERO_ID,
} from '../../git/index.ts'
import type { Origin } from '../../operation/call.ts'
import type { GitPushInput, GitPushOutput } from '../../operation/internalCodeCommit.ts'
import type { Principal } from '../../operation/principal.ts'

/** Who is at the door. */
export interface GitCaller {
  readonly principal: Principal
  readonly scope: Scope
  readonly origin: Origin
  /** Aborted when the connection is lost. */
  readonly signal: AbortSignal
}

export interface OpenedPush {
  readonly repository: Repository
  /** What is there, sorted by name: the list that a push begins with. */
  readonly references: readonly Reference[]
  /** For one push: decides about its commands. */
  readonly owner: PushOwner
}

export interface GitService {
  /** The repository, its directory up to date; ServiceError for a missing repository or permission. */
  openPull(caller: GitCaller, repositoryName: string): Promise<Repository>
  openPush(caller: GitCaller, repositoryName: string): Promise<OpenedPush>
}

export function gitService({ gateway, git, ids }: { gateway: Gateway; git: Git; ids: Ids }): GitService {
  const call = ({ principal, scope, origin, signal }: GitCaller, operation: string, input: object) =>
    gateway.call({
      service: 'codecommit',
      operation,
      input,
      principal,
      scope,
      origin,
      requestId: ids.uuid(),
      signal,
    })

  return {
    async openPull(caller, repositoryName) {
      const { repositoryId } = (await call(caller, 'GitPull', { repositoryName })) as { repositoryId: string }
      return git.repository(repositoryId)
    },

    async openPush(caller, repositoryName) {
      const push = (input: Omit<GitPushInput, 'repositoryName'>) =>
        call(caller, 'GitPush', { repositoryName, ...input }) as Promise<GitPushOutput>
      const { repositoryId, references = [] } = await push({})
      return {
        repository: git.repository(repositoryId),
        references,
        owner: pushOwner({ caller, repositoryName, references, gateway, push }),
      }
    },
  }
}

interface OwnerParts {
  readonly caller: GitCaller
  readonly repositoryName: string
  readonly references: readonly Reference[]
  readonly gateway: Gateway
  push(input: Omit<GitPushInput, 'repositoryName'>): Promise<GitPushOutput>
}

function pushOwner({ caller, repositoryName, references, gateway, push }: OwnerParts): PushOwner {
  const sentences = new Set<string>()
  const rejected = (name: string, reason: string): CommandResult => ({ name, status: 'rejected', reason })

  const mayChange = async (names: readonly string[]): Promise<ServiceError | undefined> => {
    const resource = formatArn('codecommit', caller.scope, repositoryName)
    const access = names.map(name => ({
      action: 'codecommit:GitPush',
      resource,
      context: { 'codecommit:References': [name] },
    }))
    try {
      await gateway.authorize(caller.principal, caller.scope, caller.origin, access)
      return undefined
    } catch (error) {
      if (isServiceError(error)) return error
      throw error
    }
  }

  return {
    async refuse(commands) {
      const results: CommandResult[] = []
      const there = new Map(references.map(({ name, id }) => [name, id]))
      for (const { name, old } of commands) {
        if (old !== (there.get(name) ?? ZERO_ID)) results.push(rejected(name, STALE))
      }
      if (!(await mayChange(commands.map(({ name }) => name)))) return results
      for (const { name } of commands) {
        const denied = await mayChange([name])
        if (!denied) continue
        sentences.add(denied.message)
        results.push(rejected(name, 'you do not have permission to push to this reference'))
      }
      return results
    },

    async update(commands, atomic) {
      try {
        const { results = [] } = await push({
          atomic,
          references: commands.map(({ name, old, new: commit, type, peeled }) => ({
            ref: name,
            commit,
            oldCommit: old,
            ...(type && { type }),
            ...(peeled && { peeled }),
          })),
        })
        return results.map(({ ref, reason }) =>
          reason === undefined ? { name: ref, status: 'ok' } : rejected(ref, reason),
        )
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        sentences.add(error.message)
        return commands.map(({ name }) => rejected(name, error.code))
      }
    },

    messages: () => [...sentences],
  }
}

const STALE = 'fetch first: the reference changed meanwhile'
