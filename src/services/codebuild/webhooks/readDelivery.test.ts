// Payloads as the providers send them, and what else may come.

import { describe, expect, test } from 'vitest'
import type { ProviderType } from '../providers/hosts.ts'
import { readDelivery } from './readDelivery.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const ZERO = '0'.repeat(40)
const NAMES = { GITHUB: 'x-github-event', GITLAB: 'x-gitlab-event', BITBUCKET: 'x-event-key' } as const

function read(type: keyof typeof NAMES, name: string, payload: unknown) {
  const { delivered } = readDelivery(
    type,
    { [NAMES[type]]: name, 'user-agent': 'x' },
    Buffer.from(JSON.stringify(payload)),
  )
  return delivered
}
const event = (more: object) => [{ kind: 'event', event: expect.objectContaining(more) }]
const nothing = (why: RegExp) => [{ kind: 'ignored', why: expect.stringMatching(why) }]

describe('GitHub', () => {
  const repository = {
    full_name: 'ada/app',
    name: 'app',
    owner: { login: 'ada' },
    clone_url: 'https://github.com/ada/app.git',
    private: true,
  }
  const sender = { id: 42, login: 'ada' }
  const push = {
    ref: 'refs/heads/main',
    before: B,
    after: A,
    deleted: false,
    repository,
    sender,
    head_commit: { id: A, message: 'two' },
    commits: [
      { id: B, message: 'one', added: ['x'], modified: [], removed: ['y'] },
      { id: A, message: 'two', added: [], modified: ['z', 'x'], removed: [] },
    ],
  }
  const pull = (action: string, more = {}) => ({
    action,
    repository,
    sender,
    pull_request: {
      number: 7,
      merged: false,
      user: { login: 'eve' },
      head: { ref: 'feature', sha: A, repo: { full_name: 'eve/app' } },
      base: { ref: 'main', sha: B, repo: { full_name: 'ada/app' } },
      ...more,
    },
  })
  test.each<[string, string, unknown, unknown]>([
    [
      'a push',
      'push',
      push,
      event({
        type: 'PUSH',
        actor: '42',
        headRef: 'refs/heads/main',
        repository: 'ada/app',
        organization: 'ada',
        isPublic: false,
        sha: A,
        sourceVersion: A,
        trigger: 'branch/main',
        prevCommit: B,
        files: ['x', 'y', 'z'],
        message: 'two',
      }),
    ],
    [
      'a tag',
      'push',
      { ...push, ref: 'refs/tags/v1', before: ZERO, commits: [] },
      event({ type: 'PUSH', trigger: 'tag/v1', headRef: 'refs/tags/v1' }),
    ],
    ['a deleted branch', 'push', { ...push, after: ZERO, deleted: true, head_commit: null }, nothing(/deleted/)],
    [
      'a pull request',
      'pull_request',
      pull('opened'),
      event({
        type: 'PULL_REQUEST_CREATED',
        headRef: 'refs/heads/feature',
        baseRef: 'refs/heads/main',
        sha: A,
        sourceVersion: 'pr/7',
        trigger: 'pr/7',
        pull: { number: 7, fork: true, author: 'eve' },
      }),
    ],
    ['its update', 'pull_request', pull('synchronize'), event({ type: 'PULL_REQUEST_UPDATED' })],
    ['its reopening', 'pull_request', pull('reopened'), event({ type: 'PULL_REQUEST_REOPENED' })],
    ['its end', 'pull_request', pull('closed'), event({ type: 'PULL_REQUEST_CLOSED' })],
    [
      'its merge',
      'pull_request',
      pull('closed', { merged: true, merge_commit_sha: B }),
      event({ type: 'PULL_REQUEST_MERGED', mergeCommit: B }),
    ],
    ['a label', 'pull_request', pull('labeled'), nothing(/labeled/)],
    [
      'a release',
      'release',
      { action: 'released', repository, sender, release: { tag_name: 'v2', name: 'Two' } },
      event({ type: 'RELEASED', tagName: 'v2', releaseName: 'Two', sourceVersion: 'refs/tags/v2', trigger: 'tag/v2' }),
    ],
    [
      'a prerelease',
      'release',
      { action: 'prereleased', repository, sender, release: { tag_name: 'v2' } },
      event({ type: 'PRERELEASED' }),
    ],
    ['a draft', 'release', { action: 'created', repository, sender, release: { tag_name: 'v2' } }, nothing(/created/)],
    [
      'a queued job',
      'workflow_job',
      {
        action: 'queued',
        repository,
        sender,
        workflow_job: { workflow_name: 'CI', head_sha: A, head_branch: 'main', labels: ['codebuild-p-1-1'] },
      },
      event({ type: 'WORKFLOW_JOB_QUEUED', workflowName: 'CI', labels: ['codebuild-p-1-1'], sourceVersion: A }),
    ],
    [
      'a job that runs',
      'workflow_job',
      { action: 'in_progress', repository, sender, workflow_job: {} },
      nothing(/in_progress/),
    ],
    [
      'an approval',
      'issue_comment',
      {
        action: 'created',
        repository,
        sender,
        issue: { number: 7, pull_request: {} },
        comment: { body: `Fine.\n/codebuild_run(${A})`, user: { login: 'ada' } },
      },
      [{ kind: 'approval', approval: { number: 7, sha: A, author: 'ada' } }],
    ],
    [
      'a comment',
      'issue_comment',
      { action: 'created', repository, sender, issue: { number: 7, pull_request: {} }, comment: { body: 'Fine.' } },
      nothing(/approves nothing/),
    ],
    ['a ping', 'ping', { zen: 'x' }, nothing(/ping/)],
    ['a star', 'star', { repository, sender }, nothing(/star/)],
  ])('%s', (_name, header, payload, expected) => expect(read('GITHUB', header, payload)).toEqual(expected))

  test.each<[string, unknown]>([
    ['a push of no commit', { ...push, after: 'nonsense' }],
    ['a reference that is no text', { ...push, ref: { x: 1 } }],
    ['a pull request without a head', { action: 'opened', repository, pull_request: { number: 1 } }],
    ['a NUL', { ...push, ref: 'refs/heads/\0' }],
    ['a name without end', { ...push, ref: `refs/heads/${'x'.repeat(5000)}` }],
  ])('%s is malformed', (_name, payload) => {
    const name = (payload as { action?: string }).action ? 'pull_request' : 'push'
    expect(read('GITHUB', name, payload)[0]!.kind).toBe('malformed')
  })
})

