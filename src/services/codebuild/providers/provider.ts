// What CodeBuild asks of a git provider. One file for each kind of API.

import type { PullRequestBuildApproverRole } from '@aws-sdk/client-codebuild'
import type { HookEvent, HookEventType } from '../webhooks/event.ts'
import type { ApiAccess } from './request.ts'

export type CommitState = 'pending' | 'success' | 'failure' | 'error' | 'stopped'

export interface CommitStatus {
  readonly state: CommitState
  /** Tells the statuses of one commit apart. */
  readonly context: string
  readonly description: string
  readonly targetUrl?: string
}

/** Who sends events: a repository, or every repository of an organization, group or installation. */
export type HookPlace =
  | { readonly kind: 'repository'; readonly path: string }
  | { readonly kind: 'organization'; readonly name: string }
  | { readonly kind: 'global' }

export interface WantedHook {
  readonly payloadUrl: string
  readonly secret: string
  readonly events: ReadonlySet<HookEventType>
  /** Comments may approve builds. */
  readonly comments: boolean
}

/** A hook that is there. */
export interface MadeHook {
  readonly id: string
  readonly url: string
}

export interface Provider {
  /** Headers that say who calls. */
  headers(credential: ProviderCredential): Record<string, string>
  /** What git is asked for. */
  login(credential: ProviderCredential): { readonly username: string; readonly password: string }
  /** Fails with status 401 when the token is nobody's. */
  checkToken(access: ApiAccess): Promise<void>
  createHook(access: ApiAccess, place: HookPlace, hook: WantedHook): Promise<MadeHook>
  updateHook(access: ApiAccess, place: HookPlace, id: string, hook: WantedHook): Promise<void>
  deleteHook(access: ApiAccess, place: HookPlace, id: string): Promise<void>
  setStatus(access: ApiAccess, path: string, sha: string, status: CommitStatus): Promise<void>
  /** What an event changed, where the event does not say it itself. */
  changedFiles(access: ApiAccess, event: HookEvent): Promise<string[]>
  commitMessage(access: ApiAccess, path: string, sha: string): Promise<string>
  /** Undefined for somebody without a role. */
  roleOf(access: ApiAccess, path: string, user: string): Promise<PullRequestBuildApproverRole | undefined>
}

export interface ProviderCredential {
  readonly authType: 'PERSONAL_ACCESS_TOKEN' | 'BASIC_AUTH'
  readonly token: string
  readonly username?: string
}
