// Git sources against a server that speaks git over HTTP: each version, clone depth, submodules, credentials, the source cache.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProjectSource } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { directorySandboxes } from '../../../../build/testing/directorySandbox.ts'
import type { BuildRow } from '../../builds.ts'
import { type FakeProvider, openFakeProvider } from '../../providers/testing/fakeProvider.ts'
import { downloadGit } from './gitSource.ts'

let provider: FakeProvider
let root: string
const commits: string[] = []
const branchCommit = { sha: '' }
const requestCommit = { sha: '' }
const said: string[] = []

beforeAll(async () => {
  provider = await openFakeProvider()
  root = await mkdtemp(join(tmpdir(), 'codeyard-git-'))
  for (const text of ['one', 'two', 'three']) commits.push(provider.commit('ada/app', { 'a.txt': text }))
  branchCommit.sha = provider.commit('ada/app', { 'a.txt': 'branch' }, 'feature')
  requestCommit.sha = provider.commit('ada/app', { 'a.txt': 'request' }, 'request')
  provider.git('ada/app', 'push', '-q', 'origin', `${requestCommit.sha}:refs/pull/25/head`, ':refs/heads/request')
  provider.git('ada/app', 'push', '-q', 'origin', `${requestCommit.sha}:refs/merge-requests/7/head`)
  provider.git('ada/app', 'push', '-q', 'origin', `${commits[0]}:refs/tags/v1`)
  provider.commit('ada/private', { 'a.txt': 'secret' })
})
afterAll(async () => {
  await provider?.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => {
  provider.requests.length = 0
  said.length = 0
})

let count = 0
interface Wanted extends Partial<ProjectSource> {
  readonly version?: string
  readonly repository?: string
  readonly token?: string
  /** A folder of mirrors. */
  readonly mirrors?: string
  readonly most?: number
  readonly project?: string
}

async function download({ version, repository = 'ada/app', token, mirrors, most, project = 'p', ...more }: Wanted) {
  const source: ProjectSource = { type: 'GITHUB', location: `https://github.com/${repository}.git`, ...more }
  const row = {
    account: '1',
    region: 'us-east-1',
    id: 'p:u',
    definition: { projectId: project, source },
  } as unknown as BuildRow
  const sandbox = await directorySandboxes(root).create({ name: `s${++count}`, labels: {} })
  const directory = `${sandbox.workspace}/00`
  const commit = await downloadGit(
    row,
    { source, version, which: 'primary source' },
    { sandbox, directory },
    {
      endpoint: 'http://127.0.0.1:1',
      credentials: () => Promise.reject(new Error('nobody asks for the role')),
      signal: new AbortController().signal,
      providers: {
        table: async () => ({ hosts: provider.table() }),
        credential: async () => (token === undefined ? undefined : { authType: 'PERSONAL_ACCESS_TOKEN', token }),
      },
      ...(mirrors && { mirrors: { folder: mirrors, most, say: line => void said.push(line) } }),
    },
  )
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: directory })).stdout.trim()
  return { commit, directory, git, text: await readFile(join(directory, 'a.txt'), 'utf8') }
}

