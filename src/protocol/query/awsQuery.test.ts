import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2'
import {
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  NoSuchEntityException,
  TagUserCommand,
} from '@aws-sdk/client-iam'
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import { clientOf, startWireServer, type WireServer } from '../testing/wireServer.ts'

let server: WireServer
let answer: unknown
beforeAll(async () => {
  server = await startWireServer(() => {
    if (answer instanceof Error) throw answer
    return answer
  })
})
afterAll(() => server.close())

const input = () => server.seen.at(-1)?.input

async function form(body: string) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const response = await fetch(`${server.url}/`, { method: 'POST', body, headers })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('the SDK over AWS Query', () => {
  test('sends lists of structures and reads times', async () => {
    const user = {
      Path: '/',
      UserName: 'a<&>"\'',
      UserId: 'AIDA',
      Arn: 'arn',
      CreateDate: new Date(1_700_000_000_000),
      Tags: [{ Key: 'a', Value: '' }],
    }
    answer = { User: user }
    const Tags = [
      { Key: 'k', Value: 'v&=+ %' },
      { Key: 'ü', Value: '' },
    ]
    const output = await new IAMClient(clientOf(server)).send(new CreateUserCommand({ UserName: 'bob', Tags }))
    expect(input()).toEqual({ UserName: 'bob', Tags })
    expect(output.User).toEqual(user)
    expect(output.$metadata.requestId).toBe('request-1')
  })

  test('keeps more than nine items in order', async () => {
    answer = {}
    const Tags = Array.from({ length: 12 }, (_, at) => ({ Key: `k${at}`, Value: 'v' }))
    await new IAMClient(clientOf(server)).send(new TagUserCommand({ UserName: 'bob', Tags }))
    expect(input().Tags).toEqual(Tags)
  })

  test('sends an empty list as an empty list', async () => {
    await new IAMClient(clientOf(server)).send(new TagUserCommand({ UserName: 'bob', Tags: [] }))
    expect(input()).toEqual({ UserName: 'bob', Tags: [] })
  })

  test('sends maps, blobs and nested lists', async () => {
    answer = { TopicArn: 'arn' }
    const sns = new SNSClient(clientOf(server))
    await sns.send(new CreateTopicCommand({ Name: 't', Attributes: { DisplayName: 'd', FifoTopic: 'true' } }))
    expect(input()).toEqual({ Name: 't', Attributes: { DisplayName: 'd', FifoTopic: 'true' } })
    answer = { MessageId: 'm' }
    const BinaryValue = new Uint8Array([0, 255])
    await sns.send(
      new PublishCommand({
        TopicArn: 'a',
        Message: 'line 1\nline 2',
        MessageAttributes: { b: { DataType: 'Binary', BinaryValue } },
      }),
    )
    expect(new Uint8Array(input().MessageAttributes.b.BinaryValue)).toEqual(BinaryValue)
    expect(input().Message).toBe('line 1\nline 2')
    answer = { Successful: [{ Id: '1', MessageId: 'm' }], Failed: [{ Id: '2', Code: 'c', SenderFault: true }] }
    const output = await sns.send(
      new PublishBatchCommand({ TopicArn: 'a', PublishBatchRequestEntries: [{ Id: '1', Message: 'x' }] }),
    )
    expect(output).toMatchObject(answer as object)
  })

  test('reads errors as their exceptions, by their Query code', async () => {
    answer = new ServiceError('NoSuchEntityException', 'The user with name <bob> cannot be found.')
    const failed = new IAMClient(clientOf(server)).send(new GetUserCommand({ UserName: 'bob' }))
    await expect(failed).rejects.toThrow(NoSuchEntityException)
    await expect(failed).rejects.toMatchObject({
      message: 'The user with name <bob> cannot be found.',
      $metadata: { httpStatusCode: 404 },
    })
  })

  test('reads STS', async () => {
    answer = {
      Credentials: {
        AccessKeyId: 'ASIA',
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: new Date(1_700_000_000_000),
      },
    }
    const sts = new STSClient(clientOf(server))
    const output = await sts.send(new AssumeRoleCommand({ RoleArn: 'arn', RoleSessionName: 's', DurationSeconds: 900 }))
    expect(input()).toEqual({ RoleArn: 'arn', RoleSessionName: 's', DurationSeconds: 900 })
    expect(output.Credentials).toEqual((answer as any).Credentials)
    answer = { UserId: 'u', Account: '000000000000', Arn: 'arn' }
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject(answer as object)
  })
})

