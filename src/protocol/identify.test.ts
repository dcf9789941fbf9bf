import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { identify, wantsWholeBody } from './identify.ts'
import { bucketOfHost } from './rest/s3Address.ts'
import type { WireRequest } from './wire.ts'

const scope = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=aa`,
})
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

function request(method: string, url: string, headers: Record<string, string> = {}, body = ''): WireRequest {
  const [path = '/', rawQuery = ''] = url.split(/\?(.*)/s)
  return {
    method,
    path,
    rawQuery,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: Readable.from([]),
    bytes: Buffer.from(body),
  }
}

function meaning(asked: WireRequest) {
  const found = identify(asked)
  return 'error' in found
    ? `${found.error.code} in ${found.protocol.name}`
    : `${found.service}.${found.operation.name} in ${found.protocol.name}`
}

describe('a request means', () => {
  test.each<[string, WireRequest, string]>([
    [
      'what X-Amz-Target says',
      request('POST', '/', { 'x-amz-target': 'CodeBuild_20161006.StartBuild' }),
      'codebuild.StartBuild in awsJson1_1',
    ],
    [
      'also where the target is long',
      request('POST', '/', { 'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents' }),
      'cloudtrail.LookupEvents in awsJson1_1',
    ],
    [
      'the agent API by either name',
      request('POST', '/', { 'x-amz-target': 'CodeDeployCommandService_v20141006.PollHostCommand' }),
      'codedeploy-commands.PollHostCommand in awsJson1_1',
    ],
    [
      'the agent API by the other',
      request('POST', '/', { 'x-amz-target': 'CodeDeployCommandService.PollHostCommand' }),
      'codedeploy-commands.PollHostCommand in awsJson1_1',
    ],
    [
      'JSON 1.0 by its content type',
      request('POST', '/', {
        'x-amz-target': 'GraniteServiceVersion20100801.ListMetrics',
        'content-type': 'application/x-amz-json-1.0',
      }),
      'cloudwatch.ListMetrics in awsJson1_0',
    ],
    [
      'an rpcV2 path',
      request('POST', '/service/GraniteServiceVersion20100801/operation/ListMetrics', {
        'smithy-protocol': 'rpc-v2-cbor',
      }),
      'cloudwatch.ListMetrics in rpcV2Cbor',
    ],
    [
      'an rpcV2 path with a prefix',
      request('POST', '/x/service/com.amazonaws.GraniteServiceVersion20100801/operation/ListMetrics', {
        'smithy-protocol': 'rpc-v2-cbor',
      }),
      'cloudwatch.ListMetrics in rpcV2Cbor',
    ],
    [
      'the Action of a signed form',
      request('POST', '/', { ...FORM, ...scope('iam') }, 'Action=GetUser&Version=2010-05-08'),
      'iam.GetUser in awsQuery',
    ],
    [
      'a service by its signing name',
      request('POST', '/', { ...FORM, ...scope('monitoring') }, 'Action=ListMetrics&Version=2010-08-01'),
      'cloudwatch.ListMetrics in awsQuery',
    ],
    [
      'EC2 forms',
      request('POST', '/', { ...FORM, ...scope('ec2') }, 'Action=DescribeInstances&Version=2016-11-15'),
      'ec2.DescribeInstances in ec2Query',
    ],
    [
      'an unsigned form by its version',
      request('POST', '/', FORM, 'Action=AssumeRoleWithWebIdentity&Version=2011-06-15'),
      'sts.AssumeRoleWithWebIdentity in awsQuery',
    ],
    [
      'a presigned query',
      request(
        'GET',
        '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fsts%2Faws4_request',
      ),
      'sts.GetCallerIdentity in awsQuery',
    ],
    [
      'an unsigned query by its host',
      request('GET', '/?Action=GetCallerIdentity&Version=2011-06-15', { host: 'sts.localhost:4566' }),
      'sts.GetCallerIdentity in awsQuery',
    ],
    ['S3 for paths', request('GET', '/bucket/key', scope('s3')), 's3.GetObject in restXml'],
    [
      'S3 for presigned paths',
      request('PUT', '/bucket/key?X-Amz-Credential=AKID/20260101/us-east-1/s3/aws4_request'),
      's3.PutObject in restXml',
    ],
    ['S3 for what nobody else claims', request('GET', '/'), 's3.ListBuckets in restXml'],
    [
      'S3 also when curl calls an upload a form',
      request('PUT', '/bucket/key', { ...FORM, ...scope('s3') }, 'Action=x'),
      's3.PutObject in restXml',
    ],
    [
      'nothing in a service that is not there',
      request('GET', '/clusters', scope('eks')),
      'UnknownOperationException in restJson',
    ],
    [
      'nothing without a target',
      request('POST', '/', scope('codecommit'), '{}'),
      'UnknownOperationException in awsJson1_1',
    ],
    [
      'nothing in a protocol that the service does not speak',
      request('POST', '/service/CodeCommit_20150413/operation/GetBranch', { 'smithy-protocol': 'rpc-v2-cbor' }),
      'UnknownOperationException in rpcV2Cbor',
    ],
    ['nothing in a form without action', request('POST', '/', FORM, 'a=b'), 'MissingAction in awsQuery'],
  ])('%s', (_, asked, expected) => {
    expect(meaning(asked)).toBe(expected)
  })

  test('S3 alone may stream its body', () => {
    expect(wantsWholeBody(request('PUT', '/b/k', scope('s3')))).toBe(false)
    expect(wantsWholeBody(request('PUT', '/b/k', { ...FORM }))).toBe(false)
    expect(wantsWholeBody(request('POST', '/', { ...FORM }))).toBe(true)
    expect(wantsWholeBody(request('POST', '/', { 'x-amz-target': 'x' }))).toBe(true)
    expect(wantsWholeBody(request('POST', '/2015-03-31/functions', scope('lambda')))).toBe(true)
  })
})

describe('a host with a bucket', () => {
  test.each([
    ['bucket.localhost', 'bucket'],
    ['a.b.localhost:4566', 'a.b'],
    ['bucket.s3.localhost', 'bucket'],
    ['bucket.s3.us-east-1.localhost', 'bucket'],
    ['bucket.s3.amazonaws.com', 'bucket'],
    ['bucket.s3-eu-west-1.amazonaws.com', 'bucket'],
    ['bucket.s3.dualstack.eu-west-1.amazonaws.com', 'bucket'],
    ['bucket.yard.example', 'bucket'],
    ['yard.example', undefined],
    ['s3.yard.example', undefined],
    ['s3.us-east-1.localhost', undefined],
    ['s3.amazonaws.com', undefined],
    ['s3.eu-west-1.amazonaws.com', undefined],
    ['localhost', undefined],
    ['127.0.0.1:4566', undefined],
    ['other.example', undefined],
    [undefined, undefined],
  ])('%s', (host, bucket) => {
    expect(bucketOfHost(host, ['yard.example'])).toBe(bucket)
  })
})
