// Batches of builds by a real process on the host: a graph from CodeCommit, a matrix, a list with a failing member, a stop, a retry, a
// fanout in a pipeline, and a server that is killed three times in the middle of a batch.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Build, BuildBatch } from '@aws-sdk/client-codebuild'
import { SSM } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { zipOfFiles } from '../src/build/archives.ts'
import { filesOfZip } from '../src/build/zipFiles.ts'
import { databaseOf, stuck } from './chaos/leftovers.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

const role = (name: string) => `arn:aws:iam::000000000000:role/${name}`
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (...Action: string[]) => document({ Effect: 'Allow', Action, Resource: '*' })

let yard: Yard
let work: string

const makeRole = async (name: string, service: string, policy: string) => {
  const { iam } = yard.clients
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }
  await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: document(trust) })
  await iam.putRolePolicy({ RoleName: name, PolicyName: 'p', PolicyDocument: policy })
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'codeyard-batches-'))
  yard = await openYard({ args: ['--sandbox', 'host'] })
  await makeRole('build', 'codebuild.amazonaws.com', allow('logs:*', 's3:*', 'codecommit:GitPull'))
  const ofBatches = ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:RetryBuild']
  await makeRole('batch', 'codebuild.amazonaws.com', allow(...ofBatches))
  await makeRole('poor', 'codebuild.amazonaws.com', allow('codebuild:StopBuild'))
}, 120_000)
afterAll(async () => {
  await yard?.close()
  await rm(work, { recursive: true, force: true })
}, 60_000)

const spec = (batch: object, commands: readonly string[], more: object = {}) =>
  JSON.stringify({ version: 0.2, batch, phases: { build: { commands } }, ...more })

const project = (name: string, buildspec: string | undefined, more: object = {}) =>
  yard.clients.codebuild.createProject({
    name,
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('build'),
    buildBatchConfig: { serviceRole: role('batch') },
    ...more,
  })

const get = async (id: string): Promise<BuildBatch> =>
  (await yard.clients.codebuild.batchGetBuildBatches({ ids: [id] })).buildBatches![0]!

async function until(id: string, wanted: (batch: BuildBatch) => boolean | undefined, seconds = 60) {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(50)) {
    const batch = await get(id)
    if (wanted(batch)) return batch
  }
  throw new Error(`it never happened: ${JSON.stringify(await get(id))}\n${yard.log().slice(-3000)}`)
}
const over = (batch: BuildBatch) => batch.complete && !Object.values(statuses(batch)).includes('IN_PROGRESS')
const ended = (id: string, seconds?: number) => until(id, over, seconds)
const statuses = ({ buildGroups = [] }: BuildBatch) =>
  Object.fromEntries(
    buildGroups.map(({ identifier, currentBuildSummary: current }) => [identifier, current?.buildStatus]),
  )
const buildsOf = async ({ buildGroups = [] }: BuildBatch): Promise<Build[]> => {
  const ids = buildGroups.map(({ currentBuildSummary }) => currentBuildSummary!.arn!)
  return (await yard.clients.codebuild.batchGetBuilds({ ids })).builds!
}
const start = async (projectName: string, more: object = {}) =>
  (await yard.clients.codebuild.startBuildBatch({ projectName, ...more })).buildBatch!.id!
async function logOf({ logs }: Build): Promise<string> {
  const place = { logGroupName: logs!.groupName!, logStreamName: logs!.streamName!, startFromHead: true }
  return (await yard.clients.logs.getLogEvents(place)).events!.map(({ message }) => message).join('')
}
const ssm = () =>
  new SSM({
    endpoint: yard.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: yard.accessKeyId, secretAccessKey: yard.secretAccessKey },
  })
