// Objects under keys of KMS: what is on the disk, what comes back, whose permission and which state of a key it takes.

import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, root, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { s3 } from './index.ts'

const OTHER = '111111111111'
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' })
const role = (account = ACCOUNT): Principal => ({
  type: 'assumedRole',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/worker/job`,
  roleArn: `arn:aws:iam::${account}:role/worker`,
  roleId: 'AROAWORKER',
  sessionName: 'job',
  session: { expires: new Date('2100-01-01') },
})

let house: TestHouse
/** What the role's own policies allow. */
let identity: string[] = []
beforeAll(async () => {
  house = await openHouse({
    services: [s3, kms],
    now: '2026-03-01T10:00:00.500Z',
    identity: { policiesOf: async () => ({ identity }) },
  })
})
beforeEach(() => {
  identity = []
})
afterAll(() => house?.close())

let count = 0
async function bucket(): Promise<string> {
  const Bucket = `sealed-bucket-${++count}`
  await house.invoke('s3', 'CreateBucket', { Bucket })
  return Bucket
}
const newKey = async (more: object = {}, region = 'us-east-1') =>
  (await house.as(root, { account: ACCOUNT, region }).invoke('kms', 'CreateKey', more)).KeyMetadata!
const put = (Bucket: string, Key: string, Body: string | Uint8Array | Readable = 'x', more: object = {}) =>
  house.invoke('s3', 'PutObject', { Bucket, Key, Body: Body as string, ...more })
const sealed = (SSEKMSKeyId?: string) => ({
  ServerSideEncryption: 'aws:kms' as const,
  ...(SSEKMSKeyId ? { SSEKMSKeyId } : {}),
})
const get = (Bucket: string, Key: string, more: object = {}) =>
  house.invoke('s3', 'GetObject', { Bucket, Key, ...more })
const read = async (Bucket: string, Key: string, more: object = {}) =>
  text((await get(Bucket, Key, more)).Body as Readable)
/** The bytes of all blobs of one object, as they lie there. */
async function stored(Bucket: string, Key: string): Promise<Buffer> {
  const { rows } = await house.store.pool.query(
    'select segments from s3.objects where bucket = $1 and key = $2 and latest',
    [Bucket, Key],
  )
  const segments: [string][] = rows[0].segments
  return Buffer.concat(await Promise.all(segments.map(async ([id]) => buffer(await house.openCall(s3).blobs.get(id)))))
}
const md5 = (bytes: string | Uint8Array) => createHash('md5').update(bytes).digest('hex')
const kmsCalls = () =>
  house.audited
    .filter(({ request }) => request.service === 'kms')
    .map(({ request }) => ({ operation: request.operation, input: request.input as any, origin: request.origin }))

describe('an object under a key', () => {
  test('is ciphertext on the disk and itself for who reads it', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey()
    const body = `secret ${'plain text '.repeat(1000)}`
    const written = await put(Bucket, 'a/b.txt', body, sealed(Arn))
    expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn })
    expect(written.BucketKeyEnabled).toBeUndefined()
    const lying = await stored(Bucket, 'a/b.txt')
    expect(lying.length).toBe(body.length)
    expect(lying.includes('plain text')).toBe(false)
    const answer = await get(Bucket, 'a/b.txt')
    expect(await text(answer.Body as Readable)).toBe(body)
    expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn, ContentLength: body.length })
    expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'a/b.txt' })).toMatchObject({ SSEKMSKeyId: Arn })
  })

  test('has an ETag that is not its MD5, and two of the same bytes have two', async () => {
    const Bucket = await bucket()
    const one = await put(Bucket, 'one', 'same', sealed())
    const two = await put(Bucket, 'two', 'same', sealed())
    expect(one.ETag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(new Set([one.ETag, two.ETag, `"${md5('same')}"`]).size).toBe(3)
    expect((await stored(Bucket, 'one')).equals(await stored(Bucket, 'two'))).toBe(false)
  })

  test('has its checksums and Content-MD5 checked over the plain bytes', async () => {
    const Bucket = await bucket()
    const ContentMD5 = createHash('md5').update('hello').digest('base64')
    const written = await put(Bucket, 'k', 'hello', { ...sealed(), ContentMD5, ChecksumAlgorithm: 'SHA256' })
    expect(written.ChecksumSHA256).toBe('LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=')
    expect(await get(Bucket, 'k', { ChecksumMode: 'ENABLED' })).toMatchObject({
      ChecksumSHA256: written.ChecksumSHA256,
    })
    await expect(put(Bucket, 'k', 'other', { ...sealed(), ContentMD5 })).rejects.toMatchObject({
      code: 'BadDigest',
      fields: { ExpectedDigest: ContentMD5 },
    })
    const ChecksumSHA256 = written.ChecksumSHA256
    await expect(put(Bucket, 'k', 'other', { ...sealed(), ChecksumSHA256 })).rejects.toMatchObject({
      code: 'BadDigest',
    })
    expect(await read(Bucket, 'k')).toBe('hello')
  })

  test('may be empty, and may come in any pieces', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'empty', '', sealed())
    expect(await read(Bucket, 'empty')).toBe('')
    const bytes = randomBytes(3_000_001)
    const pieces = [1, 15, 17, 70_000, 1_000_003, 3_000_001].map((end, i, all) => bytes.subarray(all[i - 1] ?? 0, end))
    await put(Bucket, 'pieces', Readable.from(pieces), sealed())
    expect((await buffer((await get(Bucket, 'pieces')).Body as Readable)).equals(bytes)).toBe(true)
  })

  test.each([
    'bytes=0-0',
    'bytes=15-16',
    'bytes=16-31',
    'bytes=17-40',
    'bytes=262143-262146',
    'bytes=-1',
    'bytes=299000-',
  ])('gives %s', async Range => {
    const Bucket = `ranges-${md5(Range).slice(0, 20)}`
    await house.invoke('s3', 'CreateBucket', { Bucket })
    const bytes = randomBytes(300_000)
    await put(Bucket, 'plain', bytes)
    await put(Bucket, 'sealed', bytes, sealed())
    const [plain, opened] = await Promise.all(
      ['plain', 'sealed'].map(async Key => buffer((await get(Bucket, Key, { Range })).Body as Readable)),
    )
    expect(opened!.equals(plain!)).toBe(true)
    expect(opened!.length).toBeGreaterThan(0)
  })

  test('is sealed for its ARN, for the bucket with a bucket key, and for what the request adds', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey()
    const before = kmsCalls().length
    const pairs = { team: 'blue', 'aws:s3:arn': 'arn:aws:s3:::other' }
    const SSEKMSEncryptionContext = Buffer.from(JSON.stringify(pairs)).toString('base64')
    const written = await put(Bucket, 'dir/k', 'x', { ...sealed(Arn), SSEKMSEncryptionContext })
    const context = { team: 'blue', 'aws:s3:arn': `arn:aws:s3:::${Bucket}/dir/k` }
    expect(JSON.parse(Buffer.from(written.SSEKMSEncryptionContext!, 'base64').toString())).toEqual(context)
    expect(await put(Bucket, 'shared', 'x', { ...sealed(Arn), BucketKeyEnabled: true })).toMatchObject({
      BucketKeyEnabled: true,
    })
    expect(await read(Bucket, 'dir/k')).toBe('x')
    expect(await read(Bucket, 'shared')).toBe('x')
    expect(
      kmsCalls()
        .slice(before)
        .map(({ operation, input, origin }) => [operation, input.EncryptionContext, origin.sourceIp]),
    ).toEqual([
      ['GenerateDataKey', context, 's3.amazonaws.com'],
      ['GenerateDataKey', { 'aws:s3:arn': `arn:aws:s3:::${Bucket}` }, 's3.amazonaws.com'],
      ['Decrypt', context, 's3.amazonaws.com'],
      ['Decrypt', { 'aws:s3:arn': `arn:aws:s3:::${Bucket}` }, 's3.amazonaws.com'],
    ])
  })

  test('outlives the rotation of its key', async () => {
    const Bucket = await bucket()
    const { Arn, KeyId } = await newKey()
    await put(Bucket, 'k', 'before', sealed(Arn))
    await house.invoke('kms', 'RotateKeyOnDemand', { KeyId: KeyId! })
    await put(Bucket, 'l', 'after', sealed(Arn))
    expect([await read(Bucket, 'k'), await read(Bucket, 'l')]).toEqual(['before', 'after'])
  })

  test('written before data keys were is read as it was', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'old', 'plain')
    await house.store.pool.query(
      `update s3.objects set headers = headers || '{"ServerSideEncryption":"aws:kms","SSEKMSKeyId":"abc"}' where bucket = $1`,
      [Bucket],
    )
    expect(await read(Bucket, 'old')).toBe('plain')
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'new', CopySource: `${Bucket}/old`, ...sealed() })
    expect((await stored(Bucket, 'new')).includes('plain')).toBe(false)
    expect(await read(Bucket, 'new')).toBe('plain')
  })
})

describe('a key', () => {
  test('may be named by id, ARN, alias and alias ARN; answers name its ARN', async () => {
    const Bucket = await bucket()
    const { Arn, KeyId } = await newKey()
    await house.invoke('kms', 'CreateAlias', { AliasName: 'alias/artifacts', TargetKeyId: KeyId! })
    const alias = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/artifacts`
    for (const name of [KeyId!, Arn!, 'alias/artifacts', alias]) {
      expect(await put(Bucket, 'k', 'x', sealed(name))).toMatchObject({ SSEKMSKeyId: Arn })
      expect(await read(Bucket, 'k')).toBe('x')
    }
  })

  test('without a name is the AWS-managed one, made when it is first asked for', async () => {
    const Bucket = await bucket()
    const { SSEKMSKeyId } = await put(Bucket, 'k', 'x', sealed())
    const { KeyMetadata } = await house.invoke('kms', 'DescribeKey', { KeyId: 'alias/aws/s3' })
    expect(SSEKMSKeyId).toBe(KeyMetadata!.Arn)
    expect(await put(Bucket, 'k', 'x', sealed('alias/aws/s3'))).toMatchObject({ SSEKMSKeyId })
  })

  test('of AWS is one, however many ask for it first at once', async () => {
    const Bucket = 'sealed-in-paris'
    const paris = house.as(root, { account: ACCOUNT, region: 'eu-west-3' })
    await paris.invoke('s3', 'CreateBucket', {
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-3' },
    })
    const names = Array.from({ length: 12 }, (_, index) => `k${index}`)
    const written = await Promise.all(names.map(name => put(Bucket, name, name, sealed())))
    expect(new Set(written.map(({ SSEKMSKeyId }) => SSEKMSKeyId)).size).toBe(1)
    expect(await Promise.all(names.map(name => read(Bucket, name)))).toEqual(names)
  })

  const ghost = '11111111-2222-3333-4444-555555555555'
  test.each([
    ['no id', 'fake-key-id', 'KMS.NotFoundException', "Invalid keyId 'fake-key-id'"],
    ['not there', ghost, 'KMS.NotFoundException', `Key 'arn:aws:kms:us-east-1:${ACCOUNT}:key/${ghost}' does not exist`],
    [
      'an alias of nothing',
      'alias/nothing',
      'KMS.NotFoundException',
      `Alias arn:aws:kms:us-east-1:${ACCOUNT}:alias/nothing is not found.`,
    ],
    [
      'of another region',
      `arn:aws:kms:us-west-2:${ACCOUNT}:key/${ghost}`,
      'KMS.NotFoundException',
      'Invalid arn us-west-2',
    ],
  ])('that is %s is refused, and nothing is kept', async (_what, name, code, message) => {
    const Bucket = await bucket()
    await expect(put(Bucket, 'k', 'x', sealed(name))).rejects.toMatchObject({ code, status: 400, message })
    await expect(
      house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'k', ...sealed(name) }),
    ).rejects.toMatchObject({ code, message })
    await put(Bucket, 'plain')
    await expect(
      house.invoke('s3', 'CopyObject', { Bucket, Key: 'k', CopySource: `${Bucket}/plain`, ...sealed(name) }),
    ).rejects.toMatchObject({ code, message })
    await expect(get(Bucket, 'k')).rejects.toMatchObject({ code: 'NoSuchKey' })
  })

  test('that cannot encrypt symmetrically is refused', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
    await expect(put(Bucket, 'k', 'x', sealed(Arn))).rejects.toMatchObject({
      code: 'KMS.InvalidKeyUsageException',
      status: 400,
    })
  })

  test('that is disabled or about to be deleted gives nothing and takes nothing, until it is enabled again', async () => {
    const Bucket = await bucket()
    const { Arn, KeyId: id } = await newKey()
    const KeyId = id!
    await put(Bucket, 'k', 'x', sealed(Arn))
    const { UploadId } = await house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'm', ...sealed(Arn) })
    const part = { Bucket, Key: 'm', UploadId: UploadId!, PartNumber: 1, Body: 'x' as never }
    const refused = async (code: string, message: string) => {
      for (const attempt of [
        () => get(Bucket, 'k'),
        () => put(Bucket, 'l', 'x', sealed(Arn)),
        () => house.invoke('s3', 'UploadPart', part),
        () => house.invoke('s3', 'HeadObject', { Bucket, Key: 'k', ChecksumMode: 'ENABLED' }),
        () => house.invoke('s3', 'CopyObject', { Bucket, Key: 'c', CopySource: `${Bucket}/k` }),
      ])
        await expect(attempt()).rejects.toMatchObject({ code, status: 400, message })
      expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).toMatchObject({ SSEKMSKeyId: Arn })
    }
    await house.invoke('kms', 'DisableKey', { KeyId })
    await refused('KMS.DisabledException', `${Arn} is disabled.`)
    await house.invoke('kms', 'ScheduleKeyDeletion', { KeyId })
    await refused('KMS.KMSInvalidStateException', `${Arn} is pending deletion.`)
    await house.invoke('kms', 'CancelKeyDeletion', { KeyId })
    await house.invoke('kms', 'EnableKey', { KeyId })
    expect(await read(Bucket, 'k')).toBe('x')
    await house.invoke('s3', 'UploadPart', part)
  })

  test('is one of the bucket’s region, wherever the caller speaks to', async () => {
    const Bucket = 'sealed-in-frankfurt'
    const frankfurt = house.as(root, { account: ACCOUNT, region: 'eu-central-1' })
    await frankfurt.invoke('s3', 'CreateBucket', {
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    })
    const near = await newKey({}, 'eu-central-1')
    const far = await newKey()
    expect(await put(Bucket, 'k', 'x', sealed(near.Arn))).toMatchObject({ SSEKMSKeyId: near.Arn })
    expect(await read(Bucket, 'k')).toBe('x')
    await expect(put(Bucket, 'k', 'x', sealed(far.Arn))).rejects.toMatchObject({
      code: 'KMS.NotFoundException',
      message: 'Invalid arn us-east-1',
    })
    const here = await bucket()
    await house.invoke('s3', 'CopyObject', { Bucket: here, Key: 'k', CopySource: `${Bucket}/k`, ...sealed(far.Arn) })
    expect(await read(here, 'k')).toBe('x')
  })
})

