import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../core/log.ts'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, REGION, root, type TestHouse } from '../../testing/house.ts'
import { auditRecord, auditSink, cloudtrail } from './index.ts'
import type { AuditedCall } from './input.ts'
import { HIDDEN } from './parameters.ts'
import { pruner } from './pruning.ts'
import { isDataEvent } from './record.ts'

const NOW = new Date('2026-01-01T00:00:00.500Z')
let count = 0
const ids = { uuid: () => `id-${count++}`, text: () => '' }

function audited(
  request: Partial<AuditedCall['request']>,
  rest: Partial<Omit<AuditedCall, 'request'>> = {},
): AuditedCall {
  return {
    request: {
      service: 'codecommit',
      operation: 'CreateBranch',
      input: { repositoryName: 'demo', branchName: 'main' },
      principal: { ...root, accessKeyId: 'AKIAROOT' } as Principal,
      scope: { account: ACCOUNT, region: REGION },
      origin: { sourceIp: '127.0.0.1', userAgent: 'aws-cli', secure: false },
      requestId: 'r',
      ...request,
    },
    readOnly: false,
    now: NOW,
    ...rest,
  }
}

const recordOf = (call: AuditedCall) => JSON.parse(auditRecord(call, ids)!.record)

describe('a record', () => {
  test('is a CloudTrail event', () => {
    expect(recordOf(audited({}, { output: {} }))).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'Root',
        principalId: ACCOUNT,
        arn: `arn:aws:iam::${ACCOUNT}:root`,
        accountId: ACCOUNT,
        accessKeyId: 'AKIAROOT',
      },
      eventTime: '2026-01-01T00:00:00Z',
      eventSource: 'codecommit.amazonaws.com',
      eventName: 'CreateBranch',
      awsRegion: REGION,
      sourceIPAddress: '127.0.0.1',
      userAgent: 'aws-cli',
      requestParameters: { repositoryName: 'demo', branchName: 'main' },
      responseElements: null,
      requestID: 'r',
      eventID: expect.stringMatching(/^id-/),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    })
  })

  test('names users, roles and services', () => {
    const session = { expires: NOW, issuedTo: 'codepipeline.amazonaws.com' }
    const role: Principal = {
      type: 'assumedRole',
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
      roleId: 'AROAX',
      sessionName: 's',
      session,
    }
    expect(recordOf(audited({ principal: role })).userIdentity).toMatchObject({
      type: 'AssumedRole',
      principalId: 'AROAX:s',
      sessionContext: {
        sessionIssuer: { type: 'Role', userName: 'r', principalId: 'AROAX' },
        attributes: { mfaAuthenticated: 'false' },
      },
      invokedBy: 'codepipeline.amazonaws.com',
    })
    const user: Principal = { type: 'user', account: ACCOUNT, arn: 'a', userId: 'AIDAX', userName: 'ann' }
    expect(recordOf(audited({ principal: user })).userIdentity).toMatchObject({
      type: 'IAMUser',
      principalId: 'AIDAX',
      userName: 'ann',
    })
    expect(auditRecord(audited({ principal: user }), ids)!.username).toBe('ann')
    const service: Principal = { type: 'service', account: ACCOUNT, service: 'events.amazonaws.com' }
    expect(recordOf(audited({ principal: service })).userIdentity).toEqual({
      type: 'AWSService',
      invokedBy: 'events.amazonaws.com',
    })
  })

  test('says for whom a service used a key, and which, also when the request names none', () => {
    const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
    const origin = { sourceIp: 'ssm.amazonaws.com', userAgent: 'ssm.amazonaws.com', secure: true }
    const input = { CiphertextBlob: Buffer.from('x'), EncryptionContext: { SecretARN: 's' } }
    const used = audited({ service: 'kms', operation: 'Decrypt', input, origin }, { resources: [key, '*'] })
    expect(recordOf(used)).toMatchObject({
      userIdentity: { type: 'Root', invokedBy: 'ssm.amazonaws.com' },
      requestParameters: { encryptionContext: { SecretARN: 's' } },
      resources: [{ ARN: key, accountId: ACCOUNT, type: 'AWS::KMS::Key' }],
    })
    expect(auditRecord(used, ids)).toMatchObject({ resource_types: ['AWS::KMS::Key'], resource_names: [key] })
  })

  test('shows no secrets, no bytes, and small letters first', () => {
    const record = recordOf(
      audited(
        {
          service: 'iam',
          operation: 'CreateAccessKey',
          input: {
            UserName: 'ann',
            Password: 'p',
            nextToken: 'shown',
            clientRequestToken: 'shown',
            SecretString: 's',
            SecretId: 'shown',
            OAuthToken: 'o',
            Body: Readable.from([]),
            zip: Buffer.from('x'),
            when: NOW,
            nested: [{ secretAccessKey: 'x', configuration: { OAuthToken: 'x' } }],
          },
        },
        { output: { AccessKey: { AccessKeyId: 'AKIA', SecretAccessKey: 'x' }, SessionToken: 't', $metadata: {} } },
      ),
    )
    expect(record.requestParameters).toEqual({
      userName: 'ann',
      password: HIDDEN,
      nextToken: 'shown',
      clientRequestToken: 'shown',
      secretString: HIDDEN,
      secretId: 'shown',
      oAuthToken: HIDDEN,
      when: NOW.toISOString(),
      nested: [{ secretAccessKey: HIDDEN, configuration: { oAuthToken: HIDDEN } }],
    })
    expect(record.responseElements).toEqual({
      accessKey: { accessKeyId: 'AKIA', secretAccessKey: HIDDEN },
      sessionToken: HIDDEN,
    })
  })

  test('of a parameter never shows its value, also when the type is not said', () => {
    const input = { Name: '/app/token', Value: 'sealed', Overwrite: true }
    const row = auditRecord(audited({ service: 'ssm', operation: 'PutParameter', input }), ids)!
    expect(JSON.parse(row.record).requestParameters).toEqual({ name: '/app/token', value: HIDDEN, overwrite: true })
    expect(row.resource_names).toEqual(['/app/token'])
  })

  test('is bounded however large the input is', () => {
    const deep: any = {}
    let at = deep
    for (let level = 0; level < 100; level++) at = at.a = {}
    const row = auditRecord(
      audited({ input: { text: 'x'.repeat(1e6), list: Array(1e5).fill('y'.repeat(3000)), deep } }),
      ids,
    )!
    expect(row.record.length).toBeLessThan(110_000)
    expect(JSON.parse(row.record).requestParameters).toMatchObject({ omitted: true })
  })

  test('of a failure says why and shows no answer', () => {
    const record = recordOf(audited({}, { error: { code: 'AccessDeniedException', message: 'no' }, output: { a: 1 } }))
    expect(record).toMatchObject({ errorCode: 'AccessDeniedException', errorMessage: 'no', responseElements: null })
  })

  test.each<[service: string, operation: string, expected: boolean]>([
    ['s3', 'PutObject', true],
    ['s3', 'GetObject', true],
    ['s3', 'GetObjectAttributes', true],
    ['s3', 'GetObjectTagging', true],
    ['s3', 'DeleteObjects', true],
    ['s3', 'UploadPart', true],
    ['s3', 'UploadPartCopy', true],
    ['s3', 'CompleteMultipartUpload', true],
    ['s3', 'ListObjectsV2', true],
    ['s3', 'ListObjectVersions', true],
    ['s3', 'ListParts', true],
    ['s3', 'CreateBucket', false],
    ['s3', 'GetBucketPolicy', false],
    ['s3', 'ListBuckets', false],
    ['s3', 'PutObjectLockConfiguration', false],
    ['s3', 'GetObjectLockConfiguration', false],
    ['logs', 'PutLogEvents', true],
    ['logs', 'CreateLogGroup', false],
    ['sns', 'Publish', true],
    ['codepipeline', 'PollForJobs', false],
  ])('%s %s is a data event: %s', (service, operation, expected) => {
    expect(isDataEvent(service, operation)).toBe(expected)
  })
})

