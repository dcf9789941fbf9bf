// People push to GitHub, GitLab or Bitbucket: the webhook that CodeBuild made there is delivered, a real build runs, its status arrives at
// the commit. A provider of the test stands for all three. Long, since all stands on that one provider and server.

import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Dialect,
  type FakeProvider,
  openFakeProvider,
  signedDelivery,
} from '../src/services/codebuild/providers/testing/fakeProvider.ts'
import { openCertificates } from '../src/transports/http/index.ts'
import { endedBuild, untilIn } from './harness/builds.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

let yard: Yard
let provider: FakeProvider
const commits: Record<string, string> = {}

beforeAll(async () => {
  provider = await openFakeProvider()
  yard = await openYard({ args: ['--sandbox', 'host'] })
  await writeFile(join(yard.dataDir, 'providers.json'), JSON.stringify(provider.table()))
  for (const path of ['ada/private-app', 'group/sub/private-app']) {
    commits[path] = provider.commit(path, { 'buildspec.yml': spec('cat file', ...SHOW), file: `content of ${path}\n` })
  }
  provider.commit('ada/private-library', { library: 'the library\n' })
  const { iam } = yard.clients
  const Version = '2012-10-17'
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  await iam.createRole({ RoleName: 'b', AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
  const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource })
  const policy = [
    allow('logs:*', '*'),
    allow('codecommit:GitPull', 'arn:aws:codecommit:*:*:open*'),
    allow('secretsmanager:GetSecretValue', '*'),
    allow('codebuild:StartBuild', '*'),
  ]
  await iam.putRolePolicy({
    RoleName: 'b',
    PolicyName: 'p',
    PolicyDocument: JSON.stringify({ Version, Statement: policy }),
  })
  for (const serverType of ['GITHUB', 'GITLAB', 'GITLAB_SELF_MANAGED', 'GITHUB_ENTERPRISE'] as const) {
    const credential = { serverType, authType: 'PERSONAL_ACCESS_TOKEN', token: provider.token } as const
    await yard.clients.codebuild.importSourceCredentials(credential)
  }
  const basic = { serverType: 'BITBUCKET', authType: 'BASIC_AUTH', username: 'ada', token: provider.token } as const
  await yard.clients.codebuild.importSourceCredentials(basic)
}, 90_000)
afterAll(async () => {
  await yard?.close()
  await provider?.close()
})

const SHOW = [
  'env | grep -E "^CODEBUILD_(WEBHOOK|INITIATOR|SOURCE|RESOLVED)" | sort',
  'git remote -v',
  'git log -1 --format=%H',
]
const spec = (...commands: string[]) => JSON.stringify({ version: 0.2, phases: { build: { commands } } })

let count = 0
async function project(source: ProjectSource, more: object = {}): Promise<string> {
  const name = `p${++count}`
  await yard.clients.codebuild.createProject({
    name,
    source,
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/b',
    ...more,
  })
  return name
}
const until = <T>(what: () => Promise<T | undefined | false> | T | undefined | false) => untilIn(yard, what)
const ended = (id: string) => endedBuild(yard, id)
const run = async (projectName: string, more = {}) =>
  ended((await yard.clients.codebuild.startBuild({ projectName, ...more })).build!.id!)

async function deliver(dialect: Dialect, hook: { url: string; secret: string }, event: string, payload: unknown) {
  const { headers, body } = signedDelivery(dialect, { event, payload, secret: hook.secret })
  const response = await fetch(hook.url, { method: 'POST', headers, body })
  return { status: response.status, ...((await response.json()) as { message: string; builds?: string[] }) }
}

