// One build of one command, from StartBuild to its end as a client sees it, against the same command without Codeyard.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ensureBusyboxImage } from '../src/sandbox/localImages.ts'
import { openYard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'
import { dockerFor, makeProject, startBuild, succeeded } from './project.ts'

const run = promisify(execFile)
const ROUNDS = 7
const COMMAND = 'echo built'
const BUILDSPEC = `version: 0.2\nphases:\n  build:\n    commands:\n      - ${COMMAND}\n`

interface Kind {
  readonly sandbox: 'docker' | 'host'
  readonly image: string
  readonly baseline: string
  /** Milliseconds that Codeyard may take longer than the baseline. */
  readonly allowed: number
  plain(): Promise<unknown>
}

export const builds: Bench = async report => {
  const host: Kind = {
    sandbox: 'host',
    image: 'any',
    baseline: 'sh -c',
    allowed: 150,
    plain: () => run('sh', ['-c', COMMAND]),
  }
  for (const kind of [...(await docker()), host]) {
    const yard = await openYard({ args: ['--sandbox', kind.sandbox] })
    try {
      await makeProject(yard, { image: kind.image, buildspec: BUILDSPEC })
      const build = async () => await succeeded(yard, await startBuild(yard))
      await kind.plain()
      await build() // warm
      const ours: number[] = []
      const theirs: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        theirs.push(await timed(kind.plain))
        ours.push(await timed(build))
      }
      report(
        compare(
          `build of one command, ${kind.sandbox}`,
          'ms',
          median(ours),
          { name: kind.baseline, value: median(theirs) },
          {
            text: `at most ${kind.allowed / 1000} s more`,
            met: (_, difference) => difference <= kind.allowed,
          },
        ),
      )
    } finally {
      await yard.close()
    }
  }
}

/** None where no engine answers. */
async function docker(): Promise<Kind[]> {
  const provider = await dockerFor('builds')
  if (!provider) return []
  const image = await ensureBusyboxImage(provider)
  return [
    {
      sandbox: 'docker',
      image,
      baseline: 'docker run --rm',
      allowed: 1000,
      plain: () => run('docker', ['run', '--rm', image, 'sh', '-c', COMMAND]),
    },
  ]
}
