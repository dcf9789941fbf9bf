// A build's log in S3 although its server is killed while it is written: every line, and each once.

import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { expect, test } from 'vitest'
import { untilIn } from './harness/builds.ts'
import { openYard } from './harness/yard.ts'

const PATIENCE = 120_000
const LINES = 3_000

test('kill -9 twice in the middle of a log loses no line of it and repeats none', {
  timeout: 2 * PATIENCE,
}, async () => {
  let yard = await openYard({ args: ['--sandbox', 'host'] })
  const { dataDir } = yard
  try {
    const { iam, s3, codebuild } = yard.clients
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const { Role } = await iam.createRole({
      RoleName: 'writer',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    })
    const statement = { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await iam.putRolePolicy({ RoleName: 'writer', PolicyName: 'logs', PolicyDocument })
    await s3.createBucket({ Bucket: 'killed-logs' })
    const write = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "line $i"; sleep 0.002; done`
    await codebuild.createProject({
      name: 'killed',
      source: {
        type: 'NO_SOURCE',
        buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands: [write] } } }),
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: Role!.Arn!,
      logsConfig: {
        cloudWatchLogs: { status: 'DISABLED' },
        s3Logs: { status: 'ENABLED', location: 'killed-logs/deep/down' },
      },
    })
    const id = (await codebuild.startBuild({ projectName: 'killed' })).build!.id!
    const get = async () => (await yard.clients.codebuild.batchGetBuilds({ ids: [id] })).builds![0]!
    await untilIn(yard, async () => (await get()).currentPhase === 'BUILD')
    for (let kills = 0; kills < 2; kills++) {
      await yard.kill()
      yard = await openYard({ dataDir, args: ['--sandbox', 'host'] })
    }
    await untilIn(yard, async () => (await get()).buildComplete, { seconds: PATIENCE / 1000 })
    const { buildStatus } = await get()
    expect(buildStatus).toBe('SUCCEEDED')
    const Key = `deep/down/${id.split(':')[1]}.gz`
    const { Body } = await yard.clients.s3.getObject({ Bucket: 'killed-logs', Key })
    const log = Buffer.concat(await (Body as Readable).pipe(createGunzip()).toArray()).toString()
    const lines = log.split('\n').filter(line => /^line \d+$/.test(line))
    expect(lines).toEqual(Array.from({ length: LINES }, (_, index) => `line ${index + 1}`))
  } finally {
    await yard.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
