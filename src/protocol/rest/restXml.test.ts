import { Readable } from 'node:stream'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  NoSuchKey,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import { clientOf, startWireServer, type WireServer } from '../testing/wireServer.ts'

let server: WireServer
let answer: unknown
let s3: S3Client
beforeAll(async () => {
  server = await startWireServer(async ({ input }) => {
    if (answer instanceof Error) throw answer
    if (input.Body instanceof Readable) for await (const chunk of input.Body) void chunk
    return answer
  })
  s3 = new S3Client({ ...clientOf(server), forcePathStyle: true })
})
afterAll(() => server.close())

const seen = () => server.seen.at(-1)!
const Bucket = 'bucket'

async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, { method, body: body ?? null, headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('the SDK over S3: buckets', () => {
  test('lists them', async () => {
    answer = {
      Buckets: [{ Name: 'a', CreationDate: new Date(1_700_000_000_000) }],
      Owner: { ID: 'o', DisplayName: 'd' },
    }
    expect(await s3.send(new ListBucketsCommand({}))).toMatchObject(answer as object)
    expect(seen().operation).toBe('ListBuckets')
  })

  test('makes one, with and without a body', async () => {
    answer = { Location: '/bucket' }
    expect(await s3.send(new CreateBucketCommand({ Bucket }))).toMatchObject({ Location: '/bucket' })
    expect(seen()).toMatchObject({ operation: 'CreateBucket', input: { Bucket } })
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))
    expect(seen().input.CreateBucketConfiguration).toEqual({ LocationConstraint: 'eu-west-1' })
  })

  test('says where it is: the root element is the only member', async () => {
    answer = { LocationConstraint: 'eu-west-1' }
    expect(await s3.send(new GetBucketLocationCommand({ Bucket }))).toMatchObject({ LocationConstraint: 'eu-west-1' })
    answer = {}
    expect((await ask('GET', '/bucket?location')).text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>',
    )
  })

  test('has documents as payload: policy, versioning, lifecycle, notification', async () => {
    answer = {}
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{"Version":"2012-10-17"}' }))
    expect(seen().input.Policy).toBe('{"Version":"2012-10-17"}')
    answer = { Policy: '{"a":"ü"}' }
    expect(await s3.send(new GetBucketPolicyCommand({ Bucket }))).toMatchObject({ Policy: '{"a":"ü"}' })
    answer = {}
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    expect(seen()).toMatchObject({
      operation: 'PutBucketVersioning',
      input: { VersioningConfiguration: { Status: 'Enabled' } },
    })
    const Rules = [
      {
        ID: 'r',
        Status: 'Enabled' as const,
        Filter: { And: { Prefix: 'p', Tags: [{ Key: 'a', Value: 'b' }] } },
        Expiration: { Date: new Date(1_700_000_000_000) },
        Transitions: [{ Days: 1, StorageClass: 'GLACIER' as const }],
      },
    ]
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    expect(seen().input.LifecycleConfiguration).toEqual({ Rules })
    const NotificationConfiguration = {
      TopicConfigurations: [
        {
          Id: 't',
          TopicArn: 'arn',
          Events: ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const],
          Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'a/' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    }
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
    expect(seen().input.NotificationConfiguration).toEqual(NotificationConfiguration)
    answer = NotificationConfiguration
    expect(await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).toMatchObject(
      NotificationConfiguration,
    )
  })

  test('has grantees whose type is an attribute', async () => {
    const Grants = [{ Grantee: { Type: 'CanonicalUser' as const, ID: 'o' }, Permission: 'FULL_CONTROL' as const }]
    answer = { Owner: { ID: 'o' }, Grants }
    expect(await s3.send(new GetBucketAclCommand({ Bucket }))).toMatchObject({ Owner: { ID: 'o' }, Grants })
    answer = {}
    await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: { Owner: { ID: 'o' }, Grants } }))
    expect(seen().input.AccessControlPolicy).toEqual({ Owner: { ID: 'o' }, Grants })
  })

  test('lists objects and versions, odd keys included', async () => {
    answer = {
      Name: Bucket,
      IsTruncated: false,
      MaxKeys: 1000,
      KeyCount: 2,
      Contents: [
        {
          Key: 'a b/<&>"\'ü😀',
          Size: 3,
          LastModified: new Date(1_700_000_000_000),
          ETag: '"x"',
          StorageClass: 'STANDARD',
        },
        { Key: 'line\r\nend ' },
      ],
      CommonPrefixes: [{ Prefix: 'p/' }],
    }
    expect(
      await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: 'a b', Delimiter: '/', MaxKeys: 2, EncodingType: 'url' }),
      ),
    ).toMatchObject(answer as object)
    expect(seen()).toMatchObject({
      operation: 'ListObjectsV2',
      input: { Bucket, Prefix: 'a b', Delimiter: '/', MaxKeys: 2, EncodingType: 'url' },
    })
    answer = {
      Versions: [{ Key: 'k', VersionId: 'v', IsLatest: true }],
      DeleteMarkers: [{ Key: 'k', VersionId: 'w', IsLatest: false }],
    }
    expect(await s3.send(new ListObjectVersionsCommand({ Bucket }))).toMatchObject(answer as object)
  })
})

