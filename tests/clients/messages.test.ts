// Events, topics, logs and the event history with real aws command lines.

import { createVerify, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli, unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const clis = await findClis()

interface Heard {
  readonly path: string
  readonly type: string
  readonly body: any
}

let yard: Yard
let listener: Server
const heard: Heard[] = []
/** How often a path refuses before it accepts. */
const refusals = new Map<string, number>()
let place = ''
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  listener = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const path = request.url!
    const type = String(request.headers['x-amz-sns-message-type'])
    const left = type === 'Notification' ? (refusals.get(path) ?? 0) : 0
    refusals.set(path, left - 1)
    heard.push({ path, type, body: JSON.parse(Buffer.concat(pieces).toString()) })
    response.writeHead(left > 0 ? 503 : 200).end()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  place = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
})
afterAll(async () => {
  listener.close()
  const errors = unexpectedErrors(yard)
  await yard.close()
  expect(errors).toEqual([])
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  beforeAll(async () => {
    aws = await openCli(program, yard)
  })
  afterAll(() => aws?.close())

  const heardAt = (path: string, type: string, count = 1) =>
    until(
      async () => heard.filter(one => one.path === path && one.type === type),
      found => found.length >= count,
    )
  /** A topic with a confirmed subscription at this path. */
  async function subscribed(name: string, attributes?: object) {
    const path = `/${name}`
    const { TopicArn } = await aws`sns create-topic --name ${name}`
    const more = attributes ? ['--attributes', JSON.stringify(attributes)] : []
    const pending =
      await aws`sns subscribe --topic-arn ${TopicArn} --protocol http --notification-endpoint ${place}${path} ${more}`
    expect(pending.SubscriptionArn).toBe('pending confirmation')
    const [request] = await heardAt(path, 'SubscriptionConfirmation')
    const { SubscriptionArn } =
      await aws`sns confirm-subscription --topic-arn ${TopicArn} --token ${request!.body.Token}`
    return { TopicArn: TopicArn as string, SubscriptionArn: SubscriptionArn as string, path, request: request!.body }
  }

  async function expectSigned(message: any) {
    const fields =
      message.Type === 'Notification'
        ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
    const text = fields
      .filter(field => message[field] !== undefined)
      .map(field => `${field}\n${message[field]}\n`)
      .join('')
    const certificate = new X509Certificate(await (await fetch(message.SigningCertURL)).text())
    const algorithm = message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1'
    expect(createVerify(algorithm).update(text).verify(certificate.publicKey, message.Signature, 'base64')).toBe(true)
  }

  test('a topic delivers signed messages to who confirmed the subscription', async () => {
    const name = `news-${slug}`
    const { TopicArn, SubscriptionArn, path, request } = await subscribed(name)
    await expectSigned(request)
    expect(request).toMatchObject({
      TopicArn,
      Message: expect.stringContaining('You have chosen to subscribe to the topic'),
    })
    const { MessageId } =
      await aws`sns publish --topic-arn ${TopicArn} --subject Hi --message ${'all is well'} --message-attributes ${{ kind: { DataType: 'String', StringValue: 'good' } }}`
    const [message] = await heardAt(path, 'Notification')
    expect(message!.body).toMatchObject({
      MessageId,
      TopicArn,
      Subject: 'Hi',
      Message: 'all is well',
      MessageAttributes: { kind: { Type: 'String', Value: 'good' } },
    })
    await expectSigned(message!.body)
    expect((await aws`sns list-subscriptions-by-topic --topic-arn ${TopicArn}`).Subscriptions).toMatchObject([
      { SubscriptionArn, Protocol: 'http' },
    ])
    expect((await aws`sns get-topic-attributes --topic-arn ${TopicArn}`).Attributes).toMatchObject({
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '0',
    })
    await aws`sns unsubscribe --subscription-arn ${SubscriptionArn}`
    expect((await aws`sns list-subscriptions-by-topic --topic-arn ${TopicArn}`).Subscriptions).toEqual([])
    await aws`sns delete-topic --topic-arn ${TopicArn}`
    await expect(aws`sns publish --topic-arn ${TopicArn} --message x`).rejects.toThrow(
      'An error occurred (NotFound) when calling the Publish operation: Topic does not exist',
    )
  })

  test('a filter policy lets through what it names; a listener that refuses is tried again', async () => {
    const { TopicArn, path } = await subscribed(`filtered-${slug}`, {
      FilterPolicy: JSON.stringify({ kind: ['good'] }),
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: { numRetries: 3, numNoDelayRetries: 2, minDelayTarget: 1, maxDelayTarget: 1 },
      }),
    })
    refusals.set(path, 2)
    const kind = (value: string) => ({ kind: { DataType: 'String', StringValue: value } })
    await aws`sns publish --topic-arn ${TopicArn} --message no --message-attributes ${kind('bad')}`
    await aws`sns publish --topic-arn ${TopicArn} --message yes --message-attributes ${kind('good')}`
    const tries = await heardAt(path, 'Notification', 3)
    expect(tries.map(one => one.body.Message)).toEqual(['yes', 'yes', 'yes'])
    expect(new Set(tries.map(one => one.body.MessageId)).size).toBe(1)
  })

  test('rules send what matches to topics, log groups, builds and pipelines', async () => {
    const rule = `orders-${slug}`
    const { TopicArn, path } = await subscribed(`orders-${slug}`)
    // A topic takes messages of its own account only until its policy says more.
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: TopicArn },
      ],
    }
    await aws`sns set-topic-attributes --topic-arn ${TopicArn} --attribute-name Policy --attribute-value ${policy}`
    await aws`logs create-log-group --log-group-name /orders/${slug}`
    const pattern = {
      source: [{ prefix: `shop.${slug}` }],
      'detail-type': [{ 'anything-but': 'Cancelled' }],
      detail: { total: [{ numeric: ['>', 10, '<=', 100] }], coupon: [{ exists: false }] },
    }
    const { RuleArn } =
      await aws`events put-rule --name ${rule} --event-pattern ${pattern} --description ${'dear orders'}`
    expect(RuleArn).toBe(`arn:aws:events:us-east-1:000000000000:rule/${rule}`)
    const group = `arn:aws:logs:us-east-1:000000000000:log-group:/orders/${slug}`
    const put = await aws`events put-targets --rule ${rule} --targets ${[
      {
        Id: 'topic',
        Arn: TopicArn,
        InputTransformer: { InputPathsMap: { total: '$.detail.total' }, InputTemplate: '"an order of <total>"' },
      },
      { Id: 'log', Arn: group },
    ].map(target => JSON.stringify(target))}`
    expect(put).toEqual({ FailedEntryCount: 0, FailedEntries: [] })
    const entry = (type: string, detail: object) => ({
      Source: `shop.${slug}.web`,
      DetailType: type,
      Detail: JSON.stringify(detail),
    })
    const { Entries, FailedEntryCount } = await aws`events put-events --entries ${[
      entry('Placed', { total: 5 }),
      entry('Cancelled', { total: 50 }),
      entry('Placed', { total: 50, coupon: 'x' }),
      entry('Placed', { total: 60 }),
    ]}`
    expect([Entries.length, FailedEntryCount]).toEqual([4, 0])
    const [message] = await heardAt(path, 'Notification')
    expect(message!.body.Message).toBe('"an order of 60"')
    const { events } = await until(
      () => aws`logs filter-log-events --log-group-name /orders/${slug}`,
      answer => answer.events.length > 0,
    )
    expect(events).toHaveLength(1)
    expect(JSON.parse(events[0].message)).toMatchObject({
      'detail-type': 'Placed',
      detail: { total: 60 },
      id: Entries[3].EventId,
    })
    expect(await aws`events describe-rule --name ${rule}`).toMatchObject({
      State: 'ENABLED',
      Description: 'dear orders',
    })
    expect((await aws`events list-targets-by-rule --rule ${rule}`).Targets.map((one: any) => one.Id).sort()).toEqual([
      'log',
      'topic',
    ])
    expect((await aws`events list-rule-names-by-target --target-arn ${group}`).RuleNames).toEqual([rule])
    await aws`events disable-rule --name ${rule}`
    expect((await aws`events list-rules --name-prefix ${rule}`).Rules).toMatchObject([
      { Name: rule, State: 'DISABLED' },
    ])
    await aws`events enable-rule --name ${rule}`
    await expect(aws`events delete-rule --name ${rule}`).rejects.toThrow(
      "An error occurred (ValidationException) when calling the DeleteRule operation: Rule can't be deleted since it has targets.",
    )
    await aws`events remove-targets --rule ${rule} --ids topic log`
    await aws`events delete-rule --name ${rule}`
    await expect(aws`events describe-rule --name ${rule}`).rejects.toThrow(
      `An error occurred (ResourceNotFoundException) when calling the DescribeRule operation: Rule ${rule} does not exist on EventBus default.`,
    )
    await expect(aws`events put-rule --name bad-${slug} --event-pattern ${'{"source": "x"}'}`).rejects.toThrow(
      'An error occurred (InvalidEventPatternException) when calling the PutRule operation: Event pattern is not valid. Reason:',
    )
    const tested =
      await aws`events test-event-pattern --event-pattern ${{ source: ['a'] }} --event ${{ id: '1', account: '000000000000', source: 'a', time: '2026-01-01T00:00:00Z', region: 'us-east-1', resources: [], 'detail-type': 'T', detail: {} }}`
    expect(tested).toEqual({ Result: true })
  })

  test('a rule starts a build', async () => {
    const name = `started-${slug}`
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: ['events.amazonaws.com', 'codebuild.amazonaws.com'] },
          Action: 'sts:AssumeRole',
        },
      ],
    }
    const { Role } = await aws`iam create-role --role-name ${name} --assume-role-policy-document ${trust}`
    await aws`iam put-role-policy --role-name ${name} --policy-name all --policy-document ${{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['codebuild:StartBuild', 'logs:*'], Resource: '*' }] }}`
    const { project } =
      await aws`codebuild create-project --name ${name} --source ${{ type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: { build: { commands: [date] } }' }} --artifacts type=NO_ARTIFACTS --environment type=LINUX_CONTAINER,image=host,computeType=BUILD_GENERAL1_SMALL --service-role ${Role.Arn}`
    await aws`events put-rule --name ${name} --event-pattern ${{ source: [`go.${slug}`] }}`
    await aws`events put-targets --rule ${name} --targets Id=1,Arn=${project.arn},RoleArn=${Role.Arn}`
    await aws`events put-events --entries ${[{ Source: `go.${slug}`, DetailType: 'Go', Detail: '{}' }]}`
    const { ids } = await until(
      () => aws`codebuild list-builds-for-project --project-name ${name}`,
      answer => answer.ids.length > 0,
    )
    const { builds } = await until(
      () => aws`codebuild batch-get-builds --ids ${ids}`,
      answer => answer.builds[0].buildComplete,
    )
    expect(builds[0]).toMatchObject({ buildStatus: 'SUCCEEDED', initiator: expect.stringContaining(name) })
  })

  test('log groups and streams keep, find and page events', async () => {
    const group = `/app/${slug}`
    await aws`logs create-log-group --log-group-name ${group}`
    await expect(aws`logs create-log-group --log-group-name ${group}`).rejects.toThrow(
      'An error occurred (ResourceAlreadyExistsException) when calling the CreateLogGroup operation: The specified log group already exists',
    )
    await aws`logs create-log-stream --log-group-name ${group} --log-stream-name one`
    await aws`logs create-log-stream --log-group-name ${group} --log-stream-name two`
    const now = Date.now()
    const events = (...messages: string[]) => messages.map((message, index) => ({ timestamp: now + index, message }))
    await aws`logs put-log-events --log-group-name ${group} --log-stream-name one --log-events ${events('start', 'ERROR a b', 'end')}`
    await aws`logs put-log-events --log-group-name ${group} --log-stream-name two --log-events ${events('{"level":"error","n":5}')}`
    await expect(
      aws`logs put-log-events --log-group-name ${group} --log-stream-name three --log-events ${events('x')}`,
    ).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the PutLogEvents operation: The specified log stream does not exist.',
    )
    const first =
      await aws`logs get-log-events --log-group-name ${group} --log-stream-name one --start-from-head --limit 2`
    expect(first.events.map((event: any) => event.message)).toEqual(['start', 'ERROR a b'])
    const second =
      await aws`logs get-log-events --log-group-name ${group} --log-stream-name one --next-token ${first.nextForwardToken} --start-from-head`
    expect(second.events.map((event: any) => event.message)).toEqual(['end'])
    const found = async (pattern: string) =>
      (await aws`logs filter-log-events --log-group-name ${group} --filter-pattern ${pattern}`).events.map(
        (event: any) => event.message,
      )
    expect(await found('ERROR')).toEqual(['ERROR a b'])
    expect(await found('{ $.level = "error" && $.n > 4 }')).toEqual(['{"level":"error","n":5}'])
    expect(
      (await aws`logs filter-log-events --log-group-name ${group} --log-stream-names one --filter-pattern ${'"a b"'}`)
        .events,
    ).toMatchObject([{ logStreamName: 'one', message: 'ERROR a b', timestamp: now + 1 }])
    await aws`logs put-retention-policy --log-group-name ${group} --retention-in-days 7`
    expect((await aws`logs describe-log-groups --log-group-name-prefix ${group}`).logGroups).toMatchObject([
      { logGroupName: group, retentionInDays: 7, arn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}:*` },
    ])
    await expect(aws`logs put-retention-policy --log-group-name ${group} --retention-in-days 8`).rejects.toThrow(
      '(InvalidParameterException)',
    )
    await aws`logs delete-retention-policy --log-group-name ${group}`
    const { logStreams } =
      await aws`logs describe-log-streams --log-group-name ${group} --order-by LastEventTime --descending`
    expect(logStreams.map((stream: any) => stream.logStreamName).sort()).toEqual(['one', 'two'])
    expect(logStreams.find((stream: any) => stream.logStreamName === 'one')).toMatchObject({
      firstEventTimestamp: now,
      lastEventTimestamp: now + 2,
    })
    await aws`logs delete-log-stream --log-group-name ${group} --log-stream-name one`
    await aws`logs delete-log-group --log-group-name ${group}`
    await expect(aws`logs describe-log-streams --log-group-name ${group}`).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the DescribeLogStreams operation: The specified log group does not exist.',
    )
  })

  test('who did what is in the event history, refusals too', async () => {
    const UserName = `noted-${slug}`
    await aws`iam create-user --user-name ${UserName}`
    const { AccessKey } = await aws`iam create-access-key --user-name ${UserName}`
    await expect(aws.as(AccessKey)`sns create-topic --name secret-${slug}`).rejects.toThrow('(AuthorizationError)')
    const { Events } = await until(
      () => aws`cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=${UserName}`,
      answer => answer.Events.length > 0,
    )
    expect(Events[0]).toMatchObject({
      EventName: 'CreateTopic',
      Username: UserName,
      EventSource: 'sns.amazonaws.com',
      AccessKeyId: AccessKey.AccessKeyId,
    })
    expect(JSON.parse(Events[0].CloudTrailEvent)).toMatchObject({
      errorCode: 'AuthorizationError',
      errorMessage: expect.stringContaining('is not authorized to perform: SNS:CreateTopic'),
      userIdentity: { type: 'IAMUser', userName: UserName },
      sourceIPAddress: '127.0.0.1',
    })
  })
})
