// Programs that people have: the aws command line and boto3, with the checksums of their generation.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEYS, openWireHouse, type WireHouse } from './testing/wireHouse.ts'

const run = promisify(execFile)
let wire: WireHouse
let home: string
beforeAll(async () => {
  wire = await openWireHouse()
  home = await mkdtemp(join(tmpdir(), 'codeyard-s3-clients-'))
  await mkdir(join(home, '.aws'))
  await writeFile(join(home, 'ü & b.txt'), 'hello')
  await writeFile(join(home, '.aws/v4'), '[default]\ns3 =\n  signature_version = s3v4\n')
})
afterAll(async () => {
  await wire.close()
  await rm(home, { recursive: true, force: true })
})

const environment = (configuration = 'config') => ({
  ...process.env,
  AWS_CONFIG_FILE: join(home, '.aws', configuration),
  HOME: home,
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: wire.endpoint, // botocore of before 2023 wants it as an option
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
})
/** Every aws on the path: people have botocore of several generations. */
const commands = await findAll('aws')
const aws = async (command: string, ...args: string[]) =>
  (await run(command, ['--endpoint-url', wire.endpoint, ...args], { env: environment(), cwd: home, timeout: 60_000 }))
    .stdout

async function findAll(name: string): Promise<string[]> {
  const found = await run('which', ['-a', name]).catch(() => ({ stdout: '' }))
  const there = [...found.stdout.split('\n'), `/usr/bin/${name}`].filter(path => path !== '' && existsSync(path))
  // /bin is /usr/bin: one program is tried once.
  const candidates = [...new Map(there.map(path => [realpathSync(path), path])).values()]
  const working = await Promise.all(
    candidates.map(
      async path =>
        [
          path,
          await run(path, ['--version']).then(
            () => true,
            () => false,
          ),
        ] as const,
    ),
  )
  return working.filter(([, works]) => works).map(([path]) => path)
}

