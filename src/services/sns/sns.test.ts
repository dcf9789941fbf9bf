import { createVerify, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT, openHouse, REGION, type TestHouse } from '../../testing/house.ts'
import { sns, snsDoor } from './index.ts'
import { retryDelays } from './retries.ts'

interface Received {
  headers: IncomingMessage['headers']
  body: string
}

let house: TestHouse
let receiver: Server
let door: Server
let received: Received[] = []
let mails: string[] = []
let status = 200
let url: string

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) })
    response.writeHead(status, status === 302 ? { location: `${url}/elsewhere` } : {}).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const smtp = fakeSmtp()
  await once(smtp, 'listening')
  door = createServer((request, response) => {
    const { matches, handle } = snsDoor({ openCall: scope => house.openCall(sns, scope) })
    if (matches(request)) void handle(request, response)
    else response.writeHead(418).end()
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  house = await openHouse({
    services: [sns],
    config: {
      endpoint: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
      smtp: `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}?from=yard@example.com`,
    },
  })
  smtp.unref()
})
afterAll(async () => {
  receiver.close()
  door.close()
  await house.close()
})
beforeEach(() => {
  received = []
  mails = []
  status = 200
})

/** Speaks just enough SMTP to take mails. */
function fakeSmtp() {
  return createTcpServer(socket => {
    let data: string | undefined
    let rest = ''
    socket.write('220 test\r\n')
    socket.on('error', () => {})
    socket.on('data', bytes => {
      rest += bytes.toString()
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (data !== undefined) {
          if (line !== '.') {
            data += `${line}\n`
            continue
          }
          mails.push(data)
          data = undefined
          socket.write('250 ok\r\n')
        } else if (line === 'DATA') {
          data = ''
          socket.write('354 go\r\n')
        } else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  }).listen(0, '127.0.0.1')
}

let counter = 0
async function makeTopic(Attributes?: Record<string, string>) {
  const { TopicArn } = await house.invoke('sns', 'CreateTopic', { Name: `topic-${counter++}`, Attributes })
  return TopicArn!
}

/** A confirmed http subscription. */
async function subscribed(TopicArn: string, Attributes?: Record<string, string>, path = '/hook') {
  await house.invoke('sns', 'Subscribe', { TopicArn, Protocol: 'http', Endpoint: url + path, Attributes })
  await house.runJobs()
  const { SubscribeURL } = JSON.parse(received.at(-1)!.body)
  const answer = await (await fetch(SubscribeURL)).text()
  received = []
  return answer.match(/<SubscriptionArn>(.*)<\/SubscriptionArn>/)![1]!
}

const publish = async (TopicArn: string, more: object = {}) => {
  const { MessageId } = await house.invoke('sns', 'Publish', { TopicArn, Message: 'hello', ...more })
  await house.runJobs()
  return MessageId
}

async function isSigned(body: any, algorithm: 'sha1' | 'sha256') {
  const fields = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const signedText = fields
    .filter(name => body[name] !== undefined)
    .map(name => `${name}\n${body[name]}\n`)
    .join('')
  const certificate = new X509Certificate(await (await fetch(body.SigningCertURL)).text())
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.subject).toBe('CN=sns.amazonaws.com')
  return createVerify(algorithm).update(signedText).verify(certificate.publicKey, body.Signature, 'base64')
}

describe('a subscription over http', () => {
  test('is asked to confirm with a signed message, and gets messages from then on', async () => {
    const TopicArn = await makeTopic()
    const pending = await house.invoke('sns', 'Subscribe', { TopicArn, Protocol: 'http', Endpoint: `${url}/hook` })
    expect(pending).toEqual({ SubscriptionArn: 'pending confirmation' })
    await house.runJobs()
    const [confirmation] = received
    const body = JSON.parse(confirmation!.body)
    expect(body).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn, SignatureVersion: '1' })
    expect(confirmation!.headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': TopicArn,
      'content-type': 'text/plain; charset=UTF-8',
    })
    expect(await isSigned(body, 'sha1')).toBe(true)

    await publish(TopicArn)
    expect(received).toHaveLength(1)
    const { SubscriptionArn } = await house.invoke('sns', 'ConfirmSubscription', { TopicArn, Token: body.Token })
    const MessageId = await publish(TopicArn, {
      Subject: 'Greeting',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
    })
    const message = JSON.parse(received[1]!.body)
    expect(message).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'Greeting',
      Message: 'hello',
      Timestamp: '2026-01-01T00:00:00.000Z',
      MessageAttributes: { n: { Type: 'Number', Value: '1' } },
    })
    expect(received[1]!.headers['x-amz-sns-subscription-arn']).toBe(SubscriptionArn)
    expect(await isSigned(message, 'sha1')).toBe(true)
    message.Message = 'changed'
    expect(await isSigned(message, 'sha1')).toBe(false)

    expect((await fetch(message.UnsubscribeURL)).status).toBe(200)
    await publish(TopicArn)
    expect(received).toHaveLength(2)
  })

  test('signature version 2 is SHA-256', async () => {
    const TopicArn = await makeTopic({ SignatureVersion: '2' })
    await subscribed(TopicArn)
    await publish(TopicArn)
    expect(await isSigned(JSON.parse(received[0]!.body), 'sha256')).toBe(true)
  })

  test('raw delivery sends the message alone', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn, { RawMessageDelivery: 'true' })
    await publish(TopicArn, { Message: '{"a":1}' })
    expect(received[0]!.body).toBe('{"a":1}')
    expect(received[0]!.headers['x-amz-sns-rawdelivery']).toBe('true')
  })

  test('a structured message has a text for each protocol', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn)
    await publish(TopicArn, { Message: '{"default":"d","http":"h"}', MessageStructure: 'json' })
    await publish(TopicArn, { Message: '{"default":"d","email":"e"}', MessageStructure: 'json' })
    expect(received.map(one => JSON.parse(one.body).Message)).toEqual(['h', 'd'])
  })

  test('a failing endpoint is tried again as the delivery policy says, then given up', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn)
    status = 503
    await publish(TopicArn)
    const pauses: number[] = []
    for (let [job] = await house.waitingJobs(); job?.task === 'sns.deliver'; [job] = await house.waitingJobs()) {
      pauses.push((job.runAt.getTime() - house.clock.now().getTime()) / 1000)
      house.clock.set(job.runAt)
      await house.runJobs()
    }
    expect(pauses).toEqual([20, 20, 20])
    expect(received).toHaveLength(4)
  })

  test.each([[404], [302]])('an endpoint that answers %i is not asked again', async code => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn)
    status = code
    await publish(TopicArn)
    expect(received).toHaveLength(1)
    expect((await house.waitingJobs()).filter(job => job.task === 'sns.deliver')).toEqual([])
  })

  test('nobody confirms: the subscription is forgotten', async () => {
    const TopicArn = await makeTopic()
    const { SubscriptionArn } = await house.invoke('sns', 'Subscribe', {
      TopicArn,
      Protocol: 'http',
      Endpoint: `${url}/late`,
      ReturnSubscriptionArn: true,
    })
    await house.runJobs()
    expect((await house.invoke('sns', 'ListSubscriptionsByTopic', { TopicArn })).Subscriptions).toMatchObject([
      { SubscriptionArn: 'PendingConfirmation', Protocol: 'http' },
    ])
    house.clock.advance(2 * 86_400_000)
    await house.runJobs()
    await expect(
      house.invoke('sns', 'GetSubscriptionAttributes', { SubscriptionArn: SubscriptionArn! }),
    ).rejects.toMatchObject({
      code: 'NotFoundException',
      message: 'Subscription does not exist',
    })
  })

  test('an authenticated confirmation may forbid to unsubscribe by link', async () => {
    const TopicArn = await makeTopic()
    await house.invoke('sns', 'Subscribe', { TopicArn, Protocol: 'http', Endpoint: `${url}/x` })
    await house.runJobs()
    const { Token } = JSON.parse(received[0]!.body)
    const { SubscriptionArn } = await house.invoke('sns', 'ConfirmSubscription', {
      TopicArn,
      Token,
      AuthenticateOnUnsubscribe: 'true',
    })
    expect(
      (await fetch(`${house.config.endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`)).status,
    ).toBe(403)
    await house.invoke('sns', 'Unsubscribe', { SubscriptionArn: SubscriptionArn! })
    await house.invoke('sns', 'Unsubscribe', { SubscriptionArn: SubscriptionArn! })
  })

  test('a wrong token and other requests are not for the door', async () => {
    const TopicArn = await makeTopic()
    const answer = await fetch(`${house.config.endpoint}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=x`)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Invalid parameter: Token')])
    expect((await fetch(`${house.config.endpoint}/?Action=ListTopics`)).status).toBe(418)
    expect(
      (await fetch(`${house.config.endpoint}/_codeyard/sns/SimpleNotificationService-${'0'.repeat(32)}.pem`)).status,
    ).toBe(404)
  })
})

