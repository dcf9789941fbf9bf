// boto3's waiters, paginators and transfers of both generations: they read fields that nobody else reads.

import { describe, expect, test } from 'vitest'
import { findPythons, runPython } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const pythons = await findPythons()

let yard: Yard
clientsYard(opened => {
  yard = opened
})

/** `client(name)` of the endpoint, also for a boto3 that does not read AWS_ENDPOINT_URL; `name` for resources. */
const PREPARED = `
import boto3, io, json, os, sys
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
name = sys.argv[1]
def client(service, **options):
    return boto3.client(service, endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(retries={'max_attempts': 2}), **options)
def refused(call, **input):
    try:
        call(**input)
    except ClientError as error:
        return error.response['Error']['Code']
quick = {'Delay': 1, 'MaxAttempts': 60}
`

describe.each(pythons)('$name', { timeout: 300_000 }, program => {
  const python = async (text: string) => JSON.parse(await runPython(program, yard, PREPARED + text, [program.slug]))

  test('waiters of S3 and IAM', async () => {
    const answer = await python(`
s3, iam = client('s3'), client('iam')
bucket = 'waiters-' + name
s3.create_bucket(Bucket=bucket)
s3.get_waiter('bucket_exists').wait(Bucket=bucket, WaiterConfig=quick)
s3.put_object(Bucket=bucket, Key='k', Body=b'x')
s3.get_waiter('object_exists').wait(Bucket=bucket, Key='k', WaiterConfig=quick)
s3.delete_object(Bucket=bucket, Key='k')
s3.get_waiter('object_not_exists').wait(Bucket=bucket, Key='k', WaiterConfig=quick)
s3.delete_bucket(Bucket=bucket)
s3.get_waiter('bucket_not_exists').wait(Bucket=bucket, WaiterConfig=quick)
iam.create_user(UserName=name)
iam.get_waiter('user_exists').wait(UserName=name, WaiterConfig=quick)
trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'Service': 'codedeploy.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}
iam.create_role(RoleName='waited-' + name, AssumeRolePolicyDocument=json.dumps(trust))
iam.get_waiter('role_exists').wait(RoleName='waited-' + name, WaiterConfig=quick)
iam.create_instance_profile(InstanceProfileName=name)
iam.get_waiter('instance_profile_exists').wait(InstanceProfileName=name, WaiterConfig=quick)
print(json.dumps([refused(s3.head_bucket, Bucket=bucket), refused(iam.get_user, UserName='nobody-' + name)]))
`)
    expect(answer).toEqual(['404', 'NoSuchEntity'])
  })

  test('paginators turn every page', async () => {
    const answer = await python(`
s3, iam, logs, codecommit, sns, events = (client(s) for s in ('s3', 'iam', 'logs', 'codecommit', 'sns', 'events'))
bucket = 'pages-' + name
s3.create_bucket(Bucket=bucket)
for number in range(5):
    s3.put_object(Bucket=bucket, Key='k%d' % number, Body=b'x')
    iam.create_user(UserName='%s-%d' % (name, number), Path='/pages-%s/' % name)
    logs.create_log_group(logGroupName='/pages/%s/%d' % (name, number))
    codecommit.create_repository(repositoryName='pages-%s-%d' % (name, number))
    sns.create_topic(Name='pages-%s-%d' % (name, number))
    events.put_rule(Name='pages-%s-%d' % (name, number), ScheduleExpression='rate(1 day)', State='DISABLED')
def count(service, operation, field, size, **input):
    pages = list(service.get_paginator(operation).paginate(PaginationConfig={'PageSize': size} if size else {}, **input))
    return [sum(len(page.get(field, [])) for page in pages), len(pages) > 1]
print(json.dumps([
    count(s3, 'list_objects_v2', 'Contents', 2, Bucket=bucket),
    count(s3, 'list_objects', 'Contents', 2, Bucket=bucket),
    count(s3, 'list_object_versions', 'Versions', 2, Bucket=bucket),
    count(iam, 'list_users', 'Users', 2, PathPrefix='/pages-%s/' % name),
    count(logs, 'describe_log_groups', 'logGroups', 2, logGroupNamePrefix='/pages/' + name),
    count(events, 'list_rules', 'Rules', 2, NamePrefix='pages-' + name),
    [sum(1 for page in codecommit.get_paginator('list_repositories').paginate() for one in page['repositories'] if one['repositoryName'].startswith('pages-' + name)), False],
    [sum(1 for page in sns.get_paginator('list_topics').paginate() for one in page['Topics'] if 'pages-' + name in one['TopicArn']), False],
]))
`)
    expect(answer).toEqual([...Array(6).fill([5, true]), [5, false], [5, false]])
  })

  test('a large file goes up in parts, comes back in ranges and through a link', async () => {
    const answer = await python(`
import hashlib, urllib.request
from boto3.s3.transfer import TransferConfig
s3 = client('s3')
bucket = 'large-' + name
s3.create_bucket(Bucket=bucket)
data = os.urandom(20 << 20)
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=4)
s3.upload_fileobj(io.BytesIO(data), bucket, 'k', Config=parts)
got = io.BytesIO()
s3.download_fileobj(bucket, 'k', got, Config=parts)
link = client('s3', region_name='us-east-1').generate_presigned_url('get_object', Params={'Bucket': bucket, 'Key': 'k'}, ExpiresIn=60)
linked = urllib.request.urlopen(link).read()
print(json.dumps([got.getvalue() == data, linked == data, s3.head_object(Bucket=bucket, Key='k')['ETag'].endswith('-4"')]))
`)
    expect(answer).toEqual([true, true, true])
  })
})
