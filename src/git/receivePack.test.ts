// Pushes that no honest git client sends: what is malformed or incomplete is refused, and nothing of it remains.

import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CheckedCommand, openGit, type PushOwner, type Repository, ZERO_ID } from './index.ts'
import { packet } from './pktLine.ts'

const run = promisify(execFile)
const ID = '11111111-2222-4333-8444-666666666666'
const CAPABILITIES = 'report-status side-band-64k agent=test'

let root: string
let source: string
let git: ReturnType<typeof openGit>
let repository: Repository
let first: string
let second: string
let updated: (readonly CheckedCommand[])[]

const owner: PushOwner = {
  refuse: async () => [],
  async update(commands) {
    updated.push(commands)
    return commands.map(({ name }) => ({ name, status: 'ok' }))
  },
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-receive-'))
  source = join(root, 'source')
  git = openGit(join(root, 'git'))
  await mkdir(join(root, 'git'))
  repository = git.repository(ID)
  const commit = (message: string) =>
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '-m', message], { cwd: source })
  await run('git', ['init', '-q', '-b', 'main', source])
  await writeFile(join(source, 'a'), 'one\n')
  await run('git', ['add', '.'], { cwd: source })
  await commit('first')
  await writeFile(join(source, 'a'), 'two\n')
  await run('git', ['add', '.'], { cwd: source })
  await commit('second')
  const [a, b] = (await run('git', ['rev-parse', 'HEAD~1', 'HEAD'], { cwd: source })).stdout.trim().split('\n')
  first = a!
  second = b!
})
beforeEach(async () => {
  updated = []
  await repository.remove()
  await repository.project(1, async () => ({ version: 1, head: 'refs/heads/main', references: [] }))
})
afterAll(async () => {
  git.close()
  await rm(root, { recursive: true, force: true })
})

const pack = (...objects: string[]) =>
  execFileSync('git', ['pack-objects', '--stdout', '-q'], { cwd: source, input: `${objects.join('\n')}\n` })
const everything = () =>
  execFileSync('git', ['pack-objects', '--stdout', '-q', '--revs'], { cwd: source, input: `${second}\n` })

async function send(body: Buffer[], capabilities = CAPABILITIES) {
  const output = new PassThrough()
  const told = buffer(output)
  const input = Readable.from(body)
  const results = await repository.receivePack({ input, output, owner, drain: true })
  output.end()
  expect(await readdir(join(root, 'git', 'incoming'))).toEqual([])
  return { results, text: (await told).toString('latin1'), capabilities }
}
const command = (name: string, id: string, old = ZERO_ID, capabilities = CAPABILITIES) =>
  Buffer.concat([packet(`${old} ${id} ${name}\0${capabilities}`), Buffer.from('0000')])

test('a whole pack is taken, and the owner hears what each new object is', async () => {
  const { results, text } = await send([command('refs/heads/main', second), everything()])
  expect(results).toEqual([{ name: 'refs/heads/main', status: 'ok' }])
  expect(text).toContain('unpack ok')
  expect(updated).toEqual([[{ name: 'refs/heads/main', old: ZERO_ID, new: second, type: 'commit' }]])
  expect((await repository.commit(second))?.parents).toEqual([first])
})

test('a pack that comes byte by byte is the same', async () => {
  const body = Buffer.concat([command('refs/heads/main', second), everything()])
  const { results } = await send([...body].map(byte => Buffer.from([byte])))
  expect(results).toEqual([{ name: 'refs/heads/main', status: 'ok' }])
})

test('a commit without its tree is refused', async () => {
  const { results, text } = await send([command('refs/heads/main', first), pack(first)])
  expect(results).toMatchObject([{ status: 'rejected' }])
  expect(text).toMatch(/unpack .*|missing necessary objects/)
  expect(updated).toEqual([])
  expect(await repository.commit(first)).toBeUndefined()
})

test('a reference to an object that did not come is refused, the others are not', async () => {
  const commands = Buffer.concat([
    packet(`${ZERO_ID} ${second} refs/heads/main\0${CAPABILITIES}`),
    packet(`${ZERO_ID} ${'1'.repeat(40)} refs/heads/ghost`),
    Buffer.from('0000'),
  ])
  const { results } = await send([commands, everything()])
  expect(results).toEqual([
    { name: 'refs/heads/main', status: 'ok' },
    { name: 'refs/heads/ghost', status: 'rejected', reason: 'missing necessary objects' },
  ])
})

test('a damaged, a cut and an empty pack are refused with the reason', async () => {
  const whole = everything()
  const damaged = Buffer.from(whole)
  damaged[whole.length - 30]! ^= 0xff
  for (const bytes of [damaged, whole.subarray(0, whole.length - 40), Buffer.alloc(0)]) {
    const { results, text } = await send([command('refs/heads/main', second), bytes])
    expect(results).toEqual([{ name: 'refs/heads/main', status: 'rejected', reason: 'unpacker error' }])
    expect(text).toMatch(/unpack (inflate|pack|early EOF|serious|index-pack|[a-z])/)
  }
  expect(updated).toEqual([])
})