interface Case {
  readonly type: ProjectSource['type']
  readonly dialect: Dialect
  readonly path: string
  readonly location: () => string
  readonly event: string
  readonly initiator: string
  readonly states: string[]
  payload(sha: string): unknown
}
const cases: Case[] = [
  {
    type: 'GITHUB',
    dialect: 'github',
    path: 'ada/private-app',
    location: () => 'https://github.com/ada/private-app.git',
    event: 'push',
    initiator: 'GitHub-Hookshot/951dca1',
    states: ['pending', 'success'],
    payload: sha => ({
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: sha,
      repository: { full_name: 'ada/private-app', name: 'private-app', owner: { login: 'ada' }, private: true },
      sender: { id: 4711 },
      head_commit: { id: sha, message: 'm', added: ['file'] },
    }),
  },
  {
    type: 'GITLAB_SELF_MANAGED',
    dialect: 'gitlab',
    path: 'group/sub/private-app',
    location: () => `${provider.url}/group/sub/private-app.git`,
    event: 'Push Hook',
    initiator: 'GitLab/17.1.0',
    states: ['running', 'success'],
    payload: sha => ({
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: sha,
      checkout_sha: sha,
      user_id: 4711,
      project: { path_with_namespace: 'group/sub/private-app', visibility_level: 0 },
      commits: [{ id: sha, message: 'm', added: ['file'] }],
      total_commits_count: 1,
    }),
  },
  {
    type: 'BITBUCKET',
    dialect: 'bitbucket',
    path: 'ada/private-app',
    location: () => 'https://bitbucket.org/ada/private-app',
    event: 'repo:push',
    initiator: 'Bitbucket-Webhooks/2.0',
    states: ['INPROGRESS', 'SUCCESSFUL'],
    payload: sha => ({
      repository: { full_name: 'ada/private-app', is_private: true },
      actor: { account_id: '4711' },
      push: { changes: [{ old: null, new: { type: 'branch', name: 'main', target: { hash: sha, message: 'm' } } }] },
    }),
  },
]

test.each(cases)(
  'a push to $type builds, and its status arrives; with another secret it does not',
  async one => {
    const { type, dialect, path, location, event, initiator, states, payload } = one
    const name = await project({ type, location: location() })
    const filterGroups = [
      [
        { type: 'EVENT' as const, pattern: 'PUSH' },
        { type: 'HEAD_REF' as const, pattern: '^refs/heads/main$' },
      ],
    ]
    const { webhook } = await yard.clients.codebuild.createWebhook({ projectName: name, filterGroups })
    expect(webhook).toMatchObject({ status: 'ACTIVE', filterGroups })
    const hook = provider.hooks.at(-1)!
    const sha = commits[path]!
    const refused = await deliver(dialect, { url: hook.url, secret: 'wrong' }, event, payload(sha))
    expect(refused.status).toBe(401)
    const started = await deliver(dialect, hook, event, payload(sha))
    expect(started).toMatchObject({ status: 200, builds: [expect.any(String)] })
    const { build, log } = await ended(started.builds![0]!)
    expect(build.buildStatus, log).toBe('SUCCEEDED')
    expect(build).toMatchObject({ initiator, sourceVersion: sha, resolvedSourceVersion: sha })
    expect(log).toContain(`content of ${path}`)
    for (const line of [
      'CODEBUILD_WEBHOOK_EVENT=PUSH',
      'CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main',
      'CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID=4711',
      'CODEBUILD_WEBHOOK_TRIGGER=branch/main',
      `CODEBUILD_INITIATOR=${initiator}`,
      `CODEBUILD_SOURCE_VERSION=${sha}`,
      `CODEBUILD_RESOLVED_SOURCE_VERSION=${sha}`,
      `CODEBUILD_SOURCE_REPO_URL=${location()}`,
    ])
      expect(log).toContain(line)
    expect(log).not.toContain(provider.token)
    expect(yard.log()).not.toContain(provider.token)
    const context = `AWS CodeBuild us-east-1 (${name})`
    const mine = () => provider.statuses.filter(status => status.context === context)
    await until(() => mine().at(-1)?.state === states[1])
    expect(mine().map(({ state }) => state)).toEqual(mine().length === 1 ? [states[1]] : states)
    expect(new Set(mine().map(status => `${status.dialect} ${status.path} ${status.sha}`))).toEqual(
      new Set([`${dialect} ${path} ${sha}`]),
    )
    expect((await yard.clients.codebuild.listBuildsForProject({ projectName: name })).ids).toEqual(started.builds)
  },
  90_000,
)

test('a broken commit is reported as failed, and the badge of its branch says so', async () => {
  const sha = provider.commit('ada/broken', { 'buildspec.yml': spec('exit 3') })
  const name = await project({ type: 'GITHUB', location: 'https://github.com/ada/broken' }, { badgeEnabled: true })
  const { webhook } = await yard.clients.codebuild.createWebhook({ projectName: name, manualCreation: true })
  const payload = { ...(cases[0]!.payload(sha) as object), repository: { full_name: 'ada/broken' } }
  const { builds } = await deliver('github', { url: webhook!.payloadUrl!, secret: webhook!.secret! }, 'push', payload)
  expect((await ended(builds![0]!)).build.buildStatus).toBe('FAILED')
  await until(() => provider.statuses.some(status => status.sha === sha && status.state === 'failure'))
  const { projects } = await yard.clients.codebuild.batchGetProjects({ names: [name] })
  expect(await (await fetch(projects![0]!.badge!.badgeRequestUrl!)).text()).toContain('build: failing')
}, 90_000)