describe('a version', () => {
  const at = (index: number) => () => commits[index]!
  test.each<[string, () => string | undefined, () => string, string, Wanted]>([
    ['none', () => undefined, at(2), 'three', {}],
    ['a branch', () => 'feature', () => branchCommit.sha, 'branch', {}],
    ['a branch in full', () => 'refs/heads/feature', () => branchCommit.sha, 'branch', { gitCloneDepth: 1 }],
    ['a tag', () => 'v1', at(0), 'one', {}],
    ['a tag in full', () => 'refs/tags/v1', at(0), 'one', { gitCloneDepth: 1 }],
    ['a commit', at(1), at(1), 'two', {}],
    ['a commit with a depth', at(1), at(1), 'two', { gitCloneDepth: 1 }],
    ['a short commit', () => commits[1]!.slice(0, 10), at(1), 'two', {}],
    ['a commit of a branch', () => `refs/heads/main^{${commits[0]}}`, at(0), 'one', {}],
    [
      'a commit of a branch beyond the depth',
      () => `refs/heads/main^{${commits[0]}}`,
      at(0),
      'one',
      { gitCloneDepth: 1 },
    ],
    ['a pull request', () => 'pr/25', () => requestCommit.sha, 'request', {}],
    ['a pull request in full', () => 'refs/pull/25/head', () => requestCommit.sha, 'request', { gitCloneDepth: 1 }],
    ['a commit that only a pull request has', () => requestCommit.sha, () => requestCommit.sha, 'request', {}],
    [
      'a merge request',
      () => 'mr/7',
      () => requestCommit.sha,
      'request',
      { type: 'GITLAB', location: 'https://gitlab.com/ada/app' },
    ],
    [
      'a branch of Bitbucket',
      () => 'feature',
      () => branchCommit.sha,
      'branch',
      { type: 'BITBUCKET', location: 'https://ada@bitbucket.org/ada/app.git' },
    ],
  ])('that is %s is downloaded', async (_name, version, commit, text, more) => {
    const downloaded = await download({ version: version(), ...more })
    expect(downloaded).toMatchObject({ commit: commit(), text })
  })

  test.each([
    'nope',
    'refs/heads/nope',
    'refs/tags/nope',
    'pr/99',
    'f'.repeat(40),
    `refs/heads/main^{${'e'.repeat(40)}}`,
    '--help',
  ])('%s is not there', async version => {
    for (const gitCloneDepth of [0, 1]) {
      await expect(download({ version, gitCloneDepth })).rejects.toMatchObject({
        context: {
          statusCode: 'CLIENT_ERROR',
          message: expect.stringContaining(`reference not found for primary source and source version ${version}`),
        },
      })
    }
  })

  test('comes with as much history as the depth says', async () => {
    const history = async (more: Wanted) => (await (await download(more)).git('rev-list', '--count', 'HEAD')) as string
    expect(await history({})).toBe('3')
    expect(await history({ gitCloneDepth: 2 })).toBe('2')
    expect(await history({ version: commits[2], gitCloneDepth: 1 })).toBe('1')
    expect(await history({ version: commits[2] })).toBe('3')
  })

  test('with its branch before the commit fetches that branch only', async () => {
    const { git } = await download({ version: `refs/heads/main^{${commits[1]}}` })
    expect(await git('branch', '-r')).toBe('origin/main')
  })
})

test.each([[undefined], ['patient']])('a server that has trouble for now is asked again (%s)', async cache => {
  provider.troubles.git = 1
  expect((await download(cache ? { mirrors: join(root, cache) } : {})).text).toBe('three')
  expect(provider.troubles.git).toBeLessThan(0)
})

describe('credentials', () => {
  test('are wanted for a private repository, and are not in what is left of it', async () => {
    await expect(download({ repository: 'ada/private' })).rejects.toMatchObject({
      context: { message: expect.stringContaining('authentication required for primary source') },
    })
    await expect(download({ repository: 'ada/private', token: 'wrong' })).rejects.toMatchObject({
      context: { message: expect.stringContaining('authentication required for primary source') },
    })
    const { text, directory, git } = await download({ repository: 'ada/private', token: provider.token })
    expect(text).toBe('secret')
    expect(await git('remote', 'get-url', 'origin')).toBe('https://github.com/ada/private.git')
    expect(await readFile(join(directory, '.git/config'), 'utf8')).not.toContain(provider.token)
  })
  test('are on no command line, where every user of the machine would see them', async () => {
    const lines = new Set<string>()
    provider.watch.seen = () => {
      for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
        try {
          lines.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
        } catch {
          // it ended
        }
      }
    }
    await download({ repository: 'ada/private', token: provider.token, mirrors: join(root, 'watched') })
    provider.watch.seen = undefined
    expect([...lines].some(line => line.includes('remote-http'))).toBe(true)
    expect([...lines].filter(line => line.includes(provider.token))).toEqual([])
  })
  test('are not sent to other servers', async () => {
    const other = await openFakeProvider()
    try {
      other.commit('eve/private-library', { 'x.txt': 'x' })
      provider.commit('ada/elsewhere', {
        'a.txt': 'a',
        '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ${other.url}/eve/private-library.git\n`,
      })
      addSubmodule('ada/elsewhere', 'x', other.git('eve/private-library', 'rev-parse', 'HEAD'))
      await expect(
        download({ repository: 'ada/elsewhere', token: 'the-token', gitSubmodulesConfig: { fetchSubmodules: true } }),
      ).rejects.toMatchObject({ context: { message: expect.stringContaining('authentication required') } })
      expect(other.requests.length).toBeGreaterThan(0)
      for (const { headers } of other.requests) expect(headers.authorization).toBeUndefined()
    } finally {
      await other.close()
    }
  })
  test('a repository that is not there is named', async () => {
    await expect(download({ repository: 'ada/none' })).rejects.toMatchObject({
      context: {
        statusCode: 'CLIENT_ERROR',
        message: expect.stringContaining('repository not found for primary source'),
      },
    })
  })
})