test('email asks by mail with a link, then sends messages', async () => {
  const TopicArn = await makeTopic({ DisplayName: 'Yard' })
  await house.invoke('sns', 'Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'dev@example.com' })
  await house.runJobs()
  const decoded = mails[0]!.replaceAll('=\n', '').replaceAll('=3D', '=')
  const link = decoded.match(/http:\S+Token=[0-9a-f]+/)![0]
  expect(mails[0]).toContain('To: dev@example.com')
  expect(mails[0]).toContain('From: Yard <yard@example.com>')
  expect((await fetch(link)).status).toBe(200)
  await publish(TopicArn, { Subject: 'Build failed' })
  expect(mails[1]).toContain('Subject: Build failed')
  expect(mails[1]).toContain('hello')
})

describe('filter policies', () => {
  const attributes = (values: Record<string, [type: string, value: string]>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, [DataType, StringValue]]) => [name, { DataType, StringValue }]),
    )

  test('choose by attributes', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn, { FilterPolicy: '{"state":["FAILED"],"n":[{"numeric":[">",1]}],"tags":["b"]}' })
    const send = (state: string, n: string) =>
      publish(TopicArn, {
        Message: state + n,
        MessageAttributes: attributes({
          state: ['String', state],
          n: ['Number', n],
          tags: ['String.Array', '["a","b"]'],
        }),
      })
    await send('FAILED', '2')
    await send('FAILED', '1')
    await send('SUCCEEDED', '2')
    await publish(TopicArn)
    expect(received.map(one => JSON.parse(one.body).Message)).toEqual(['FAILED2'])
  })

  test('choose by the message body', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn, { FilterPolicy: '{"detail":{"state":["FAILED"]}}', FilterPolicyScope: 'MessageBody' })
    for (const Message of ['{"detail":{"state":"FAILED"}}', '{"detail":{"state":"OK"}}', 'text'])
      await publish(TopicArn, { Message })
    expect(received).toHaveLength(1)
  })

  test.each<[message: string, attributes: Record<string, string>]>([
    ['Invalid parameter: FilterPolicy: "a" must be an object or an array', { FilterPolicy: '{"a":"b"}' }],
    [
      'Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy',
      { FilterPolicy: '{"a":{"b":["c"]}}' },
    ],
    [
      'Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys',
      { FilterPolicy: '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}' },
    ],
    ['Invalid parameter: FilterPolicy: Unrecognized match type like', { FilterPolicy: '{"a":[{"like":"x"}]}' }],
    ['Invalid parameter: FilterPolicy: failed to parse JSON.', { FilterPolicy: '{' }],
    ['Invalid parameter: AttributeName', { Nonsense: '1' }],
  ])('%s', async (message, Attributes) => {
    const TopicArn = await makeTopic()
    await expect(
      house.invoke('sns', 'Subscribe', { TopicArn, Protocol: 'http', Endpoint: url, Attributes }),
    ).rejects.toMatchObject({ code: 'InvalidParameterException', message })
  })
})

