// Scenarios with the real git client, over HTTP, through the real gateway. Long, since they share the house and its helpers.

import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import type { Principal } from '../../operation/principal.ts'
import { amzDate, signingKey, signText, stringToSign } from '../../protocol/sigv4/signature.ts'
import { codecommit } from '../../services/codecommit/index.ts'
import { ACCOUNT, openHouse, REGION, root, type TestHouse } from '../../testing/house.ts'
import { until } from '../../testing/until.ts'
import { gitHttpDoor } from './index.ts'

const junior: Principal = {
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/junior`,
  userId: 'AIDAJUNIOR',
  userName: 'junior',
}
const stranger: Principal = { ...junior, arn: `arn:aws:iam::${ACCOUNT}:user/stranger`, userName: 'stranger' }
const SECRET = 'a-secret-access-key'

/** The example of how-to-conditional-branch: everything but changes of main. */
const NOT_MAIN = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'codecommit:*', Resource: '*' },
    {
      Effect: 'Deny',
      Action: 'codecommit:GitPush',
      Resource: '*',
      Condition: {
        StringEqualsIfExists: { 'codecommit:References': ['refs/heads/main'] },
        Null: { 'codecommit:References': 'false' },
      },
    },
  ],
})

const identity: Pick<IdentityDirectory, 'findCredential' | 'policiesOf' | 'findServiceCredential'> = {
  async findCredential(accessKeyId, sessionToken) {
    if (accessKeyId === 'AKIAROOT') return { accessKeyId, secretAccessKey: SECRET, principal: root, active: true }
    if (accessKeyId === 'ASIATEMPORARY' && sessionToken === 'to/ken+=') {
      return { accessKeyId, secretAccessKey: SECRET, sessionToken, principal: root, active: true }
    }
    return undefined
  },
  async findServiceCredential(service, userName, password) {
    if (service !== 'codecommit.amazonaws.com' || password !== 'pass/word+1=') return undefined
    return { root, junior, stranger }[userName]
  },
  policiesOf: async principal => ({
    identity: principal.type === 'user' && principal.userName === 'junior' ? [NOT_MAIN] : [],
  }),
}

let house: TestHouse
let server: Server
let port: number
let work: string

beforeAll(async () => {
  house = await openHouse({ services: [codecommit], identity, now: new Date().toISOString() })
  const door = gitHttpDoor({
    gateway: house.gateway,
    identity: { ...identity, assumeAsService: async () => root },
    config: house.config,
    clock: house.clock,
    ids: randomIds,
    log: createLog('silent'),
  })
  server = createServer((request, response) => {
    if (!door.matches(request)) return void response.writeHead(400).end()
    door.handle(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  work = await mkdtemp(join(tmpdir(), 'codeyard-gitclient-'))
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(work, { recursive: true, force: true })
  await house.close()
})

interface Ran {
  readonly code: number
  readonly out: string
}
const environment = {
  PATH: process.env.PATH!,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
  LC_ALL: 'C',
  // The client need not search deltas in random bytes.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'core.bigFileThreshold',
  GIT_CONFIG_VALUE_0: '1m',
}

/** Runs git and answers its status and all that it wrote. */
function git(cwd: string, ...args: string[]): Promise<Ran> {
  return new Promise(resolve => {
    execFile('git', args, { cwd, env: environment, timeout: 60_000, maxBuffer: 1 << 26 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out: out + err }),
    )
  })
}
async function ok(cwd: string, ...args: string[]): Promise<string> {
  const { code, out } = await git(cwd, ...args)
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${out}`)
  return out.trim()
}

const credentials = (user: string, password = 'pass/word+1=') => `${user}:${encodeURIComponent(password)}@`
const url = (name: string, user = credentials('root')) => `http://${user}127.0.0.1:${port}/v1/repos/${name}`

