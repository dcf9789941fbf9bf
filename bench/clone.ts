// git clone of a repository of 5,000 commits from Codeyard against the same from git daemon.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { retryFor } from '../src/core/bounded.ts'
import { repositoryUrl } from '../tests/harness/memory.ts'
import { client, openYard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const run = promisify(execFile)
const COMMITS = 5000
const ROUNDS = 5

export const clone: Bench = async report => {
  const yard = await openYard()
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-bench-'))
  const daemonPort = await freePort()
  const bare = join(folder, 'served')
  await generate(bare)
  const daemon = spawn(
    'git',
    ['daemon', '--export-all', `--base-path=${folder}`, `--port=${daemonPort}`, '--listen=127.0.0.1', folder],
    { stdio: 'ignore', detached: true },
  )
  try {
    const url = await repositoryUrl(yard, 'bench')
    await client(yard, 'git', ['-C', bare, 'push', '-q', url, 'main'])
    const daemonUrl = `git://127.0.0.1:${daemonPort}/served`
    await retryFor(
      10_000,
      () => true,
      () => run('git', ['ls-remote', daemonUrl]),
    )
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const to = join(folder, `clone-${round}`)
      theirs.push(await timed(() => client(yard, 'git', ['clone', '-q', daemonUrl, `${to}-daemon`])))
      ours.push(await timed(() => client(yard, 'git', ['clone', '-q', url, to])))
    }
    report(
      compare(
        `clone of ${COMMITS} commits`,
        'ms',
        median(ours),
        { name: 'git daemon', value: median(theirs) },
        { text: 'at most 1.2', met: ratio => ratio <= 1.2 },
      ),
    )
  } finally {
    process.kill(-daemon.pid!, 'SIGKILL')
    await rm(folder, { recursive: true, force: true })
    await yard.close()
  }
}

async function generate(bare: string): Promise<void> {
  await mkdir(bare)
  await run('git', ['init', '-q', '--bare', '-b', 'main', bare])
  const lines: string[] = []
  for (let n = 1; n <= COMMITS; n++) {
    const content = `line ${n} of a file that changes with every commit\n`.repeat(20)
    lines.push(
      `commit refs/heads/main\nmark :${n}\ncommitter Ada <ada@example.com> ${1_700_000_000 + n} +0000\ndata 7\nchange\n`,
      n > 1 ? `from :${n - 1}\n` : '',
      `M 100644 inline dir${n % 50}/file${n % 500}.txt\ndata ${content.length}\n${content}\n`,
    )
  }
  const importing = spawn('git', ['-C', bare, 'fast-import', '--quiet'], { stdio: ['pipe', 'ignore', 'inherit'] })
  importing.stdin!.end(lines.join(''))
  const [code] = await once(importing, 'exit')
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
  await run('git', ['-C', bare, 'gc', '-q'])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