function addSubmodule(path: string, name: string, sha: string) {
  provider.git(path, 'update-index', '--add', '--cacheinfo', `160000,${sha},${name}`)
  provider.git(path, '-c', 'user.name=A', '-c', 'user.email=a@a', 'commit', '-q', '-m', 'submodule')
  provider.git(path, 'push', '-q', 'origin', 'main')
}

describe('submodules', () => {
  beforeAll(() => {
    provider.commit('ada/private-inner', { 'inner.txt': 'inner' })
    provider.commit('ada/private-library', {
      'library.txt': 'library',
      '.gitmodules': '[submodule "inner"]\n\tpath = deep/inner\n\turl = ../private-inner.git\n',
    })
    addSubmodule('ada/private-library', 'deep/inner', provider.git('ada/private-inner', 'rev-parse', 'HEAD'))
    provider.commit('ada/private-outer', {
      'a.txt': 'outer',
      '.gitmodules': '[submodule "library"]\n\tpath = library\n\turl = ../private-library\n',
    })
    addSubmodule('ada/private-outer', 'library', provider.git('ada/private-library', 'rev-parse', 'HEAD'))
  })
  test.each([[undefined], ['cache']])(
    'with relative URLs come with the credentials of the source, at every level (%s)',
    async cache => {
      const { directory } = await download({
        repository: 'ada/private-outer',
        token: provider.token,
        gitSubmodulesConfig: { fetchSubmodules: true },
        ...(cache && { mirrors: join(root, 'submodule-cache') }),
      })
      expect(await readFile(join(directory, 'library/library.txt'), 'utf8')).toBe('library')
      expect(await readFile(join(directory, 'library/deep/inner/inner.txt'), 'utf8')).toBe('inner')
    },
  )
  test('stay away unless they are asked for', async () => {
    const { directory } = await download({ repository: 'ada/private-outer', token: provider.token })
    expect(await readdir(join(directory, 'library'))).toEqual([])
  })
  test('of files of the builder are refused', async () => {
    provider.commit('ada/thief', {
      'a.txt': 'a',
      '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ${provider.bare('ada/private')}\n`,
    })
    addSubmodule('ada/thief', 'x', provider.git('ada/private', 'rev-parse', 'HEAD'))
    for (const mirrors of [undefined, join(root, 'thief-cache')]) {
      await expect(
        download({ repository: 'ada/thief', gitSubmodulesConfig: { fetchSubmodules: true }, mirrors }),
      ).rejects.toMatchObject({ context: { message: expect.stringContaining("transport 'file' not allowed") } })
    }
  })
})