describe('the SDK over EC2 Query', () => {
  test('sends flat lists of lists and reads nested ones', async () => {
    const instance = {
      InstanceId: 'i-1',
      LaunchTime: new Date(1_700_000_000_123),
      Tags: [{ Key: 'a', Value: 'b' }],
      NetworkInterfaces: [{ Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }] }],
    }
    answer = { Reservations: [{ ReservationId: 'r-1', Instances: [instance, { InstanceId: 'i-2', Tags: [] }] }] }
    const Filters = [
      { Name: 'tag:Name', Values: ['a', 'b'] },
      { Name: 'vpc-id', Values: ['c'] },
    ]
    const output = await new EC2Client(clientOf(server)).send(
      new DescribeInstancesCommand({ Filters, InstanceIds: ['i-1'] }),
    )
    expect(input()).toEqual({ Filters, InstanceIds: ['i-1'] })
    expect(output.Reservations).toEqual((answer as any).Reservations)
  })

  test('sends an idempotency token of its own making', async () => {
    answer = { Instances: [] }
    const tags = { ResourceType: 'instance' as const, Tags: [{ Key: 'k', Value: 'v' }] }
    await new EC2Client(clientOf(server)).send(
      new RunInstancesCommand({
        MinCount: 1,
        MaxCount: 2,
        ImageId: 'ami',
        EbsOptimized: true,
        TagSpecifications: [tags],
        BlockDeviceMappings: [{ DeviceName: '/dev/sda', Ebs: { VolumeSize: 8 } }],
      }),
    )
    expect(input()).toMatchObject({
      MinCount: 1,
      MaxCount: 2,
      EbsOptimized: true,
      TagSpecifications: [tags],
      BlockDeviceMappings: [{ DeviceName: '/dev/sda', Ebs: { VolumeSize: 8 } }],
    })
    expect(input().ClientToken).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('reads its own form of errors', async () => {
    answer = new ServiceError('InvalidInstanceID.NotFound', "The instance ID 'i-9' does not exist")
    const failed = new EC2Client(clientOf(server)).send(new DescribeInstancesCommand({}))
    await expect(failed).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-9' does not exist",
    })
  })
})

describe('the form of Query answers', () => {
  test('of a result', async () => {
    answer = { Account: '1', UserId: 'u', Arn: 'a' }
    const { text, headers } = await form('Action=GetCallerIdentity&Version=2011-06-15')
    expect(text).toBe(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>u</UserId><Account>1</Account><Arn>a</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>',
    )
    expect(headers.get('content-type')).toBe('text/xml')
    expect(headers.get('x-amzn-requestid')).toBe('request-1')
  })

  test('of an operation without a result', async () => {
    answer = undefined
    const { text } = await form('Action=DeleteUser&Version=2010-05-08&UserName=bob')
    expect(text).toBe(
      '<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></DeleteUserResponse>',
    )
  })

  test('of an error', async () => {
    answer = new ServiceError('ValidationException', 'a & b')
    const { status, text } = await form('Action=DeleteUser&Version=2010-05-08&UserName=bob')
    expect(status).toBe(400)
    expect(text).toBe(
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>a &amp; b</Message></Error><RequestId>request-1</RequestId></ErrorResponse>',
    )
  })

  test('GET carries the parameters in the query', async () => {
    answer = { Account: '1', UserId: 'u', Arn: 'a' }
    const response = await fetch(`${server.url}/?Action=GetCallerIdentity&Version=2011-06-15`)
    expect(await response.text()).toContain('<Account>1</Account>')
  })
})

describe('what is not understood', () => {
  test.each([
    ['an unknown action', 'Action=MakeCoffee&Version=2010-05-08', 'InvalidAction'],
    ['an unknown version', 'Action=GetUser&Version=1999-01-01', 'InvalidAction'],
    ['an inherited name', 'Action=constructor&Version=2010-05-08', 'InvalidAction'],
    ['no action', 'Version=2010-05-08', 'MissingAction'],
    ['a broken escape', 'Action=GetUser&Version=2010-05-08&UserName=%ZZ', 'MalformedQueryString'],
    ['a word for a number', 'Action=ListUsers&Version=2010-05-08&MaxItems=many', 'MalformedInput'],
    [
      'a word for a boolean',
      'Action=CreateLoginProfile&Version=2010-05-08&PasswordResetRequired=perhaps',
      'MalformedInput',
    ],
    ['a structure for a text', 'Action=GetUser&Version=2010-05-08&UserName.a=b', 'MalformedInput'],
    ['a bottomless name', `Action=GetUser&Version=2010-05-08&${'a.'.repeat(5000)}=b`, 'MalformedQueryString'],
  ])('%s', async (_, body, code) => {
    const { status, text } = await form(body)
    expect({ status, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] }).toEqual({ status: 400, code })
  })

  test('__proto__ is a name like any other', async () => {
    answer = {}
    await form(
      'Action=CreateTopic&Version=2010-03-31&Name=t&__proto__.x=1&Attributes.entry.1.key=__proto__&Attributes.entry.1.value=y',
    )
    expect(Object.entries(input().Attributes)).toEqual([['__proto__', 'y']])
    expect(({} as any).x).toBeUndefined()
  })
})