let count = 0
async function newRepository() {
  const name = `repo-${++count}`
  const { repositoryMetadata } = await house.invoke('codecommit', 'CreateRepository', { repositoryName: name })
  return { name, id: repositoryMetadata!.repositoryId! }
}
async function clone(name: string, user?: string, ...options: string[]) {
  const dir = join(work, `clone-${++count}`)
  await ok(work, 'clone', '-q', ...options, url(name, user), dir)
  return dir
}
async function commit(dir: string, files: Record<string, string | Buffer>) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), content)
  }
  await ok(dir, 'add', '-A')
  await ok(dir, 'commit', '-q', '-m', 'a change')
  return ok(dir, 'rev-parse', 'HEAD')
}
/** A repository with one commit on main, and a clone of it. */
async function pushed() {
  const repository = await newRepository()
  const dir = join(work, `clone-${++count}`)
  await ok(work, 'init', '-q', '-b', 'main', dir)
  await ok(dir, 'remote', 'add', 'origin', url(repository.name))
  const first = await commit(dir, { 'README.md': '# hello\n', 'src/a.txt': 'a' })
  await ok(dir, 'push', '-q', '-u', 'origin', 'main')
  return { ...repository, dir, first }
}
const tip = async (repositoryName: string, branchName = 'main') =>
  house.invoke('codecommit', 'GetBranch', { repositoryName, branchName }).then(
    ({ branch }) => branch!.commitId,
    () => undefined,
  )
const leftovers = () => readdir(join(house.config.dataDir, 'git', 'incoming')).catch(() => [])