describe.runIf(commands.length > 0).each(commands)('%s', { timeout: 300_000 }, command => {
  const bucket = `cli-${commands.indexOf(command)}-${randomBytes(4).toString('hex')}`

  test('makes, fills, lists, syncs, presigns, empties and removes a bucket', async () => {
    const large = randomBytes(20 * 1024 * 1024) // goes in parts
    await writeFile(join(home, 'large.bin'), large)
    expect(await aws(command, 's3', 'mb', `s3://${bucket}`)).toContain(`make_bucket: ${bucket}`)
    await aws(command, 's3', 'cp', 'large.bin', `s3://${bucket}/dir/large.bin`)
    await aws(command, 's3', 'cp', 'ü & b.txt', `s3://${bucket}/dir/ü & b.txt`)
    const listed = await aws(command, 's3', 'ls', `s3://${bucket}`, '--recursive')
    expect(listed).toContain('20971520 dir/large.bin')
    expect(listed).toContain('5 dir/ü & b.txt')
    expect(await aws(command, 's3', 'ls', `s3://${bucket}`)).toContain('PRE dir/')
    await aws(command, 's3', 'cp', `s3://${bucket}/dir/large.bin`, `s3://${bucket}/copy.bin`)
    await aws(command, 's3', 'sync', `s3://${bucket}`, 'down')
    expect((await readFile(join(home, 'down/dir/large.bin'))).equals(large)).toBe(true)
    expect((await readFile(join(home, 'down/copy.bin'))).equals(large)).toBe(true)
    expect(await readFile(join(home, 'down/dir/ü & b.txt'), 'utf8')).toBe('hello')
    expect(await aws(command, 's3', 'sync', 'down', `s3://${bucket}`)).toBe('')
    for (const configuration of ['config', 'v4']) {
      const args = ['--endpoint-url', wire.endpoint, 's3', 'presign', `s3://${bucket}/dir/ü & b.txt`]
      const { stdout: link } = await run(command, args, { env: environment(configuration), cwd: home })
      // Left to itself version 1 of the command signs with version 2 of the signature, version 2 with version 4.
      expect(link).toMatch(configuration === 'v4' ? /X-Amz-Signature=/ : /AWSAccessKeyId=|X-Amz-Signature=/)
      expect(await (await fetch(link.trim())).text()).toBe('hello')
    }
    await aws(command, 's3', 'mv', `s3://${bucket}/dir/ü & b.txt`, `s3://${bucket}/moved.txt`)
    await aws(command, 's3', 'rm', `s3://${bucket}`, '--recursive')
    await aws(command, 's3', 'rb', `s3://${bucket}`)
    await rm(join(home, 'down'), { recursive: true })
    await expect(aws(command, 's3', 'ls', `s3://${bucket}`)).rejects.toThrow('NoSuchBucket')
  })

  test('reads what it wrote through the API commands', async () => {
    const api = async (...args: string[]) => {
      const text = await aws(command, 's3api', ...args, '--bucket', `${bucket}-api`, '--output', 'json')
      return text.trim() === '' ? undefined : JSON.parse(text)
    }
    await api('create-bucket')
    await api('put-bucket-versioning', '--versioning-configuration', 'Status=Enabled')
    expect(await api('get-bucket-versioning')).toEqual({ Status: 'Enabled' })
    const { VersionId } = await api(
      'put-object',
      '--key',
      'k',
      '--body',
      'ü & b.txt',
      '--metadata',
      'a=b',
      '--tagging',
      't=1',
    )
    expect(await api('head-object', '--key', 'k')).toMatchObject({ VersionId, ContentLength: 5, Metadata: { a: 'b' } })
    expect(await api('get-object', '--key', 'k', '--range', 'bytes=1-2', 'part.out')).toMatchObject({
      ContentRange: 'bytes 1-2/5',
    })
    expect(await readFile(join(home, 'part.out'), 'utf8')).toBe('el')
    expect(await api('get-object-tagging', '--key', 'k')).toMatchObject({ TagSet: [{ Key: 't', Value: '1' }] })
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${bucket}-api/kept` },
      ],
    })
    await api('put-bucket-policy', '--policy', policy)
    expect((await api('get-bucket-policy')).Policy).toBe(policy)
    await expect(api('delete-object', '--key', 'kept')).rejects.toThrow(/AccessDenied.*explicit deny/)
    expect(await api('delete-object', '--key', 'k')).toMatchObject({ DeleteMarker: true })
    const listed = await api('list-object-versions')
    expect([listed.Versions.length, listed.DeleteMarkers.length]).toEqual([1, 1])
    await expect(api('get-object', '--key', 'k', 'x.out')).rejects.toThrow('NoSuchKey')
    await expect(api('head-object', '--key', 'k')).rejects.toThrow('404')
    const configuration = { EventBridgeConfiguration: {} }
    await api('put-bucket-notification-configuration', '--notification-configuration', JSON.stringify(configuration))
    expect(await api('get-bucket-notification-configuration')).toEqual(configuration)
    const rules = { Rules: [{ ID: 'r', Status: 'Enabled', Filter: { Prefix: 'x/' }, Expiration: { Days: 3 } }] }
    await api('put-bucket-lifecycle-configuration', '--lifecycle-configuration', JSON.stringify(rules))
    expect(await api('get-bucket-lifecycle-configuration')).toMatchObject(rules)
    const cors = { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], MaxAgeSeconds: 5 }] }
    await api('put-bucket-cors', '--cors-configuration', JSON.stringify(cors))
    expect(await api('get-bucket-cors')).toEqual(cors)
    expect(await api('get-bucket-encryption')).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    })
    expect(await api('get-public-access-block')).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    })
    expect((await api('get-bucket-acl')).Grants).toHaveLength(1)
    expect(await api('get-bucket-location')).toEqual({ LocationConstraint: null })
  })
})

const BOTO = `
import boto3, io, os, sys, hashlib
from botocore.config import Config
def client(**more):
    # Older ones do not know AWS_ENDPOINT_URL.
    return boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(retries={'max_attempts': 1}, **more))
s3 = client()
b = sys.argv[1]
s3.create_bucket(Bucket=b)
data = os.urandom(9 * 1024 * 1024)
from boto3.s3.transfer import TransferConfig
for index, one in enumerate([s3, *( [client(request_checksum_calculation='when_required', response_checksum_validation='when_required')] if hasattr(Config(), 'request_checksum_calculation') else [] )]):
    key = 'up-%d' % index
    one.upload_fileobj(io.BytesIO(data), b, key, Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
    out = io.BytesIO(); one.download_fileobj(b, key, out)
    assert out.getvalue() == data
    put = one.put_object(Bucket=b, Key='small', Body=io.BytesIO(b'hello'))
    assert put['ETag'] == '"' + hashlib.md5(b'hello').hexdigest() + '"', put
    assert one.get_object(Bucket=b, Key='small')['Body'].read() == b'hello'
    assert one.delete_objects(Bucket=b, Delete={'Objects': [{'Key': 'small'}]})['Deleted'] == [{'Key': 'small'}]
s3.put_object(Bucket=b, Key='odd \\u00fc\\U0001f600 + & %.txt', Body=b'', Metadata={'m': '1'})
keys = [o['Key'] for p in s3.get_paginator('list_objects_v2').paginate(Bucket=b, PaginationConfig={'PageSize': 1}) for o in p['Contents']]
assert 'odd \\u00fc\\U0001f600 + & %.txt' in keys, keys
copied = s3.copy_object(Bucket=b, Key='c', CopySource={'Bucket': b, 'Key': 'odd \\u00fc\\U0001f600 + & %.txt'})
assert copied['CopyObjectResult']['ETag'] == '"d41d8cd98f00b204e9800998ecf8427e"'
up = s3.create_multipart_upload(Bucket=b, Key='m', ChecksumAlgorithm='CRC32', ChecksumType='FULL_OBJECT') if index else s3.create_multipart_upload(Bucket=b, Key='m')
part = s3.upload_part(Bucket=b, Key='m', UploadId=up['UploadId'], PartNumber=1, Body=data)
assert len(s3.list_parts(Bucket=b, Key='m', UploadId=up['UploadId'])['Parts']) == 1
done = s3.complete_multipart_upload(Bucket=b, Key='m', UploadId=up['UploadId'], MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
assert done['ETag'].endswith('-1"'), done
assert s3.get_object(Bucket=b, Key='m')['Body'].read() == data
attributes = s3.get_object_attributes(Bucket=b, Key='m', ObjectAttributes=['ETag', 'ObjectSize', 'ObjectParts'])
assert attributes['ObjectSize'] == len(data) and attributes['ObjectParts']['TotalPartsCount'] == 1, attributes
from botocore.exceptions import ClientError
for call, code in [
    (lambda: s3.get_object(Bucket=b, Key='none'), 'NoSuchKey'),
    (lambda: s3.head_object(Bucket=b, Key='none'), '404'),
    (lambda: s3.get_object(Bucket=b, Key='m', Range='bytes=99999999-'), 'InvalidRange'),
    (lambda: s3.put_object(Bucket=b, Key='m', Body=b'', IfNoneMatch='*') if index else s3.get_object(Bucket=b, Key='m', IfMatch='x'), 'PreconditionFailed'),
    (lambda: s3.delete_bucket(Bucket=b), 'BucketNotEmpty'),
    (lambda: s3.put_bucket_website(Bucket=b, WebsiteConfiguration={'IndexDocument': {'Suffix': 'i'}}), 'NotImplemented'),
]:
    try:
        call(); raise AssertionError('no ' + code)
    except ClientError as error:
        assert error.response['Error']['Code'] == code, error.response
boto3.resource('s3', endpoint_url=os.environ['AWS_ENDPOINT_URL']).Bucket(b).objects.all().delete()
s3.delete_bucket(Bucket=b)
print('fine')
`

/** Pythons that have boto3. */
const pythons = (
  await Promise.all(
    (
      await findAll('python3')
    ).map(path =>
      run(path, ['-c', 'import boto3']).then(
        () => path,
        () => undefined,
      ),
    ),
  )
).filter(path => path !== undefined)

test.runIf(pythons.length > 0).each(pythons)(
  'boto3 of %s uploads, downloads, pages and understands errors',
  { timeout: 300_000 },
  async python => {
    const script = join(home, 'client.py')
    await writeFile(script, BOTO)
    const bucket = `boto-${randomBytes(4).toString('hex')}`
    const { stdout } = await run(python, [script, bucket], { env: environment(), timeout: 100_000 })
    expect(stdout.trim()).toBe('fine')
  },
)
