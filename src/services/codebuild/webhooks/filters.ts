// Which events build: filter groups and branch filters. Pure but for the bound on the time that a pattern may take.

import { createContext, Script } from 'node:vm'
import type { WebhookFilter } from '@aws-sdk/client-codebuild'
import { assertNever } from '../../../core/assertNever.ts'
import type { ProviderType } from '../providers/hosts.ts'
import { HOOK_EVENTS, type HookEvent, type HookEventType } from './event.ts'

export interface Filters {
  readonly branchFilter?: string
  readonly filterGroups?: readonly (readonly WebhookFilter[])[]
}

/** What the provider has to be asked before the filters can be answered. */
export type Question = 'files' | 'message'

export type Verdict =
  | { readonly kind: 'build' }
  | { readonly kind: 'no'; readonly why: string }
  | { readonly kind: 'ask'; readonly questions: readonly Question[] }

// AWS: without filters every push builds, and every pull request when it is created, updated or reopened.
const BY_DEFAULT: ReadonlySet<HookEventType> = new Set([
  'PUSH',
  'PULL_REQUEST_CREATED',
  'PULL_REQUEST_UPDATED',
  'PULL_REQUEST_REOPENED',
])

// AWS: one group has to pass, and in it every filter [CreateWebhook, filterGroups].
export function judge({ branchFilter, filterGroups }: Filters, event: HookEvent): Verdict {
  const budget: Budget = { ms: MOST_MS }
  if (!filterGroups?.length) {
    if (!BY_DEFAULT.has(event.type)) return { kind: 'no', why: `${event.type} needs a filter group that names it` }
    if (!branchFilter) return { kind: 'build' }
    const [, branch] = /^refs\/heads\/(.+)$/s.exec(event.headRef ?? '') ?? []
    try {
      if (branch !== undefined && matches(branchFilter, branch, budget)) return { kind: 'build' }
    } catch (error) {
      if (!(error instanceof TooSlow)) throw error
    }
    return { kind: 'no', why: 'the branch filter does not match' }
  }
  const questions = new Set<Question>()
  for (const group of filterGroups) {
    const answers = group.map(filter => passes(filter, event, budget))
    if (answers.every(answer => answer === true)) return { kind: 'build' }
    if (answers.some(answer => answer === false)) continue
    for (const answer of answers) if (typeof answer === 'string') questions.add(answer)
  }
  return questions.size > 0 ? { kind: 'ask', questions: [...questions] } : { kind: 'no', why: 'no filter group passes' }
}

function passes(filter: WebhookFilter, event: HookEvent, budget: Budget): boolean | Question {
  let found: boolean | Question
  try {
    found = finds(filter, event, budget)
  } catch (error) {
    // Not even an excluding filter passes when nobody knows whether it would.
    if (error instanceof TooSlow) return false
    throw error
  }
  return typeof found === 'string' ? found : found !== (filter.excludeMatchedPattern === true)
}

function finds({ type, pattern = '' }: WebhookFilter, event: HookEvent, budget: Budget): boolean | Question {
  const has = (value: string | undefined) => value !== undefined && matches(pattern, value, budget)
  switch (type) {
    case 'EVENT':
      return eventsOf(pattern).includes(event.type)
    case 'ACTOR_ACCOUNT_ID':
      return has(event.actor)
    case 'HEAD_REF':
      return has(event.headRef)
    case 'BASE_REF':
      return has(event.baseRef)
    case 'FILE_PATH':
      if (!hasCommits(event)) return false
      return event.files ? event.files.some(file => has(file)) : 'files'
    case 'COMMIT_MESSAGE':
      if (!hasCommits(event)) return false
      return event.message === undefined ? 'message' : has(event.message)
    case 'WORKFLOW_NAME':
      return has(event.workflowName)
    case 'TAG_NAME':
      return has(event.tagName)
    case 'RELEASE_NAME':
      return has(event.releaseName)
    case 'REPOSITORY_NAME':
      return has(event.repositoryName)
    case 'ORGANIZATION_NAME':
      return has(event.organization)
    case undefined:
      return false
    default:
      return assertNever(type)
  }
}

// AWS: files and messages of pushes and pull requests only [github-webhook].
const hasCommits = ({ type }: HookEvent) => type === 'PUSH' || type.startsWith('PULL_REQUEST_')

