// Round trips with Python's botocore, whose serializers the aws CLI uses: the same protocols, written by other people.

import { spawn, spawnSync } from 'node:child_process'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../core/serviceError.ts'
import { startWireServer, type WireServer } from './testing/wireServer.ts'

const SCRIPT = `
import json, sys, datetime
from botocore.config import Config
from botocore.exceptions import ClientError
import botocore.session

url = sys.argv[1]
session = botocore.session.Session()
session.set_credentials('AKIDEXAMPLE', 'secret')
def plain(value):
    if isinstance(value, datetime.datetime): return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, bytes): return value.decode()
    if hasattr(value, 'read'): return value.read().decode()
    if isinstance(value, dict): return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list): return [plain(v) for v in value]
    return value
def call(service, operation, **params):
    client = session.create_client(service, region_name='us-east-1', endpoint_url=url,
        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}))
    try:
        out = getattr(client, operation)(**params)
        meta = out.pop('ResponseMetadata')
        print(json.dumps(dict(out=plain(out), request=meta.get('RequestId'), status=meta['HTTPStatusCode'])))
    except ClientError as e:
        response = e.response
        meta = response.pop('ResponseMetadata')
        print(json.dumps(dict(error=plain(response['Error']), request=meta.get('RequestId'), status=meta['HTTPStatusCode'])))
when = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
call('codecommit', 'create_repository', repositoryName='x', tags={'a': 'b'})
call('codecommit', 'put_file', repositoryName='x', branchName='b', filePath='f', fileContent=b'\\x00\\xff')
call('codecommit', 'get_branch', repositoryName='x', branchName='b')
call('iam', 'create_user', UserName='bob', Tags=[{'Key': 'k', 'Value': 'v&='}])
call('iam', 'get_user', UserName='bob')
call('sns', 'create_topic', Name='t', Attributes={'DisplayName': 'd'})
call('sts', 'get_caller_identity')
call('ec2', 'describe_instances', Filters=[{'Name': 'n', 'Values': ['a', 'b']}])
call('ec2', 'describe_vpcs')
call('cloudwatch', 'put_metric_data', Namespace='n', MetricData=[{'MetricName': 'm', 'Timestamp': when, 'Value': 1.5}])
call('cloudwatch', 'get_metric_data', StartTime=when, EndTime=when, MetricDataQueries=[{'Id': 'a'}])
call('cloudwatch', 'list_dashboards')
call('s3', 'list_buckets')
call('s3', 'get_bucket_location', Bucket='bucket')
call('s3', 'put_object', Bucket='bucket', Key='a/b c+ü', Body=b'hello', Metadata={'foo': 'Bar'})
call('s3', 'get_object', Bucket='bucket', Key='a')
call('s3', 'list_objects_v2', Bucket='bucket', Prefix='p')
call('s3', 'delete_objects', Bucket='bucket', Delete={'Objects': [{'Key': 'a'}, {'Key': 'b<'}]})
call('s3', 'head_object', Bucket='bucket', Key='a')
call('s3', 'delete_object', Bucket='bucket', Key='gone')
call('lambda', 'get_function', FunctionName='f')
call('events', 'put_events', Entries=[{'Source': 's', 'DetailType': 'd', 'Detail': '{}', 'Time': when}])
`

const DATE = new Date('2023-11-14T22:13:20Z')
const TEXT_DATE = '2023-11-14T22:13:20+00:00'

/** What the operations answer, by name. */
const answers: Record<string, unknown> = {
  CreateRepository: { repositoryMetadata: { repositoryName: 'x', creationDate: DATE } },
  PutFile: { commitId: 'c', blobId: 'b', treeId: 't' },
  GetBranch: new ServiceError('BranchDoesNotExistException', 'no b'),
  CreateUser: {
    User: { UserName: 'bob', Path: '/', UserId: 'u', Arn: 'a', CreateDate: DATE, Tags: [{ Key: 'k', Value: '<' }] },
  },
  GetUser: new ServiceError('NoSuchEntityException', 'no bob'),
  CreateTopic: { TopicArn: 'arn' },
  GetCallerIdentity: { Account: '1', UserId: 'u', Arn: 'a' },
  DescribeInstances: {
    Reservations: [{ Instances: [{ InstanceId: 'i-1', LaunchTime: DATE, Tags: [{ Key: 'a', Value: 'b' }] }] }],
  },
  DescribeVpcs: new ServiceError('InvalidVpcID.NotFound', 'no vpc'),
  PutMetricData: {},
  GetMetricData: { MetricDataResults: [{ Id: 'a', Timestamps: [DATE], Values: [1.5] }], Messages: [] },
  ListDashboards: new ServiceError('InvalidParameterValueException', 'bad'),
  ListBuckets: { Buckets: [{ Name: 'b', CreationDate: DATE }], Owner: { ID: 'o' } },
  GetBucketLocation: { LocationConstraint: 'eu-west-1' },
  PutObject: { ETag: '"x"' },
  ListObjectsV2: {
    Contents: [{ Key: 'a<&', Size: 1, LastModified: DATE }],
    CommonPrefixes: [{ Prefix: 'p/' }],
    IsTruncated: false,
  },
  DeleteObjects: { Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b<', Code: 'AccessDenied' }] },
  HeadObject: new ServiceError('NoSuchKey', 'x'),
  DeleteObject: new ServiceError('AccessDenied', 'Access Denied', { status: 403 }),
  GetFunction: new ServiceError('ResourceNotFoundException', 'no f'),
  PutEvents: { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] },
}

const missing = spawnSync('python3', ['-c', 'import botocore']).status !== 0

