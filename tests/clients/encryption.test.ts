// Server-side encryption with real clients: aws command lines put and get objects under keys of their own; builds and pipelines leave
// their artifacts under a key, across accounts too, and fail in AWS's words where a permission is missing.

import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { KMS } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipOfFiles } from '../../src/build/archives.ts'
import { type Aws, findClis, openCli, unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const clis = await findClis()
const MB = 1024 * 1024
const OWN = '000000000000'
const OTHER = '111111111111'
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' })
const trust = (Principal: object) => document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })
const rootOf = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` })
const SERVICES = { Service: ['codebuild.amazonaws.com', 'codepipeline.amazonaws.com'] }
const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const

let yard: Yard
let kms: KMS
beforeAll(async () => {
  // The other account first: its role and its project.
  yard = await openYard({ args: ['--account', OTHER, '--sandbox', 'host'] })
  await makeRole(yard, 'guest', trust({ ...SERVICES, ...rootOf(OWN) }), allow('s3:*', 'logs:*', 'codebuild:*', 'kms:*'))
  await yard.clients.codebuild.createProject({
    name: 'abroad',
    source: { type: 'CODEPIPELINE', buildspec: buildspec('cat page.txt > made.txt', 'made.txt') },
    artifacts: { type: 'CODEPIPELINE' },
    environment,
    serviceRole: `arn:aws:iam::${OTHER}:role/guest`,
  })
  await yard.stop()
  yard = await openYard({ dataDir: yard.dataDir, args: ['--sandbox', 'host'] })
  const { endpoint, accessKeyId, secretAccessKey } = yard
  kms = new KMS({ endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } })
}, 120_000)
afterAll(async () => {
  kms?.destroy()
  if (!yard) return
  const errors = unexpectedErrors(yard)
  await yard.close()
  expect(errors).toEqual([])
})

const buildspec = (command: string, file: string, more = '') =>
  `version: 0.2\nphases: { build: { commands: [${JSON.stringify(command)}] } }\nartifacts: { files: [${file}] }\n${more}`
async function makeRole({ clients }: Yard, RoleName: string, AssumeRolePolicyDocument: string, statement: object) {
  await clients.iam.createRole({ RoleName, AssumeRolePolicyDocument })
  await clients.iam.putRolePolicy({ RoleName, PolicyName: 'may', PolicyDocument: document(statement) })
}
async function* onePage() {
  const content = Readable.from(['a page'])
  yield { path: 'page.txt', mode: 0o644, size: 6, mtime: undefined, content }
}
/** Whether any stored object's file holds these bytes. */
async function onDisk(bytes: Buffer): Promise<boolean> {
  const folder = join(yard.dataDir, 'blobs')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (entry.isFile() && (await readFile(join(entry.parentPath, entry.name))).includes(bytes)) return true
  }
  return false
}

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const b = `sealed-${program.slug}`
  const at = (name: string) => join(aws.home, name)
  beforeAll(async () => {
    aws = await openCli(program, yard)
  })
  afterAll(() => aws?.close())

  test('a file goes up in parts under a key, comes down whole, by range and by link, moves to another key, and is gone with it', async () => {
    const keys: string[] = []
    for (let i = 0; i < 2; i++) keys.push((await aws`kms create-key`).KeyMetadata.Arn)
    const [one, two] = keys as [string, string]
    await aws`kms create-alias --alias-name alias/${b} --target-key-id ${one.split('/')[1]!}`
    await aws`s3 mb s3://${b}`
    const large = randomBytes(20 * MB)
    await writeFile(at('large.bin'), large)
    await aws`s3 cp large.bin s3://${b}/large.bin --sse aws:kms --sse-kms-key-id alias/${b} --no-progress`
    const head = await aws`s3api head-object --bucket ${b} --key large.bin`
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: one, ContentLength: large.length })
    expect(await onDisk(large.subarray(9 * MB, 9 * MB + 64))).toBe(false)
    await aws`s3 cp s3://${b}/large.bin down.bin --no-progress`
    expect((await readFile(at('down.bin'))).equals(large)).toBe(true)
    await aws`s3api get-object --bucket ${b} --key large.bin --range bytes=8388600-8388700 part`
    expect((await readFile(at('part'))).equals(large.subarray(8388600, 8388701))).toBe(true)
    const link = await aws`s3 presign s3://${b}/large.bin --expires-in 300`
    const answer = await fetch(link, { headers: { range: 'bytes=-10' } })
    expect(answer.status).toBe(206)
    expect(Buffer.from(await answer.arrayBuffer()).equals(large.subarray(-10))).toBe(true)

    await aws`s3 cp s3://${b}/large.bin s3://${b}/moved.bin --sse aws:kms --sse-kms-key-id ${two} --no-progress`
    await aws`kms disable-key --key-id ${one}`
    await expect(aws`s3api get-object --bucket ${b} --key large.bin out`).rejects.toThrow(
      `An error occurred (KMS.DisabledException) when calling the GetObject operation: ${one} is disabled.`,
    )
    await expect(
      aws`s3 cp large.bin s3://${b}/again.bin --sse aws:kms --sse-kms-key-id ${one} --no-progress`,
    ).rejects.toThrow('(KMS.DisabledException) when calling the CreateMultipartUpload operation')
    await aws`s3 cp s3://${b}/moved.bin down.bin --no-progress`
    expect((await readFile(at('down.bin'))).equals(large)).toBe(true)
    await aws`kms enable-key --key-id ${one}`
    await aws`s3api get-object --bucket ${b} --key large.bin out`
    expect((await readFile(at('out'))).equals(large)).toBe(true)
    await aws`s3 rb s3://${b} --force`
  })

  test('a bucket’s default encrypts what does not ask; unknown keys are refused', async () => {
    const d = `${b}-default`
    const { Arn, KeyId } = (await aws`kms create-key`).KeyMetadata
    await aws`s3api create-bucket --bucket ${d}`
    const byDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyId }
    await aws`s3api put-bucket-encryption --bucket ${d} --server-side-encryption-configuration ${{
      Rules: [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }],
    }}`
    await writeFile(at('note.txt'), `a note of ${d}`)
    expect(await aws`s3api put-object --bucket ${d} --key note --body note.txt`).toMatchObject({
      SSEKMSKeyId: Arn,
      BucketKeyEnabled: true,
    })
    expect(await onDisk(Buffer.from(`a note of ${d}`))).toBe(false)
    expect(await aws`s3 cp s3://${d}/note -`).toBe(`a note of ${d}`)
    const context = Buffer.from('{"team":"blue"}').toString('base64')
    const own =
      await aws`s3api put-object --bucket ${d} --key own --body note.txt --server-side-encryption aws:kms --ssekms-encryption-context ${context}`
    expect(JSON.parse(Buffer.from(own.SSEKMSEncryptionContext, 'base64').toString())).toEqual({
      team: 'blue',
      'aws:s3:arn': `arn:aws:s3:::${d}`,
    })
    expect(await aws`s3 cp s3://${d}/own -`).toBe(`a note of ${d}`)
    await expect(
      aws`s3api put-object --bucket ${d} --key k --body note.txt --server-side-encryption aws:kms --ssekms-key-id nothing`,
    ).rejects.toThrow(
      "An error occurred (KMS.NotFoundException) when calling the PutObject operation: Invalid keyId 'nothing'",
    )
  })
})

