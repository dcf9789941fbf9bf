import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { signalAll } from '../../core/processes.ts'
import { contentOf, sandboxContract, tarOf } from '../contract.suite.ts'
import { processesWith } from '../testProcesses.ts'
import { probeBoxes } from './bubblewrap.ts'
import { createHostProvider, type HostProviderOptions } from './hostProvider.ts'
import { asideOf } from './layout.ts'
import { sessionProcesses } from './processes.ts'
import { allBut, removeTree } from './removeTree.ts'

const root = mkdtempSync(join(tmpdir(), 'codeyard-host-'))
chmodSync(root, 0o711)
const user =
  process.getuid?.() === 0 ? { name: 'nobody', uid: 65534 } : { skip: 'only root can run commands as others' }
afterAll(() => rmSync(root, { recursive: true, force: true }))

sandboxContract('plain host', {
  provider: async () => createHostProvider({ root: join(root, 'plain'), bubblewrap: 'never' }),
  user,
  processes: processesWith,
})

const boxes = await probeBoxes(root, [])
describe.skipIf(!boxes)('bubblewrap works here', () => {
  sandboxContract('boxed host', {
    provider: async () => createHostProvider({ root: join(root, 'boxed') }),
    user,
    processes: processesWith,
  })
})

let count = 0
async function createSandbox(options: Partial<HostProviderOptions> = {}) {
  const sandbox = await createHostProvider({ root: join(root, 'own'), ...options }).create({
    name: `own-${count++}`,
    labels: {},
  })
  onTestFinished(() => sandbox.destroy())
  const sh = async (script: string) => {
    const run = await sandbox.run(`r${count++}`, { argv: ['sh', '-c', script] })
    return { output: await text(run.output), ...(await run.result) }
  }
  return { sandbox, sh }
}
const plain = { bubblewrap: 'never' } as const

test.skipIf(!boxes)(
  'in a box the host can not be written to, /tmp is private and what is to be hidden is hidden',
  async () => {
    const secret = join(root, 'secret')
    mkdirSync(secret)
    writeFileSync(join(secret, 'key'), 'do not show')
    const { sh } = await createSandbox({ hide: [secret] })
    const mark = `codeyard-test-${process.pid}`
    const { output } = await sh(
      `touch /etc/${mark}; touch /tmp/${mark} && echo private; cat ${secret}/key; ls ${root}/own`,
    )
    expect(output).toContain('Read-only file system')
    expect(output).toContain('private')
    expect(output).not.toContain('do not show')
    expect(existsSync(`/etc/${mark}`) || existsSync(`/tmp/${mark}`)).toBe(false)
    expect((await sh(`ls /tmp`)).output).toContain(mark)
  },
)

test('commands get a small environment of their own', async () => {
  const { sandbox, sh } = await createSandbox(plain)
  const names = (await sh('env')).output.split('\n').map(line => line.split('=')[0])
  expect(names.sort()).toEqual(['', 'CODEYARD_SANDBOX', 'HOME', 'LANG', 'OLDPWD', 'PATH', 'PWD', 'TERM', 'TMPDIR'])
  const home = (await sh('cd && touch x && pwd')).output.trim()
  expect(home.startsWith(join(root, 'own', sandbox.name))).toBe(true)
})

test('a daemon that washed its environment and left its session is ended as well', async () => {
  const { sandbox, sh } = await createSandbox(plain)
  await sh('setsid env -i /bin/sh -c "sleep 7396 & sleep 7396" >/dev/null 2>&1 </dev/null &')
  await expect.poll(() => processesWith('7396'), { timeout: 5_000 }).toBe(2)
  await sandbox.destroy()
  expect(processesWith('7396')).toBe(0)
})

test('links that a command made lead neither puts nor gets out of the sandbox', async () => {
  const outside = join(root, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'private'), 'do not show')
  const { sandbox, sh } = await createSandbox(plain)
  await sh(`ln -s ${outside} way; ln -s ${outside}/private leak; mkdir real; ln -s real inside; echo x >real/x`)
  const at = sandbox.workspace
  await expect(sandbox.put(at, tarOf({ 'way/evil': 'x' }))).rejects.toMatchObject({ code: 'EUNSAFE' })
  await expect(sandbox.put(`${at}/way`, tarOf({ evil: 'x' }))).rejects.toMatchObject({ code: 'EUNSAFE' })
  for (const path of [`${at}/leak`, `${at}/way`, `${at}/way/private`, '/etc/passwd']) {
    await expect(sandbox.get(path)).rejects.toMatchObject({ code: 'EUNSAFE' })
  }
  expect(existsSync(join(outside, 'evil'))).toBe(false)
  expect(await contentOf(await sandbox.get(`${at}/inside`))).toEqual({ x: 'x\n' })
  expect(await contentOf(await sandbox.get(at))).toMatchObject({ leak: `-> ${outside}/private`, way: `-> ${outside}` })
})

test('a command whose supervisor was killed is lost, not waited for and not a success', async () => {
  const { sandbox } = await createSandbox(plain)
  const run = await sandbox.run('r', { argv: ['sh', '-c', 'echo up; sleep 1000'] })
  await new Promise(resolve => run.output.once('data', resolve))
  const { pid } = JSON.parse(readFileSync(join(root, 'own', sandbox.name, 'control/runs/r/run.json'), 'utf8')) as {
    pid: number
  }
  signalAll([pid, ...sessionProcesses(pid, () => false)], 'SIGKILL')
  run.output.resume()
  await expect(run.result).rejects.toMatchObject({ code: 'LOST' })
})

