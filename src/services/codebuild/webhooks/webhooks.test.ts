// Source credentials, webhooks, their door and commit statuses through the gateway, against a provider of the test.

import { writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { CreateWebhookCommandInput, Webhook } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codebuildWith, webhookDoor } from '../index.ts'
import { providerTableOf } from '../providers/hosts.ts'
import { type Dialect, type FakeProvider, openFakeProvider, signedDelivery } from '../providers/testing/fakeProvider.ts'

const ROLE = 'arn:aws:iam::000000000000:role/b'
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:git-abc'
const service = codebuildWith({
  sandboxes: () => {
    throw new Error('no build runs here')
  },
  endpointIn: async () => undefined,
})
let house: TestHouse
let provider: FakeProvider
let front: Server
let secretString = ''
const stats = { tokens: [] as string[] }

beforeAll(async () => {
  provider = await openFakeProvider()
  house = await openHouse({
    services: [service],
    answers: {
      'sts.GetCallerIdentity': async () => ({}),
      'secretsmanager.GetSecretValue': async () => ({ SecretString: secretString }),
    },
  })
  await writeFile(join(house.config.dataDir, 'providers.json'), JSON.stringify(provider.table()))
  const door = webhookDoor({ openCall: scope => house.openCall(service, scope) })
  front = createServer((incoming, response) => {
    if (!door.matches(incoming)) return void response.writeHead(400).end('not the door')
    door.handle(incoming, response).catch(error => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>(resolve => front.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  front?.closeAllConnections()
  await new Promise(done => front?.close(done))
  await house?.close()
  await provider?.close()
})
beforeEach(() => {
  provider.statuses.length = 0
  provider.requests.length = 0
  provider.answers.clear()
  provider.troubles.statuses = 0
  stats.tokens.length = 0
})

const codebuild: any = new Proxy(
  {},
  { get: (_, name: string) => (input: unknown) => house.invoke('codebuild', name as never, (input ?? {}) as never) },
)
const TYPES = { github: 'GITHUB', gitlab: 'GITLAB', bitbucket: 'BITBUCKET' } as const
const HOSTS = {
  github: 'https://github.com',
  gitlab: 'https://gitlab.com',
  bitbucket: 'https://bitbucket.org',
} as const
let count = 0
async function project(dialect: Dialect, path = 'ada/app', more: object = {}): Promise<string> {
  const name = `p${++count}`
  await codebuild.CreateProject({
    name,
    source: { type: TYPES[dialect], location: `${HOSTS[dialect]}/${path}.git`, ...more },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
  })
  return name
}
const importToken = (serverType: string, more = {}) =>
  codebuild.ImportSourceCredentials({ serverType, authType: 'PERSONAL_ACCESS_TOKEN', token: provider.token, ...more })

describe('source credentials', () => {
  test('are imported, listed without the token, overwritten when that is wanted, and deleted', async () => {
    const arn = 'arn:aws:codebuild:us-east-1:000000000000:token/github_enterprise'
    expect(await importToken('GITHUB_ENTERPRISE')).toEqual({ arn })
    expect(await importToken('GITHUB_ENTERPRISE', { token: 'another' })).toEqual({ arn })
    await expect(importToken('GITHUB_ENTERPRISE', { shouldOverwrite: false })).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
    })
    const { sourceCredentialsInfos } = await codebuild.ListSourceCredentials()
    expect(sourceCredentialsInfos).toEqual([
      { arn, serverType: 'GITHUB_ENTERPRISE', authType: 'PERSONAL_ACCESS_TOKEN' },
    ])
    const rows = await house.transaction(
      ({ tx }) => tx.rows<{ row: string }>`select source_credentials::text as row from codebuild.source_credentials`,
    )
    expect(rows.map(({ row }) => row).join()).not.toMatch(/another|the-token/)
    expect(await codebuild.DeleteSourceCredentials({ arn })).toEqual({ arn })
    await expect(codebuild.DeleteSourceCredentials({ arn })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })
  test.each([
    ['OAUTH', { serverType: 'GITHUB', authType: 'OAUTH' }, /OAUTH/],
    ['connections', { serverType: 'GITHUB', authType: 'CODECONNECTIONS' }, /CODECONNECTIONS is not supported/],
    [
      'basic for GitHub',
      { serverType: 'GITHUB', authType: 'BASIC_AUTH', username: 'u' },
      /BASIC_AUTH is not supported/,
    ],
    ['basic without a user', { serverType: 'BITBUCKET', authType: 'BASIC_AUTH' }, /username is required/],
    [
      'a user for a token',
      { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', username: 'u' },
      /username is only valid/,
    ],
    [
      'a secret that is none',
      { serverType: 'GITHUB', authType: 'SECRETS_MANAGER', token: 'x' },
      /must be the ARN of a secret/,
    ],
    [
      'a token that GitHub refuses',
      { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: 'wrong' },
      /token is not valid/,
    ],
    [
      'a token that Bitbucket refuses',
      { serverType: 'BITBUCKET', authType: 'BASIC_AUTH', username: 'u', token: 'wrong' },
      /token is not valid/,
    ],
  ])('refuse %s', async (_name, input, message) => {
    await expect(codebuild.ImportSourceCredentials({ token: 'x', ...input })).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringMatching(message),
    })
  })
  test('may be in a secret, of which only the name is kept', async () => {
    const { arn } = await codebuild.ImportSourceCredentials({
      serverType: 'GITLAB_SELF_MANAGED',
      authType: 'SECRETS_MANAGER',
      token: SECRET,
    })
    const { sourceCredentialsInfos } = await codebuild.ListSourceCredentials()
    expect(sourceCredentialsInfos).toEqual([
      { arn, serverType: 'GITLAB_SELF_MANAGED', authType: 'SECRETS_MANAGER', resource: SECRET },
    ])
    await codebuild.DeleteSourceCredentials({ arn })
  })
  test('of a project that says OAUTH have to be there', async () => {
    await expect(project('gitlab', 'ada/app', { auth: { type: 'OAUTH' } })).rejects.toMatchObject({
      message: 'No Access token found, please visit AWS CodeBuild console to connect to GitLab',
    })
    await expect(project('gitlab', 'ada/app', { auth: { type: 'CODECONNECTIONS', resource: 'arn' } })).rejects.toThrow(
      /not supported by Codeyard/,
    )
  })
})

describe('projects', () => {
  test.each([
    ['another host', { type: 'GITHUB', location: 'https://example.com/a/b' }, /must be a GITHUB repository/],
    ['no repository', { type: 'BITBUCKET', location: 'https://bitbucket.org/a' }, /must be a BITBUCKET repository/],
    ['a password', { type: 'GITHUB', location: 'https://u:secret@github.com/a/b' }, /must hold no password/],
    ['SSH', { type: 'GITHUB', location: 'git@github.com:a/b.git' }, /is not an HTTPS clone URL/],
    ['a path that climbs', { type: 'GITHUB', location: 'https://github.com/a/%2e%2e' }, /must be a GITHUB repository/],
    [
      'a status without a provider',
      {
        type: 'CODECOMMIT',
        location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/a',
        reportBuildStatus: true,
      },
      /reportBuildStatus is not supported/,
    ],
  ])('with %s are refused', async (_name, source, message) => {
    await expect(project('github', 'x/y', source)).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringMatching(message),
    })
  })
  test('are where the processes with the API say, for a builder that has no table of its own', async () => {
    const call = house.openCall(service)
    const builder = {
      ...call,
      config: { ...call.config, dataDir: join(call.config.dataDir, 'elsewhere'), roles: ['build' as const] },
    }
    expect(await providerTableOf(builder)).toEqual({ hosts: {} })
    const told = JSON.stringify(await providerTableOf(call))
    await house.transaction(
      ({ tx }) =>
        tx.run`insert into codebuild.api_endpoints (endpoint, host, providers) values ('http://x', 'x', ${told})`,
    )
    expect(await providerTableOf(builder)).toEqual({ hosts: provider.table() })
  })
  test('of self-managed servers say where these are', async () => {
    await project('github', '', { type: 'GITHUB_ENTERPRISE', location: 'https://git.corp.example/team/app.git' })
    await project('gitlab', '', { type: 'GITLAB_SELF_MANAGED', location: 'https://git.corp.example/deep/group/app' })
  })
})