test('an object that git fsck finds dangerous is refused', async () => {
  const bad = join(root, 'bad')
  await run('git', ['init', '-q', '-b', 'main', bad])
  const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: bad, input: 'x' }).toString().trim()
  const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')])
  const tree = execFileSync('git', ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], {
    cwd: bad,
    input: entry,
  })
  const id = execFileSync(
    'git',
    ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit-tree', '-m', 'm', tree.toString().trim()],
    { cwd: bad },
  )
  const bytes = execFileSync('git', ['pack-objects', '--stdout', '-q', '--revs'], { cwd: bad, input: id })
  const { results, text } = await send([command('refs/heads/main', id.toString().trim()), bytes])
  expect(results).toMatchObject([{ status: 'rejected' }])
  expect(text).toMatch(/hasDotgit/)
})

test('names and lines that git would not send are refused without touching anything', async () => {
  const odd = await send([command('refs/heads/a..b', second), everything()])
  expect(odd.results).toEqual([{ name: 'refs/heads/a..b', status: 'rejected', reason: 'funny refname' }])
  const head = await send([command('HEAD', second), everything()])
  expect(head.results).toMatchObject([{ reason: 'funny refname' }])
  expect((await send([Buffer.from('zzzznonsense')])).text).toContain('ERR bad line length character')
  expect((await send([packet('not a command'), Buffer.from('0000')])).text).toContain('ERR protocol error')
  expect((await send([packet(`${ZERO_ID} ${second} refs/heads/main\0`)])).text).toContain('hung up')
  expect((await send([Buffer.from('0000')])).text).toBe('')
  expect(updated).toEqual([])
})

test('a deletion needs no pack, and a client without side bands is answered plainly', async () => {
  const { results, text } = await send([command('refs/heads/main', ZERO_ID, second, 'report-status')])
  expect(results).toEqual([{ name: 'refs/heads/main', status: 'ok' }])
  expect(text).toBe(`${packet('unpack ok\n')}${packet('ok refs/heads/main\n')}0000`)
})

test('an owner that fails leaves the objects unreferenced and the error to the door', async () => {
  const failing: PushOwner = { ...owner, update: () => Promise.reject(new Error('the database is gone')) }
  const output = new PassThrough().resume()
  const input = Readable.from([command('refs/heads/main', second), everything()])
  await expect(repository.receivePack({ input, output, owner: failing, drain: true })).rejects.toThrow(
    'the database is gone',
  )
  expect(await readdir(join(root, 'git', 'incoming'))).toEqual([])
})

test('what a dead process left is swept, what a living one uses is not', async () => {
  const incoming = join(root, 'git', 'incoming')
  await mkdir(join(incoming, `${hostname()}.999999999.dead`))
  await mkdir(join(incoming, `${hostname()}.1.alive`))
  await mkdir(join(incoming, `${hostname()}.${process.pid}.of-an-earlier-process`))
  await mkdir(join(incoming, 'another-host.1.busy'))
  expect(await git.sweep(Date.now())).toBe(2)
  expect((await readdir(incoming)).sort()).toEqual([`${hostname()}.1.alive`, 'another-host.1.busy'].sort())
  expect(await git.sweep(Date.now() + 7 * 3600_000)).toBe(1)
  await rm(join(incoming, `${hostname()}.1.alive`), { recursive: true })
})

test('many small pushes are rolled into few packs, and nothing is lost', async () => {
  for (let index = 0; index < 12; index++) {
    await writeFile(join(source, 'a'), `${index}\n`)
    await run('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '-am', `${index}`], { cwd: source })
    const tip = (await run('git', ['rev-parse', 'HEAD'], { cwd: source })).stdout.trim()
    const bytes = execFileSync('git', ['pack-objects', '--stdout', '-q', '--revs'], {
      cwd: source,
      input: index ? `${tip}\n^${tip}~1\n` : `${tip}\n`,
    })
    const { results } = await send([command('refs/heads/main', tip, index ? tip : ZERO_ID), bytes])
    expect(results).toMatchObject([{ status: 'ok' }])
    await repository.project(index + 2, async () => ({
      version: index + 2,
      head: 'refs/heads/main',
      references: [{ name: 'refs/heads/main', id: tip }],
    }))
  }
  expect(await repository.maintain()).toBe(true)
  const packs = (await readdir(join(repository.dir, 'objects', 'pack'))).filter(name => name.endsWith('.pack'))
  expect(packs.length).toBeLessThan(5)
  expect((await run('git', ['fsck', '--strict'], { cwd: repository.dir })).stderr).not.toMatch(/missing|error/)
  expect(await repository.maintain()).toBe(false)
})
