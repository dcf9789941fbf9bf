// What a hostile or careless client must not be able to do, and what a house in development does on demand.

import { S3 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openYard, type Yard } from './harness/yard.ts'

const PATIENCE = 60_000
let yard: Yard
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host', '--dev'] })
}, PATIENCE)
afterAll(() => yard?.close())

const reset = (headers: Record<string, string> = {}, method = 'POST') =>
  fetch(`${yard.endpoint}/_codeyard/reset`, { method, headers })

describe('a NUL character', { timeout: PATIENCE }, () => {
  test.each([
    [
      'AWS JSON',
      () =>
        yard.clients.codecommit.createRepository({
          repositoryName: 'nul-json',
          repositoryDescription: 'a\0b',
        }),
      /NUL|[Dd]escription/,
    ],
    [
      'AWS JSON in a map',
      () => yard.clients.codecommit.createRepository({ repositoryName: 'n', tags: { a: '\0' } }),
      /NUL|tag/i,
    ],
    ['Query', () => yard.clients.iam.createUser({ UserName: 'nul', Path: '/a\0b/' }), /NUL|path/i],
    [
      'REST XML',
      () => yard.clients.s3.putBucketTagging({ Bucket: 'nul', Tagging: { TagSet: [{ Key: 'a\0', Value: 'b' }] } }),
      /./,
    ],
    ['a name', () => yard.clients.codebuild.batchGetProjects({ names: ['a\0'] }), /NUL|name/i],
    ['free text', () => yard.clients.logs.createLogGroup({ logGroupName: 'nul', tags: { k: 'a\0b' } }), /NUL|tag/i],
  ])('in %s is the caller’s mistake, not a failure of the server', async (_where, call, message) => {
    const refused = await call().then(
      () => undefined,
      error => error,
    )
    expect(refused.$metadata.httpStatusCode).toBe(400)
    expect(refused.message).toMatch(message)
  })

  test('in a log event is kept', async () => {
    const { logs } = yard.clients
    await logs.createLogGroup({ logGroupName: 'binary' })
    await logs.createLogStream({ logGroupName: 'binary', logStreamName: 's' })
    const logEvents = [{ timestamp: Date.now(), message: 'a\0b' }]
    await logs.putLogEvents({ logGroupName: 'binary', logStreamName: 's', logEvents })
    const { events } = await logs.getLogEvents({ logGroupName: 'binary', logStreamName: 's', startFromHead: true })
    expect(events![0]!.message).toBe('a\0b')
  })
})

describe('root', { timeout: PATIENCE }, () => {
  test('mends a bucket policy that denies everybody, and nothing else', async () => {
    const { s3 } = yard.clients
    const Bucket = 'locked-out'
    await s3.createBucket({ Bucket })
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    await s3.putBucketPolicy({ Bucket, Policy })
    await expect(s3.listObjectsV2({ Bucket })).rejects.toMatchObject({ name: 'AccessDenied' })
    expect((await s3.getBucketPolicy({ Bucket })).Policy).toBe(Policy)
    await s3.putBucketPolicy({ Bucket, Policy })
    await s3.deleteBucketPolicy({ Bucket })
    expect((await s3.listObjectsV2({ Bucket })).KeyCount).toBe(0)
  })

  test('is locked out where the policy is not about it being root', async () => {
    const { iam, s3 } = yard.clients
    await s3.createBucket({ Bucket: 'locked-user' })
    await iam.createUser({ UserName: 'mallory' })
    const { AccessKey: key } = await iam.createAccessKey({ UserName: 'mallory' })
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [everything] })
    await iam.putUserPolicy({ UserName: 'mallory', PolicyName: 'all', PolicyDocument })
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::locked-user' }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    await s3.putBucketPolicy({ Bucket: 'locked-user', Policy })
    const mallory = new S3({
      endpoint: yard.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! },
    })
    await expect(mallory.deleteBucketPolicy({ Bucket: 'locked-user' })).rejects.toMatchObject({ name: 'AccessDenied' })
    mallory.destroy()
    await expect
      .poll(async () => (await iam.getAccessKeyLastUsed({ AccessKeyId: key!.AccessKeyId })).AccessKeyLastUsed, {
        timeout: 30_000,
        interval: 250,
      })
      .toMatchObject({ ServiceName: 's3', Region: 'us-east-1' })
  })
})

test.each(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'])(
  '%s needs no signature, and says that it is not there',
  async Action => {
    const common = { Action, Version: '2011-06-15', RoleArn: 'arn:aws:iam::000000000000:role/anybody' }
    const own: Record<string, string> =
      Action === 'AssumeRoleWithSAML'
        ? { PrincipalArn: 'arn:aws:iam::000000000000:saml-provider/x', SAMLAssertion: 'abcd' }
        : { RoleSessionName: 'me', WebIdentityToken: 'token' }
    const answer = await fetch(yard.endpoint, { method: 'POST', body: new URLSearchParams({ ...common, ...own }) })
    expect(answer.status).toBe(501)
    expect(await answer.text()).toContain('NotImplemented')
    const unsigned = await fetch(yard.endpoint, {
      method: 'POST',
      body: new URLSearchParams({ ...common, Action: 'GetCallerIdentity' }),
    })
    expect(unsigned.status).toBe(403)
  },
)

describe('reset', { timeout: PATIENCE }, () => {
  test('empties every service and keeps the root keys', async () => {
    const { codecommit, s3, iam, codebuild } = yard.clients
    await codecommit.createRepository({ repositoryName: 'to-go' })
    await s3.createBucket({ Bucket: 'to-go' })
    await s3.putObject({ Bucket: 'to-go', Key: 'a', Body: 'b' })
    expect((await reset()).status).toBe(200)
    expect((await codecommit.listRepositories({})).repositories).toEqual([])
    expect((await s3.listBuckets()).Buckets).toEqual([])
    expect((await iam.listUsers()).Users).toEqual([])
    expect((await codebuild.listProjects()).projects).toEqual([])
    await codecommit.createRepository({ repositoryName: 'to-go' }) // and works on
    await codecommit.putFile({
      repositoryName: 'to-go',
      branchName: 'main',
      filePath: 'a',
      fileContent: Buffer.from('b'),
    })
    expect((await fetch(`${yard.endpoint}/_codeyard/health`)).status).toBe(200)
  })

  test('is not for web pages, and by POST only', async () => {
    expect((await reset({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await reset({}, 'GET')).status).toBe(405)
  })
})
