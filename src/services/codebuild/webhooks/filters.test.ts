// Which events build: every kind of filter, alone and with others, included and excluded.

import type { WebhookFilter } from '@aws-sdk/client-codebuild'
import { describe, expect, test } from 'vitest'
import type { ProviderType } from '../providers/hosts.ts'
import type { HookEvent } from './event.ts'
import { type Filters, judge, matches, problemOf, TooSlow, wantedEvents } from './filters.ts'

const push: HookEvent = {
  type: 'PUSH',
  actor: '123',
  headRef: 'refs/heads/main',
  repository: 'ada/app',
  repositoryName: 'app',
  organization: 'ada',
  isPublic: false,
  sha: 'a'.repeat(40),
  sourceVersion: 'a'.repeat(40),
  trigger: 'branch/main',
  files: ['src/index.ts', 'docs/a.md'],
  message: 'Fix the thing [CodeBuild]',
}
const tag: HookEvent = { ...push, headRef: 'refs/tags/v1.2.0', trigger: 'tag/v1.2.0' }
const { files: _files, message: _message, ...bare } = push
const pull: HookEvent = {
  ...bare,
  type: 'PULL_REQUEST_CREATED',
  headRef: 'refs/heads/feature',
  baseRef: 'refs/heads/main',
  sourceVersion: 'pr/1',
  trigger: 'pr/1',
  pull: { number: 1, fork: false, author: 'ada' },
}
const asked: HookEvent = { ...pull, files: ['buildspec.yml'], message: 'hello' }
const merged: HookEvent = { ...pull, type: 'PULL_REQUEST_MERGED' }
const release: HookEvent = {
  ...bare,
  type: 'RELEASED',
  headRef: 'refs/tags/v2',
  tagName: 'v2',
  releaseName: 'The second',
}
const job: HookEvent = { ...bare, type: 'WORKFLOW_JOB_QUEUED', workflowName: 'CI' }

const f = (type: WebhookFilter['type'], pattern: string, excludeMatchedPattern?: boolean): WebhookFilter => ({
  type,
  pattern,
  ...(excludeMatchedPattern !== undefined && { excludeMatchedPattern }),
})
const on = (events: string, ...more: WebhookFilter[]) => [f('EVENT', events), ...more]
const groups = (...filterGroups: WebhookFilter[][]): Filters => ({ filterGroups })
const not = (type: WebhookFilter['type'], pattern: string) => f(type, pattern, true)