describe('GitLab', () => {
  const project = {
    path_with_namespace: 'group/sub/app',
    git_http_url: 'https://gitlab.com/group/sub/app.git',
    visibility_level: 0,
  }
  const push = {
    ref: 'refs/heads/main',
    before: B,
    after: A,
    checkout_sha: A,
    user_id: 4,
    project,
    total_commits_count: 1,
    commits: [{ id: A, message: 'one', added: ['x'], modified: [], removed: [] }],
  }
  const merge = (action: string, more = {}) => ({
    user: { id: 4 },
    project,
    object_attributes: {
      iid: 3,
      action,
      source_branch: 'feature',
      target_branch: 'main',
      source_project_id: 1,
      target_project_id: 1,
      author_id: 5,
      last_commit: { id: A, message: 'last' },
      ...more,
    },
  })
  test.each<[string, string, unknown, unknown]>([
    [
      'a push',
      'Push Hook',
      push,
      event({
        type: 'PUSH',
        actor: '4',
        repository: 'group/sub/app',
        organization: 'group/sub',
        sha: A,
        prevCommit: B,
        files: ['x'],
        message: 'one',
        isPublic: false,
      }),
    ],
    [
      'a push of more commits than are told',
      'Push Hook',
      { ...push, total_commits_count: 30 },
      [{ kind: 'event', event: expect.not.objectContaining({ files: expect.anything() }) }],
    ],
    [
      'a tag',
      'Tag Push Hook',
      { ...push, ref: 'refs/tags/v1', before: ZERO },
      event({ type: 'PUSH', trigger: 'tag/v1' }),
    ],
    ['a deleted branch', 'Push Hook', { ...push, after: ZERO, checkout_sha: null }, nothing(/deleted/)],
    [
      'a merge request',
      'Merge Request Hook',
      merge('open'),
      event({
        type: 'PULL_REQUEST_CREATED',
        sourceVersion: 'mr/3',
        trigger: 'pr/3',
        message: 'last',
        pull: { number: 3, fork: false, author: '5' },
      }),
    ],
    [
      'its commits',
      'Merge Request Hook',
      merge('update', { oldrev: B }),
      event({ type: 'PULL_REQUEST_UPDATED', prevCommit: B }),
    ],
    ['its title', 'Merge Request Hook', merge('update'), nothing(/the same/)],
    [
      'its merge',
      'Merge Request Hook',
      merge('merge', { merge_commit_sha: B }),
      event({ type: 'PULL_REQUEST_MERGED', mergeCommit: B }),
    ],
    ['its end', 'Merge Request Hook', merge('close'), event({ type: 'PULL_REQUEST_CLOSED' })],
    ['its reopening', 'Merge Request Hook', merge('reopen'), event({ type: 'PULL_REQUEST_REOPENED' })],
    ['its approval at GitLab', 'Merge Request Hook', merge('approved'), nothing(/approved/)],
    [
      'one of a fork',
      'Merge Request Hook',
      merge('open', { source_project_id: 2 }),
      event({ pull: { number: 3, fork: true, author: '5' } }),
    ],
    [
      'a release',
      'Release Hook',
      { project, action: 'create', tag: 'v1', name: 'One', commit: { id: A } },
      event({ type: 'RELEASED', tagName: 'v1', releaseName: 'One', sha: A }),
    ],
    [
      'an approval',
      'Note Hook',
      { project, merge_request: { iid: 3 }, object_attributes: { note: `/codebuild_run(${A})`, author_id: 4 } },
      [{ kind: 'approval', approval: { number: 3, sha: A, author: '4' } }],
    ],
    ['an issue', 'Issue Hook', { project }, nothing(/Issue Hook/)],
  ])('%s', (_name, header, payload, expected) => expect(read('GITLAB', header, payload)).toEqual(expected))
})

