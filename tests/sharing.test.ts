// What a project shows to others, with a real server and the SDK: a public page without credentials, and another account; and a build that
// builds and runs images with a Docker of its own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dockerForTests, ensureBusyboxImage, ensureDockerImage } from '../src/sandbox/testImages.ts'
import { endedBuild } from './harness/builds.ts'
import { openYard, type Yard } from './harness/yard.ts'

const OTHER = '111111111111'
const engine = await dockerForTests()
const image = typeof engine === 'string' ? undefined : await ensureDockerImage(engine)
const why =
  typeof engine === 'string' ? engine : image ? '' : 'there is no dockerd on this machine to be put into an image'
let yard: Yard
/** Volumes that were here before. */
let before: string[] = []

beforeAll(async () => {
  before = await layers()
  const where = typeof engine === 'string' ? 'host' : 'docker'
  yard = await openYard({ args: ['--sandbox', where] })
  const { iam, s3 } = yard.clients
  const Version = '2012-10-17'
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const roles = {
    build: [{ Effect: 'Allow', Action: ['logs:*', 's3:PutObject'], Resource: '*' }],
    reader: [{ Effect: 'Allow', Action: ['logs:GetLogEvents', 's3:GetObject'], Resource: '*' }],
  }
  for (const [RoleName, Statement] of Object.entries(roles)) {
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
    const PolicyDocument = JSON.stringify({ Version, Statement })
    await iam.putRolePolicy({ RoleName, PolicyName: 'p', PolicyDocument })
  }
  await s3.createBucket({ Bucket: 'artifacts' })
}, 60_000)
afterAll(async () => {
  await yard?.close()
  if (typeof engine === 'string') return
  for (const name of await layers()) if (!before.includes(name)) await engine.docker.getVolume(name).remove()
})

async function layers(): Promise<string[]> {
  if (typeof engine === 'string') return []
  const { Volumes } = await engine.docker.listVolumes({ filters: { label: ['codeyard.layers'] } })
  return Volumes.map(({ Name }) => Name)
}

const role = (name: string) => `arn:aws:iam::000000000000:role/${name}`
async function built(projectName: string) {
  const { build } = await yard.clients.codebuild.startBuild({ projectName })
  return await endedBuild(yard, build!.id!, 90)
}

describe.skipIf(why !== '')(`Docker inside of a privileged build${why && ` (${why})`}`, () => {
  // AWS: how the daemon is started in an image of one's own [sample-docker-custom-image].
  const buildspec = `version: 0.2
phases:
  install:
    commands:
      - nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 >/tmp/dockerd.log 2>&1 &
      - timeout 30 sh -c "until docker info >/dev/null 2>&1; do sleep 0.1; done" || cat /tmp/dockerd.log
  build:
    commands:
      - cp /usr/bin/busybox . && printf 'FROM scratch\\nCOPY busybox /busybox\\nRUN ["/busybox","touch","/made"]\\nENTRYPOINT ["/busybox"]\\n' > Dockerfile
      - DOCKER_BUILDKIT=0 docker build -t inner . && docker run --rm inner ls /made && docker run --rm inner echo "hello from inside"
`
  const create = (name: string, more: object = {}) =>
    yard.clients.codebuild.createProject({
      name,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: image!,
        computeType: 'BUILD_GENERAL1_SMALL',
        privilegedMode: true,
      },
      serviceRole: role('build'),
      ...more,
    })

  test('builds and runs images, and finds the layers of the build before when the project keeps them', async () => {
    await create('docker', { cache: { type: 'LOCAL', modes: ['LOCAL_DOCKER_LAYER_CACHE'] } })
    const first = await built('docker')
    expect(first.build.buildStatus, first.log).toBe('SUCCEEDED')
    expect(first.log).toMatch(/\/made[\s\S]*hello from inside/)
    expect(first.log).toContain('Local Docker layer cache miss: this builder has no layers of the project yet')
    const second = await built('docker')
    expect(second.build.buildStatus, second.log).toBe('SUCCEEDED')
    expect(second.log).toContain('Local Docker layer cache hit')
    expect(second.log).toContain('Using cache')
    // An invalidated cache is another one.
    await yard.clients.codebuild.invalidateProjectCache({ projectName: 'docker' })
    const third = await built('docker')
    expect(third.log).toContain('Local Docker layer cache miss')
  }, 120_000)

  test('is not there without privileged mode', async () => {
    const commands = ['timeout 10 dockerd 2>&1 | tail -1', 'docker info']
    await create('plain', {
      environment: { type: 'LINUX_CONTAINER', image: image!, computeType: 'BUILD_GENERAL1_SMALL' },
      source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: 0.2, phases: { build: { commands } } }) },
    })
    const { build, log } = await built('plain')
    expect(build.buildStatus, log).toBe('FAILED')
  }, 120_000)
})