describe('the SDK over S3: objects', () => {
  test('are put as streams with headers, metadata and tags', async () => {
    answer = { ETag: '"abc"', VersionId: 'v1' }
    const Expires = new Date(1_700_000_000_000)
    const output = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a/b c+ü//x?y#z',
        Body: 'hello',
        Metadata: { Foo: 'Bar' },
        Tagging: 'a=b',
        ContentType: 'text/plain',
        Expires,
        ContentEncoding: 'gzip',
        IfNoneMatch: '*',
      }),
    )
    expect(output).toMatchObject({ ETag: '"abc"', VersionId: 'v1' })
    const { Body, ...input } = seen().input
    expect(Body).toBeInstanceOf(Readable)
    expect(input).toMatchObject({
      Bucket,
      Key: 'a/b c+ü//x?y#z',
      Metadata: { foo: 'Bar' },
      Tagging: 'a=b',
      ContentType: 'text/plain',
      Expires,
      ContentEncoding: 'gzip',
      ContentLength: 5,
      IfNoneMatch: '*',
    })
  })

  test('come as streams, in ranges', async () => {
    answer = {
      Body: Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
      ContentLength: 5,
      ContentType: 'text/x',
      ETag: '"x"',
      LastModified: new Date(1_700_000_000_000),
      Metadata: { foo: 'Bar' },
      ContentRange: 'bytes 0-4/9',
    }
    const output = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=0-4', IfModifiedSince: new Date(1_600_000_000_000) }),
    )
    expect(await output.Body!.transformToString()).toBe('hello')
    expect(output).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/x',
      LastModified: new Date(1_700_000_000_000),
      Metadata: { foo: 'Bar' },
    })
    expect(seen().input).toMatchObject({ Range: 'bytes=0-4', IfModifiedSince: new Date(1_600_000_000_000) })
  })

  test('a range is 206, the whole is 200', async () => {
    answer = { Body: Buffer.from('hello'), ContentRange: 'bytes 0-4/9', ContentLength: 5 }
    expect((await ask('GET', '/bucket/key', undefined, { range: 'bytes=0-4' })).status).toBe(206)
    answer = { ContentLength: 0 }
    expect((await ask('GET', '/bucket/key')).status).toBe(200)
  })

  test('metadata that no header can hold is encoded, and cannot make headers', async () => {
    answer = { Metadata: { name: 'Größe ✓', evil: 'a\r\nx-injected: 1', 'bad name': 'x' } }
    const { headers } = await ask('HEAD', '/bucket/key')
    expect(headers.get('x-amz-meta-name')).toBe(`=?UTF-8?B?${Buffer.from('Größe ✓').toString('base64')}?=`)
    expect(headers.get('x-injected')).toBeNull()
  })

  test('are headed', async () => {
    answer = { ContentLength: 5, ETag: '"x"', DeleteMarker: false, Metadata: {} }
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({ ContentLength: 5, ETag: '"x"' })
  })

  test('are copied, whole and in parts', async () => {
    answer = { CopyObjectResult: { ETag: '"x"', LastModified: new Date(1_700_000_000_000) }, CopySourceVersionId: 'v' }
    expect(await s3.send(new CopyObjectCommand({ Bucket, Key: 'k', CopySource: 'other/key' }))).toMatchObject(
      answer as object,
    )
    expect(seen()).toMatchObject({ operation: 'CopyObject', input: { CopySource: 'other/key' } })
    answer = { CopyPartResult: { ETag: '"x"' } }
    expect(
      await s3.send(new UploadPartCopyCommand({ Bucket, Key: 'k', CopySource: 'o/k', UploadId: 'u', PartNumber: 2 })),
    ).toMatchObject(answer as object)
    expect(seen()).toMatchObject({ operation: 'UploadPartCopy', input: { UploadId: 'u', PartNumber: 2 } })
  })

  test('are uploaded in parts', async () => {
    answer = { Bucket, Key: 'k', UploadId: 'u' }
    expect(await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }))).toMatchObject(answer as object)
    answer = { ETag: '"p1"' }
    expect(
      await s3.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId: 'u', PartNumber: 1, Body: 'x' })),
    ).toMatchObject(answer as object)
    answer = { Parts: [{ PartNumber: 1, ETag: '"p1"', Size: 1 }], IsTruncated: false, StorageClass: 'STANDARD' }
    expect(await s3.send(new ListPartsCommand({ Bucket, Key: 'k', UploadId: 'u' }))).toMatchObject(answer as object)
    answer = { Location: 'l', ETag: '"x-2"' }
    const Parts = [
      { PartNumber: 1, ETag: '"p1"' },
      { PartNumber: 2, ETag: '"p2"' },
    ]
    expect(
      await s3.send(
        new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId: 'u', MultipartUpload: { Parts } }),
      ),
    ).toMatchObject(answer as object)
    expect(seen().input.MultipartUpload).toEqual({ Parts })
  })

  test('have tags and attributes', async () => {
    answer = { TagSet: [{ Key: 'a', Value: '' }] }
    expect(await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))).toMatchObject(answer as object)
    const TagSet = [
      { Key: 'a', Value: 'b & c' },
      { Key: 'd', Value: '' },
    ]
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet } }))
    expect(seen().input.Tagging).toEqual({ TagSet })
    answer = {
      ETag: 'x',
      ObjectParts: { TotalPartsCount: 2, Parts: [{ PartNumber: 1 }] },
      Checksum: { ChecksumCRC32: 'c' },
    }
    expect(
      await s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ETag', 'ObjectParts'] })),
    ).toMatchObject(answer as object)
    expect(seen().input.ObjectAttributes).toEqual(['ETag', 'ObjectParts'])
  })

  test('are deleted by the hundred', async () => {
    answer = { Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b', Code: 'AccessDenied', Message: 'Access Denied' }] }
    const Objects = [{ Key: 'a' }, { Key: 'b\r\n<', VersionId: 'v' }]
    expect(await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))).toMatchObject(
      answer as object,
    )
    expect(seen().input.Delete).toEqual({ Objects, Quiet: true })
  })

  test('live on virtual hosts as well', async () => {
    answer = { ETag: '"x"' }
    for (const host of [
      'my.bucket.localhost:4566',
      'my.bucket.s3.amazonaws.com',
      'my.bucket.s3.eu-west-1.amazonaws.com',
      'my.bucket.s3.localhost',
    ]) {
      await rawHead(host, '/a/b')
      expect(seen().input).toMatchObject({ Bucket: 'my.bucket', Key: 'a/b' })
      await rawHead(host, '/')
      expect(seen()).toMatchObject({ operation: 'HeadBucket', input: { Bucket: 'my.bucket' } })
    }
    for (const host of [
      'localhost:4566',
      's3.localhost',
      's3.us-east-1.amazonaws.com',
      '127.0.0.1:4566',
      '[::1]:4566',
    ]) {
      await rawHead(host, '/bucket/a/b')
      expect(seen().input).toMatchObject({ Bucket: 'bucket', Key: 'a/b' })
    }
  })
})