describe('Bitbucket', () => {
  const repository = {
    full_name: 'ada/app',
    is_private: true,
    links: { html: { href: 'https://bitbucket.org/ada/app' } },
  }
  const actor = { account_id: '5b1:x', uuid: '{u}' }
  const change = (name: string, type = 'branch') => ({
    old: { target: { hash: B } },
    new: { type, name, target: { hash: A, message: 'm' } },
  })
  const pull = (more = {}) => ({
    repository,
    actor,
    pullrequest: {
      id: 9,
      author: actor,
      source: { branch: { name: 'feature' }, commit: { hash: 'abcdef123456' }, repository: { full_name: 'ada/app' } },
      destination: { branch: { name: 'main' }, repository: { full_name: 'ada/app' } },
      ...more,
    },
  })
  test.each<[string, string, unknown, unknown]>([
    [
      'a push',
      'repo:push',
      { repository, actor, push: { changes: [change('main')] } },
      event({
        type: 'PUSH',
        actor: '5b1:x',
        headRef: 'refs/heads/main',
        sha: A,
        prevCommit: B,
        message: 'm',
        cloneUrl: 'https://bitbucket.org/ada/app.git',
      }),
    ],
    [
      'a push of two references',
      'repo:push',
      { repository, actor, push: { changes: [change('main'), change('v1', 'tag'), { old: {}, new: null }] } },
      [...event({ headRef: 'refs/heads/main' }), ...event({ headRef: 'refs/tags/v1', trigger: 'tag/v1' })],
    ],
    [
      'a deleted branch',
      'repo:push',
      { repository, actor, push: { changes: [{ old: {}, new: null }] } },
      nothing(/deleted/),
    ],
    [
      'a pull request',
      'pullrequest:created',
      pull(),
      event({
        type: 'PULL_REQUEST_CREATED',
        sourceVersion: 'abcdef123456',
        baseRef: 'refs/heads/main',
        trigger: 'pr/9',
      }),
    ],
    ['its update', 'pullrequest:updated', pull(), event({ type: 'PULL_REQUEST_UPDATED' })],
    ['its end', 'pullrequest:rejected', pull(), event({ type: 'PULL_REQUEST_CLOSED' })],
    [
      'its merge',
      'pullrequest:fulfilled',
      pull({ merge_commit: { hash: 'fedcba654321' } }),
      event({ type: 'PULL_REQUEST_MERGED', mergeCommit: 'fedcba654321', sourceVersion: 'fedcba654321' }),
    ],
    [
      'an approval',
      'pullrequest:comment_created',
      { ...pull(), comment: { content: { raw: `/codebuild_run(${A})` } } },
      [{ kind: 'approval', approval: { number: 9, sha: A, author: '5b1:x' } }],
    ],
  ])('%s', (_name, header, payload, expected) => expect(read('BITBUCKET', header, payload)).toEqual(expected))
})