describe('a permission', () => {
  const worker = () => house.as(role())
  const putAsWorker = (Bucket: string, Key: string, more: object) =>
    worker().invoke('s3', 'PutObject', { Bucket, Key, Body: 'x' as never, ...more })
  const getAsWorker = (Bucket: string, Key: string) => worker().invoke('s3', 'GetObject', { Bucket, Key })

  test('to put needs kms:GenerateDataKey, to get kms:Decrypt, to head neither', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey()
    const denied = (action: string) => ({
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/worker/job is not authorized to perform: kms:${action} on resource: ${Arn} because no identity-based policy allows the kms:${action} action`,
    })
    identity = [document(allow('s3:*'))]
    await expect(putAsWorker(Bucket, 'k', sealed(Arn))).rejects.toMatchObject(denied('GenerateDataKey'))
    identity = [document(allow('s3:*', 'kms:GenerateDataKey'))]
    await putAsWorker(Bucket, 'k', sealed(Arn))
    await expect(getAsWorker(Bucket, 'k')).rejects.toMatchObject(denied('Decrypt'))
    expect(await worker().invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).toMatchObject({ SSEKMSKeyId: Arn })
    const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/k` }
    await expect(worker().invoke('s3', 'CopyObject', copy)).rejects.toMatchObject(denied('Decrypt'))
    const upload = { Bucket, Key: 'm' }
    const { UploadId } = await worker().invoke('s3', 'CreateMultipartUpload', { ...upload, ...sealed(Arn) })
    await expect(
      worker().invoke('s3', 'UploadPart', { ...upload, UploadId: UploadId!, PartNumber: 1, Body: 'x' as never }),
    ).rejects.toMatchObject(denied('Decrypt'))
    await expect(worker().invoke('s3', 'ListParts', { ...upload, UploadId: UploadId! })).rejects.toMatchObject(
      denied('Decrypt'),
    )
    identity = [document(allow('s3:*', 'kms:Decrypt'))]
    expect(await text((await getAsWorker(Bucket, 'k')).Body as Readable)).toBe('x')
  })

  test('for the AWS-managed key is not needed in its own account, and not to be had in another', async () => {
    const Bucket = await bucket()
    identity = [document(allow('s3:*'))]
    await putAsWorker(Bucket, 'k', sealed())
    expect(await text((await getAsWorker(Bucket, 'k')).Body as Readable)).toBe('x')
    await put(Bucket, 'roots', 'x', sealed())
    await house.invoke('s3', 'PutBucketPolicy', {
      Bucket,
      Policy: document({
        ...allow('s3:*'),
        Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
        Resource: `arn:aws:s3:::${Bucket}/*`,
      }),
    })
    identity = [document(allow('*'))]
    const stranger = house.as(role(OTHER), { account: OTHER, region: 'us-east-1' })
    await expect(stranger.invoke('s3', 'GetObject', { Bucket, Key: 'roots' })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('kms:Decrypt'),
    })
  })

  test('of another account’s role comes from the key’s policy and its own', async () => {
    const Bucket = await bucket()
    const guest = { AWS: `arn:aws:iam::${OTHER}:root` }
    const Policy = document(
      { ...allow('kms:*'), Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
      { ...allow('kms:GenerateDataKey', 'kms:Decrypt'), Principal: guest },
    )
    const { Arn } = await newKey({ Policy })
    await house.invoke('s3', 'PutBucketPolicy', {
      Bucket,
      Policy: document({ ...allow('s3:*'), Principal: guest, Resource: `arn:aws:s3:::${Bucket}/*` }),
    })
    const stranger = house.as(role(OTHER), { account: OTHER, region: 'us-east-1' })
    identity = [document(allow('s3:*', 'kms:GenerateDataKey', 'kms:Decrypt'))]
    await stranger.invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'x' as never, ...sealed(Arn) })
    expect(await text((await stranger.invoke('s3', 'GetObject', { Bucket, Key: 'k' })).Body as Readable)).toBe('x')
    expect(await read(Bucket, 'k')).toBe('x')
    identity = [document(allow('s3:*'))]
    await expect(stranger.invoke('s3', 'GetObject', { Bucket, Key: 'k' })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('because no identity-based policy allows the kms:Decrypt action'),
    })
  })

  test('of nobody in particular opens public objects, but not those under a key', async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'DeletePublicAccessBlock', { Bucket })
    await house.invoke('s3', 'PutBucketPolicy', {
      Bucket,
      Policy: document({ ...allow('s3:GetObject'), Principal: '*', Resource: `arn:aws:s3:::${Bucket}/*` }),
    })
    await put(Bucket, 'plain')
    await put(Bucket, 'sealed', 'x', sealed())
    const anybody = house.as({ type: 'anonymous', account: 'anonymous' })
    await anybody.invoke('s3', 'GetObject', { Bucket, Key: 'plain' }).then(({ Body }) => text(Body as Readable))
    await expect(anybody.invoke('s3', 'GetObject', { Bucket, Key: 'sealed' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
    })
  })
})

