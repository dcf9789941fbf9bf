import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directorySandboxes } from '../../../build/testing/directorySandbox.ts'
import type { BuildRow } from '../builds.ts'
import { codecommitRepository } from '../definition.ts'
import { gitAuthorization } from './gitAuthorization.ts'
import { downloadSources } from './sources.ts'

const credentials = {
  accessKeyId: 'ASIATEST',
  secretAccessKey: 'secret-of-role',
  sessionToken: 'tok/en==',
  signedAt: new Date('2026-01-01T00:00:00Z'),
  expiration: new Date('2026-01-01T01:00:00Z'),
}

test('git gets the signature that the aws CLI makes', () => {
  const basic = gitAuthorization(credentials, new URL('http://127.0.0.1:4566/v1/repos/app'), 'us-east-1')
  expect(Buffer.from(basic.slice(6), 'base64').toString()).toBe(
    'ASIATEST%tok/en==:20260101T000000Z2210dc8a07081977ebc5483020190572a0f799a5c9f9edc541b182b0b537e227',
  )
})

test.each([
  ['https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/My.Repo-1', { name: 'My.Repo-1', region: 'eu-west-1' }],
  ['http://127.0.0.1:4566/v1/repos/app', { name: 'app', region: undefined }],
  ['codecommit::us-east-1://profile@app', { name: 'app', region: 'us-east-1' }],
  ['https://github.com/a/b', undefined],
])('%s is the repository', (location, expected) => expect(codecommitRepository(location)).toEqual(expected))

describe('a CodeCommit source', () => {
  let root: string
  let server: Server
  let seen: (string | undefined)[] = []
  const commits: string[] = []
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'codeyard-sources-'))
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    git('init', '-q', '-b', 'main', 'work')
    for (const text of ['one', 'two']) {
      execFileSync('sh', ['-c', `echo ${text} > work/a.txt`], { cwd: root })
      git('-C', 'work', 'add', '.')
      git('-C', 'work', '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '-m', text)
      commits.push(git('-C', 'work', 'rev-parse', 'HEAD'))
    }
    git('-C', 'work', 'branch', 'old', commits[0]!)
    git('-C', 'work', 'tag', 'v1', commits[0]!)
    git('clone', '-q', '--bare', 'work', 'repos/v1/repos/app')
    git('-C', 'repos/v1/repos/app', 'config', 'uploadpack.allowAnySHA1InWant', 'true')
    const backend = join(git('--exec-path'), 'git-http-backend')
    server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      const url = new URL(request.url!, 'http://x')
      const child = spawn(backend, {
        env: {
          ...process.env,
          GIT_PROJECT_ROOT: join(root, 'repos'),
          GIT_HTTP_EXPORT_ALL: '1',
          PATH_INFO: url.pathname,
          QUERY_STRING: url.search.slice(1),
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
          GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        },
      })
      request.pipe(child.stdin)
      const parts: Buffer[] = []
      child.stdout.on('data', part => parts.push(part))
      child.on('close', () => {
        const all = Buffer.concat(parts)
        const end = all.indexOf('\r\n\r\n')
        for (const line of all.subarray(0, end).toString().split('\r\n')) {
          const [name, value] = line.split(': ')
          if (name === 'Status') response.statusCode = Number.parseInt(value!, 10)
          else if (name && value) response.setHeader(name, value)
        }
        response.end(all.subarray(end + 4))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    server.close()
    await rm(root, { recursive: true, force: true })
  })

  let count = 0
  async function download(version: string | undefined, more = {}, repository = 'app') {
    seen = []
    const source = {
      type: 'CODECOMMIT',
      location: `https://git-codecommit.us-east-1.amazonaws.com/v1/repos/${repository}`,
      ...more,
    }
    const row = {
      account: '000000000000',
      region: 'us-east-1',
      id: 'p:u',
      definition: { source, sourceVersion: version },
    } as unknown as BuildRow
    const sandbox = await directorySandboxes(root).create({ name: `s${++count}`, labels: {} })
    const primary = `${sandbox.workspace}/00`
    const result = await downloadSources(
      row,
      sandbox,
      { primary, secondary: id => `${sandbox.workspace}/${id}` },
      {
        invoke: undefined as never,
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        credentials: async () => credentials,
        signal: new AbortController().signal,
      },
    )
    return { ...result, text: await readFile(join(primary, 'a.txt'), 'utf8'), primary }
  }
  test.each([
    [undefined, 1, {}],
    ['main', 1, { gitCloneDepth: 1 }],
    ['refs/heads/old', 0, {}],
    ['old', 0, { gitCloneDepth: 1 }],
    ['v1', 0, {}],
    ['COMMIT', 0, { gitCloneDepth: 1 }],
  ])('version %s is commit %d', async (version, index, more) => {
    const { resolvedVersion, text, environment } = await download(version === 'COMMIT' ? commits[0] : version, more)
    expect(resolvedVersion).toBe(commits[index])
    expect(environment.CODEBUILD_RESOLVED_SOURCE_VERSION).toBe(commits[index])
    expect(text).toBe(index === 0 ? 'one\n' : 'two\n')
    expect(seen[0]).toMatch(/^Basic /)
  })
  test('that is not there fails with the reason', async () => {
    await expect(download('nope')).rejects.toMatchObject({
      context: {
        statusCode: 'CLIENT_ERROR',
        message: expect.stringContaining('reference not found for primary source and source version nope'),
      },
    })
    await expect(download('main', {}, 'other')).rejects.toMatchObject({
      context: { message: expect.stringContaining('repository not found') },
    })
  })
  test('keeps .git with the remote of the project, and no credentials in it', async () => {
    const { primary } = await download('main')
    const config = await readFile(join(primary, '.git', 'config'), 'utf8')
    expect(config).toContain('https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app')
    expect(config).not.toContain('Authorization')
  })
})
