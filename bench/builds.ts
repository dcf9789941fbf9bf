// One build of one command, from StartBuild to its end as a client sees it, against the same command without Codeyard.

import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createDockerProvider } from '../src/sandbox/docker/dockerProvider.ts'
import { ensureBusyboxImage } from '../src/sandbox/localImages.ts'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const run = promisify(execFile)
const ROUNDS = 7
const COMMAND = 'echo built'
/** Polling faster would take the processor away from what is measured. */
const POLL_MS = 15
const PATIENCE = 60_000

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
      await makeProject(yard, kind.image)
      await kind.plain()
      await build(yard) // warm
      const ours: number[] = []
      const theirs: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        theirs.push(await timed(kind.plain))
        ours.push(await timed(() => build(yard)))
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
  const provider = createDockerProvider()
  const reason = await provider.unavailable()
  if (reason !== undefined) {
    console.error(`builds: no Docker figure: ${reason}`)
    return []
  }
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

async function makeProject({ clients: { iam, codebuild } }: Yard, image: string): Promise<void> {
  const { Role } = await iam.createRole({
    RoleName: 'bench',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  })
  await iam.putRolePolicy({
    RoleName: 'bench',
    PolicyName: 'logs',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
    }),
  })
  await codebuild.createProject({
    name: 'bench',
    source: { type: 'NO_SOURCE', buildspec: `version: 0.2\nphases:\n  build:\n    commands:\n      - ${COMMAND}\n` },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: Role!.Arn!,
  })
}

async function build({ clients: { codebuild }, log }: Yard): Promise<void> {
  const { build: started } = await codebuild.startBuild({ projectName: 'bench' })
  const end = performance.now() + PATIENCE
  for (;;) {
    const { builds: found } = await codebuild.batchGetBuilds({ ids: [started!.id!] })
    const status = found?.[0]?.buildStatus
    if (status === 'SUCCEEDED') return
    if (status !== 'IN_PROGRESS' || performance.now() > end) {
      throw new Error(`the build is ${status}: ${JSON.stringify(found?.[0]?.phases)}\n${log()}`)
    }
    await delay(POLL_MS)
  }
}