describe('builds and pipelines', { timeout: 300_000 }, () => {
  const maker = `arn:aws:iam::${OWN}:role/maker`
  const MAY = ['s3:*', 'logs:*', 'codebuild:*', 'sts:AssumeRole']
  const permit = (...actions: string[]) =>
    yard.clients.iam.putRolePolicy({
      RoleName: 'maker',
      PolicyName: 'may',
      PolicyDocument: document(allow(...MAY, ...actions)),
    })
  let key = ''
  beforeAll(async () => {
    await makeRole(yard, 'maker', trust(SERVICES), allow(...MAY))
    key = (await kms.createKey({})).KeyMetadata!.Arn!
    await yard.clients.s3.createBucket({ Bucket: 'store' })
    const Policy = document({
      ...allow('s3:*'),
      Principal: rootOf(OTHER),
      Resource: ['arn:aws:s3:::store', 'arn:aws:s3:::store/*'],
    })
    await yard.clients.s3.putBucketPolicy({ Bucket: 'store', Policy })
  }, 60_000)

  const headed = (Key: string) => yard.clients.s3.headObject({ Bucket: 'store', Key })

  test('a build’s artifacts, exported reports and cache are under the project’s key, if its role may use it', async () => {
    const { codebuild, s3 } = yard.clients
    const { reportGroup } = await codebuild.createReportGroup({
      name: 'sealed-reports',
      type: 'TEST',
      exportConfig: {
        exportConfigType: 'S3',
        s3Destination: { bucket: 'store', path: 'reports', packaging: 'NONE', encryptionKey: key },
      },
    })
    const junit = '<testsuite name=\\"s\\"><testcase name=\\"t\\" classname=\\"c\\"/></testsuite>'
    const command = `mkdir -p kept; echo kept > kept/k; echo made > made.txt; echo '${junit.replaceAll('\\', '')}' > junit.xml`
    await codebuild.createProject({
      name: 'sealed',
      source: {
        type: 'NO_SOURCE',
        buildspec: buildspec(
          command,
          'made.txt',
          `reports: { ${reportGroup!.arn}: { files: [junit.xml] } }\ncache: { paths: [kept/**/*] }\n`,
        ),
      },
      artifacts: { type: 'S3', location: 'store', name: 'made.zip', packaging: 'ZIP' },
      cache: { type: 'S3', location: 'store/cache' },
      environment,
      serviceRole: maker,
      encryptionKey: key,
    })
    const run = async (more: object = {}) => {
      const { build } = await codebuild.startBuild({ projectName: 'sealed', ...more })
      const { builds } = await until(
        () => codebuild.batchGetBuilds({ ids: [build!.id!] }),
        answer => answer.builds![0]!.buildStatus !== 'IN_PROGRESS',
      )
      return builds![0]!
    }
    const refused = await run()
    expect(refused.buildStatus).toBe('FAILED')
    const upload = refused.phases!.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS')
    expect(upload!.contexts![0]!.message).toMatch(
      new RegExp(
        `AccessDenied: User: arn:aws:sts::${OWN}:assumed-role/maker/\\S+ is not authorized to perform: kms:GenerateDataKey on resource: ${key} because no identity-based policy allows the kms:GenerateDataKey action`,
      ),
    )
    await permit('kms:GenerateDataKey', 'kms:Decrypt')
    expect((await run()).buildStatus).toBe('SUCCEEDED')
    expect(await headed('made.zip')).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
    for (const Prefix of ['reports/sealed-reports/', 'cache/']) {
      const { Contents } = await s3.listObjectsV2({ Bucket: 'store', Prefix })
      const found = await Promise.all((Contents ?? []).map(({ Key }) => headed(Key!)))
      expect([...new Set(found.map(({ SSEKMSKeyId }) => SSEKMSKeyId))]).toEqual([key])
    }

    const artifactsOverride = { type: 'S3', location: 'store', name: 'plain.zip', packaging: 'ZIP' } as const
    expect((await run({ artifactsOverride: { ...artifactsOverride, encryptionDisabled: true } })).buildStatus).toBe(
      'SUCCEEDED',
    )
    expect(await headed('plain.zip')).toMatchObject({ ServerSideEncryption: 'AES256' })
    const ObjectEncryption = { SSEKMS: { KMSKeyArn: key } }
    await s3.updateObjectEncryption({ Bucket: 'store', Key: 'plain.zip', ObjectEncryption })
    expect(await headed('plain.zip')).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
  })

  test('a pipeline’s artifacts are under its store’s key, for a build in another account as far as the key’s policy says', async () => {
    const { codepipeline, s3 } = yard.clients
    await permit()
    await s3.createBucket({ Bucket: 'pages' })
    await s3.putBucketVersioning({ Bucket: 'pages', VersioningConfiguration: { Status: 'Enabled' } })
    const zip = join(yard.dataDir, 'page.zip')
    await zipOfFiles(zip, onePage())
    await s3.putObject({ Bucket: 'pages', Key: 'page.zip', Body: await readFile(zip) })
    const action = (name: string, category: 'Source' | 'Build', provider: string, more: object) => ({
      name,
      actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
      ...more,
    })
    const name = 'sealed'
    await codepipeline.createPipeline({
      pipeline: {
        name,
        roleArn: maker,
        artifactStore: { type: 'S3', location: 'store', encryptionKey: { id: key, type: 'KMS' } },
        stages: [
          {
            name: 'Source',
            actions: [
              action('Fetch', 'Source', 'S3', {
                configuration: { S3Bucket: 'pages', S3ObjectKey: 'page.zip', PollForSourceChanges: 'false' },
                outputArtifacts: [{ name: 'Src' }],
              }),
            ],
          },
          {
            name: 'Build',
            actions: [
              action('Make', 'Build', 'CodeBuild', {
                configuration: { ProjectName: 'abroad' },
                roleArn: `arn:aws:iam::${OTHER}:role/guest`,
                inputArtifacts: [{ name: 'Src' }],
                outputArtifacts: [{ name: 'Out' }],
              }),
            ],
          },
        ],
      },
    })
    /** How the newest execution ended: its status, and what failed in it. */
    const ended = async (pipelineExecutionId: string) => {
      await until(
        () => codepipeline.getPipelineExecution({ pipelineName: name, pipelineExecutionId }),
        ({ pipelineExecution }) => pipelineExecution!.status !== 'InProgress',
      )
      const { actionExecutionDetails } = await codepipeline.listActionExecutions({
        pipelineName: name,
        filter: { pipelineExecutionId },
      })
      return actionExecutionDetails!
    }
    const started = async () => (await codepipeline.startPipelineExecution({ name })).pipelineExecutionId!
    const first = await until(
      () => codepipeline.listPipelineExecutions({ pipelineName: name }),
      ({ pipelineExecutionSummaries }) => pipelineExecutionSummaries!.length > 0,
    )
    const [refused] = await ended(first.pipelineExecutionSummaries![0]!.pipelineExecutionId!)
    expect(refused).toMatchObject({ actionName: 'Fetch', status: 'Failed' })
    expect(refused!.output!.executionResult!.errorDetails).toMatchObject({
      code: 'PermissionError',
      message: expect.stringContaining(`is not authorized to perform: kms:GenerateDataKey on resource: ${key}`),
    })

    await permit('kms:GenerateDataKey', 'kms:Decrypt')
    const stopped = (await ended(await started())).find(({ actionName }) => actionName === 'Make')
    expect(stopped).toMatchObject({ status: 'Failed' })
    // AWS: of a key in another account that does not let one in.
    expect(stopped!.output!.executionResult!.errorDetails!.message).toContain(
      `is not authorized to perform: kms:Decrypt on resource: ${key} because no resource-based policy allows the kms:Decrypt action`,
    )

    await kms.putKeyPolicy({
      KeyId: key,
      Policy: document(
        { ...allow('kms:*'), Principal: rootOf(OWN) },
        { ...allow('kms:GenerateDataKey', 'kms:Decrypt'), Principal: rootOf(OTHER) },
      ),
    })
    const made = await ended(await started())
    expect(made.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded'])
    for (const { output } of made) {
      const { bucket, key: Key } = output!.outputArtifacts![0]!.s3location!
      expect(bucket).toBe('store')
      expect(await headed(Key!)).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
    }
  })
})
