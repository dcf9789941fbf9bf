// Topics with a KMS key: who may publish, and how a message waits for its delivery.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { sns } from './index.ts'

let house: TestHouse
let receiver: Server
let received: any[] = []
let identity: string[] = []
let key = ''
let topic = ''
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const may = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' })
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })
const ada: Principal = {
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/ada`,
  userId: 'AIDAADA',
  userName: 'ada',
}

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push(JSON.parse(await text(request)))
    response.writeHead(200).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  house = await openHouse({ services: [sns, kms], identity: { policiesOf: async () => ({ identity }) } })
  key = (await house.invoke('kms', 'CreateKey', {})).KeyMetadata!.KeyId!
  await house.invoke('kms', 'CreateAlias', { AliasName: 'alias/news', TargetKeyId: key })
  const Attributes = { KmsMasterKeyId: 'alias/news' }
  topic = (await house.invoke('sns', 'CreateTopic', { Name: 'news', Attributes })).TopicArn!
  const Endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const subscription = {
    TopicArn: topic,
    Protocol: 'http',
    Endpoint,
    Attributes: { FilterPolicy: '{"kind":["good"]}' },
  }
  await house.invoke('sns', 'Subscribe', subscription)
  await house.runJobs()
  await house.invoke('sns', 'ConfirmSubscription', { TopicArn: topic, Token: received[0].Token })
})
beforeEach(() => {
  received = []
})
afterAll(async () => {
  receiver?.close()
  await house?.close()
})

const message = (Message: string, kind: string) => ({
  Message,
  MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
})
const publish = (as: Principal | undefined = undefined, TopicArn = topic) =>
  (as ? house.as(as) : house).invoke('sns', 'Publish', { TopicArn, ...message('the secret news', 'good') })

test('a message waits encrypted, also between fan-out and delivery, and arrives as it was, filters included', async () => {
  await publish()
  const entries = [
    { Id: 'a', ...message('the second secret', 'good') },
    { Id: 'b', ...message('never sent', 'bad') },
  ]
  await house.invoke('sns', 'PublishBatch', { TopicArn: topic, PublishBatchRequestEntries: entries })
  const waiting = JSON.stringify(await house.waitingJobs())
  expect(waiting).toContain('fanOut')
  expect(waiting).not.toMatch(/secret|never sent/)
  await house.runJobs()
  expect(received.map(({ Message }) => Message).sort()).toEqual(['the second secret', 'the secret news'])
  expect(received[0].MessageAttributes).toEqual({ kind: { Type: 'String', Value: 'good' } })
})

test('the key is shown until it is taken away', async () => {
  const shown = async () => (await house.invoke('sns', 'GetTopicAttributes', { TopicArn: topic })).Attributes!
  const set = (AttributeValue: string) =>
    house.invoke('sns', 'SetTopicAttributes', { TopicArn: topic, AttributeName: 'KmsMasterKeyId', AttributeValue })
  expect(await shown()).toMatchObject({ KmsMasterKeyId: 'alias/news' })
  await set('')
  expect(await shown()).not.toHaveProperty('KmsMasterKeyId')
  await publish()
  expect(JSON.stringify(await house.waitingJobs())).toContain('the secret news')
  await house.runJobs()
  await expect(set('no key!')).rejects.toEqual(refusal('InvalidParameterException', /KmsMasterKeyId/))
  await set('alias/news')
})

test('who publishes needs GenerateDataKey and Decrypt; AWS-managed keys let the account in, and no service', async () => {
  for (const actions of [['SNS:*'], ['SNS:*', 'kms:Decrypt'], ['SNS:*', 'kms:GenerateDataKey*']]) {
    identity = [document(may(...actions))]
    await expect(publish(ada)).rejects.toEqual(
      refusal(
        'KMSAccessDeniedException',
        /not authorized to perform: kms:\w+ on resource: .*\(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: [^;]+; Proxy: null\)$/,
      ),
    )
  }
  identity = [document(may('SNS:*', 'kms:Decrypt', 'kms:GenerateDataKey*'))]
  await publish(ada)
  const events: Principal = { type: 'service', account: ACCOUNT, service: 'events.amazonaws.com' }
  const lets = (Action: string, Resource: string) =>
    document({ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action, Resource })
  const setPolicy = (AttributeName: string, AttributeValue: string) =>
    house.invoke('sns', 'SetTopicAttributes', { TopicArn: topic, AttributeName, AttributeValue })
  await setPolicy('Policy', lets('SNS:Publish', topic))
  await expect(publish(events)).rejects.toEqual(refusal('KMSAccessDeniedException', /events.amazonaws.com/))
  const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }
  const service = JSON.parse(lets('kms:*', '*')).Statement[0]
  await house.invoke('kms', 'PutKeyPolicy', { KeyId: key, Policy: document(root, service) })
  await publish(events)
  await setPolicy('KmsMasterKeyId', 'alias/aws/sns')
  identity = [document(may('SNS:*'))]
  await expect(publish(events)).rejects.toEqual(refusal('KMSAccessDeniedException', /events.amazonaws.com/))
  await house.runJobs()
  await setPolicy('KmsMasterKeyId', 'alias/news')
})

test('a key that is missing, disabled or about to go is named by code and words', async () => {
  identity = []
  const Attributes = { KmsMasterKeyId: 'alias/none' }
  const { TopicArn } = await house.invoke('sns', 'CreateTopic', { Name: 'lost', Attributes })
  await expect(publish(undefined, TopicArn)).rejects.toEqual(
    refusal('KMSNotFoundException', /alias\/none is not found/),
  )
  await house.invoke('sns', 'SetTopicAttributes', {
    TopicArn: topic,
    AttributeName: 'Policy',
    AttributeValue: document({ Effect: 'Allow', Principal: '*', Action: 'SNS:Publish', Resource: topic }),
  })
  await house.invoke('kms', 'DisableKey', { KeyId: key })
  await expect(publish()).rejects.toEqual(refusal('KMSDisabledException', /is disabled/))
  await house.invoke('kms', 'ScheduleKeyDeletion', { KeyId: key })
  await expect(publish()).rejects.toEqual(refusal('KMSInvalidStateException', /is pending deletion/))
  expect(await house.waitingJobs()).not.toContainEqual(expect.objectContaining({ task: 'sns.fanOut' }))
})
