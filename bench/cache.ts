// A cache of 500 MB (thousands of small files of text, a few large ones that do not compress) saved by one build and restored by the next,
// against `tar | zstd` of the same files on this machine, and against `docker cp`, which is what the engine itself takes to hand files out and in.

import { exec } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onPath } from '../src/cli/prerequisites.ts'
import { ensureDebianImage } from '../src/sandbox/localImages.ts'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'
import { docker, dockerFor, logOf, makeProject, startBuild, succeeded, withContainer } from './project.ts'

const run = promisify(exec)
const ROUNDS = 3
const ALLOWED = 1.5
const INODES_REST_MS = 65_000
const PAUSE_MS = 5_000
/** The log says how long everything took. */
const LOOK_MS = 1_000

// 250 MB in 8,000 files, 250 MB in five.
const MAKE_FILES = [
  'mkdir -p files/small files/large',
  'cd files/small',
  'seq 1 33800000 | head -c 250000000 | split -a 4 -b 31250 - part-',
  'cd ../large',
  'for n in 1 2 3 4 5; do head -c 50000000 /dev/urandom >file-$n; done',
  'cd ../..',
].join(' && ')

export const cache: Bench = async report => {
  const provider = await dockerFor('cache')
  if (!provider) return
  if (!(await onPath('zstd'))) {
    console.error('cache: no figure: zstd, its baseline, is not installed')
    return
  }
  const image = await ensureDebianImage(provider)
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-bench-'))
  const yard = await openYard({ args: ['--sandbox', 'docker'] })
  try {
    const shell = (command: string) => run(command, { cwd: folder, shell: '/bin/sh' })
    await shell(MAKE_FILES)
    await yard.clients.s3.createBucket({ Bucket: 'bench' })
    const spec = (command: string) =>
      `version: 0.2\nphases:\n  build:\n    commands:\n      - ${JSON.stringify(command)}\ncache:\n  paths:\n    - files/**/*\n`
    const location = { type: 'S3', location: 'bench/cache' } as const
    await makeProject(yard, { image, buildspec: spec(`test -d files || { ${MAKE_FILES}; }`), cache: location })
    const saves: number[] = []
    const restores: number[] = []
    const packs: number[] = []
    const unpacks: number[] = []
    const copiesOut: number[] = []
    const copiesIn: number[] = []
    /**
     * Nothing of what was written before is to be paid for by what comes next, nor of what was removed: an ext4 without a journal, as virtual
     * machines have it, does not use an inode again for a minute, and looks past each such inode whenever it makes a file; those of a few
     * containers are enough to double the time. What both sides read stays in memory meanwhile.
     */
    const settle = async () => {
      for (let waited = 0; waited < INODES_REST_MS; waited += PAUSE_MS) {
        await shell(`sync; cat files/*/* packed $(find ${join(yard.dataDir, 'blobs')} -type f) >/dev/null 2>&1 || true`)
        await delay(PAUSE_MS)
      }
      await shell('sync')
    }
    await withContainer(image, async container => {
      // The first build makes the files and saves them; each other one restores and saves them. The other side removes nothing.
      await build(yard)
      for (let round = 1; round <= ROUNDS; round++) {
        await settle()
        packs.push(await timed(() => shell('tar -cf - files | zstd -q -o packed -f')))
        await mkdir(join(folder, `out-${round}`))
        await shell('sync')
        unpacks.push(await timed(() => shell(`zstd -qdc packed | tar -xf - -C out-${round}`)))
        await docker('exec', container, 'mkdir', `/copied-${round}`)
        await shell('sync')
        copiesIn.push(await timed(() => shell(`zstd -qdc packed | docker cp - ${container}:/copied-${round}`)))
        await shell('sync')
        copiesOut.push(await timed(() => shell(`docker cp ${container}:/copied-${round}/files - >/dev/null`)))
        const { saved, restored } = await build(yard)
        saves.push(saved)
        if (restored === undefined) throw new Error('the cache was not restored')
        restores.push(restored)
      }
    })
    const goal = { text: `at most ${ALLOWED}`, met: (ratio: number) => ratio <= ALLOWED }
    report(compare('save of 500 MB', 'ms', median(saves), { name: 'tar | zstd', value: median(packs) }, goal))
    report(
      compare('restore of 500 MB', 'ms', median(restores), { name: 'zstd -d | tar', value: median(unpacks) }, goal),
    )
    report(compare('save of 500 MB', 'ms', median(saves), { name: 'docker cp out', value: median(copiesOut) }))
    report(compare('restore of 500 MB', 'ms', median(restores), { name: 'docker cp in', value: median(copiesIn) }))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await yard.close()
  }
}

/** Milliseconds, as the log says them. */
async function build(yard: Yard): Promise<{ saved: number; restored: number | undefined }> {
  const id = await startBuild(yard)
  await succeeded(yard, id, LOOK_MS)
  const { events = [] } = await yard.clients.logs.getLogEvents({ ...logOf(id), startFromHead: true })
  const text = events.map(({ message }) => message).join('')
  const milliseconds = (line: RegExp) => {
    const [, seconds] = line.exec(text) ?? []
    return seconds === undefined ? undefined : Number(seconds) * 1000
  }
  const saved = milliseconds(/Cache saved: .* in ([\d.]+) s/)
  if (saved === undefined) throw new Error(`the cache was not saved:\n${text}`)
  return { saved, restored: milliseconds(/Cache hit.*restored in ([\d.]+) s/) }
}