describe('copies and parts', () => {
  test('are encrypted as their destination says', async () => {
    const Bucket = await bucket()
    const [one, two] = await Promise.all([newKey(), newKey()])
    const body = 'the very same bytes '.repeat(5000)
    await put(Bucket, 'plain', body)
    await put(Bucket, 'one', body, sealed(one.Arn))
    const copy = (from: string, Key: string, more: object = {}) =>
      house.invoke('s3', 'CopyObject', { Bucket, Key, CopySource: `${Bucket}/${from}`, ...more })
    const plainTag = `"${md5(body)}"`

    expect(await copy('plain', 'sealed', sealed(one.Arn))).toMatchObject({ SSEKMSKeyId: one.Arn })
    expect(await copy('one', 'two', sealed(two.Arn))).toMatchObject({ SSEKMSKeyId: two.Arn })
    expect(await copy('one', 'opened')).toMatchObject({
      ServerSideEncryption: 'AES256',
      CopyObjectResult: { ETag: plainTag },
    })
    for (const Key of ['sealed', 'two', 'opened']) {
      expect(await read(Bucket, Key)).toBe(body)
      expect((await stored(Bucket, Key)).includes('same bytes')).toBe(Key === 'opened')
    }
    await house.invoke('kms', 'DisableKey', { KeyId: one.KeyId! })
    expect(await read(Bucket, 'two')).toBe(body)
    await expect(get(Bucket, 'sealed')).rejects.toMatchObject({ code: 'KMS.DisabledException' })
  })

  test('of plain objects still share their bytes', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'plain')
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'copy', CopySource: `${Bucket}/plain` })
    const { rows } = await house.store.pool.query('select segments from s3.objects where bucket = $1', [Bucket])
    expect(rows[0].segments).toEqual(rows[1].segments)
  })

  test('onto itself encrypt an object that was plain', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', 'in the clear', { Metadata: { kept: 'yes' } })
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'k', CopySource: `${Bucket}/k`, ...sealed() })
    expect((await stored(Bucket, 'k')).includes('clear')).toBe(false)
    const answer = await get(Bucket, 'k')
    expect(await text(answer.Body as Readable)).toBe('in the clear')
    expect(answer.Metadata).toEqual({ kept: 'yes' })
  })

  test('make one object under the upload’s key, whose ranges cross its parts', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey()
    const other = await newKey()
    const whole = randomBytes(13 * 1024 * 1024)
    const cuts = [0, 5 * 1024 * 1024 + 3, 11 * 1024 * 1024, whole.length]
    await put(Bucket, 'source', whole, sealed(other.Arn))
    const upload = { Bucket, Key: 'm' }
    const { UploadId, SSEKMSKeyId } = await house.invoke('s3', 'CreateMultipartUpload', { ...upload, ...sealed(Arn) })
    expect(SSEKMSKeyId).toBe(Arn)
    const target = { ...upload, UploadId: UploadId! }
    const sent = await house.invoke('s3', 'UploadPart', {
      ...target,
      PartNumber: 1,
      Body: whole.subarray(0, cuts[1]) as never,
    })
    expect(sent).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn })
    const copied = []
    for (const PartNumber of [2, 3]) {
      const CopySourceRange = `bytes=${cuts[PartNumber - 1]}-${cuts[PartNumber]! - 1}`
      copied.push(
        await house.invoke('s3', 'UploadPartCopy', {
          ...target,
          PartNumber,
          CopySource: `${Bucket}/source`,
          CopySourceRange,
        }),
      )
    }
    const tags = [sent.ETag, ...copied.map(({ CopyPartResult }) => CopyPartResult!.ETag)]
    const Parts = tags.map((ETag, index) => ({ PartNumber: index + 1, ETag: ETag! }))
    await house.invoke('s3', 'CompleteMultipartUpload', { ...target, MultipartUpload: { Parts } })
    const ranges = [undefined, 'bytes=5242880-5242890', `bytes=${cuts[1]! - 1}-${cuts[2]! + 40}`, 'bytes=-7']
    for (const Range of ranges) {
      const answer = await get(Bucket, 'm', Range ? { Range } : {})
      const expected = await buffer((await get(Bucket, 'source', Range ? { Range } : {})).Body as Readable)
      expect((await buffer(answer.Body as Readable)).equals(expected)).toBe(true)
    }
    const second = await get(Bucket, 'm', { PartNumber: 2 })
    expect((await buffer(second.Body as Readable)).equals(whole.subarray(cuts[1], cuts[2]))).toBe(true)
    expect((await stored(Bucket, 'm')).includes(whole.subarray(0, 64))).toBe(false)
    // and out of the key again, as one plain object
    const plain = await house.invoke('s3', 'CopyObject', { Bucket, Key: 'p', CopySource: `${Bucket}/m` })
    expect(plain.CopyObjectResult!.ETag).toBe(`"${md5(whole)}"`)
    expect((await stored(Bucket, 'p')).equals(whole)).toBe(true)
  })
})