export const eventsOf = (pattern: string) => pattern.split(',').map(name => name.trim())

/** Whether any group's EVENT filters name events of these types. */
export function wantedEvents({ filterGroups }: Filters): Set<HookEventType> {
  const names = (filterGroups ?? [])
    .flat()
    .flatMap(({ type, pattern = '' }) => (type === 'EVENT' ? eventsOf(pattern) : []))
  return new Set(HOOK_EVENTS.filter(event => names.includes(event)))
}

/** Why the filters can not be those of a webhook; undefined when they can. */
export function problemOf({ branchFilter, filterGroups }: Filters, provider: ProviderType): string | undefined {
  if (branchFilter && filterGroups?.length) return 'branchFilter and filterGroups can not be given both'
  if (branchFilter && !regularExpression(branchFilter)) return `branchFilter is no regular expression: ${branchFilter}`
  for (const group of filterGroups ?? []) {
    // AWS: at least one filter of a group must specify EVENT [WebhookFilter].
    if (!group.some(({ type }) => type === 'EVENT')) return 'each filter group must have a filter of type EVENT'
    for (const filter of group) {
      const problem = filterProblem(filter, provider)
      if (problem) return problem
    }
  }
  return undefined
}

function filterProblem({ type, pattern }: WebhookFilter, provider: ProviderType): string | undefined {
  if (!pattern) return `the pattern of filter ${type} must not be empty`
  if (type !== 'EVENT') {
    if (type === 'WORKFLOW_NAME' && !isGithub(provider)) return `WORKFLOW_NAME is not there for ${provider}`
    return regularExpression(pattern) ? undefined : `the pattern of filter ${type} is no regular expression: ${pattern}`
  }
  for (const name of eventsOf(pattern)) {
    if (!(HOOK_EVENTS as readonly string[]).includes(name)) return `${name} is no event type`
    if (!sends(provider, name as HookEventType)) return `the event type ${name} is not there for ${provider}`
  }
  return undefined
}

const isGithub = (provider: ProviderType) => provider === 'GITHUB' || provider === 'GITHUB_ENTERPRISE'

// AWS: tables of event types [github-webhook, gitlab-webhook, bitbucket-webhook].
function sends(provider: ProviderType, event: HookEventType): boolean {
  switch (event) {
    case 'PULL_REQUEST_REOPENED':
    case 'RELEASED':
      return provider !== 'BITBUCKET'
    case 'PRERELEASED':
      return isGithub(provider)
    case 'WORKFLOW_JOB_QUEUED':
      // DEVIATES: CI jobs of GitLab do not name the runner that they wait for, so they start no builds.
      return isGithub(provider)
    default:
      return true
  }
}

const LONGEST = 64 * 1024
const PATIENCE_MS = 200
/** Of all expressions of a webhook on one event together: there may be thousands of files. */
const MOST_MS = 500

interface Budget {
  /** What is left of it. */
  ms: number
}

// AWS: Java's expressions, found anywhere in the text. Inline flags at the front are taken.
function regularExpression(pattern: string): RegExp | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? []
  try {
    return new RegExp(rest.replaceAll('\\A', '^').replaceAll('\\z', '$'), flags)
  } catch {
    return undefined
  }
}

const sandbox = createContext(Object.create(null))
const search = new Script('expression.test(text)')

/** An expression that could not be answered in time. */
export class TooSlow extends Error {}

/** Whoever can push chooses the text: an expression that takes too long on it throws TooSlow, and holds nobody up. */
export function matches(pattern: string, text: string, budget: Budget = { ms: PATIENCE_MS }): boolean {
  const expression = regularExpression(pattern)
  if (!expression) return false
  if (isSimple(pattern)) return expression.test(text.slice(0, LONGEST))
  if (budget.ms < 1) throw new TooSlow(pattern)
  Object.assign(sandbox, { expression, text: text.slice(0, LONGEST) })
  const begun = performance.now()
  try {
    return search.runInContext(sandbox, { timeout: Math.min(PATIENCE_MS, Math.ceil(budget.ms)) }) === true
  } catch {
    throw new TooSlow(pattern)
  } finally {
    budget.ms -= performance.now() - begun
  }
}

/** Nothing in it that repeats: it is always fast. */
const isSimple = (pattern: string) => !/[*+{(|]/.test(pattern)
