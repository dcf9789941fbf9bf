// Pipes of the test's own: what a thread moves, and that nothing waits for a thread that waits for nobody.

import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { within } from '../../core/bounded.ts'
import { pipeThread } from './pipeThread.ts'

/** A pipe whose one side is `fd`; somebody is on the other side until `letGo`. */
async function openPipe(direction: 'read' | 'write') {
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-pipe-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  let both: number | undefined = openSync(path, constants.O_RDWR)
  const letGo = () => {
    if (both !== undefined) closeSync(both)
    both = undefined
  }
  onTestFinished(letGo)
  const fd = openSync(path, direction === 'read' ? constants.O_RDONLY : constants.O_WRONLY)
  return { path, fd, letGo }
}
const shared = (bytes: number) => Buffer.from(new SharedArrayBuffer(bytes))
const soon = <T>(work: Promise<T>) => within(5_000, 'it waits for ever', work)
/** Whether `fd` is still a pipe of this process. */
function isOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isFIFO()
  } catch {
    return false
  }
}

test('what is written arrives, shared memory or not, in order', async () => {
  const { path, fd, letGo } = await openPipe('write')
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const arrived = reader.stdout.toArray()
  const pipe = pipeThread(fd, 'write')
  const first = shared(700_000)
  randomBytes(700_000).copy(first)
  const second = randomBytes(300_001)
  expect(await Promise.all([pipe.move(first), pipe.move(second)])).toEqual([700_000, 300_001])
  pipe.close()
  letGo()
  expect(Buffer.concat(await soon(arrived)).equals(Buffer.concat([first, second]))).toBe(true)
  expect(await pipe.move(first)).toBe(0)
})

test('what is read fills each buffer, and the last one as far as it goes', async () => {
  const { path, fd, letGo } = await openPipe('read')
  const writer = spawn('sh', ['-c', 'head -c 1000000 /dev/zero >"$1"; printf end >"$1"', 'sh', path])
  const pipe = pipeThread(fd, 'read')
  const [one, two] = [shared(600_000), shared(600_000)]
  const first = pipe.move(one)
  writer.once('exit', letGo)
  expect(await soon(first)).toBe(600_000)
  expect(await soon(pipe.move(two))).toBe(400_003)
  expect(two.toString('latin1', 400_000, 400_003)).toBe('end')
  expect(await soon(pipe.move(two))).toBe(0)
  pipe.close()
})

test('a reader that goes ends a write', async () => {
  const { path, fd, letGo } = await openPipe('write')
  const reader = spawn('head', ['-c', '1000', path], { stdio: 'ignore' })
  letGo()
  const pipe = pipeThread(fd, 'write')
  expect(await soon(pipe.move(shared(1_000_000)))).toBeLessThan(1_000_000)
  expect(reader.pid).toBeGreaterThan(0)
  pipe.close()
})

test.each(['read', 'write'] as const)(
  'to close ends a %s that waits for nobody, and the thread with it',
  async direction => {
    const { fd } = await openPipe(direction)
    const pipe = pipeThread(fd, direction)
    const moves = [pipe.move(shared(1_000_000)), pipe.move(shared(10))]
    // The thread is in the kernel by then: a pipe that is full, or empty.
    await new Promise(resolve => setTimeout(resolve, 200))
    const start = performance.now()
    pipe.close()
    pipe.close()
    expect(await soon(Promise.all(moves))).toEqual([0, 0])
    expect(performance.now() - start).toBeLessThan(1_000)
    for (let tries = 0; isOpen(fd) && tries < 50; tries++) await new Promise(resolve => setTimeout(resolve, 20))
    expect(isOpen(fd)).toBe(false)
  },
)

test('an error of the pipe is told', async () => {
  const fd = openSync('/dev/full', constants.O_WRONLY)
  const pipe = pipeThread(fd, 'write')
  await expect(soon(pipe.move(shared(10)))).rejects.toThrow(/ENOSPC/)
  pipe.close()
})

test.each(['read', 'write'] as const)('a process ends although its thread waits in a %s', async direction => {
  const { path } = await openPipe(direction)
  const program = `
    import { openSync } from 'node:fs'
    import { pipeThread } from ${JSON.stringify(import.meta.resolve('./pipeThread.ts'))}
    const pipe = pipeThread(openSync(${JSON.stringify(path)}, '${direction === 'read' ? 'r' : 'w'}'), '${direction}')
    pipe.move(Buffer.from(new SharedArrayBuffer(1_000_000)))
    setTimeout(() => process.exit(7), 300)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const status = new Promise<number | null>(resolve => child.once('exit', resolve))
  expect(await within(10_000, 'the process does not end', status)).toBe(7)
  expect(() => readFileSync(`/proc/${child.pid}/stat`)).toThrow()
})