const PULLS = 'PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, PULL_REQUEST_REOPENED, PULL_REQUEST_MERGED'
const rows: [says: string, Filters, HookEvent, 'build' | 'no' | 'files' | 'message' | 'files,message'][] = [
  ['no filters: a push', {}, push, 'build'],
  ['no filters: a tag', {}, tag, 'build'],
  ['no filters: a pull request', {}, pull, 'build'],
  ['no filters: a merge', {}, merged, 'no'],
  ['no filters: a release', {}, release, 'no'],
  ['no filters: a job', {}, job, 'no'],
  ['empty groups are none', groups(), push, 'build'],
  ['branch filter: the branch', { branchFilter: '^main$' }, push, 'build'],
  ['branch filter: another branch', { branchFilter: '^dev$' }, push, 'no'],
  ['branch filter: a tag has no branch', { branchFilter: '.*' }, tag, 'no'],
  ['branch filter: the head of a pull request', { branchFilter: 'feat' }, pull, 'build'],
  ['branch filter: not the base of a pull request', { branchFilter: '^main$' }, pull, 'no'],
  ['event: push', groups(on('PUSH')), push, 'build'],
  ['event: push is no pull request', groups(on('PUSH')), pull, 'no'],
  ['event: one of several', groups(on(PULLS)), merged, 'build'],
  ['event: several without blanks', groups(on('PUSH,RELEASED')), release, 'build'],
  ['event: none of several', groups(on(PULLS)), push, 'no'],
  ['event: excluded', groups([not('EVENT', 'PUSH')]), push, 'no'],
  ['event: another one excluded', groups([not('EVENT', 'PUSH')]), pull, 'build'],
  ['event: release', groups(on('RELEASED')), release, 'build'],
  ['event: prerelease is another', groups(on('PRERELEASED')), release, 'no'],
  ['event: job', groups(on('WORKFLOW_JOB_QUEUED')), job, 'build'],
  ['actor: the one', groups(on('PUSH', f('ACTOR_ACCOUNT_ID', '^123$'))), push, 'build'],
  ['actor: found anywhere', groups(on('PUSH', f('ACTOR_ACCOUNT_ID', '2'))), push, 'build'],
  ['actor: another', groups(on('PUSH', f('ACTOR_ACCOUNT_ID', '^99$'))), push, 'no'],
  ['actor: excluded', groups(on('PUSH', not('ACTOR_ACCOUNT_ID', '^123$'))), push, 'no'],
  ['actor: another excluded', groups(on('PUSH', not('ACTOR_ACCOUNT_ID', '^99$'))), push, 'build'],
  ['actor: one of a list', groups(on('PUSH', f('ACTOR_ACCOUNT_ID', '^(7|123)$'))), push, 'build'],
  ['head: the branch', groups(on('PUSH', f('HEAD_REF', '^refs/heads/main$'))), push, 'build'],
  ['head: its beginning', groups(on('PUSH', f('HEAD_REF', '^refs/heads/'))), push, 'build'],
  ['head: another', groups(on('PUSH', f('HEAD_REF', '^refs/heads/dev$'))), push, 'no'],
  ['head: tags only', groups(on('PUSH', f('HEAD_REF', '^refs/tags/.*'))), push, 'no'],
  ['head: tags only, a tag', groups(on('PUSH', f('HEAD_REF', '^refs/tags/.*'))), tag, 'build'],
  ['head: tags excluded', groups(on('PUSH', not('HEAD_REF', '^refs/tags/.*'))), tag, 'no'],
  ['head: tags excluded, a branch', groups(on('PUSH', not('HEAD_REF', '^refs/tags/.*'))), push, 'build'],
  ['head: of a pull request', groups(on(PULLS, f('HEAD_REF', '^refs/heads/feature$'))), pull, 'build'],
  ['head: without case', groups(on('PUSH', f('HEAD_REF', '(?i)MAIN'))), push, 'build'],
  ['head: with case', groups(on('PUSH', f('HEAD_REF', 'MAIN'))), push, 'no'],
  ['base: of a pull request', groups(on(PULLS, f('BASE_REF', '^refs/heads/main$'))), pull, 'build'],
  ['base: another', groups(on(PULLS, f('BASE_REF', '^refs/heads/dev$'))), pull, 'no'],
  ['base: excluded', groups(on(PULLS, not('BASE_REF', 'main'))), pull, 'no'],
  ['base: a push has none', groups(on('PUSH', f('BASE_REF', '.*'))), push, 'no'],
  ['base: a push has none to exclude', groups(on('PUSH', not('BASE_REF', 'main'))), push, 'build'],
  ['base and head', groups(on(PULLS, f('HEAD_REF', 'feature'), f('BASE_REF', 'main'))), pull, 'build'],
  ['base and another head', groups(on(PULLS, f('HEAD_REF', 'other'), f('BASE_REF', 'main'))), pull, 'no'],
  ['file: one of the changed', groups(on('PUSH', f('FILE_PATH', '^src/'))), push, 'build'],
  ['file: the other of the changed', groups(on('PUSH', f('FILE_PATH', '\\.md$'))), push, 'build'],
  ['file: none of the changed', groups(on('PUSH', f('FILE_PATH', '^test/'))), push, 'no'],
  ['file: excluded when any is changed', groups(on('PUSH', not('FILE_PATH', '^docs/'))), push, 'no'],
  ['file: excluded and not changed', groups(on('PUSH', not('FILE_PATH', '^buildspec.yml$'))), push, 'build'],
  ['file: nothing changed', groups(on('PUSH', f('FILE_PATH', '.*'))), { ...push, files: [] }, 'no'],
  ['file: to be asked for', groups(on(PULLS, f('FILE_PATH', '^buildspec.*'))), pull, 'files'],
  [
    'file: not asked for when the rest is against it',
    groups(on(PULLS, f('FILE_PATH', 'x'), f('HEAD_REF', 'no'))),
    pull,
    'no',
  ],
  ['file: not asked for when another group passes', groups(on(PULLS, f('FILE_PATH', 'x')), on(PULLS)), pull, 'build'],
  ['file: answered', groups(on(PULLS, f('FILE_PATH', '^buildspec.*'))), asked, 'build'],
  ['file: answered and excluded', groups(on(PULLS, not('FILE_PATH', '^buildspec.yml$'))), asked, 'no'],
  ['file: a release has none', groups(on('RELEASED', f('FILE_PATH', '.*'))), release, 'no'],
  ['message: of the head commit', groups(on('PUSH', f('COMMIT_MESSAGE', '\\[CodeBuild\\]'))), push, 'build'],
  ['message: another', groups(on('PUSH', f('COMMIT_MESSAGE', '^Add'))), push, 'no'],
  ['message: excluded', groups(on('PUSH', not('COMMIT_MESSAGE', '^Fix'))), push, 'no'],
  ['message: to be asked for', groups(on(PULLS, f('COMMIT_MESSAGE', 'x'))), pull, 'message'],
  [
    'message and files to be asked for',
    groups(on(PULLS, f('FILE_PATH', 'x'), f('COMMIT_MESSAGE', 'x'))),
    pull,
    'files,message',
  ],
  ['message: answered', groups(on(PULLS, f('COMMIT_MESSAGE', '^hello$'))), asked, 'build'],
  [
    'message: of several lines',
    groups(on('PUSH', f('COMMIT_MESSAGE', 'second'))),
    { ...push, message: 'first\n\nsecond' },
    'build',
  ],
  ['tag name', groups(on('RELEASED', f('TAG_NAME', '^v\\d+$'))), release, 'build'],
  ['tag name: another', groups(on('RELEASED', f('TAG_NAME', '^v1'))), release, 'no'],
  ['tag name: a push has none', groups(on('PUSH', f('TAG_NAME', '.*'))), tag, 'no'],
  ['release name', groups(on('RELEASED', f('RELEASE_NAME', 'second$'))), release, 'build'],
  ['release name: excluded', groups(on('RELEASED', not('RELEASE_NAME', 'second$'))), release, 'no'],
  ['workflow name', groups(on('WORKFLOW_JOB_QUEUED', f('WORKFLOW_NAME', '^CI$'))), job, 'build'],
  ['workflow name: another', groups(on('WORKFLOW_JOB_QUEUED', f('WORKFLOW_NAME', '^CI-.*'))), job, 'no'],
  ['repository name', groups(on('PUSH', f('REPOSITORY_NAME', '^app$'))), push, 'build'],
  ['repository name: another', groups(on('PUSH', f('REPOSITORY_NAME', '^lib-'))), push, 'no'],
  ['organization name', groups(on('PUSH', f('ORGANIZATION_NAME', '^ada$'))), push, 'build'],
  ['organization name: excluded', groups(on('PUSH', not('ORGANIZATION_NAME', '^ada$'))), push, 'no'],
  ['the second group', groups(on('RELEASED'), on('PUSH', f('HEAD_REF', 'main'))), push, 'build'],
  ['no group', groups(on('RELEASED'), on('PUSH', f('HEAD_REF', 'dev'))), push, 'no'],
  [
    'every filter of a group',
    groups(on('PUSH', f('HEAD_REF', 'main'), f('FILE_PATH', 'src'), not('ACTOR_ACCOUNT_ID', '9'))),
    push,
    'build',
  ],
  [
    'but one filter of a group',
    groups(on('PUSH', f('HEAD_REF', 'main'), f('FILE_PATH', 'src'), not('ACTOR_ACCOUNT_ID', '1'))),
    push,
    'no',
  ],
  ['two filters of one type', groups(on('PUSH', f('HEAD_REF', '^refs/heads/'), not('HEAD_REF', 'dev'))), push, 'build'],
  [
    'an expression without end does not match',
    groups(on('PUSH', f('COMMIT_MESSAGE', '^(a+)+$'))),
    { ...push, message: `${'a'.repeat(60)}!` },
    'no',
  ],
  [
    'an expression without end excludes nothing it could not look at',
    groups(on('PUSH', not('COMMIT_MESSAGE', '^(a+)+$'))),
    { ...push, message: `${'a'.repeat(60)}!` },
    'no',
  ],
]