describe('webhooks', () => {
  beforeAll(async () => {
    for (const type of Object.values(TYPES)) await importToken(type)
  })
  const create = async (projectName: string, more: Partial<CreateWebhookCommandInput> = {}): Promise<Webhook> =>
    (await codebuild.CreateWebhook({ projectName, ...more })).webhook
  const hookOf = (webhookUrl: string) =>
    provider.hooks.find(({ id }) => webhookUrl.endsWith(`/${encodeURIComponent(id)}`) || webhookUrl.endsWith(`/${id}`))!

  test.each<[Dialect, string[]]>([
    ['github', ['push', 'pull_request', 'release', 'issue_comment']],
    [
      'gitlab',
      [
        'push_events',
        'tag_push_events',
        'merge_requests_events',
        'releases_events',
        'note_events',
        'enable_ssl_verification',
      ],
    ],
  ])('are made at %s, changed and deleted there', async (dialect, events) => {
    const name = await project(dialect)
    const filterGroups = [[{ type: 'EVENT' as const, pattern: 'PUSH, RELEASED' }]]
    const webhook = await create(name, { filterGroups })
    expect(webhook).toMatchObject({
      filterGroups,
      buildType: 'BUILD',
      status: 'ACTIVE',
      lastModifiedSecret: expect.any(Date),
    })
    expect(webhook).not.toHaveProperty('secret')
    expect(webhook).not.toHaveProperty('payloadUrl')
    const hook = hookOf(webhook.url!)
    expect(hook).toMatchObject({
      dialect,
      path: 'ada/app',
      events,
      url: expect.stringMatching(/\/webhooks\?t=[\w-]{43}&v=1$/),
    })
    const { secret } = hook
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const shown = (await codebuild.BatchGetProjects({ names: [name] })).projects[0]
    expect(shown.webhook).toEqual(webhook)
    const updated = (await codebuild.UpdateWebhook({ projectName: name, branchFilter: '^main$', rotateSecret: true }))
      .webhook
    expect(updated).toMatchObject({ branchFilter: '^main$' })
    expect(updated).not.toHaveProperty('filterGroups')
    expect(hook.secret).not.toBe(secret)
    await expect(create(name)).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' })
    await codebuild.DeleteWebhook({ projectName: name })
    expect(provider.hooks).not.toContain(hook)
    await expect(codebuild.DeleteWebhook({ projectName: name })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
    expect((await codebuild.BatchGetProjects({ names: [name] })).projects[0]).not.toHaveProperty('webhook')
  })
  test('of Bitbucket keep their secret when another one is asked for', async () => {
    const name = await project('bitbucket')
    const hook = hookOf((await create(name)).url!)
    expect(hook.events).toEqual([
      'repo:push',
      'pullrequest:created',
      'pullrequest:updated',
      'pullrequest:comment_created',
    ])
    const { secret } = hook
    await codebuild.UpdateWebhook({ projectName: name, rotateSecret: true })
    expect(hook.secret).toBe(secret)
  })
  test('that somebody else makes say where to and with what secret, once', async () => {
    const name = await project('github')
    const before = provider.hooks.length
    const webhook = await create(name, { manualCreation: true })
    expect(webhook).toMatchObject({
      manualCreation: true,
      payloadUrl: expect.stringContaining('/webhooks?t='),
      secret: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(provider.hooks).toHaveLength(before)
    const shown = (await codebuild.BatchGetProjects({ names: [name] })).projects[0].webhook
    expect(shown).toMatchObject({ payloadUrl: webhook.payloadUrl })
    expect(shown).not.toHaveProperty('secret')
    const { webhook: rotated } = await codebuild.UpdateWebhook({ projectName: name, rotateSecret: true })
    expect(rotated.secret).not.toBe(webhook.secret)
    await codebuild.DeleteWebhook({ projectName: name })
  })
  test.each([
    [
      'a project that is not there',
      async () => 'nobody',
      {},
      'ResourceNotFoundException',
      /^Project cannot be found: arn:/,
    ],
    [
      'a project without a provider',
      () => project('github', '', { type: 'NO_SOURCE', location: undefined, buildspec: 'version: 0.2' }),
      {},
      'InvalidInputException',
      /not supported/,
    ],
    [
      'a provider that says no',
      () => project('github', 'ada/forbidden'),
      {},
      'OAuthProviderException',
      /^Failed to create webhook. Repository not found or permission denied/,
    ],
    [
      'filters that can not be',
      () => project('github'),
      { filterGroups: [[{ type: 'EVENT', pattern: 'X' }]] },
      'InvalidInputException',
      /X is no event type/,
    ],
    [
      'manual creation at Bitbucket',
      () => project('bitbucket'),
      { manualCreation: true },
      'InvalidInputException',
      /manualCreation/,
    ],
    [
      'Buildkite',
      () => project('github'),
      { buildType: 'RUNNER_BUILDKITE_BUILD' },
      'InvalidInputException',
      /BUILDKITE/,
    ],
    [
      'a scope of one repository',
      () => project('github'),
      { scopeConfiguration: { name: 'o', scope: 'GITHUB_ORGANIZATION' } },
      'InvalidInputException',
      /CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION/,
    ],
    [
      'no token',
      () => project('github', '', { type: 'GITHUB_ENTERPRISE', location: `${provider.url}/a/b` }),
      {},
      'ResourceNotFoundException',
      /^Could not find access token for server type github_enterprise$/,
    ],
  ])('are refused with %s', async (_name, make, more, code, message) => {
    const name = await make()
    await expect(create(name, more as never)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
  test('of an organization build the repository that sends', async () => {
    const name = await project('github', '', { location: 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION' })
    const webhook = await create(name, { scopeConfiguration: { name: 'ada', scope: 'GITHUB_ORGANIZATION' } })
    const hook = hookOf(webhook.url!)
    expect(hook.path).toBe('ada')
    const { builds } = await deliver('github', hook, 'push', githubPush({ repository: 'ada/other' }))
    expect((await codebuild.BatchGetBuilds({ ids: builds })).builds[0].source).toMatchObject({
      location: 'https://github.com/ada/other.git',
    })
  })
  test('of a group of GitLab, of an enterprise of GitHub and of other scopes are made where these are', async () => {
    const any = 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION'
    const group = await project('gitlab', '', { location: any })
    await create(group, { scopeConfiguration: { name: 'deep/group', scope: 'GITLAB_GROUP' } })
    expect(provider.hooks.at(-1)).toMatchObject({ dialect: 'gitlab', path: 'deep/group' })
    const wrong = await project('github', '', { location: any })
    for (const scope of ['GITLAB_GROUP', 'GITHUB_GLOBAL'] as const) {
      await expect(create(wrong, { scopeConfiguration: { name: 'x', scope } })).rejects.toThrow(
        /not supported for GITHUB/,
      )
    }
    const enterprise = await project('github', '', { type: 'GITHUB_ENTERPRISE', location: any })
    for (const domain of [undefined, 'a/b', 'user@host', 'host:port']) {
      await expect(
        create(enterprise, { scopeConfiguration: { name: 'x', scope: 'GITHUB_ORGANIZATION', domain } }),
      ).rejects.toThrow(/domain must be the host/)
    }
  })
  test('go with their project', async () => {
    const name = await project('github')
    const { payloadUrl, secret } = await create(name, { manualCreation: true })
    const other = await project('github')
    const made = hookOf((await create(other)).url!)
    for (const one of [name, other]) await codebuild.DeleteProject({ name: one })
    await house.runJobs()
    expect(provider.hooks).not.toContain(made)
    const { status } = await deliver('github', { url: payloadUrl!, secret: secret! }, 'push', githubPush())
    expect(status).toBe(404)
  })
  test('work with a secret of Secrets Manager, read as the role', async () => {
    secretString = JSON.stringify({ ServerType: 'GITHUB', AuthType: 'PERSONAL_ACCESS_TOKEN', Token: provider.token })
    const auth = { type: 'SECRETS_MANAGER', resource: SECRET }
    const name = await project('github', 'ada/app', { auth })
    expect(hookOf((await create(name)).url!)).toBeDefined()
    secretString = '{"ServerType":"GITLAB"}'
    await expect(codebuild.DeleteWebhook({ projectName: name })).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: `the secret ${SECRET} can not be used: its ServerType is not GITHUB`,
    })
  })
})

const SHA = 'a'.repeat(40)
function githubPush({ repository = 'ada/app', ref = 'refs/heads/main', after = SHA } = {}) {
  const [owner, name] = repository.split('/')
  return {
    ref,
    before: 'b'.repeat(40),
    after,
    repository: {
      full_name: repository,
      name,
      owner: { login: owner },
      clone_url: `https://github.com/${repository}.git`,
      private: true,
    },
    sender: { id: 1 },
    head_commit: { id: after, message: 'm' },
    commits: [{ id: after, added: ['x'] }],
  }
}
const githubPull = ({ fork = false, user = 'eve', sha = SHA, number = 7 } = {}) => ({
  action: 'opened',
  repository: githubPush().repository,
  sender: { id: 1 },
  pull_request: {
    number,
    user: { login: user },
    head: { ref: 'feature', sha, repo: { full_name: fork ? 'eve/app' : 'ada/app' } },
    base: { ref: 'main', sha, repo: { full_name: 'ada/app' } },
  },
})

/** Posts to the door, wherever the hook thinks that it is. */
async function post(url: string, headers: Record<string, string>, body: string | Buffer) {
  const { port } = front.address() as AddressInfo
  const target = new URL(url)
  return await new Promise<{ status: number; body: any }>((resolve, reject) => {
    const outgoing = request(
      { port, path: `${target.pathname}${target.search}`, method: 'POST', headers },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', part => (text += part))
        response.on('end', () =>
          resolve({ status: response.statusCode!, body: text.startsWith('{') ? JSON.parse(text) : text }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
async function deliver(
  dialect: Dialect,
  hook: { url: string; secret: string },
  event: string,
  payload: unknown,
  id?: string,
) {
  const { headers, body } = signedDelivery(dialect, { event, payload, secret: hook.secret, id })
  const answer = await post(hook.url, headers, body)
  return {
    status: answer.status,
    message: answer.body.message as string,
    builds: (answer.body.builds ?? []) as string[],
  }
}
async function hooked(dialect: Dialect, more: Partial<CreateWebhookCommandInput> = {}, source = {}) {
  const name = await project(dialect, 'ada/app', source)
  await codebuild.CreateWebhook({ projectName: name, ...more })
  const hook = provider.hooks.at(-1)!
  const builds = async () => (await codebuild.ListBuildsForProject({ projectName: name })).ids as string[]
  return { name, hook, builds }
}

describe('the door', () => {
  test('starts a build of a delivery with the right signature, once', async () => {
    const { hook, builds } = await hooked('github')
    const first = await deliver('github', hook, 'push', githubPush(), 'delivery-1')
    expect(first).toMatchObject({ status: 200, message: 'started', builds: [expect.any(String)] })
    const again = await deliver('github', hook, 'push', githubPush(), 'delivery-1')
    expect(again).toMatchObject({ status: 200, message: 'delivered before', builds: [] })
    expect(await builds()).toEqual(first.builds)
    const [build] = (await codebuild.BatchGetBuilds({ ids: first.builds })).builds
    expect(build).toMatchObject({ initiator: 'GitHub-Hookshot/951dca1', sourceVersion: SHA })
  })
  test.each<[Dialect, string, (headers: Record<string, string>) => void]>([
    ['github', 'another signature', headers => (headers['x-hub-signature-256'] = `sha256=${'0'.repeat(64)}`)],
    ['github', 'no signature', headers => delete headers['x-hub-signature-256']],
    [
      'github',
      'the old signature only',
      headers => {
        headers['x-hub-signature'] = headers['x-hub-signature-256']!
        delete headers['x-hub-signature-256']
      },
    ],
    ['gitlab', 'another token', headers => (headers['x-gitlab-token'] = 'x')],
    ['gitlab', 'an empty token', headers => (headers['x-gitlab-token'] = '')],
    ['bitbucket', 'no signature', headers => delete headers['x-hub-signature']],
  ])('refuses a delivery of %s with %s', async (dialect, _name, spoil) => {
    const { hook, builds } = await hooked(dialect)
    const { headers, body } = signedDelivery(dialect, { event: 'push', payload: githubPush(), secret: hook.secret })
    spoil(headers)
    expect(await post(hook.url, headers, body)).toMatchObject({ status: 401 })
    expect(await builds()).toEqual([])
  })
  test('starts one build of one delivery that comes twenty times at once', async () => {
    const { hook, builds } = await hooked('gitlab')
    const payload = {
      ref: 'refs/heads/main',
      after: SHA,
      checkout_sha: SHA,
      project: { path_with_namespace: 'ada/app' },
      commits: [],
    }
    const all = await Promise.all(
      Array.from({ length: 20 }, () => deliver('gitlab', hook, 'Push Hook', payload, 'same')),
    )
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
    expect(all.flatMap(one => one.builds)).toHaveLength(1)
    expect(await builds()).toHaveLength(1)
  })
  test('refuses what was changed on its way, or signed with the old secret', async () => {
    const { name, hook, builds } = await hooked('github')
    const { headers, body } = signedDelivery('github', { event: 'push', payload: githubPush(), secret: hook.secret })
    expect((await post(hook.url, headers, body.replace('main', 'evil'))).status).toBe(401)
    const old = { ...hook }
    await codebuild.UpdateWebhook({ projectName: name, rotateSecret: true })
    expect((await deliver('github', old, 'push', githubPush())).status).toBe(401)
    expect(await builds()).toEqual([])
    expect((await deliver('github', hook, 'push', githubPush())).status).toBe(200)
  })
  test.each<[string, number, (url: string) => string, string | Buffer, Record<string, string>]>([
    ['an unknown address', 404, () => '/webhooks?t=nobodynobodynobodynobody&v=1', '{}', {}],
    ['an address that is none', 404, () => "/webhooks?t=';drop&v=1", '{}', {}],
    ['too much', 413, url => url, Buffer.alloc((25 << 20) + 1), {}],
    ['more than it said', 413, url => url, '', { 'content-length': String(26 << 20) }],
  ])('answers %s with %d', async (_name, status, address, body, headers) => {
    const { hook } = await hooked('github')
    const { pathname, search } = new URL(address(`${hook.url}`), 'http://x')
    const answered = await post(`http://x${pathname}${search}`, headers, body).catch(error => ({ status: error.code }))
    expect([status, 'ECONNRESET', 'EPIPE']).toContain(answered.status)
  })
  test.each([
    ['no JSON', 'push', 'hello', 400],
    ['the payload of something else', 'pull_request', '{"action":"opened","repository":{"full_name":"ada/app"}}', 400],
    ['nothing to build', 'star', JSON.stringify({ repository: { full_name: 'ada/app' } }), 200],
    ['a ping', 'ping', '{}', 200],
  ])('answers %s', async (_name, event, body, status) => {
    const { hook, builds } = await hooked('github')
    const { createHmac } = await import('node:crypto')
    const signature = `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`
    const answered = await post(hook.url, { 'x-github-event': event, 'x-hub-signature-256': signature }, body)
    expect(answered).toMatchObject({ status, body: { message: expect.any(String) } })
    expect(await builds()).toEqual([])
  })
  test('builds nothing for another repository, another branch, another event', async () => {
    const filterGroups = [
      [
        { type: 'EVENT' as const, pattern: 'PUSH' },
        { type: 'HEAD_REF' as const, pattern: '^refs/heads/main$' },
      ],
    ]
    const { hook, builds } = await hooked('github', { filterGroups })
    expect(await deliver('github', hook, 'push', githubPush({ repository: 'eve/app' }))).toMatchObject({
      status: 200,
      message: expect.stringContaining('eve/app'),
    })
    expect(await deliver('github', hook, 'push', githubPush({ ref: 'refs/heads/dev' }))).toMatchObject({
      status: 200,
      message: 'no filter group passes',
    })
    expect(await deliver('github', hook, 'pull_request', githubPull())).toMatchObject({ status: 200, builds: [] })
    expect(await builds()).toEqual([])
    expect((await deliver('github', hook, 'push', githubPush())).builds).toHaveLength(1)
  })
  test('builds a job that waits for a runner of this project only', async () => {
    const filterGroups = [
      [
        { type: 'EVENT' as const, pattern: 'WORKFLOW_JOB_QUEUED' },
        { type: 'WORKFLOW_NAME' as const, pattern: 'CI' },
      ],
    ]
    const { name, hook } = await hooked('github', { filterGroups })
    const job = (label: string) => ({
      action: 'queued',
      repository: githubPush().repository,
      sender: { id: 1 },
      workflow_job: { workflow_name: 'CI', head_sha: SHA, head_branch: 'main', labels: [label] },
    })
    expect((await deliver('github', hook, 'workflow_job', job('codebuild-other-1-1'))).builds).toEqual([])
    expect((await deliver('github', hook, 'workflow_job', job(`codebuild-${name}-77-1`))).builds).toHaveLength(1)
  })
  test('asks for the files of a pull request, and again when the provider is away', async () => {
    const filterGroups = [
      [
        { type: 'EVENT' as const, pattern: 'PULL_REQUEST_CREATED' },
        { type: 'FILE_PATH' as const, pattern: '^src/' },
      ],
    ]
    const { hook, builds } = await hooked('github', { filterGroups })
    expect(await deliver('github', hook, 'pull_request', githubPull())).toMatchObject({ status: 202, builds: [] })
    provider.answers.set('/repos/ada/app/pulls/7/files', [{ filename: 'src/x' }])
    await house.runJobs()
    expect(await builds()).toHaveLength(1)
    provider.answers.set('/repos/ada/app/pulls/8/files', [{ filename: 'docs/x' }])
    await deliver('github', hook, 'pull_request', githubPull({ number: 8 }))
    await house.runJobs()
    expect(await builds()).toHaveLength(1)
  })
  test('a pull request from a fork waits until somebody who may write approves its commit', async () => {
    const { hook, builds } = await hooked('github')
    expect((await deliver('github', hook, 'pull_request', githubPull())).builds).toHaveLength(1)
    await deliver('github', hook, 'pull_request', githubPull({ fork: true, number: 9 }))
    await house.runJobs()
    expect(await builds()).toHaveLength(1)
    expect(provider.statuses.at(-1)).toMatchObject({ state: 'failure', sha: SHA })
    const comment = (user: string, sha = SHA) => ({
      action: 'created',
      repository: githubPush().repository,
      issue: { number: 9, pull_request: {} },
      comment: { body: `/codebuild_run(${sha})`, user: { login: user } },
    })
    provider.answers.set('/repos/ada/app/collaborators/eve/permission', { permission: 'read' })
    provider.answers.set('/repos/ada/app/collaborators/ada/permission', { permission: 'write', role_name: 'write' })
    for (const payload of [comment('eve'), comment('ada', 'c'.repeat(40))])
      await deliver('github', hook, 'issue_comment', payload)
    await house.runJobs()
    expect(await builds()).toHaveLength(1)
    for (const _ of [1, 2]) await deliver('github', hook, 'issue_comment', comment('ada'))
    await house.runJobs()
    expect(await builds()).toHaveLength(2)
    const [build] = (await codebuild.BatchGetBuilds({ ids: [(await builds())[0]] })).builds
    expect(build.sourceVersion).toBe('pr/9')
  })
  test('a pull request of who may write builds when all have to be approved', async () => {
    const { hook, builds } = await hooked('github', {
      pullRequestBuildPolicy: { requiresCommentApproval: 'ALL_PULL_REQUESTS', approverRoles: ['GITHUB_ADMIN'] },
    })
    provider.answers.set('/repos/ada/app/collaborators/ada/permission', { role_name: 'admin' })
    provider.answers.set('/repos/ada/app/collaborators/bob/permission', { role_name: 'write' })
    await deliver('github', hook, 'pull_request', githubPull({ user: 'bob', number: 1 }))
    await deliver('github', hook, 'pull_request', githubPull({ user: 'ada', number: 2 }))
    await house.runJobs()
    const started = (await codebuild.BatchGetBuilds({ ids: await builds() })).builds
    expect(started.map((build: { sourceVersion: string }) => build.sourceVersion)).toEqual(['pr/2'])
  })
})

describe('the status of a commit', () => {
  test('is pending when its build begins and what became of it at the end, in the words of the project', async () => {
    const { name, hook } = await hooked(
      'github',
      {},
      {
        buildStatusConfig: {
          context: 'ci $AWS_REGION ${CODEBUILD_WEBHOOK_TRIGGER}',
          targetUrl: 'https://ci.example.com/$CODEBUILD_BUILD_NUMBER',
        },
      },
    )
    const { builds } = await deliver('github', hook, 'push', githubPush())
    await house.runJobs()
    const common = {
      path: 'ada/app',
      sha: SHA,
      context: 'ci us-east-1 branch/main',
      targetUrl: 'https://ci.example.com/1',
      authorization: `Bearer ${provider.token}`,
    }
    expect(provider.statuses).toEqual([expect.objectContaining({ ...common, state: 'pending' })])
    await codebuild.StopBuild({ id: builds[0] })
    await house.runJobs()
    expect(provider.statuses.slice(1)).toEqual([expect.objectContaining({ ...common, state: 'error' })])
    expect(name).toBeDefined()
  })
  test.each<[Dialect, string, unknown, object]>([
    [
      'gitlab',
      'Push Hook',
      {
        ref: 'refs/heads/main',
        after: SHA,
        checkout_sha: SHA,
        project: { path_with_namespace: 'ada/app' },
        commits: [],
      },
      { state: 'running' },
    ],
    [
      'bitbucket',
      'repo:push',
      {
        repository: { full_name: 'ada/app' },
        push: { changes: [{ new: { type: 'branch', name: 'main', target: { hash: SHA } } }] },
      },
      { state: 'INPROGRESS', targetUrl: expect.stringMatching(/^http/) },
    ],
  ])('goes to %s in its own words', async (dialect, event, payload, expected) => {
    const { name, hook } = await hooked(dialect)
    expect((await deliver(dialect, hook, event, payload)).builds).toHaveLength(1)
    await house.runJobs()
    expect(provider.statuses).toEqual([
      expect.objectContaining({
        dialect,
        path: 'ada/app',
        sha: SHA,
        context: `AWS CodeBuild us-east-1 (${name})`,
        ...expected,
      }),
    ])
  })
  test('is told again when the provider was away, and only what is true by then', async () => {
    const { hook } = await hooked('github')
    provider.troubles.statuses = 1
    const { builds } = await deliver('github', hook, 'push', githubPush())
    await expect(house.runJobs()).rejects.toThrow(/503/)
    expect(provider.statuses).toEqual([])
    await codebuild.StopBuild({ id: builds[0] })
    await house.runJobs()
    expect(provider.statuses.map(({ state }) => state)).toEqual(['error'])
  })
  test('of builds that nobody asked to report is not told', async () => {
    const name = await project('github')
    await codebuild.StartBuild({ projectName: name, sourceVersion: 'main' })
    await house.runJobs()
    expect(provider.statuses).toEqual([])
  })
})