test('payloads with anything wrong anywhere are never more than malformed', () => {
  const text = JSON.stringify({
    action: 'opened',
    ref: 'refs/heads/main',
    before: B,
    after: A,
    repository: { full_name: 'ada/app', name: 'app', owner: { login: 'ada' }, links: { html: { href: 'x' } } },
    project: { path_with_namespace: 'a/b' },
    sender: { id: 1 },
    head_commit: { id: A, message: 'm' },
    commits: [{ id: A, added: ['x'], modified: null, removed: [1] }],
    pull_request: { number: 1, head: { ref: 'x', sha: A, repo: { full_name: 'a/b' } }, base: { ref: 'y', repo: null } },
    object_attributes: { action: 'open', iid: 1, source_branch: 'x', target_branch: 'y', last_commit: { id: A } },
    pullrequest: {
      id: 1,
      source: { branch: { name: 'x' }, commit: { hash: A } },
      destination: { branch: { name: 'y' } },
    },
    push: { changes: [{ new: { type: 'tag', name: 'x', target: { hash: A } }, old: null }] },
    release: { tag_name: 'v1' },
    workflow_job: { head_sha: A, labels: ['x'] },
  })
  const strange = [
    'null',
    '[]',
    '{}',
    '"\\u0000"',
    '-1',
    '1e99',
    'true',
    `"${'x'.repeat(3000)}"`,
    '[[null]]',
    '{"id":{}}',
  ]
  let state = 7
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
  const headers = [
    'push',
    'pull_request',
    'release',
    'workflow_job',
    'issue_comment',
    'Push Hook',
    'Merge Request Hook',
    'repo:push',
    'pullrequest:created',
  ]
  const kinds = new Set<string>()
  for (let round = 0; round < 5000; round++) {
    const values = [...text.matchAll(/:(null|"[^"]*"|\d+|\[\]|\{\})/g)]
    const value = values[random(values.length)]!
    const spoiled = `${text.slice(0, value.index + 1)}${strange[random(strange.length)]}${text.slice(value.index + value[0].length)}`
    const type = (['GITHUB', 'GITLAB', 'BITBUCKET'] as const)[random(3)]!
    const header = { [NAMES[type]]: headers[random(headers.length)]! }
    for (const one of readDelivery(type, header, Buffer.from(spoiled)).delivered) {
      kinds.add(one.kind)
      if (one.kind === 'event') expect(JSON.stringify(one.event)).not.toContain('\\u0000')
    }
  }
  expect(kinds).toEqual(new Set(['event', 'ignored', 'malformed']))
})

describe('a delivery', () => {
  const of = (headers: Record<string, string>, body: string, type: ProviderType = 'GITHUB') =>
    readDelivery(type, headers, Buffer.from(body))
  test('is known by the id of its provider, or by its content', () => {
    expect(of({ 'x-github-delivery': 'g' }, '{}').id).toBe('g')
    expect(of({ 'x-request-uuid': 'b' }, '{}').id).toBe('b')
    expect(of({ 'x-gitlab-event-uuid': 'l' }, '{}').id).toBe('l')
    expect(of({}, '{}').id).toBe(of({ 'user-agent': 'x' }, '{}').id)
    expect(of({}, '{}').id).not.toBe(of({}, '[]').id)
  })
  test('names who sends it', () => {
    expect(of({ 'user-agent': 'GitHub-Hookshot/951dca1' }, '{}').initiator).toBe('GitHub-Hookshot/951dca1')
    expect(of({}, '{}', 'BITBUCKET').initiator).toBe('Bitbucket-Webhooks')
  })
  test.each([['not json'], ['"text"'], ['null'], ['{}']])('of %s is malformed or of nothing', body => {
    expect(of({ 'x-github-event': 'push' }, body).delivered[0]!.kind).not.toBe('event')
    expect(of({}, body).delivered[0]!.kind).toBe('malformed')
  })
  test('may be a form', () => {
    const form = new URLSearchParams({ payload: '{"zen":"x"}' }).toString()
    const headers = { 'x-github-event': 'ping', 'content-type': 'application/x-www-form-urlencoded' }
    expect(of(headers, form).delivered).toEqual([{ kind: 'ignored', why: 'ping' }])
  })
})