test.each(rows)('%s', (_says, filters, event, expected) => {
  const verdict = judge(filters, event)
  expect(verdict.kind === 'ask' ? verdict.questions.join(',') : verdict.kind).toBe(expected)
})

test('what text a pattern is looked for in has a bound, and so has the time', () => {
  expect(() => matches('(x+x+)+y', 'x'.repeat(100_000))).toThrow(TooSlow)
  expect(matches('b$', `${'a'.repeat(100_000)}b`)).toBe(false)
})

test('thousands of files that are each a little slow to look at hold nobody up', () => {
  const files = Array.from({ length: 3000 }, (_, at) => `${'a'.repeat(21)}${at}!`)
  const begun = performance.now()
  expect(judge(groups(on('PUSH', f('FILE_PATH', '^(a+)+[0-9]*$'))), { ...push, files }).kind).toBe('no')
  expect(performance.now() - begun).toBeLessThan(5000)
})

describe('filters that can not be', () => {
  test.each<[Filters, ProviderType, RegExp | undefined]>([
    [groups(on('PUSH')), 'GITHUB', undefined],
    [{ branchFilter: '^main$' }, 'GITHUB', undefined],
    [groups([f('HEAD_REF', 'main')]), 'GITHUB', /must have a filter of type EVENT/],
    [groups(on('PUSHED')), 'GITHUB', /PUSHED is no event type/],
    [groups(on('PUSH', f('HEAD_REF', '('))), 'GITHUB', /no regular expression/],
    [groups(on('PUSH', f('HEAD_REF', ''))), 'GITHUB', /must not be empty/],
    [{ branchFilter: '[' }, 'GITHUB', /no regular expression/],
    [{ branchFilter: 'x', ...groups(on('PUSH')) }, 'GITHUB', /both/],
    [groups(on('PULL_REQUEST_REOPENED')), 'BITBUCKET', /not there for BITBUCKET/],
    [groups(on('PULL_REQUEST_MERGED, PULL_REQUEST_CLOSED')), 'BITBUCKET', undefined],
    [groups(on('RELEASED')), 'GITLAB', undefined],
    [groups(on('PRERELEASED')), 'GITLAB', /not there for GITLAB/],
    [groups(on('WORKFLOW_JOB_QUEUED', f('WORKFLOW_NAME', 'x'))), 'GITHUB_ENTERPRISE', undefined],
    [groups(on('WORKFLOW_JOB_QUEUED')), 'GITLAB_SELF_MANAGED', /not there/],
    [groups(on('PUSH', f('WORKFLOW_NAME', 'x'))), 'BITBUCKET', /not there/],
  ])('%j of %s', (filters, type, problem) => {
    if (problem) expect(problemOf(filters, type)).toMatch(problem)
    else expect(problemOf(filters, type)).toBeUndefined()
  })
})

test('the provider is asked to send what the filters name', () => {
  expect([...wantedEvents(groups(on('PUSH, RELEASED'), on('PULL_REQUEST_MERGED')))]).toEqual([
    'PUSH',
    'PULL_REQUEST_MERGED',
    'RELEASED',
  ])
})
