// A pipeline of three stages whose actions do next to nothing (a tiny S3 object, two approvals that are answered at once), against
// bare jobs of graphile-worker in the same PostgreSQL: what is left is what Codeyard takes to go from action to action.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Logger, run, runMigrations, type TaskList } from 'graphile-worker'
import pg from 'pg'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const ROUNDS = 9
const ACTIONS = 3
const HOPS = 50
const ALLOWED = 60
const PATIENCE = 30_000

export const pipelines: Bench = async report => {
  const yard = await openYard({ args: ['--sandbox', 'host'] })
  try {
    await makePipeline(yard)
    await execute(yard) // warm
    const taken: number[] = []
    for (let round = 0; round < ROUNDS; round++) taken.push((await timed(() => execute(yard))) / ACTIONS)
    report(
      compare(
        'one action of a pipeline',
        'ms',
        median(taken),
        { name: 'a job of graphile-worker', value: await jobHop(yard) },
        { text: `at most ${ALLOWED} ms more`, met: (_, difference) => difference <= ALLOWED },
      ),
    )
  } finally {
    await yard.close()
  }
}

async function makePipeline({ clients: { iam, s3, codepipeline } }: Yard): Promise<void> {
  const { Role } = await iam.createRole({
    RoleName: 'bench',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  })
  await iam.putRolePolicy({
    RoleName: 'bench',
    PolicyName: 'objects',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    }),
  })
  await s3.createBucket({ Bucket: 'bench' })
  await s3.putBucketVersioning({ Bucket: 'bench', VersioningConfiguration: { Status: 'Enabled' } })
  await s3.putObject({ Bucket: 'bench', Key: 'source.zip', Body: 'tiny' })
  const approval = (name: string) => ({
    name,
    actions: [
      { name: 'Ask', actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' } } as const,
    ],
  })
  await codepipeline.createPipeline({
    pipeline: {
      name: 'bench',
      roleArn: Role!.Arn!,
      artifactStore: { type: 'S3', location: 'bench' },
      stages: [
        {
          name: 'Source',
          actions: [
            {
              name: 'Fetch',
              actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
              configuration: { S3Bucket: 'bench', S3ObjectKey: 'source.zip', PollForSourceChanges: 'false' },
              outputArtifacts: [{ name: 'SourceOutput' }],
            },
          ],
        },
        approval('First'),
        approval('Second'),
      ],
    },
  })
  // The creation starts an execution of its own.
  await finish({ codepipeline }, undefined)
}

async function execute({ clients: { codepipeline } }: Yard): Promise<void> {
  const { pipelineExecutionId } = await codepipeline.startPipelineExecution({ name: 'bench' })
  await finish({ codepipeline }, pipelineExecutionId)
}

/** Answers each approval as soon as it asks, until the execution is over. */
async function finish({ codepipeline }: Pick<Yard['clients'], 'codepipeline'>, executionId: string | undefined) {
  const end = performance.now() + PATIENCE
  const answered = new Set<string>()
  while (performance.now() < end) {
    const { stageStates = [] } = await codepipeline.getPipelineState({ name: 'bench' })
    for (const { stageName, latestExecution, actionStates } of stageStates) {
      const token = actionStates?.[0]?.latestExecution?.token
      if (token === undefined || answered.has(token)) continue
      if (executionId !== undefined && latestExecution?.pipelineExecutionId !== executionId) continue
      answered.add(token)
      await codepipeline.putApprovalResult({
        pipelineName: 'bench',
        stageName: stageName!,
        actionName: 'Ask',
        token,
        result: { status: 'Approved', summary: '' },
      })
    }
    const last = stageStates.at(-1)?.latestExecution
    if (last?.status === 'Succeeded' && (executionId === undefined || last.pipelineExecutionId === executionId)) return
    await delay(2)
  }
  throw new Error('the pipeline did not come to its end')
}

/** Milliseconds from the end of one job to the end of the next, each made by the one before. */
async function jobHop(yard: Yard): Promise<number> {
  const place = { host: join(yard.dataDir, 'postgres'), port: 5432, user: 'codeyard' }
  const admin = new pg.Client({ ...place, database: 'codeyard' })
  await admin.connect()
  await admin.query('create database bench')
  await admin.end()
  const pgPool = new pg.Pool({ ...place, database: 'bench' })
  pgPool.on('error', () => {})
  pgPool.on('connect', client => void client.on('error', () => {}))
  try {
    await runMigrations({ pgPool })
    const over = Promise.withResolvers<void>()
    const taskList: TaskList = {
      async hop(payload, { addJob }) {
        const { left } = payload as { left: number }
        if (left === 0) over.resolve()
        else await addJob('hop', { left: left - 1 })
      },
    }
    const logger = new Logger(() => () => {})
    const runner = await run({ pgPool, taskList, concurrency: 8, noHandleSignals: true, logger })
    const taken = await timed(async () => {
      await runner.addJob('hop', { left: HOPS })
      await over.promise
    })
    await runner.stop()
    return taken / HOPS
  } finally {
    await pgPool.end()
  }
}