describe('the trail', () => {
  let house: TestHouse
  beforeAll(async () => {
    house = await openHouse({ services: [cloudtrail] })
    const sink = auditSink({
      store: house.store,
      ids: { ...ids, uuid: () => crypto.randomUUID() },
      log: createLog('silent'),
    })
    const at = (seconds: number) => new Date(house.clock.now().getTime() - 60_000 + seconds * 1000)
    await house.store.transaction(async tx => {
      await sink.change(tx, audited({}, { now: at(1) }))
      await sink.change(tx, audited({ input: { repositoryName: 'other' }, operation: 'DeleteBranch' }, { now: at(2) }))
    })
    for (let index = 0; index < 450; index++)
      sink.later(
        audited(
          { service: 'logs', operation: 'DescribeLogGroups', input: {}, principal: root },
          { readOnly: true, now: at(3) },
        ),
      )
    sink.later(audited({ service: 's3', operation: 'GetObject' }, { readOnly: true, now: at(3) }))
    await sink.close()
  })
  afterAll(() => house.close())

  const look = (AttributeKey?: string, AttributeValue?: string, more: object = {}) =>
    house.invoke('cloudtrail', 'LookupEvents', {
      ...(AttributeKey && { LookupAttributes: [{ AttributeKey: AttributeKey as 'EventId', AttributeValue }] }),
      ...more,
    })
  const names = async (...attribute: Parameters<typeof look>) =>
    (await look(...attribute)).Events!.map(event => event.EventName)

  test('is paged from the newest on, without loss among events of one moment', async () => {
    const seen = new Set<string>()
    let NextToken: string | undefined
    let last: string | undefined
    do {
      const page = await look(undefined, undefined, { NextToken })
      for (const event of page.Events!) seen.add(event.EventId!)
      last = page.Events!.at(-1)?.EventName
      NextToken = page.NextToken
    } while (NextToken)
    expect(seen.size).toBe(452)
    expect(last).toBe('CreateBranch')
  })

  test('is found by each attribute', async () => {
    expect(await names('EventName', 'CreateBranch')).toEqual(['CreateBranch'])
    expect(await names('EventSource', 'codecommit.amazonaws.com')).toEqual(['DeleteBranch', 'CreateBranch'])
    expect(await names('ReadOnly', 'false')).toEqual(['DeleteBranch', 'CreateBranch'])
    expect(await names('ResourceName', 'demo')).toEqual(['CreateBranch'])
    expect(await names('ResourceType', 'AWS::CodeCommit::Repository')).toEqual(['DeleteBranch', 'CreateBranch'])
    expect(await names('AccessKeyId', 'AKIAROOT')).toEqual(['DeleteBranch', 'CreateBranch'])
    expect(await names('Username', 'root', { MaxResults: 1 })).toEqual(['DescribeLogGroups'])
    const [event] = (await look('EventName', 'CreateBranch')).Events!
    expect(await names('EventId', event!.EventId)).toEqual(['CreateBranch'])
    expect(event).toMatchObject({
      ReadOnly: 'false',
      Username: 'root',
      Resources: [{ ResourceType: 'AWS::CodeCommit::Repository', ResourceName: 'demo' }],
    })
    expect(JSON.parse(event!.CloudTrailEvent!).eventName).toBe('CreateBranch')
  })

  test('is bounded by time', async () => {
    const moment = (seconds: number) => new Date(house.clock.now().getTime() - 60_000 + seconds * 1000)
    expect(await names(undefined, undefined, { StartTime: moment(1.5), EndTime: moment(2.5) })).toEqual([
      'DeleteBranch',
    ])
    await expect(look(undefined, undefined, { StartTime: moment(2), EndTime: moment(1) })).rejects.toMatchObject({
      code: 'InvalidTimeRangeException',
    })
    await expect(look(undefined, undefined, { NextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidNextTokenException',
    })
  })

  test('is pruned after 90 days by a job that comes back', async () => {
    await (await pruner.start(scope => house.openCall(cloudtrail, scope)))()
    house.clock.advance(90 * 86_400_000)
    await house.runJobs()
    expect(await house.store.read(tx => tx.rows`select 1 from cloudtrail.events`)).toEqual([])
    expect((await house.waitingJobs()).map(job => job.task)).toEqual(['cloudtrail.prune'])
  })
})

test('a name that PostgreSQL cannot hold is recorded without what it cannot hold', async () => {
  const house = await openHouse({ services: [cloudtrail] })
  const sink = auditSink({ store: house.store, ids: { ...ids }, log: createLog('silent') })
  await house.store.transaction(tx =>
    sink.change(tx, audited({ input: { repositoryName: 'a\0b\ud800', text: '\\u0000 \0' } })),
  )
  const [event] = await house.store.read(tx => tx.rows<any>`select * from cloudtrail.events`)
  expect(event.resource_names).toEqual(['ab\ufffd'])
  expect(JSON.parse(event.record).requestParameters.text).toBe('\\u0000 \0')
  await house.close()
})

test('a record that the database refuses does not hold up the others', async () => {
  const written: string[] = []
  const store = {
    transaction: async (work: any) =>
      work({
        run: async (_strings: unknown, rows: string) => {
          if (rows.includes('BadOperation')) throw Object.assign(new Error('bad'), { code: '22P05' })
          written.push(...JSON.parse(rows).map((row: any) => row.name))
        },
      }),
  }
  const sink = auditSink({ store: store as any, ids: { ...ids }, log: createLog('silent') })
  for (const operation of ['A', 'BadOperation', 'B']) sink.later(audited({ operation }))
  await sink.close()
  expect(written).toEqual(['A', 'B'])
})

test('records wait while the database is gone', async () => {
  let written = 0
  let broken = true
  const store = {
    transaction: async () => {
      if (broken) throw new Error('gone')
      written++
      return undefined as any
    },
  }
  const sink = auditSink({ store, ids: { ...ids }, log: createLog('silent') })
  sink.later(audited({}))
  await sink.close()
  expect(written).toBe(0)
  broken = false
  await sink.close()
  expect(written).toBe(1)
})