describe('UpdateObjectEncryption', () => {
  const update = (Bucket: string, Key: string, KMSKeyArn: string | undefined, more: object = {}) =>
    house.invoke('s3', 'UpdateObjectEncryption', { Bucket, Key, ObjectEncryption: { SSEKMS: { KMSKeyArn, ...more } } })
  const facts = async (Bucket: string, Key: string) => {
    const { ETag, LastModified, ChecksumCRC64NVME, Metadata } = await get(Bucket, Key, { ChecksumMode: 'ENABLED' })
    return { ETag, LastModified, ChecksumCRC64NVME, Metadata }
  }

  test('seals the data key under another key; the object stays what it is, and its bytes where they are', async () => {
    const Bucket = await bucket()
    const [one, two] = await Promise.all([newKey(), newKey()])
    const SSEKMSEncryptionContext = Buffer.from('{"team":"blue"}').toString('base64')
    const first = { ...sealed(one.Arn), SSEKMSEncryptionContext, BucketKeyEnabled: true, Metadata: { a: 'b' } }
    await put(Bucket, 'k', 'the same', first)
    const [before, bytes] = [await facts(Bucket, 'k'), await stored(Bucket, 'k')]
    const calls = kmsCalls().length
    await update(Bucket, 'k', two.Arn)
    expect(kmsCalls()[calls]).toMatchObject({
      operation: 'ReEncrypt',
      input: { DestinationEncryptionContext: { team: 'blue', 'aws:s3:arn': `arn:aws:s3:::${Bucket}/k` } },
    })
    await house.invoke('kms', 'DisableKey', { KeyId: one.KeyId! })
    expect(await read(Bucket, 'k')).toBe('the same')
    expect(await facts(Bucket, 'k')).toEqual(before)
    expect((await stored(Bucket, 'k')).equals(bytes)).toBe(true)
    const head = await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })
    expect([head.SSEKMSKeyId, head.BucketKeyEnabled]).toEqual([two.Arn, undefined])
    await update(Bucket, 'k', two.Arn, { BucketKeyEnabled: true })
    expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).toMatchObject({ BucketKeyEnabled: true })
    expect(await read(Bucket, 'k')).toBe('the same')
  })

  test('encrypts what was not, without another ETag; copies that share its bytes keep them', async () => {
    const Bucket = await bucket()
    const { Arn } = await newKey()
    await put(Bucket, 'k', 'in the clear')
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'copy', CopySource: `${Bucket}/k` })
    await put(Bucket, 'empty', '')
    const before = await facts(Bucket, 'k')
    await update(Bucket, 'k', Arn)
    await update(Bucket, 'empty', Arn)
    expect((await stored(Bucket, 'k')).includes('clear')).toBe(false)
    expect(await facts(Bucket, 'k')).toEqual(before)
    expect([await read(Bucket, 'k'), await read(Bucket, 'copy'), await read(Bucket, 'empty')]).toEqual([
      'in the clear',
      'in the clear',
      '',
    ])
    expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).toMatchObject({ SSEKMSKeyId: Arn })
  })

  test('needs a key’s ARN of the bucket’s account, and permissions of KMS', async () => {
    const Bucket = await bucket()
    const { Arn, KeyId } = await newKey()
    await put(Bucket, 'k', 'x', sealed())
    await expect(update(Bucket, 'k', KeyId)).rejects.toMatchObject({ code: 'InvalidRequest' })
    await expect(update(Bucket, 'k', undefined)).rejects.toMatchObject({ code: 'InvalidRequest' })
    await expect(
      update(Bucket, 'k', `arn:aws:kms:us-east-1:${OTHER}:key/11111111-2222-3333-4444-555555555555`),
    ).rejects.toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('same account as the bucket') })
    await expect(update(Bucket, 'none', Arn)).rejects.toMatchObject({ code: 'NoSuchKey' })
    identity = [document(allow('s3:*'))]
    const ObjectEncryption = { SSEKMS: { KMSKeyArn: Arn } }
    await expect(
      house.as(role()).invoke('s3', 'UpdateObjectEncryption', { Bucket, Key: 'k', ObjectEncryption }),
    ).rejects.toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('kms:ReEncryptTo') })
    expect(await read(Bucket, 'k')).toBe('x')
  })
})