test('a public project shows its builds, their logs and artifacts to everybody, until it is private', async () => {
  const { codebuild } = yard.clients
  const busybox = typeof engine === 'string' ? 'any' : await ensureBusyboxImage(engine)
  const { project } = await codebuild.createProject({
    name: 'open',
    source: {
      type: 'NO_SOURCE',
      buildspec:
        'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "<b>for everybody</b>" | tee out.txt\nartifacts:\n  files: [out.txt]\n',
    },
    artifacts: { type: 'S3', location: 'artifacts', packaging: 'ZIP', name: 'out.zip' },
    environment: { type: 'LINUX_CONTAINER', image: busybox, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('build'),
  })
  expect((await built('open')).build.buildStatus).toBe('SUCCEEDED')
  const projectArn = project!.arn!
  const { publicProjectAlias } = await codebuild.updateProjectVisibility({
    projectArn,
    projectVisibility: 'PUBLIC_READ',
    resourceAccessRole: role('reader'),
  })
  const base = `${yard.endpoint}/_codeyard/public/${publicProjectAlias}`
  const read = async (path: string) => await (await fetch(base + path)).text()
  expect(await read('')).toMatch(/#1<\/a>[\s\S]*SUCCEEDED/)
  expect(await read('/builds/1')).toContain('UPLOAD_ARTIFACTS')
  expect(await read('/builds/1/log')).toContain('\n<b>for everybody</b>\n')
  expect((await read('/builds/1/artifacts/primary')).slice(0, 2)).toBe('PK')
  await codebuild.updateProjectVisibility({ projectArn, projectVisibility: 'PRIVATE' })
  expect((await fetch(base)).status).toBe(404)
}, 90_000)

test('another account reads what is shared with it, and no more', async () => {
  const mine = yard.clients.codebuild
  await mine.createProject({
    name: 'shared',
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('build'),
  })
  const arn = 'arn:aws:codebuild:us-east-1:000000000000:project/shared'
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: OTHER }, Action: ['codebuild:BatchGetProjects'], Resource: arn }],
  })
  await mine.putResourcePolicy({ resourceArn: arn, policy })
  expect((await mine.getResourcePolicy({ resourceArn: arn })).policy).toBe(policy)
  // The same data, served for another account.
  await yard.stop()
  yard = await openYard({ dataDir: yard.dataDir, args: ['--account', OTHER, '--sandbox', 'host'] })
  const theirs = yard.clients.codebuild
  expect((await theirs.listSharedProjects({})).projects).toEqual([arn])
  expect((await theirs.batchGetProjects({ names: [arn] })).projects).toMatchObject([{ name: 'shared', arn }])
  await expect(theirs.listBuildsForProject({ projectName: arn })).rejects.toMatchObject({
    name: 'AccessDeniedException',
  })
  await expect(theirs.startBuild({ projectName: arn })).rejects.toMatchObject({ name: 'AccessDeniedException' })
  await expect(theirs.deleteResourcePolicy({ resourceArn: arn })).rejects.toMatchObject({
    name: 'AccessDeniedException',
  })
}, 90_000)