describe('topics', () => {
  test('creating again answers the same ARN unless something differs', async () => {
    const make = (more: object = {}) =>
      house.invoke('sns', 'CreateTopic', { Name: 'same', Attributes: { DisplayName: 'x' }, ...more })
    expect(await make()).toEqual({ TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:same` })
    expect(await make()).toEqual(await make({ Attributes: {} }))
    await expect(make({ Attributes: { DisplayName: 'y' } })).rejects.toMatchObject({
      message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    })
    await expect(make({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({
      message: 'Invalid parameter: Tags Reason: Topic already exists with different tags',
    })
  })

  test('attributes are shown with AWS’s defaults and can be set', async () => {
    const TopicArn = await makeTopic()
    const { Attributes } = await house.invoke('sns', 'GetTopicAttributes', { TopicArn })
    expect(Attributes).toMatchObject({
      TopicArn,
      Owner: ACCOUNT,
      SubscriptionsConfirmed: '0',
      SubscriptionsPending: '0',
      DisplayName: '',
    })
    expect(JSON.parse(Attributes!.Policy!).Id).toBe('__default_policy_ID')
    await house.invoke('sns', 'AddPermission', {
      TopicArn,
      Label: 'l',
      AWSAccountId: ['111122223333'],
      ActionName: ['Publish'],
    })
    const policy = JSON.parse((await house.invoke('sns', 'GetTopicAttributes', { TopicArn })).Attributes!.Policy!)
    expect(policy.Statement[1]).toMatchObject({ Sid: 'l', Action: 'SNS:Publish', Resource: TopicArn })
    await house.invoke('sns', 'RemovePermission', { TopicArn, Label: 'l' })
    await expect(
      house.invoke('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Nonsense', AttributeValue: '1' }),
    ).rejects.toMatchObject({ message: 'Invalid parameter: AttributeName' })
  })

  test('are listed in pages, tagged and deleted with their subscriptions', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn)
    await house.invoke('sns', 'TagResource', { ResourceArn: TopicArn, Tags: [{ Key: 'a', Value: '1' }] })
    expect(await house.invoke('sns', 'ListTagsForResource', { ResourceArn: TopicArn })).toEqual({
      Tags: [{ Key: 'a', Value: '1' }],
    })
    for (let count = 0; count < 101; count++) await house.invoke('sns', 'CreateTopic', { Name: `z${count}` })
    const first = await house.invoke('sns', 'ListTopics', {})
    const second = await house.invoke('sns', 'ListTopics', { NextToken: first.NextToken })
    expect(first.Topics).toHaveLength(100)
    expect(second.NextToken).toBeUndefined()
    await house.invoke('sns', 'DeleteTopic', { TopicArn })
    await house.invoke('sns', 'DeleteTopic', { TopicArn })
    const left = (await house.invoke('sns', 'ListSubscriptions', {})).Subscriptions!
    expect(left.filter(one => one.TopicArn === TopicArn)).toEqual([])
    await expect(publish(TopicArn)).rejects.toMatchObject({
      code: 'NotFoundException',
      message: 'Topic does not exist',
    })
  })

  test('a service may publish only when the policy names it', async () => {
    const TopicArn = await makeTopic()
    const service = house.as({ type: 'service', account: ACCOUNT, service: 'events.amazonaws.com' })
    await expect(service.invoke('sns', 'Publish', { TopicArn, Message: 'x' })).rejects.toMatchObject({
      code: 'AuthorizationError',
    })
    const Statement = [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: TopicArn },
    ]
    await house.invoke('sns', 'SetTopicAttributes', {
      TopicArn,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify({ Statement }),
    })
    await service.invoke('sns', 'Publish', { TopicArn, Message: 'x' })
  })
})

describe('refusals', () => {
  test.each<[message: string, input: object]>([
    ['Invalid parameter: Empty message', { Message: '' }],
    ['Invalid parameter: Message too long', { Message: 'x'.repeat(262_145) }],
    ['Invalid parameter: Subject', { Subject: 'a\nb' }],
    ['Invalid parameter: Subject', { Subject: 'x'.repeat(101) }],
    [
      'Invalid parameter: Message Structure - No default entry in JSON message body',
      { Message: '{"http":"x"}', MessageStructure: 'json' },
    ],
    [
      'Invalid parameter: Message Structure - JSON message body failed to parse',
      { Message: 'x', MessageStructure: 'json' },
    ],
    [
      "Could not cast message attribute 'n' value to number.",
      { MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } },
    ],
    [
      "The message attribute 'n' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
      { MessageAttributes: { n: { DataType: 'Text', StringValue: 'x' } } },
    ],
  ])('%s', async (message, input) => {
    const TopicArn = await makeTopic()
    await expect(house.invoke('sns', 'Publish', { TopicArn, Message: 'm', ...input })).rejects.toMatchObject({
      message,
    })
  })

  test.each<[protocol: string, endpoint: string, message: string]>([
    [
      'sqs',
      'arn:aws:sqs:us-east-1:000000000000:q',
      'Invalid parameter: Protocol Reason: Codeyard does not deliver to SQS',
    ],
    ['lambda', 'x', 'Invalid parameter: Protocol Reason: Codeyard does not deliver to Lambda'],
    ['carrier-pigeon', 'x', 'Invalid parameter: Amazon SNS does not support this protocol string: carrier-pigeon'],
    ['http', 'https://example.com', 'Invalid parameter: Endpoint must match the specified protocol'],
    ['email', 'nobody', 'Invalid parameter: Email address'],
  ])('%s to %s', async (Protocol, Endpoint, message) => {
    const TopicArn = await makeTopic()
    await expect(house.invoke('sns', 'Subscribe', { TopicArn, Protocol, Endpoint })).rejects.toMatchObject({ message })
  })

  test('a batch is accepted and refused entry by entry', async () => {
    const TopicArn = await makeTopic()
    await subscribed(TopicArn)
    const answer = await house.invoke('sns', 'PublishBatch', {
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'one' },
        { Id: 'b', Message: '' },
      ],
    })
    expect(answer).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Empty message', SenderFault: true }],
    })
    await house.runJobs()
    expect(received.map(one => JSON.parse(one.body).Message)).toEqual(['one'])
    await expect(
      house.invoke('sns', 'PublishBatch', {
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'x' },
          { Id: 'a', Message: 'y' },
        ],
      }),
    ).rejects.toMatchObject({ code: 'BatchEntryIdsNotDistinctException' })
  })

  test('what is no ARN', async () => {
    await expect(house.invoke('sns', 'GetTopicAttributes', { TopicArn: 'x' })).rejects.toMatchObject({
      message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    })
  })
})

test('delivery policies become pauses', () => {
  const base = {
    minDelayTarget: 1,
    maxDelayTarget: 60,
    numRetries: 12,
    numNoDelayRetries: 2,
    numMinDelayRetries: 2,
    numMaxDelayRetries: 3,
  }
  expect(retryDelays({ ...base, backoffFunction: 'linear' })).toEqual([0, 0, 1, 1, 1, 16, 31, 45, 60, 60, 60, 60])
  expect(retryDelays({ ...base, backoffFunction: 'exponential' })).toEqual([0, 0, 1, 1, 1, 3, 8, 22, 60, 60, 60, 60])
})