describe('push and fetch', () => {
  test('an empty repository is cloned, filled, and cloned again', async () => {
    const { name } = await newRepository()
    const dir = await clone(name)
    await ok(dir, 'checkout', '-q', '-b', 'trunk')
    const id = await commit(dir, { 'a/b/c.txt': 'text', 'run.sh': '#!/bin/sh\n' })
    await ok(dir, 'push', 'origin', 'trunk')
    expect(await tip(name, 'trunk')).toBe(id)
    const { repositoryMetadata } = await house.invoke('codecommit', 'GetRepository', { repositoryName: name })
    expect(repositoryMetadata!.defaultBranch).toBe('trunk')
    const again = await clone(name)
    expect(await readFile(join(again, 'a/b/c.txt'), 'utf8')).toBe('text')
    expect(await ok(again, 'branch', '--show-current')).toBe('trunk')
    expect(house.events.find(({ detail }) => detail.commitId === id)!.detail).toMatchObject({
      event: 'referenceCreated',
      referenceFullName: 'refs/heads/trunk',
      callerUserArn: root.type === 'root' && root.arn,
    })
    expect(await leftovers()).toEqual([])
    const recorded = house.audited
      .map(({ request }) => request)
      .filter(({ input }: any) => input.repositoryName === name)
    expect(recorded.map(({ operation }) => operation)).toContain('GitPull')
    expect(
      recorded.find(({ operation, input }: any) => operation === 'GitPush' && input.references)!.origin.userAgent,
    ).toMatch(/^git\//)
  })

  test.each(['0', '1', '2'])('protocol version %s', async version => {
    const { name, dir, first } = await pushed()
    const other = await clone(name, undefined, '-c', `protocol.version=${version}`)
    expect(await ok(other, 'rev-parse', 'origin/main')).toBe(first)
    const second = await commit(dir, { new: '1' })
    await ok(dir, '-c', `protocol.version=${version}`, 'push', '-q')
    await ok(other, 'fetch', '-q')
    expect(await ok(other, 'rev-parse', 'origin/main')).toBe(second)
    const before = await ok(other, 'ls-remote', 'origin')
    expect(before).toContain(`${second}\trefs/heads/main`)
  })

  test('a shallow clone, a partial clone, and a push from the shallow one', async () => {
    const { name, dir } = await pushed()
    await commit(dir, { b: '2' })
    await commit(dir, { b: '3' })
    await ok(dir, 'push', '-q')
    const shallow = await clone(name, undefined, '--depth', '1')
    expect(await ok(shallow, 'rev-list', '--count', 'HEAD')).toBe('1')
    const id = await commit(shallow, { c: 'from a shallow clone' })
    await ok(shallow, 'push', '-q')
    expect(await tip(name)).toBe(id)
    const partial = await clone(name, undefined, '--filter=blob:none', '--no-checkout')
    expect(await ok(partial, 'rev-list', '--count', 'HEAD')).toBe('4')
    const old = await ok(dir, 'rev-parse', 'HEAD~1')
    await ok(partial, 'fetch', '-q', '--depth', '1', 'origin', old)
    const elsewhere = await newRepository()
    const refused = await git(shallow, 'push', url(elsewhere.name), 'HEAD:refs/heads/main')
    expect(refused.out).toMatch(/shallow update not allowed/)
    expect(refused.code).not.toBe(0)
  })

  test('history is rewritten by force only, and never for a branch that moved', async () => {
    const { name, dir, first } = await pushed()
    const other = await clone(name)
    await commit(dir, { b: '1' })
    await ok(dir, 'push', '-q')
    const mine = await commit(other, { c: '1' })
    expect((await git(other, 'push')).out).toMatch(/fetch first|non-fast-forward/)
    expect((await git(other, 'push', `--force-with-lease=main:${first}`)).out).toMatch(/stale info/)
    await ok(other, 'push', '-q', '--force')
    expect(await tip(name)).toBe(mine)
  })

  test('branches and tags are deleted, the default branch is not', async () => {
    const { name, dir, first } = await pushed()
    await ok(dir, 'tag', '-a', 'v1', '-m', 'one')
    await ok(dir, 'tag', 'light')
    await ok(dir, 'push', '-q', 'origin', 'v1', 'light', 'HEAD:refs/heads/feature/x')
    expect(await ok(dir, 'ls-remote', 'origin', 'refs/tags/v1^{}')).toBe(`${first}\trefs/tags/v1^{}`)
    const tagged = house.events.find(({ detail }) => detail.repositoryName === name && detail.referenceName === 'v1')
    expect(tagged!.detail).toMatchObject({ referenceType: 'tag', commitId: first })
    expect(
      (
        await house.invoke('codecommit', 'GetFile', {
          repositoryName: name,
          commitSpecifier: 'v1',
          filePath: 'src/a.txt',
        })
      ).commitId,
    ).toBe(first)
    await ok(dir, 'push', '-q', 'origin', '--delete', 'feature/x', 'v1')
    expect(await ok(dir, 'ls-remote', 'origin')).not.toMatch(/feature|v1/)
    const refused = await git(dir, 'push', 'origin', '--delete', 'main')
    expect(refused.out).toContain('[remote rejected] main (the default branch cannot be deleted)')
    expect((await git(dir, 'push', 'origin', 'HEAD:refs/heads/main/below')).out).toContain(
      'cannot be created while refs/heads/main exists',
    )
  })

  test('a mirror with many references arrives in one push', async () => {
    const { dir } = await pushed()
    const other = await newRepository()
    const lines = Array.from({ length: 1500 }, (_, index) => `create refs/tags/t${index} HEAD\n`).join('')
    await writeFile(join(work, 'refs'), lines)
    const update = spawn('git', ['update-ref', '--stdin'], { cwd: dir, env: environment })
    update.stdin.end(lines)
    await once(update, 'close')
    await ok(dir, 'push', '-q', '--mirror', url(other.name))
    expect((await ok(dir, 'ls-remote', url(other.name))).split('\n').length).toBeGreaterThan(1500)
  })
})

describe('permissions', () => {
  test('a branch that a policy denies is refused in words, the others go through unless the push is atomic', async () => {
    const { name, dir, first } = await pushed()
    await ok(dir, 'remote', 'set-url', 'origin', url(name, credentials('junior')))
    const id = await commit(dir, { x: '1' })
    const both = ['HEAD:refs/heads/main', 'HEAD:refs/heads/feature']
    const atomic = await git(dir, 'push', '--atomic', 'origin', ...both)
    expect(atomic.out).toContain('atomic push failure')
    expect([await tip(name), await tip(name, 'feature')]).toEqual([first, undefined])
    const refused = await git(dir, 'push', 'origin', ...both)
    expect(refused.code).not.toBe(0)
    expect(refused.out.replaceAll(/ +\n/g, '\n')).toMatch(
      /remote: User: arn:aws:iam::000000000000:user\/junior is not authorized to perform: codecommit:GitPush on resource: arn:aws:codecommit:us-east-1:000000000000:repo-\d+ with an explicit deny/,
    )
    expect(refused.out).toContain(
      '[remote rejected] HEAD -> main (you do not have permission to push to this reference)',
    )
    expect([await tip(name), await tip(name, 'feature')]).toEqual([first, id])
  })

  test('who may not pull is told so by git', async () => {
    const { name } = await pushed()
    const { code, out } = await git(work, 'clone', url(name, credentials('stranger')), join(work, 'never'))
    expect(code).not.toBe(0)
    expect(out).toMatch(
      /remote: User: arn:aws:iam::000000000000:user\/stranger is not authorized to perform: codecommit:GitPull/,
    )
    expect(out).toContain('error: 403')
  })

  test('a repository that is not there is 404, also for who may not see it', async () => {
    const { out } = await git(work, 'clone', url('nothing'), join(work, 'never'))
    expect(out).toContain('remote: nothing does not exist')
    expect(out).toContain('not found')
  })

  test('no, wrong and expired credentials are told apart', async () => {
    const { name } = await pushed()
    const attempt = async (user: string) => (await git(work, 'ls-remote', url(name, user))).out
    expect(await attempt('')).toMatch(/could not read Username|terminal prompts disabled/)
    const wrong = await attempt(credentials('root', 'wrong'))
    expect(wrong).toContain('remote: The user name or password of the HTTPS Git credentials is not valid.')
    expect(wrong).toContain('Authentication failed')
    expect(await attempt(signed(name, { secret: 'other' }))).toMatch(
      /remote: The Git credentials were refused: the signature does not match[\s\S]*403/,
    )
    expect(await attempt(signed(name, { at: new Date(house.clock.now().getTime() - 16 * 60_000) }))).toMatch(
      /15 minutes[\s\S]*403/,
    )
    expect(await attempt(signed('other'))).toMatch(/does not match/)
  })

  /** What the credential helper and git-remote-codecommit put into the URL. */
  function signed(
    name: string,
    { secret = SECRET, key = 'AKIAROOT', token = '', region = REGION, at = house.clock.now() } = {},
  ) {
    const time = amzDate(at)
    const scope = { date: time.slice(0, 8), region, service: 'codecommit' }
    const canonical = `GIT\n/v1/repos/${name}\n\nhost:127.0.0.1\n\nhost\n`
    const signature = signText(signingKey(key, secret, scope), stringToSign(time.slice(0, -1), scope, canonical))
    return `${encodeURIComponent(token ? `${key}%${token}` : key)}:${time}${signature}@`
  }

  test('a signature opens the repository of the region that it is for, a session token included', async () => {
    const { name, first } = await pushed()
    expect(await ok(work, 'ls-remote', url(name, signed(name)), 'main')).toContain(first)
    expect(
      await ok(work, 'ls-remote', url(name, signed(name, { key: 'ASIATEMPORARY', token: 'to/ken+=' })), 'main'),
    ).toContain(first)
    expect((await git(work, 'ls-remote', url(name, signed(name, { region: 'eu-west-1' })))).out).toContain(
      'does not exist',
    )
    await house
      .as(root, { account: ACCOUNT, region: 'eu-west-1' })
      .invoke('codecommit', 'CreateRepository', { repositoryName: name })
    expect(await ok(work, 'ls-remote', url(name, signed(name, { region: 'eu-west-1' })))).toBe('')
  })

  test('addresses beside git are answered in words', async () => {
    const { name } = await pushed()
    const get = async (path: string, method = 'GET') => {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/repos/${path}`, { method })
      return [answer.status, await answer.text()]
    }
    expect(await get(`${name}/info/refs`)).toEqual([404, expect.stringMatching(/smart git protocol/)])
    expect(await get(`${name}/info/refs?service=git-upload-pack`)).toEqual([
      401,
      expect.stringMatching(/Credentials are needed/),
    ])
    expect(await get(`${name}/info/lfs/objects/batch`, 'POST')).toEqual([404, expect.any(String)])
  })
})

describe('two at once, and lost connections', () => {
  test('of several pushes to one branch exactly one wins', async () => {
    const { name, first } = await pushed()
    const clones = []
    for (let index = 0; index < 4; index++) {
      const dir = await clone(name)
      clones.push({ dir, id: await commit(dir, { [`f${index}`]: 'x' }) })
    }
    const results = await Promise.all(clones.map(({ dir }) => git(dir, 'push')))
    const winners = clones.filter((_, index) => results[index]!.code === 0)
    expect(winners.map(({ id }) => id)).toEqual([await tip(name)])
    expect(await ok(winners[0]!.dir, 'rev-parse', 'HEAD~1')).toBe(first)
    for (const { code, out } of results) if (code !== 0) expect(out).toMatch(/fetch first|non-fast-forward/)
    expect(await leftovers()).toEqual([])
  })

  test('a client that dies in the middle of a push leaves nothing', { timeout: 60_000 }, async () => {
    const { name, id, dir, first } = await pushed()
    await commit(dir, { big: randomBytes(30 << 20) })
    const push = spawn('git', ['push', '-q'], { cwd: dir, env: environment, stdio: 'ignore', detached: true })
    await until(async () => (await leftovers()).length > 0)
    process.kill(-push.pid!, 'SIGKILL')
    await until(async () => (await leftovers()).length === 0)
    expect(await tip(name)).toBe(first)
    await until(async () => (await childrenIn(id)) === 0)
    await ok(dir, 'push', '-q')
    expect(await tip(name)).not.toBe(first)
  })

  test('a client that dies in the middle of a clone leaves no process', { timeout: 60_000 }, async () => {
    const { name, id, dir } = await pushed()
    await commit(dir, { big: randomBytes(40 << 20) })
    await ok(dir, 'push', '-q')
    const controller = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${port}/v1/repos/${name}/git-upload-pack`, {
      method: 'POST',
      signal: controller.signal,
      headers: { authorization: `Basic ${Buffer.from('root:pass/word+1=').toString('base64')}` },
      body: `0032want ${await tip(name)}\n00000009done\n`,
    })
    await answer.body!.getReader().read()
    await until(async () => (await childrenIn(id)) > 0)
    controller.abort()
    await until(async () => (await childrenIn(id)) === 0)
  })

  test('a push and a clone of 50 MB pass through without staying in memory', { timeout: 120_000 }, async () => {
    const { name, dir } = await pushed()
    for (let index = 0; index < 5; index++) await writeFile(join(dir, `big${index}`), randomBytes(10 << 20))
    const id = await commit(dir, {})
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before)
    }, 10)
    await ok(dir, 'push', '-q')
    const copy = await clone(name, undefined, '--no-checkout')
    clearInterval(watch)
    expect(await ok(copy, 'rev-parse', 'origin/main')).toBe(id)
    expect(most).toBeLessThan(40 << 20)
  })
})

/** Processes of packing and unpacking (not the readers that wait for questions) that work in a repository's directory. */
async function childrenIn(id: string): Promise<number> {
  const { readlink } = await import('node:fs/promises')
  let found = 0
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (!cwd.includes(id)) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command !== '' && !command.includes('cat-file')) found++
  }
  return found
}
