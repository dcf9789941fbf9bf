// How far a server's memory grows while large things pass through it: an object put and got, a repository pushed and cloned, a build's log.

import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { retryFor } from '../../src/core/bounded.ts'
import { client, type Yard } from './yard.ts'

const MB = 1 << 20
const SAMPLE_MS = 50

/** Megabytes that the process had more than before at the worst moment of `work` (Linux only). */
export async function peakGrowth(pid: number, work: () => Promise<unknown>): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5') // the peak begins anew from what is there now
  const before = await memoryOf(pid, 'VmRSS')
  await work()
  return (await memoryOf(pid, 'VmHWM')) - before
}

/** Megabytes of the process at worst, in the first and in the second half of the time that `work` takes (Linux only). */
export async function peaksOf(pid: number, work: () => Promise<unknown>): Promise<readonly [number, number]> {
  const seen: number[] = []
  const timer = setInterval(async () => void seen.push(await memoryOf(pid, 'VmRSS')), SAMPLE_MS)
  await work().finally(() => clearInterval(timer))
  const half = Math.floor(seen.length / 2)
  if (half === 0) throw new Error('too short to be measured')
  return [Math.max(...seen.slice(0, half)), Math.max(...seen.slice(half))]
}

async function memoryOf(pid: number, figure: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, kilobytes] = new RegExp(`^${figure}:\\s+(\\d+) kB`, 'm').exec(status) ?? []
  return Number(kilobytes) / 1024
}

/** Puts an object of so many megabytes and gets it again; neither side holds it. */
export async function objectThrough({ clients: { s3 } }: Yard, megabytes: number): Promise<void> {
  const object = { Bucket: 'large', Key: 'object' }
  const piece = randomBytes(MB)
  const pieces = Readable.from(
    (function* () {
      for (let sent = 0; sent < megabytes; sent++) yield piece
    })(),
    { objectMode: false },
  )
  await s3.createBucket({ Bucket: object.Bucket }).catch(error => {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error
  })
  await s3.putObject({ ...object, Body: pieces, ContentLength: megabytes * MB })
  let got = 0
  const { Body } = await s3.getObject(object)
  for await (const part of Body as AsyncIterable<Buffer>) got += part.length
  if (got !== megabytes * MB) throw new Error(`${got} bytes came back of ${megabytes * MB}`)
  await s3.deleteObject(object)
}

/** A commit of so many megabytes of files that do not compress, pushed and cloned again. */
export async function repositoryThrough(yard: Yard, name: string, megabytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-large-'))
  try {
    const work = join(folder, 'work')
    // The client looks for no similarities: it would take most of the time.
    const cheap = ['core.compression=0', 'core.bigFileThreshold=1m'].flatMap(setting => ['-c', setting])
    const git = (...args: string[]) => client(yard, 'git', ['-C', work, ...cheap, ...args])
    await client(yard, 'git', ['init', '-q', '-b', 'main', work])
    const size = Math.min(megabytes, 50)
    for (let written = 0; written < megabytes; written += size) {
      const file = await open(join(work, `file-${written}`), 'w')
      for (let at = 0; at < size; at++) await file.write(randomBytes(MB))
      await file.close()
    }
    await git('add', '.')
    await git('commit', '-q', '-m', 'Large')
    const url = await repositoryUrl(yard, name)
    await git('push', '-q', url, 'main')
    await client(yard, 'git', ['clone', '-q', '--bare', url, join(folder, 'clone')])
    const head = await client(yard, 'git', ['-C', join(folder, 'clone'), 'rev-parse', 'main'])
    if (head.stdout !== (await git('rev-parse', 'main')).stdout) throw new Error('the clone is not what was pushed')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const LOG_LINE =
  'a line of a log, as long as those of most programs that say what they are doing right now, and then some\n'

/** A build that writes so many megabytes of log, which are then read from the first page to the last. */
export async function logThrough(yard: Yard, megabytes: number): Promise<void> {
  const { iam, codebuild, logs } = yard.clients
  const lines = Math.floor((megabytes * MB) / LOG_LINE.length)
  const name = `log-${randomBytes(4).toString('hex')}`
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
      Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
    }),
  })
  const command = JSON.stringify(`yes '${LOG_LINE.trimEnd()}' | head -n ${lines}`)
  await codebuild.createProject({
    name,
    source: { type: 'NO_SOURCE', buildspec: `version: 0.2\nphases:\n  build:\n    commands:\n      - ${command}\n` },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: Role!.Arn!,
  })
  const { build } = await codebuild.startBuild({ projectName: name })
  await retryFor(
    120_000,
    error => error instanceof StillRunning,
    async () => {
      const { builds } = await codebuild.batchGetBuilds({ ids: [build!.id!] })
      const status = builds?.[0]?.buildStatus
      if (status === 'IN_PROGRESS') throw new StillRunning()
      if (status !== 'SUCCEEDED') throw new Error(`the build is ${status}\n${yard.log()}`)
    },
  )
  const log = { logGroupName: `/aws/codebuild/${name}`, logStreamName: build!.id!.split(':')[1]!, startFromHead: true }
  let found = 0
  let nextToken: string | undefined
  for (;;) {
    const page = await logs.getLogEvents({ ...log, ...(nextToken && { nextToken }) })
    if (page.nextForwardToken === nextToken) break
    nextToken = page.nextForwardToken
    for (const { message } of page.events!) if (message === LOG_LINE) found++
  }
  if (found !== lines) throw new Error(`${found} lines are in the log of ${lines}`)
}

class StillRunning extends Error {}

/** Of a new repository, with the git credentials of a new user. */
export async function repositoryUrl({ clients: { iam, codecommit }, endpoint }: Yard, name: string): Promise<string> {
  await codecommit.createRepository({ repositoryName: name })
  await iam.createUser({ UserName: name })
  await iam.attachUserPolicy({ UserName: name, PolicyArn: 'arn:aws:iam::aws:policy/AWSCodeCommitFullAccess' })
  const { ServiceSpecificCredential } = await iam.createServiceSpecificCredential({
    UserName: name,
    ServiceName: 'codecommit.amazonaws.com',
  })
  const url = new URL(`${endpoint}/v1/repos/${name}`)
  url.username = ServiceSpecificCredential!.ServiceUserName!
  url.password = ServiceSpecificCredential!.ServicePassword!
  return url.href
}