// Skipped only where there is no botocore to talk to.
describe.skipIf(missing)('botocore', () => {
  let server: WireServer
  let replies: any[]
  beforeAll(async () => {
    server = await startWireServer(async ({ operation, input }) => {
      if (input.Body instanceof Readable) for await (const chunk of input.Body) void chunk
      const answer =
        operation === 'GetObject'
          ? { Body: Readable.from([Buffer.from('hello')]), ContentLength: 5, Metadata: { foo: 'Bar' } }
          : answers[operation]
      if (answer instanceof Error) throw answer
      return answer
    })
    replies = await run(server.url)
  })
  afterAll(() => server.close())

  test('reads every answer and every error', () => {
    const told = replies.map(reply => reply.out ?? reply.error)
    expect(told).toMatchObject([
      { repositoryMetadata: { repositoryName: 'x', creationDate: TEXT_DATE } },
      { commitId: 'c', blobId: 'b', treeId: 't' },
      { Code: 'BranchDoesNotExistException', Message: 'no b' },
      { User: { UserName: 'bob', CreateDate: TEXT_DATE, Tags: [{ Key: 'k', Value: '<' }] } },
      { Code: 'NoSuchEntity', Message: 'no bob', Type: 'Sender' },
      { TopicArn: 'arn' },
      { Account: '1', UserId: 'u', Arn: 'a' },
      {
        Reservations: [{ Instances: [{ InstanceId: 'i-1', LaunchTime: TEXT_DATE, Tags: [{ Key: 'a', Value: 'b' }] }] }],
      },
      { Code: 'InvalidVpcID.NotFound', Message: 'no vpc' },
      {},
      { MetricDataResults: [{ Id: 'a', Timestamps: [TEXT_DATE], Values: [1.5] }] },
      { Code: 'InvalidParameterValue', Message: 'bad' },
      { Buckets: [{ Name: 'b', CreationDate: TEXT_DATE }], Owner: { ID: 'o' } },
      { LocationConstraint: 'eu-west-1' },
      { ETag: '"x"' },
      { Body: 'hello', ContentLength: 5, Metadata: { foo: 'Bar' } },
      {
        Contents: [{ Key: 'a<&', Size: 1, LastModified: TEXT_DATE }],
        CommonPrefixes: [{ Prefix: 'p/' }],
        IsTruncated: false,
      },
      { Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b<', Code: 'AccessDenied' }] },
      { Code: '404', Message: 'Not Found' },
      { Code: 'AccessDenied', Message: 'Access Denied' },
      { Code: 'ResourceNotFoundException', Message: 'no f' },
      { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] },
    ])
    expect(replies.map(reply => reply.request)).toEqual(replies.map(() => 'request-1'))
    expect(replies.filter(reply => reply.error).map(reply => reply.status)).toEqual([400, 404, 400, 400, 404, 403, 404])
  })

  test('is understood in every protocol', () => {
    const inputs = server.seen.map(({ operation, protocol, input }) => [operation, protocol, input])
    expect(inputs).toMatchObject([
      ['CreateRepository', 'awsJson1_1', { repositoryName: 'x', tags: { a: 'b' } }],
      ['PutFile', 'awsJson1_1', { fileContent: Buffer.from([0, 255]) }],
      ['GetBranch', 'awsJson1_1', { repositoryName: 'x', branchName: 'b' }],
      ['CreateUser', 'awsQuery', { UserName: 'bob', Tags: [{ Key: 'k', Value: 'v&=' }] }],
      ['GetUser', 'awsQuery', { UserName: 'bob' }],
      ['CreateTopic', 'awsQuery', { Name: 't', Attributes: { DisplayName: 'd' } }],
      ['GetCallerIdentity', 'awsQuery', {}],
      ['DescribeInstances', 'ec2Query', { Filters: [{ Name: 'n', Values: ['a', 'b'] }] }],
      ['DescribeVpcs', 'ec2Query', {}],
      [
        'PutMetricData',
        expect.anything(),
        { Namespace: 'n', MetricData: [{ MetricName: 'm', Timestamp: DATE, Value: 1.5 }] },
      ],
      ['GetMetricData', expect.anything(), { StartTime: DATE, EndTime: DATE, MetricDataQueries: [{ Id: 'a' }] }],
      ['ListDashboards', expect.anything(), {}],
      ['ListBuckets', 'restXml', {}],
      ['GetBucketLocation', 'restXml', { Bucket: 'bucket' }],
      ['PutObject', 'restXml', { Bucket: 'bucket', Key: 'a/b c+ü', Metadata: { foo: 'Bar' } }],
      ['GetObject', 'restXml', { Bucket: 'bucket', Key: 'a' }],
      ['ListObjectsV2', 'restXml', { Bucket: 'bucket', Prefix: 'p' }],
      ['DeleteObjects', 'restXml', { Delete: { Objects: [{ Key: 'a' }, { Key: 'b<' }] } }],
      ['HeadObject', 'restXml', { Bucket: 'bucket', Key: 'a' }],
      ['DeleteObject', 'restXml', { Bucket: 'bucket', Key: 'gone' }],
      ['GetFunction', 'restJson', { FunctionName: 'f' }],
      ['PutEvents', 'awsJson1_1', { Entries: [{ Source: 's', DetailType: 'd', Detail: '{}', Time: DATE }] }],
    ])
  })
})

async function run(url: string): Promise<unknown[]> {
  const child = spawn('python3', ['-c', SCRIPT, url], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
  let text = ''
  for await (const chunk of child.stdout) text += chunk
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