test('git in the build has the credentials of the provider when the buildspec asks for them, and only then', async () => {
  const clone =
    'GIT_TERMINAL_PROMPT=0 git clone -q https://github.com/ada/private-library && cat private-library/library'
  const source = { type: 'GITHUB' as const, location: 'https://github.com/ada/private-app' }
  const name = await project(source)
  const build = (helper: string) => ({
    buildspecOverride: `version: 0.2\nenv:\n  git-credential-helper: ${helper}\nphases:\n  build:\n    commands:\n      - ${clone}\n      - printf 'protocol=http\\nhost=${new URL(provider.url).host}\\n\\n' | git credential fill\n`,
  })
  const without = await run(name, build('no'))
  expect(without.build.buildStatus, without.log).toBe('FAILED')
  const { build: done, log } = await run(name, build('yes'))
  expect(done.buildStatus, log).toBe('SUCCEEDED')
  expect(log).toContain('the library')
  expect(log).toContain('password=***')
  expect(log).not.toContain(provider.token)
}, 90_000)

test('a push starts a batch, each of its builds knows why, and one status tells of all', async () => {
  const buildspec = `version: 0.2\nbatch:\n  build-list:\n    - identifier: one\n    - identifier: two\nphases:\n  build:\n    commands:\n      - env | grep -E '^CODEBUILD_(WEBHOOK_EVENT|INITIATOR|BATCH)' | sort\n`
  const sha = provider.commit('ada/batch', { 'buildspec.yml': buildspec })
  const location = 'https://github.com/ada/batch.git'
  const name = await project(
    { type: 'GITHUB', location },
    { buildBatchConfig: { serviceRole: 'arn:aws:iam::000000000000:role/b' } },
  )
  await yard.clients.codebuild.createWebhook({ projectName: name, buildType: 'BUILD_BATCH' })
  const payload = { ...(cases[0]!.payload(sha) as object), repository: { full_name: 'ada/batch', private: true } }
  const { builds } = await deliver('github', provider.hooks.at(-1)!, 'push', payload)
  const batch = await until(async () => {
    const [found] = (await yard.clients.codebuild.batchGetBuildBatches({ ids: builds! })).buildBatches!
    return found!.complete && found!
  })
  expect(batch, JSON.stringify(batch)).toMatchObject({
    buildBatchStatus: 'SUCCEEDED',
    initiator: 'GitHub-Hookshot/951dca1',
    sourceVersion: sha,
  })
  for (const { currentBuildSummary } of batch.buildGroups!) {
    const { log } = await ended(currentBuildSummary!.arn!)
    expect(log).toContain('CODEBUILD_WEBHOOK_EVENT=PUSH')
    expect(log).toContain('CODEBUILD_INITIATOR=GitHub-Hookshot/951dca1')
  }
  const mine = () => provider.statuses.filter(status => status.sha === sha)
  await until(() => mine().at(-1)?.state === 'success')
  expect(new Set(mine().map(({ context }) => context))).toEqual(new Set([`AWS CodeBuild us-east-1 (${name})`]))
}, 90_000)

test('a build that a person starts is reported when its project says so, once its commit is known', async () => {
  const source = { type: 'GITLAB' as const, location: 'https://gitlab.com/ada/private-app', reportBuildStatus: true }
  const name = await project({ ...source, buildStatusConfig: { context: 'by hand: $CODEBUILD_BUILD_NUMBER' } })
  const { build } = await run(name, { sourceVersion: 'main' })
  const mine = () => provider.statuses.filter(({ context }) => context === 'by hand: 1')
  await until(() => mine().at(-1)?.state === 'success')
  expect(mine().at(-1)).toMatchObject({ dialect: 'gitlab', sha: build.resolvedSourceVersion })
}, 90_000)

test('a server with a certificate of its own is refused unless the project says insecureSsl', async () => {
  const certificates = await openCertificates({
    folder: join(yard.dataDir, 'test-tls'),
    names: ['127.0.0.1'],
    now: new Date(),
  })
  const server = createServer(certificates.server, provider.serve)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  try {
    const location = `https://127.0.0.1:${(server.address() as AddressInfo).port}/ada/private-app.git`
    const source = {
      type: 'GITHUB_ENTERPRISE' as const,
      location,
      reportBuildStatus: true,
      buildStatusConfig: { context: 'tls' },
    }
    const { build: refused } = await run(await project(source))
    expect(refused.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!.contexts![0]!.message).toMatch(
      /^Git clone failed for primary source.*(?:SSL certificate problem|certificate verification failed)/,
    )
    const { build, log } = await run(await project({ ...source, insecureSsl: true }))
    expect(build.buildStatus, log).toBe('SUCCEEDED')
    await until(() => provider.statuses.some(({ context, state }) => context === 'tls' && state === 'success'))
  } finally {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
  }
}, 90_000)

