// What the benchmarks of CodeBuild share: an engine with an image, a project with its role, and builds that are waited for as a client does.

import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Build, ProjectCache } from '@aws-sdk/client-codebuild'
import { createDockerProvider, type DockerProvider } from '../src/sandbox/docker/dockerProvider.ts'
import type { Yard } from '../tests/harness/yard.ts'

const run = promisify(execFile)
/** Of builds that are measured from outside, and take tenths of a second. */
const POLL_MS = 15
const PATIENCE = 300_000
const LARGEST_OUTPUT = 64 << 20

/** An engine that answers, or undefined, said for the benchmark `name`. */
export async function dockerFor(name: string): Promise<DockerProvider | undefined> {
  const provider = createDockerProvider()
  const reason = await provider.unavailable()
  if (reason === undefined) return provider
  console.error(`${name}: no Docker figure: ${reason}`)
  return undefined
}

/** The engine's own program. */
export const docker = async (...args: string[]): Promise<string> =>
  (await run('docker', args, { maxBuffer: LARGEST_OUTPUT })).stdout.trim()

/** Calls `use` with a container of `image` that runs and has the limits of the builds here. */
export async function withContainer<T>(image: string, use: (id: string) => Promise<T>): Promise<T> {
  const id = await docker('run', '-d', '--init', image, 'sh', '-c', 'while :; do sleep 1000; done')
  try {
    return await use(id)
  } finally {
    await docker('rm', '-f', '-v', id)
  }
}

export interface ProjectOptions {
  readonly name?: string
  readonly image: string
  readonly buildspec: string
  readonly cache?: ProjectCache
  readonly privilegedMode?: boolean
}

/** A project without a source, whose role may write logs and objects. */
export async function makeProject({ clients: { iam, codebuild } }: Yard, options: ProjectOptions): Promise<void> {
  const { name = 'bench', image, buildspec, cache, privilegedMode = false } = options
  const { Role } = await iam.createRole({
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  })
  await iam.putRolePolicy({
    RoleName: name,
    PolicyName: 'logs',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['logs:*', 's3:*'], Resource: '*' }],
    }),
  })
  await codebuild.createProject({
    name,
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL', privilegedMode },
    serviceRole: Role!.Arn!,
    ...(cache && { cache }),
  })
}

export async function startBuild({ clients: { codebuild } }: Yard, projectName = 'bench'): Promise<string> {
  const { build } = await codebuild.startBuild({ projectName })
  return build!.id!
}

/**
 * The build once it has succeeded. Each look takes milliseconds of both processors away from what is measured: what takes seconds, and says
 * itself how long it took, is to be asked seldom.
 */
export async function succeeded(yard: Yard, id: string, pollMs = POLL_MS): Promise<Build> {
  const end = performance.now() + PATIENCE
  for (;;) {
    const { builds } = await yard.clients.codebuild.batchGetBuilds({ ids: [id] })
    const status = builds?.[0]?.buildStatus
    if (status === 'SUCCEEDED') return builds![0]!
    if (status !== 'IN_PROGRESS' || performance.now() > end) {
      throw new Error(`the build is ${status}: ${JSON.stringify(builds?.[0]?.phases)}\n${yard.log()}`)
    }
    await delay(pollMs)
  }
}

/** Where the build's log is. */
export const logOf = (id: string) => {
  const [project, uuid] = id.split(':')
  return { logGroupName: `/aws/codebuild/${project}`, logStreamName: uuid! }
}
