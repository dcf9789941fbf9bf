// A provider's event in the terms of CodeBuild's filters and variables, whoever sent it.

export const HOOK_EVENTS = [
  'PUSH',
  'PULL_REQUEST_CREATED',
  'PULL_REQUEST_UPDATED',
  'PULL_REQUEST_REOPENED',
  'PULL_REQUEST_MERGED',
  'PULL_REQUEST_CLOSED',
  'RELEASED',
  'PRERELEASED',
  'WORKFLOW_JOB_QUEUED',
] as const
export type HookEventType = (typeof HOOK_EVENTS)[number]

/** Plain data: it waits as JSON when files or messages have to be asked for. */
export interface HookEvent {
  readonly type: HookEventType
  /** The account id of who did it; '' when the provider does not say. */
  readonly actor: string
  /** `refs/heads/x` or `refs/tags/x` */
  readonly headRef?: string
  /** Of pull requests. */
  readonly baseRef?: string
  /** `owner/name` */
  readonly repository: string
  readonly repositoryName: string
  readonly organization?: string
  readonly cloneUrl?: string
  /** Everybody may read the repository, and propose changes. */
  readonly isPublic: boolean
  /** The commit that is built, and whose status is reported. */
  readonly sha?: string
  readonly sourceVersion: string
  /** `pr/1`, `branch/main`, `tag/v1` */
  readonly trigger: string
  readonly prevCommit?: string
  readonly mergeCommit?: string
  readonly pull?: PullRequest
  /** Undefined: the provider has to be asked. */
  readonly files?: readonly string[]
  /** Of the head commit; undefined: the provider has to be asked. */
  readonly message?: string
  readonly tagName?: string
  readonly releaseName?: string
  readonly workflowName?: string
  /** Of a workflow job: what runner it waits for. */
  readonly labels?: readonly string[]
}

export interface PullRequest {
  readonly number: number
  /** Its head is in another repository. */
  readonly fork: boolean
  /** As the provider's API wants to be asked about the author's role. */
  readonly author: string
}

/** A comment that approves a build of a pull request. */
export interface Approval {
  readonly number: number
  /** The commit that was reviewed. */
  readonly sha: string
  /** As the provider's API wants to be asked about the role of who wrote it. */
  readonly author: string
}

/** What a delivery is about. */
export type Delivered =
  | { readonly kind: 'event'; readonly event: HookEvent }
  | { readonly kind: 'approval'; readonly approval: Approval }
  /** Nothing to build, and why. */
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'malformed'; readonly why: string }

export const ignored = (why: string): Delivered => ({ kind: 'ignored', why })

/** AWS: `/codebuild_run(<SHA_OF_THE_LATEST_COMMIT>)` in a comment [pull-request-build-policy]. */
export function approvedCommit(comment: unknown): string | undefined {
  if (typeof comment !== 'string') return undefined
  return /^\s*\/codebuild_run\(\s*([0-9a-f]{40})\s*\)\s*$/m.exec(comment.slice(0, 65_536))?.[1]
}

export const NO_COMMIT = /^0{40,}$/

/** `branch/x` or `tag/x` of a reference. */
export const triggerOf = (ref: string) => ref.replace(/^refs\/heads\//, 'branch/').replace(/^refs\/tags\//, 'tag/')

/** Paths of the commits of a push. */
export function filesOfCommits(commits: unknown): string[] {
  const files = new Set<string>()
  for (const commit of Array.isArray(commits) ? commits : []) {
    for (const list of [commit?.added, commit?.modified, commit?.removed]) {
      for (const file of Array.isArray(list) ? list : []) if (typeof file === 'string') files.add(file)
    }
  }
  return [...files]
}