test('a project may have a token of its own in Secrets Manager', async () => {
  const { codebuild } = yard.clients
  const arn = 'arn:aws:codebuild:us-east-1:000000000000:token/gitlab'
  await codebuild.deleteSourceCredentials({ arn })
  const SecretString = JSON.stringify({
    ServerType: 'GITLAB',
    AuthType: 'PERSONAL_ACCESS_TOKEN',
    Token: provider.token,
  })
  const create = [
    'secretsmanager',
    'create-secret',
    '--name',
    'gitlab',
    '--secret-string',
    SecretString,
    '--query',
    'ARN',
  ]
  const resource = (await client(yard, 'aws', [...create, '--output', 'text'])).stdout.trim()
  const source = { type: 'GITLAB' as const, location: 'https://gitlab.com/ada/private-app' }
  const { build: without } = await run(await project(source))
  expect(without.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!.contexts![0]!.message).toMatch(
    /^authentication required for primary source/,
  )
  const { build, log } = await run(await project({ ...source, auth: { type: 'SECRETS_MANAGER', resource } }))
  expect(build.buildStatus, log).toBe('SUCCEEDED')
}, 90_000)

test('secondary sources have versions of their own, and what is not there is named', async () => {
  provider.commit('ada/second', { which: 'old\n' })
  provider.git('ada/second', 'push', '-q', 'origin', 'main:refs/heads/old')
  provider.commit('ada/second', { which: 'new\n' })
  const secondarySources: ProjectSource[] = [
    { type: 'GITLAB', location: 'https://gitlab.com/ada/second.git', sourceIdentifier: 'one', gitCloneDepth: 1 },
    { type: 'GITHUB_ENTERPRISE', location: `${provider.url}/ada/second`, sourceIdentifier: 'two' },
  ]
  const show = 'cat $CODEBUILD_SRC_DIR_one/which $CODEBUILD_SRC_DIR_two/which && env | grep _one= | sort'
  const source: ProjectSource = { type: 'NO_SOURCE', buildspec: spec(show) }
  const name = await project(source, { secondarySources })
  const version = (sourceVersion: string) => ({
    secondarySourcesVersionOverride: [{ sourceIdentifier: 'one', sourceVersion }],
  })
  const { build, log } = await run(name, version('old'))
  expect(build.buildStatus, log).toBe('SUCCEEDED')
  expect(log).toMatch(/^old\nnew\n/m)
  expect(log).toContain('CODEBUILD_SOURCE_REPO_URL_one=https://gitlab.com/ada/second.git')
  expect(log).toContain('CODEBUILD_SOURCE_VERSION_one=old')
  const failed = await run(name, version('nope'))
  const phase = failed.build.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!
  expect(phase).toMatchObject({
    phaseStatus: 'FAILED',
    contexts: [
      {
        statusCode: 'CLIENT_ERROR',
        message: expect.stringMatching(/^reference not found for secondary source one and source version nope/),
      },
    ],
  })
}, 90_000)