async function rawHead(host: string, path: string): Promise<void> {
  const { request } = await import('node:http')
  const { hostname, port } = new URL(server.url)
  await new Promise<void>((resolve, reject) => {
    request({ hostname, port, path, method: 'HEAD', headers: { host } }, response =>
      response.resume().once('end', resolve),
    )
      .once('error', reject)
      .end()
  })
}

describe('S3 errors', () => {
  test('are their exceptions in the SDK', async () => {
    answer = new ServiceError('NoSuchKey', 'The specified key does not exist.', { fields: { Key: 'k' } })
    const failed = s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))
    await expect(failed).rejects.toThrow(NoSuchKey)
    await expect(failed).rejects.toMatchObject({
      Key: 'k',
      $metadata: { httpStatusCode: 404, requestId: 'request-1', extendedRequestId: expect.any(String) },
    })
  })

  test('have no namespace, and name resource, request and host', async () => {
    answer = new ServiceError('NoSuchBucket', 'The specified bucket does not exist', {
      fields: { BucketName: 'bucket' },
    })
    const { status, headers, text } = await ask('GET', '/bucket/a%20b')
    expect(status).toBe(404)
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>bucket</BucketName><Resource>/bucket/a%20b</Resource><RequestId>request-1</RequestId><HostId>${headers.get('x-amz-id-2')}</HostId></Error>`,
    )
    expect(headers.get('x-amz-request-id')).toBe('request-1')
    expect(headers.get('content-type')).toBe('application/xml')
  })

  test('of HEAD have headers only', async () => {
    answer = new ServiceError('NoSuchKey', 'x', { headers: { 'x-amz-delete-marker': 'true' } })
    const { status, headers, text } = await ask('HEAD', '/bucket/key')
    expect({ status, text, marker: headers.get('x-amz-delete-marker') }).toEqual({
      status: 404,
      text: '',
      marker: 'true',
    })
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NotFound' })
  })

  test('304 has no body', async () => {
    answer = new ServiceError('NotModified', 'Not Modified', { status: 304, headers: { etag: '"x"' } })
    const { status, headers, text } = await ask('GET', '/bucket/key')
    expect({ status, text, etag: headers.get('etag') }).toEqual({ status: 304, text: '', etag: '"x"' })
  })
})

describe('what S3 does not understand', () => {
  const code = (text: string) => /<Code>(.*?)<\/Code>/.exec(text)?.[1]

  test.each([
    ['no XML', 'garbage'],
    ['half of it', '<Delete><Object>'],
    ['another document', '<Tagging/>'],
    [
      'a document type',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>',
    ],
    ['a word for a boolean', '<Delete><Quiet>perhaps</Quiet></Delete>'],
    ['an element for a text', '<Delete><Object><Key><a/></Key></Object></Delete>'],
  ])('%s is MalformedXML', async (_, body) => {
    const { status, text } = await ask('POST', '/bucket?delete', body)
    expect({ status, code: code(text) }).toEqual({ status: 400, code: 'MalformedXML' })
  })

  test('a required document that is not there', async () => {
    const { status, text } = await ask('POST', '/bucket?delete')
    expect({ status, code: code(text) }).toEqual({ status: 400, code: 'MissingRequestBodyError' })
  })

  test.each([
    ['GET', '/bucket?list-type=2&max-keys=many', 'InvalidArgument', 400],
    ['GET', '/bucket/key?partNumber=x', 'InvalidArgument', 400],
    ['GET', '/bucket/%ZZ', 'InvalidURI', 400],
    ['POST', '/bucket', 'MethodNotAllowed', 405],
    ['PATCH', '/bucket/key', 'MethodNotAllowed', 405],
    ['DELETE', '/', 'MethodNotAllowed', 405],
  ])('%s %s is %s', async (method, path, expected, status) => {
    const found = await ask(method, path)
    expect({ status: found.status, code: code(found.text) }).toEqual({ status, code: expected })
  })

  test('a namespace prefix does no harm', async () => {
    answer = {}
    await ask(
      'POST',
      '/bucket?delete',
      '<s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:Object><s3:Key>k</s3:Key></s3:Object></s3:Delete>',
    )
    expect(seen().input.Delete).toEqual({ Objects: [{ Key: 'k' }] })
  })
})

describe('S3 routes without the hints that only the SDK gives', () => {
  test.each([
    ['GET', '/b', 'ListObjects'],
    ['GET', '/b/', 'ListObjects'],
    ['GET', '/b?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/b?versions', 'ListObjectVersions'],
    ['GET', '/b?uploads', 'ListMultipartUploads'],
    ['GET', '/b?analytics', 'ListBucketAnalyticsConfigurations'],
    ['GET', '/b?analytics&id=x', 'GetBucketAnalyticsConfiguration'],
    ['GET', '/b/k', 'GetObject'],
    ['GET', '/b/k?versionId=v', 'GetObject'],
    ['GET', '/b/k?uploadId=u', 'ListParts'],
    ['GET', '/b/k?acl', 'GetObjectAcl'],
    ['GET', '/b/k/', 'GetObject'],
    ['PUT', '/b', 'CreateBucket'],
    ['PUT', '/b/k', 'PutObject'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
    ['PUT', '/b/k?tagging', 'PutObjectTagging'],
    ['POST', '/b/k?uploads', 'CreateMultipartUpload'],
    ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload'],
    ['DELETE', '/b', 'DeleteBucket'],
    ['DELETE', '/b?policy', 'DeleteBucketPolicy'],
    ['DELETE', '/b/k', 'DeleteObject'],
    ['DELETE', '/b/k?uploadId=u', 'AbortMultipartUpload'],
    ['HEAD', '/b', 'HeadBucket'],
    ['HEAD', '/b/k', 'HeadObject'],
    ['GET', '/', 'ListBuckets'],
  ])('%s %s is %s', async (method, path, operation) => {
    answer = {}
    await ask(method, path, method === 'PUT' && path.includes('tagging') ? '<Tagging><TagSet/></Tagging>' : undefined)
    expect(seen().operation).toBe(operation)
  })
})
