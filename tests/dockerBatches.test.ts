// Batches in Docker by a real process: a list, a graph and a matrix of a CodeCommit repository, each build in the image that its entry names.

import { setTimeout as delay } from 'node:timers/promises'
import type { BuildBatch } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dockerForTests, ensureBusyboxImage, ensureDebianImage } from '../src/sandbox/testImages.ts'
import { openYard, type Yard } from './harness/yard.ts'

const engine = await dockerForTests()
const images = typeof engine === 'string' ? [] : [await ensureBusyboxImage(engine), await ensureDebianImage(engine)]
const [small, debian] = images
const role = (name: string) => `arn:aws:iam::000000000000:role/${name}`

// Without an engine there are no images: said by the name.
describe.skipIf(images.length === 0)(`batches in Docker ${typeof engine === 'string' ? engine : ''}`, () => {
  let yard: Yard

  beforeAll(async () => {
    yard = await openYard({ args: ['--sandbox', 'docker'] })
    const { iam, s3, codecommit } = yard.clients
    const Version = '2012-10-17'
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    for (const [RoleName, Action] of Object.entries({
      build: ['logs:*', 's3:*', 'codecommit:GitPull'],
      batch: ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:RetryBuild'],
    })) {
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
      const PolicyDocument = JSON.stringify({ Version, Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
      await iam.putRolePolicy({ RoleName, PolicyName: 'p', PolicyDocument })
    }
    await s3.createBucket({ Bucket: 'out' })
    await codecommit.createRepository({ repositoryName: 'app' })
    const commands = [
      'command -v bash >/dev/null && echo debian > where || echo small > where',
      'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER $SPEED in $(cat where) from $(cat README)" > made',
    ]
    const spec = (batch: object) =>
      JSON.stringify({ version: 0.2, batch, phases: { build: { commands } }, artifacts: { files: ['made'] } })
    const files = {
      README: 'the repository',
      'list.yml': spec({
        'build-list': [
          { identifier: 'one', env: { image: small } },
          { identifier: 'two', env: { image: debian, variables: { SPEED: 'slow' } } },
        ],
      }),
      'graph.yml': spec({
        'build-graph': [
          { identifier: 'last', 'depend-on': ['first'], env: { image: debian } },
          { identifier: 'first', env: { image: small, 'privileged-mode': false } },
        ],
      }),
      'matrix.yml': spec({
        'build-matrix': { dynamic: { env: { image: images, variables: { SPEED: ['fast', 'slow'] } } } },
      }),
    }
    await codecommit.createCommit({
      repositoryName: 'app',
      branchName: 'main',
      putFiles: Object.entries(files).map(([filePath, text]) => ({ filePath, fileContent: Buffer.from(text) })),
    })
    await yard.clients.codebuild.createProject({
      name: 'app',
      source: { type: 'CODECOMMIT', location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app' },
      sourceVersion: 'main',
      artifacts: { type: 'S3', location: 'out', name: 'kept', namespaceType: 'BUILD_ID' },
      environment: { type: 'LINUX_CONTAINER', image: small!, computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: role('build'),
      buildBatchConfig: { serviceRole: role('batch') },
    })
  }, 120_000)
  afterAll(() => yard?.close(), 60_000)

  /** What each build of the batch made, by its identifier. */
  async function run(buildspecOverride: string): Promise<Record<string, string>> {
    const { codebuild, s3 } = yard.clients
    const { buildBatch } = await codebuild.startBuildBatch({ projectName: 'app', buildspecOverride })
    let batch: BuildBatch = buildBatch!
    for (const end = performance.now() + 90_000; !batch.complete && performance.now() < end; await delay(100))
      batch = (await codebuild.batchGetBuildBatches({ ids: [batch.id!] })).buildBatches![0]!
    expect(batch.buildBatchStatus, JSON.stringify(batch, undefined, 1)).toBe('SUCCEEDED')
    const made = batch.buildGroups!.map(async ({ identifier, currentBuildSummary }) => {
      const [bucket, ...key] = currentBuildSummary!.primaryArtifact!.location!.slice('arn:aws:s3:::'.length).split('/')
      const { Body } = await s3.getObject({ Bucket: bucket!, Key: `${key.join('/')}/made` })
      return [identifier!, (await Body!.transformToString()).trim()]
    })
    return Object.fromEntries(await Promise.all(made))
  }

  test('a list', async () => {
    expect(await run('list.yml')).toEqual({
      one: 'one  in small from the repository',
      two: 'two slow in debian from the repository',
    })
  }, 120_000)

  test('a graph', async () => {
    expect(await run('graph.yml')).toEqual({
      first: 'first  in small from the repository',
      last: 'last  in debian from the repository',
    })
  }, 120_000)

  test('a matrix over images and variables', async () => {
    const made = Object.entries(await run('matrix.yml'))
    for (const [identifier, line] of made) expect(line).toMatch(new RegExp(`^${identifier} `))
    expect(made.map(([, line]) => line.replace(/^\S+ /, '')).sort()).toEqual([
      'fast in debian from the repository',
      'fast in small from the repository',
      'slow in debian from the repository',
      'slow in small from the repository',
    ])
  }, 120_000)
})
