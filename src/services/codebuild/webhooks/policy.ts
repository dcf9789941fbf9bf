// Whether a pull request builds by itself, or waits for a comment of somebody who may approve it. Pure.

import type { PullRequestBuildApproverRole } from '@aws-sdk/client-codebuild'
import type { ProviderType } from '../providers/hosts.ts'
import type { HookEvent } from './event.ts'
import type { HookDefinition } from './webhooks.ts'

// DEVIATES: AWS's default asks for the role of every author. Who has a branch in the repository itself may write to it already, so that by
// default only pull requests from forks are asked about.
export function needsApproval({ pullRequestBuildPolicy }: HookDefinition, { pull, type }: HookEvent): boolean {
  if (!pull || type === 'PULL_REQUEST_MERGED') return false
  switch (pullRequestBuildPolicy?.requiresCommentApproval) {
    case 'DISABLED':
      return false
    case 'ALL_PULL_REQUESTS':
      return true
    default:
      return pull.fork
  }
}

const BY_DEFAULT: readonly PullRequestBuildApproverRole[] = [
  'GITHUB_WRITE',
  'GITHUB_MAINTAIN',
  'GITHUB_ADMIN',
  'GITLAB_DEVELOPER',
  'GITLAB_MAINTAINER',
  'GITLAB_OWNER',
  'BITBUCKET_WRITE',
  'BITBUCKET_ADMIN',
]

export function approverRoles({ pullRequestBuildPolicy }: HookDefinition, type: ProviderType): ReadonlySet<string> {
  const prefix = type.startsWith('GITLAB') ? 'GITLAB_' : type === 'BITBUCKET' ? 'BITBUCKET_' : 'GITHUB_'
  return new Set((pullRequestBuildPolicy?.approverRoles ?? BY_DEFAULT).filter(role => role.startsWith(prefix)))
}