test('a start that was cut before the command began is made again', async () => {
  const { sandbox } = await createSandbox(plain)
  const directory = join(root, 'own', sandbox.name, 'control/runs/r')
  mkdirSync(directory)
  writeFileSync(join(directory, 'out'), '')
  const run = await sandbox.run('r', { argv: ['sh', '-c', 'echo now'] })
  expect(await text(run.output)).toBe('now\n')
  expect(await run.result).toEqual({ exitCode: 0 })
})

test.skipIf('skip' in user)(
  'a user who may not pass through to the workspace is told which directory keeps them out',
  async () => {
    const closed = join(root, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const { sandbox } = await createSandbox({ ...plain, root: join(closed, 'inner') })
    const run = sandbox.run('r', { argv: ['id'], user: 'nobody' })
    await expect(run).rejects.toMatchObject({
      code: 'UNKNOWN_USER',
      message: expect.stringContaining(`may not pass through ${closed}`),
    })
  },
)

test('a directory is removed whatever its modes, but what is mounted below is not', async () => {
  const directory = join(root, 'tree')
  mkdirSync(join(directory, 'a/b'), { recursive: true })
  writeFileSync(join(directory, 'a/b/c'), '')
  const kept = join(root, 'kept')
  mkdirSync(kept)
  writeFileSync(join(kept, 'file'), 'x')
  let mounted = false
  try {
    execFileSync('mount', ['--bind', kept, join(directory, 'a/b')], { stdio: 'ignore' })
    mounted = true
  } catch {
    // only root can mount
  }
  chmodSync(join(directory, 'a'), 0o500)
  await removeTree(directory)
  expect(existsSync(directory)).toBe(false)
  if (mounted) expect(readFileSync(join(kept, 'file'), 'utf8')).toBe('x')
})

test('a removal that is killed half-way leaves what is known by its record', async () => {
  const directory = join(root, 'half-way')
  const record = join(directory, 'control/sandbox.json')
  for (const path of ['workspace/deep', 'control/runs']) mkdirSync(join(directory, path), { recursive: true })
  for (const path of ['workspace/deep/file', 'control/box.json', 'control/sandbox.json'])
    writeFileSync(join(directory, path), 'x')
  // What a removal does before the record goes.
  expect((await allBut(record, directory)).map(path => path.slice(directory.length + 1)).sort()).toEqual([
    'control/box.json',
    'control/runs',
    'workspace',
  ])
  await removeTree(directory, { last: record, aside: asideOf(root, 'half-way').directory })
  expect(existsSync(directory)).toBe(false)
  expect(existsSync(asideOf(root, 'half-way').directory)).toBe(false)
})

test('what a process was making or removing when it was killed goes with the next one; what a living one makes stays', async () => {
  const other = join(root, 'other')
  const dead = join(other, '.1.17.dead')
  const living = asideOf(other, 'living').directory
  for (const directory of [dead, living]) mkdirSync(join(directory, 'control'), { recursive: true })
  writeFileSync(join(dead, 'control/sandbox.json'), JSON.stringify({ name: 'dead', labels: {} }))
  const provider = createHostProvider({ root: other })
  expect(await provider.list({})).toEqual([])
  expect(readdirSync(other)).toEqual([basename(living)])
})

test('of those who make one sandbox at the same moment all have the same', async () => {
  const provider = createHostProvider({ root: join(root, 'together') })
  const made = await Promise.all(Array.from({ length: 5 }, () => provider.create({ name: 'one', labels: {} })))
  expect(new Set(made.map(({ workspace }) => workspace)).size).toBe(1)
  expect(readdirSync(join(root, 'together'))).toEqual(['one'])
  await made[0]!.destroy()
  expect(readdirSync(join(root, 'together'))).toEqual([])
})

test('a full disk is told as such', async context => {
  const small = join(root, 'small')
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0711', 'tmpfs', small], { stdio: 'ignore' })
  } catch {
    return context.skip('only root can mount a small disk')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', small]))
  const { sandbox } = await createSandbox({ ...plain, root: small })
  const run = await sandbox.run('r', { argv: ['sh', '-c', 'head -c 5000000 /dev/zero; echo end'] })
  run.output.resume()
  await expect(run.result).rejects.toMatchObject({ code: 'LOST', message: expect.stringContaining('no space is left') })
})

const groups = process.getuid?.() === 0 && existsSync('/sys/fs/cgroup')
test.skipIf(!groups)('limits of processes and memory hold where the kernel lets us set them, and say so', async () => {
  const limits = { processes: 60, memoryBytes: 64 * 2 ** 20 }
  const name = `limited-${count++}`
  const sandbox = await createHostProvider({ root: join(root, 'own') }).create({ name, labels: {}, limits })
  onTestFinished(() => sandbox.destroy())
  const sh = async (id: string, script: string) => {
    const run = await sandbox.run(id, { argv: ['sh', '-c', script] })
    return { output: await text(run.output), ...(await run.result) }
  }
  await sh('first', 'true')
  const { processes } = await sandbox.usage!()
  // A container without control groups of its own has none to set.
  if (!processes) return
  expect(processes.limit).toBe(60)
  expect(await sandbox.outOfMemory!()).toBe(0)
  expect((await sh('hog', 'true; tail /dev/zero')).exitCode).toBe(137)
  expect(await sandbox.outOfMemory!()).toBeGreaterThan(0)
  const crowd = await sh('crowd', 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); sleep 300 & done')
  expect(crowd.output).toMatch(/Cannot fork|Resource temporarily unavailable/)
  expect((await sandbox.usage!()).processes!.count).toBeGreaterThan(50)
  await sandbox.destroy()
  const left = execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '4', '-type', 'd', '-name', name]).toString()
  expect(left).toBe('')
})