describe('what is asked for', () => {
  test('is the bucket’s default when the request says nothing, the request’s when it does', async () => {
    const Bucket = await bucket()
    const { Arn, KeyId } = await newKey()
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: KeyId! },
      BucketKeyEnabled: true,
    }
    await house.invoke('s3', 'PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } })
    expect(await house.invoke('s3', 'GetBucketEncryption', { Bucket })).toEqual({
      ServerSideEncryptionConfiguration: { Rules: [rule] },
    })
    expect(await put(Bucket, 'k', 'in the clear')).toMatchObject({ SSEKMSKeyId: Arn, BucketKeyEnabled: true })
    expect((await stored(Bucket, 'k')).includes('clear')).toBe(false)
    const managed = await put(Bucket, 'managed', 'x', { ServerSideEncryption: 'aws:kms' })
    expect(managed).toMatchObject({ BucketKeyEnabled: true })
    expect(managed.SSEKMSKeyId).not.toBe(Arn)
    expect((await put(Bucket, 'own', 'x', { ...sealed(Arn), BucketKeyEnabled: false })).BucketKeyEnabled).toBe(
      undefined,
    )
    expect(await put(Bucket, 'plain', 'x', { ServerSideEncryption: 'AES256' })).toMatchObject({
      ServerSideEncryption: 'AES256',
    })
    expect((await stored(Bucket, 'plain')).toString()).toBe('x')
  })

  test.each([
    ['two layers', { ServerSideEncryption: 'aws:kms:dsse' }, 'NotImplemented', /aws:kms:dsse/],
    ['another algorithm', { ServerSideEncryption: 'rot13' }, 'InvalidArgument', /rot13|not supported/],
    ['a key without aws:kms', { SSEKMSKeyId: 'abc' }, 'InvalidArgument', /requires HTTP header/],
    ['a key for AES256', { ServerSideEncryption: 'AES256', SSEKMSKeyId: 'abc' }, 'InvalidArgument', /not supported/],
    [
      'a context that is no JSON',
      { ...sealed(), SSEKMSEncryptionContext: 'bm9uZQ==' },
      'InvalidArgument',
      /Base64-encoded UTF-8 string holding JSON/,
    ],
  ])('is refused for %s', async (_what, more, code, message) => {
    const Bucket = await bucket()
    await expect(put(Bucket, 'k', 'x', more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('is no default with two layers either', async () => {
    const Bucket = await bucket()
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse' as const } }]
    await expect(
      house.invoke('s3', 'PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    ).rejects.toMatchObject({ code: 'NotImplemented', message: expect.stringContaining('aws:kms:dsse') })
  })

  test('is what a bucket policy may insist on, parts of an upload included', async () => {
    const Bucket = await bucket()
    const [right, wrong] = await Promise.all([newKey(), newKey()])
    const deny = (Sid: string, Condition: object) => ({
      Sid,
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
      Condition,
    })
    await house.invoke('s3', 'PutBucketPolicy', {
      Bucket,
      Policy: document(
        deny('DenyUnEncryptedObjectUploads', { Null: { 's3:x-amz-server-side-encryption': 'true' } }),
        deny('DenyIncorrectEncryptionHeader', { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }),
        deny('DenyOtherKeys', {
          StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption-aws-kms-key-id': right.Arn },
        }),
      ),
    })
    identity = [document(allow('*'))]
    const { invoke } = house.as(role())
    const attempt = (more: object) => invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'x' as never, ...more })
    for (const more of [{}, { ServerSideEncryption: 'AES256' }, sealed(wrong.Arn), sealed(wrong.KeyId)])
      await expect(attempt(more)).rejects.toMatchObject({
        code: 'AccessDenied',
        message: expect.stringContaining('s3:PutObject'),
      })
    expect(await attempt(sealed(right.Arn))).toMatchObject({ SSEKMSKeyId: right.Arn })
    expect(await attempt(sealed(right.KeyId))).toMatchObject({ SSEKMSKeyId: right.Arn })
    await expect(invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'm' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
    const { UploadId } = await invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'm', ...sealed(right.KeyId) })
    const target = { Bucket, Key: 'm', UploadId: UploadId! }
    const { ETag } = await invoke('s3', 'UploadPart', { ...target, PartNumber: 1, Body: 'x' as never })
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: ETag! }] }
    await invoke('s3', 'CompleteMultipartUpload', { ...target, MultipartUpload })
    expect(await read(Bucket, 'm')).toBe('x')
  })
})