/** The answer of the aws command line. */
async function aws(...args: string[]): Promise<any> {
  const { stdout } = await client(yard, 'aws', [...args, '--output', 'json'])
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

test('a graph from CodeCommit runs in its order, every build at the commit that its buildspec was read from', async () => {
  const { codecommit } = yard.clients
  await codecommit.createRepository({ repositoryName: 'app' })
  const graph = {
    'build-graph': [
      { identifier: 'pack', 'depend-on': ['unit', 'lint'], buildspec: 'ci/pack.yml' },
      { identifier: 'unit', 'depend-on': ['compile'] },
      { identifier: 'lint', 'depend-on': ['compile'], 'ignore-failure': true },
      { identifier: 'compile', env: { variables: { KIND: 'first' } } },
    ],
  }
  const main = spec(graph, [
    'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER is $KIND"',
    '[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != lint ]',
  ])
  const pack = 'version: 0.2\nphases:\n  build:\n    commands: [cat README]\n'
  const put = (README: string, parentCommitId?: string) =>
    codecommit.createCommit({
      repositoryName: 'app',
      branchName: 'main',
      parentCommitId,
      putFiles: Object.entries({ 'buildspec.yml': main, 'ci/pack.yml': pack, README }).map(([filePath, text]) => ({
        filePath,
        fileContent: Buffer.from(text),
      })),
    })
  const { commitId } = await put('the first\n')
  await project('app', undefined, {
    source: { type: 'CODECOMMIT', location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app' },
  })
  const id = await start('app')
  // Pushed while the batch runs: none of its builds sees it.
  await until(id, ({ currentPhase }) => currentPhase === 'IN_PROGRESS')
  await put('the second\n', commitId)
  const batch = await ended(id)
  expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', resolvedSourceVersion: commitId, initiator: 'root' })
  expect(statuses(batch)).toEqual({ pack: 'SUCCEEDED', unit: 'SUCCEEDED', lint: 'FAILED', compile: 'SUCCEEDED' })
  const [last, unit, , compile] = await buildsOf(batch)
  expect(await logOf(last!)).toContain('the first\n')
  expect(await logOf(compile!)).toContain('compile is first\n')
  expect(compile!.endTime!.getTime()).toBeLessThanOrEqual(unit!.startTime!.getTime())
  expect(unit!.endTime!.getTime()).toBeLessThanOrEqual(last!.startTime!.getTime())
  expect([last, unit, compile].map(build => build?.buildBatchArn)).toEqual([batch.arn, batch.arn, batch.arn])
}, 120_000)

test('the aws command line starts a matrix, reads it, lists and deletes it', async () => {
  const dynamic = { env: { variables: { A: ['1', '2'], B: ['x', 'y'] } } }
  await project(
    'matrix',
    spec({ 'build-matrix': { static: { 'ignore-failure': false }, dynamic } }, ['echo "made $A$B"']),
  )
  const { buildBatch } = await aws(
    'codebuild',
    'start-build-batch',
    '--project-name',
    'matrix',
    '--idempotency-token',
    't',
  )
  expect(buildBatch).toMatchObject({ currentPhase: 'SUBMITTED', complete: false, buildBatchNumber: 1 })
  const again = await aws('codebuild', 'start-build-batch', '--project-name', 'matrix', '--idempotency-token', 't')
  expect(again.buildBatch.id).toBe(buildBatch.id)
  const batch = await ended(buildBatch.id)
  const logs = await Promise.all((await buildsOf(batch)).map(logOf))
  expect(logs.map(log => /^made (.*)$/m.exec(log)?.[1])).toEqual(['1x', '1y', '2x', '2y'])
  const { buildBatches } = await aws('codebuild', 'batch-get-build-batches', '--ids', buildBatch.id)
  expect(buildBatches[0].phases.map(({ phaseType }: any) => phaseType)).toEqual([
    'SUBMITTED',
    'DOWNLOAD_BATCHSPEC',
    'IN_PROGRESS',
    'COMBINE_ARTIFACTS',
    'SUCCEEDED',
  ])
  const filter = ['--project-name', 'matrix', '--filter', 'status=SUCCEEDED']
  expect((await aws('codebuild', 'list-build-batches-for-project', ...filter)).ids).toEqual([buildBatch.id])
  // Each build of a batch is a build like any other, and counted as one.
  const launcher = fileURLToPath(new URL('../codeyard', import.meta.url))
  const { stdout } = await client(yard, launcher, ['usage', '--project', 'matrix', '--json'])
  expect(JSON.parse(stdout).usage).toMatchObject([{ project: 'matrix', builds: 4 }])
  const deleted = await aws('codebuild', 'delete-build-batch', '--id', buildBatch.id)
  expect(deleted).toMatchObject({ statusCode: 'BATCH_DELETED', buildsNotDeleted: [] })
  expect(deleted.buildsDeleted).toHaveLength(4)
  expect((await aws('codebuild', 'list-builds-for-project', '--project-name', 'matrix')).ids).toEqual([])
}, 180_000)

test('a list with a failing member fails, and its retry runs that one again', async () => {
  const members = ['fine', 'weak', 'fine2'].map(identifier => ({ identifier }))
  await project(
    'list',
    spec({ 'build-list': members }, ['case $CODEBUILD_BATCH_BUILD_IDENTIFIER in weak) [ -n "$MENDED" ];; esac']),
    {
      artifacts: { type: 'NO_ARTIFACTS' },
    },
  )
  const failed = await ended(await start('list'))
  expect(failed.buildBatchStatus).toBe('FAILED')
  expect(statuses(failed)).toEqual({ fine: 'SUCCEEDED', weak: 'FAILED', fine2: 'SUCCEEDED' })
  await aws('codebuild', 'retry-build-batch', '--id', failed.id!, '--retry-type', 'RETRY_FAILED_BUILDS')
  const again = await ended(failed.id!)
  expect(again.buildGroups?.map(({ priorBuildSummaryList }) => priorBuildSummaryList?.length ?? 0)).toEqual([0, 1, 0])
  expect(statuses(again).weak).toBe('FAILED')
  const variable = { name: 'MENDED', value: '1' }
  const fixed = await ended(await start('list', { environmentVariablesOverride: [variable] }))
  expect(fixed.buildBatchStatus).toBe('SUCCEEDED')
}, 120_000)

test('a stop in the middle stops what runs, and a retry of all goes on from it', async () => {
  const chain = [{ identifier: 'first' }, { identifier: 'second', 'depend-on': ['first'] }]
  const flag = `sleep-of-${process.pid}`
  await ssm().putParameter({ Name: `/${flag}`, Value: '600', Type: 'String' })
  await project('stops', spec({ 'build-graph': chain }, ['echo began', 'sleep "${SECONDS_TO_SLEEP}"']), {
    environment: {
      type: 'LINUX_CONTAINER',
      image: 'any',
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [{ name: 'SECONDS_TO_SLEEP', value: `/${flag}`, type: 'PARAMETER_STORE' }],
    },
  })
  await yard.clients.iam.putRolePolicy({
    RoleName: 'build',
    PolicyName: 'ssm',
    PolicyDocument: allow('ssm:GetParameters'),
  })
  const id = await start('stops')
  const batchOf = await until(id, batch => statuses(batch).first === 'IN_PROGRESS')
  const arn = batchOf.buildGroups![0]!.currentBuildSummary!.arn!
  const build = async () => (await yard.clients.codebuild.batchGetBuilds({ ids: [arn] })).builds?.[0]
  for (const end = performance.now() + 60_000; (await build())?.currentPhase !== 'BUILD'; await delay(50))
    expect(performance.now(), 'the first build does not begin').toBeLessThan(end)
  const { buildBatch } = await aws('codebuild', 'stop-build-batch', '--id', id)
  expect(buildBatch).toMatchObject({ buildBatchStatus: 'STOPPED', currentPhase: 'STOPPED', complete: true })
  expect(statuses(await ended(id))).toEqual({ first: 'STOPPED', second: 'STOPPED' })
  expect((await build())?.buildStatus).toBe('STOPPED')
  await ssm().putParameter({ Name: `/${flag}`, Value: '0', Type: 'String', Overwrite: true })
  await yard.clients.codebuild.retryBuildBatch({ id, retryType: 'RETRY_ALL_BUILDS' })
  const batch = await ended(id)
  expect(statuses(batch)).toEqual({ first: 'SUCCEEDED', second: 'SUCCEEDED' })
  expect(batch.buildBatchStatus).toBe('SUCCEEDED')
}, 120_000)

test('a batch whose role may not start builds fails with what it lacks', async () => {
  await project('poor', spec({ 'build-list': [{ identifier: 'a' }] }, ['true']), {
    buildBatchConfig: { serviceRole: role('poor') },
  })
  const batch = await ended(await start('poor'))
  expect(batch.buildBatchStatus).toBe('FAILED')
  const contexts = batch.phases!.flatMap(({ contexts = [] }) => contexts)
  expect(contexts[0]?.statusCode).toBe('ACCESS_DENIED')
  expect(contexts[0]?.message).toContain('is not authorized to perform: codebuild:StartBuild')
}, 60_000)

test('a pipeline builds a batch: outputs by build, or all in one', async () => {
  const { s3, codepipeline } = yard.clients
  await s3.createBucket({ Bucket: 'pipes' })
  await s3.putBucketVersioning({ Bucket: 'pipes', VersioningConfiguration: { Status: 'Enabled' } })
  const text = spec(
    { 'build-list': [{ identifier: 'one' }, { identifier: 'two' }] },
    ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER by $CODEBUILD_INITIATOR" > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"'],
    { artifacts: { files: ['*.txt'], 'secondary-artifacts': { more: { files: ['*.txt'] } } } },
  )
  const zip = join(work, 'source.zip')
  const file = { path: 'buildspec.yml', mode: 0o644, size: text.length, mtime: undefined }
  await zipOfFiles(
    zip,
    (async function* () {
      yield { ...file, content: Readable.from([Buffer.from(text)]) }
    })(),
  )
  await s3.putObject({ Bucket: 'pipes', Key: 'source.zip', Body: await readFile(zip) })
  await project('piped', undefined, { source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } })
  const ofBatches = ['codebuild:StartBuildBatch', 'codebuild:BatchGetBuildBatches']
  await makeRole('pipe', 'codepipeline.amazonaws.com', allow('s3:*', ...ofBatches))
  const action = (name: string, category: string, provider: string, configuration: object, more: object) => ({
    name,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' } as any,
    configuration: configuration as any,
    ...more,
  })
  const build = (name: string, more: object, outputs: string[]) =>
    action(
      name,
      'Build',
      'CodeBuild',
      { ProjectName: 'piped', BatchEnabled: 'true', ...more },
      {
        inputArtifacts: [{ name: 'src' }],
        outputArtifacts: outputs.map(output => ({ name: output })),
      },
    )
  const source = { S3Bucket: 'pipes', S3ObjectKey: 'source.zip', PollForSourceChanges: 'false' }
  await codepipeline.createPipeline({
    pipeline: {
      name: 'pipe',
      roleArn: role('pipe'),
      artifactStore: { type: 'S3', location: 'pipes' },
      stages: [
        { name: 'Source', actions: [action('S', 'Source', 'S3', source, { outputArtifacts: [{ name: 'src' }] })] },
        { name: 'Build', actions: [build('Each', {}, ['one', 'two_more'])] },
        { name: 'Again', actions: [build('All', { CombineArtifacts: 'true' }, ['everything'])] },
      ],
    },
  })
  let executions: any[] = []
  for (const end = performance.now() + 60_000; performance.now() < end; await delay(100)) {
    executions = (await codepipeline.listPipelineExecutions({ pipelineName: 'pipe' })).pipelineExecutionSummaries ?? []
    if (executions[0] && executions[0].status !== 'InProgress') break
  }
  const { actionExecutionDetails } = await codepipeline.listActionExecutions({ pipelineName: 'pipe' })
  expect(executions[0]?.status, JSON.stringify(actionExecutionDetails)).toBe('Succeeded')
  const made: Record<string, Record<string, string>> = {}
  for (const { output } of actionExecutionDetails!)
    for (const { name, s3location } of output?.outputArtifacts ?? []) {
      if (name === 'src') continue
      const { Body } = await s3.getObject({ Bucket: s3location!.bucket!, Key: s3location!.key! })
      const target = join(work, `${name}.zip`)
      await writeFile(target, await Body!.transformToByteArray())
      const files: Record<string, string> = {}
      for await (const one of filesOfZip(target))
        files[one.path] = Buffer.concat(await one.content.toArray()).toString()
      made[name!] = files
    }
  const by = (build: string) => ({ [`${build}.txt`]: `${build} by codepipeline/pipe\n` })
  expect(made).toEqual({ one: by('one'), two_more: by('two'), everything: { ...by('one'), ...by('two') } })
  expect(
    (await aws('codepipeline', 'get-pipeline-state', '--name', 'pipe')).stageStates[1].actionStates[0],
  ).toMatchObject({
    latestExecution: { status: 'Succeeded', externalExecutionId: expect.stringMatching(/^piped:/) },
  })
}, 180_000)

test('a server that is killed in the middle of a batch, three times, loses no build and runs none twice', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const graph = names.map((identifier, index) => ({
    identifier,
    ...(index >= 2 && { 'depend-on': [names[index - 2]!] }),
  }))
  await project('mortal', spec({ 'build-graph': graph }, ['echo "ran $CODEBUILD_BATCH_BUILD_IDENTIFIER"', 'sleep 1']))
  const id = await start('mortal')
  const moments: ((batch: BuildBatch) => boolean)[] = [
    () => true,
    batch => statuses(batch).a === 'IN_PROGRESS' && batch.currentPhase === 'IN_PROGRESS',
    batch => statuses(batch).c !== undefined && statuses(batch).a === 'SUCCEEDED',
  ]
  for (const moment of moments) {
    await until(id, moment)
    await yard.kill()
    yard = await openYard({ dataDir: yard.dataDir, args: ['--sandbox', 'host'] })
  }
  const batch = await ended(id, 120)
  expect(statuses(batch)).toEqual(Object.fromEntries(names.map(name => [name, 'SUCCEEDED'])))
  expect(batch.buildBatchStatus).toBe('SUCCEEDED')
  const { ids } = await yard.clients.codebuild.listBuildsForProject({ projectName: 'mortal' })
  const builds = await buildsOf(batch)
  expect([...ids!].sort()).toEqual(builds.map(build => build.id!).sort())
  const logs = await Promise.all(builds.map(logOf))
  expect(logs.map(log => log.match(/^ran .*$/gm))).toEqual(names.map(name => [`ran ${name}`]))
  expect(await stuck(databaseOf(yard.dataDir))).toEqual([])
}, 240_000)