describe('the source cache', () => {
  const packs = () => provider.requests.filter(({ method }) => method === 'POST').length
  test('is missed once, then hit; what was pushed since comes', async () => {
    const mirrors = join(root, 'cache')
    provider.commit('ada/cached', { 'a.txt': 'first' })
    const cached = { repository: 'ada/cached', mirrors }
    expect((await download(cached)).text).toBe('first')
    expect(said).toEqual([expect.stringMatching(/^Source cache: miss, the mirror has \d+ KB$/)])
    const sha = provider.commit('ada/cached', { 'a.txt': 'second' })
    const again = await download(cached)
    expect(again).toMatchObject({ text: 'second', commit: sha })
    expect(await again.git('remote', 'get-url', 'origin')).toBe('https://github.com/ada/cached.git')
    expect(said[1]).toMatch(/^Source cache: hit/)
    provider.requests.length = 0
    await Promise.all(Array.from({ length: 3 }, () => download({ ...cached, version: sha })))
    expect(said.slice(2)).toEqual(Array(3).fill(expect.stringMatching(/^Source cache: hit/)))
    expect(provider.requests.length).toBeLessThan(12)
    expect(packs()).toBeLessThanOrEqual(4)
  })
  test.each([
    ['a pull request', () => 'pr/25', () => requestCommit.sha],
    ['a commit that only it has', () => requestCommit.sha, () => requestCommit.sha],
    ['a tag', () => 'v1', () => commits[0]],
    ['a commit of a branch', () => `refs/heads/main^{${commits[0]}}`, () => commits[0]],
    ['nothing', () => undefined, () => commits[2]],
  ])('has %s', async (_name, version, commit) => {
    for (const gitCloneDepth of [0, 1]) {
      expect((await download({ version: version(), gitCloneDepth, mirrors: join(root, 'versions') })).commit).toBe(
        commit(),
      )
    }
  })
  test('is made again when it is broken', async () => {
    const mirrors = join(root, 'broken')
    await download({ mirrors })
    const [mirror] = (await readdir(mirrors)).filter(name => name.endsWith('.git'))
    const pack = join(mirrors, mirror!, 'objects/pack')
    for (const name of await readdir(pack)) {
      await rm(join(pack, name))
      await writeFile(join(pack, name), 'garbage')
    }
    expect((await download({ mirrors })).text).toBe('three')
    expect(said[1]).toMatch(/broken and is made again/)
    await rm(join(mirrors, mirror!, 'HEAD'))
    expect((await download({ mirrors })).text).toBe('three')
    expect(said[2]).toMatch(/broken and is made again/)
  })
  test('gives nothing to who may not fetch, and keeps what it has', async () => {
    const mirrors = join(root, 'guarded')
    const wanted = { repository: 'ada/private', mirrors }
    expect((await download({ ...wanted, token: provider.token })).text).toBe('secret')
    await expect(download({ ...wanted, token: 'wrong' })).rejects.toMatchObject({
      context: { message: expect.stringContaining('authentication required') },
    })
    said.length = 0
    await download({ ...wanted, token: provider.token })
    expect(said).toEqual([expect.stringMatching(/hit/)])
  })
  test('is another one for another project, and the least used goes when there is too much', async () => {
    const mirrors = join(root, 'bounded')
    await download({ mirrors, project: 'a' })
    const [first] = (await readdir(mirrors)).filter(name => name.endsWith('.git'))
    await utimes(join(mirrors, first!), new Date(0), new Date(0))
    await download({ mirrors, project: 'b', most: 3000 })
    const left = (await readdir(mirrors)).filter(name => name.endsWith('.git'))
    expect(left).toHaveLength(1)
    expect(left).not.toContain(first)
  })
  test('is left alone while another process works in it; what a dead one locked is taken over', async () => {
    const mirrors = join(root, 'locked')
    await download({ mirrors })
    const [mirror] = (await readdir(mirrors)).filter(name => name.endsWith('.git'))
    await mkdir(mirrors, { recursive: true })
    await writeFile(join(mirrors, `${mirror}.lock`), '1')
    expect((await download({ mirrors })).text).toBe('three')
    expect(said.at(-1)).toMatch(/another process/)
    await writeFile(join(mirrors, `${mirror}.lock`), '999999999')
    await download({ mirrors })
    expect(said.at(-1)).toMatch(/hit/)
  })
})