test('submodules in CodeCommit come as the role, those that it may pull', async () => {
  const { codecommit } = yard.clients
  const file = (repositoryName: string, filePath: string, text: string) =>
    codecommit.putFile({ repositoryName, branchName: 'main', filePath, fileContent: Buffer.from(text) })
  for (const repositoryName of ['open-inner', 'closed-inner']) {
    await codecommit.createRepository({ repositoryName })
    await file(repositoryName, 'inner', `content of ${repositoryName}\n`)
  }
  const base = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos'
  for (const inner of ['open-inner', 'closed-inner']) {
    const outer = `open-with-${inner}`
    await codecommit.createRepository({ repositoryName: outer })
    const commitId = (await codecommit.getBranch({ repositoryName: inner, branchName: 'main' })).branch!.commitId!
    const work = `work/${outer}`
    provider.commit(outer, { '.gitmodules': `[submodule "inner"]\n\tpath = inner\n\turl = ../${inner}\n` })
    provider.git(outer, 'update-index', '--add', '--cacheinfo', `160000,${commitId},inner`)
    provider.git(outer, '-c', 'user.name=A', '-c', 'user.email=a@a', 'commit', '-q', '-m', work)
    const user = await credentials()
    const target = new URL(`${yard.endpoint}/v1/repos/${outer}`)
    Object.assign(target, user)
    provider.git(outer, 'push', '-q', target.href, 'HEAD:refs/heads/main')
    const source: ProjectSource = {
      type: 'CODECOMMIT',
      location: `${base}/${outer}`,
      gitSubmodulesConfig: { fetchSubmodules: true },
      buildspec: spec('cat inner/inner', 'git -C inner config remote.origin.url'),
    }
    const { build, log } = await run(await project(source))
    if (inner === 'open-inner') {
      expect(build.buildStatus, log).toBe('SUCCEEDED')
      expect(log).toContain('content of open-inner')
      expect(log).toContain(`${base}/open-inner`)
    } else {
      expect(build.phases!.find(({ phaseStatus }) => phaseStatus === 'FAILED')).toMatchObject({
        phaseType: 'DOWNLOAD_SOURCE',
        contexts: [{ message: expect.stringMatching(/authorization failed for primary source/) }],
      })
    }
  }
}, 90_000)

/** HTTPS git credentials of a user that may push. */
async function credentials(): Promise<{ username: string; password: string }> {
  const { iam } = yard.clients
  const UserName = 'pusher'
  await iam.createUser({ UserName }).catch(() => {})
  const Statement = [{ Effect: 'Allow', Action: 'codecommit:*', Resource: '*' }]
  await iam.putUserPolicy({
    UserName,
    PolicyName: 'p',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  })
  const made = await iam.createServiceSpecificCredential({ UserName, ServiceName: 'codecommit.amazonaws.com' })
  const { ServiceUserName, ServicePassword } = made.ServiceSpecificCredential!
  return { username: encodeURIComponent(ServiceUserName!), password: encodeURIComponent(ServicePassword!) }
}

test('a status that its provider would not take arrives although the server was killed meanwhile', async () => {
  const sha = provider.commit('ada/late', { 'buildspec.yml': spec('true') })
  const name = await project({ type: 'GITHUB', location: 'https://github.com/ada/late' })
  await yard.clients.codebuild.createWebhook({ projectName: name })
  provider.troubles.statuses = 1000
  const payload = { ...(cases[0]!.payload(sha) as object), repository: { full_name: 'ada/late' } }
  const { builds } = await deliver('github', provider.hooks.at(-1)!, 'push', payload)
  expect((await ended(builds![0]!)).build.buildStatus).toBe('SUCCEEDED')
  await until(() => provider.troubles.statuses < 1000)
  await yard.kill()
  provider.troubles.statuses = 0
  yard = await openYard({
    dataDir: yard.dataDir,
    port: Number(new URL(yard.endpoint).port),
    args: ['--sandbox', 'host'],
  })
  await until(() => provider.statuses.some(status => status.sha === sha && status.state === 'success'))
  const again = await deliver('github', provider.hooks.at(-1)!, 'push', payload)
  expect(again.builds).toHaveLength(1)
  expect((await ended(again.builds![0]!)).build.buildStatus).toBe('SUCCEEDED')
}, 120_000)

test('tokens and secrets are in no record of what was done', async () => {
  const { stdout } = await client(yard, 'aws', ['cloudtrail', 'lookup-events', '--output', 'text'])
  for (const name of ['ImportSourceCredentials', 'CreateWebhook']) expect(stdout).toContain(name)
  for (const secret of [provider.token, ...provider.hooks.map(hook => hook.secret)]) {
    expect(stdout).not.toContain(secret)
    expect(yard.log()).not.toContain(secret)
  }
}, 60_000)

test('the source cache is missed once and hit then, until it is invalidated; the log says so', async () => {
  const cache = { type: 'LOCAL', modes: ['LOCAL_SOURCE_CACHE'] }
  const source: ProjectSource = {
    type: 'GITHUB',
    location: 'https://github.com/ada/private-app',
    buildspec: spec('cat file', 'git status --short | wc -l'),
  }
  const name = await project(source, { cache })
  const said = async () => /Source cache: (\w+)/.exec((await run(name)).log)?.[1]
  expect(await said()).toBe('miss')
  expect(await said()).toBe('hit')
  await yard.clients.codebuild.invalidateProjectCache({ projectName: name })
  expect(await said()).toBe('miss')
}, 90_000)
