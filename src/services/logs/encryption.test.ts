// Log groups with a KMS key: what is encrypted, by whom, and what happens when the key goes.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { logs } from './index.ts'

let house: TestHouse
let key = ''
const statement = (Principal: object, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'kms:*',
  Resource: '*',
  ...more,
})
const ROOT = statement({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
const forLogs = (group: string) =>
  statement(
    { Service: 'logs.us-east-1.amazonaws.com' },
    {
      Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groupArn(group) } },
    },
  )
const groupArn = (group: string) => `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${group}`
const makeKey = async (...statements: object[]) =>
  (
    await house.invoke('kms', 'CreateKey', {
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: [ROOT, ...statements] }),
    })
  ).KeyMetadata!.Arn!
beforeAll(async () => {
  house = await openHouse({ services: [logs, kms] })
  key = await makeKey(forLogs('/app/*'))
})
beforeEach(() => {
  house.audited.length = 0
})
afterAll(() => house?.close())

const place = (group: string) => ({ logGroupName: group, logStreamName: 's' })
async function makeGroup(logGroupName: string, kmsKeyId?: string) {
  await house.invoke('logs', 'CreateLogGroup', { logGroupName, kmsKeyId })
  await house.invoke('logs', 'CreateLogStream', place(logGroupName))
}
const put = (group: string, message: string) =>
  house.invoke('logs', 'PutLogEvents', {
    ...place(group),
    logEvents: [{ timestamp: house.clock.now().getTime(), message }],
  })
const putLines = (group: string, text: string) =>
  house.invoke('logs', 'PutLogLines', {
    ...place(group),
    text: Buffer.from(text),
    cuts: [],
    times: [[house.clock.now().getTime(), text.split('\n').length - 1]],
  })
const read = async (group: string) =>
  (await house.invoke('logs', 'GetLogEvents', { ...place(group), startFromHead: true })).events!.map(e => e.message)
const stored = async () =>
  (await house.store.pool.query<{ data: Buffer; data_key: string | null }>('select data, data_key from logs.chunks'))
    .rows
const kmsCalls = () =>
  house.audited.flatMap(({ request }) =>
    request.service === 'kms' ? [[request.operation, request.principal, (request.input as any).EncryptionContext]] : [],
  )
const service = { type: 'service', account: ACCOUNT, service: 'logs.amazonaws.com' }
const denied = (group: string) =>
  expect.objectContaining({
    code: 'AccessDeniedException',
    message: `The specified KMS key does not exist or is not allowed to be used with Arn '${groupArn(group)}'`,
  })

test('batches of both kinds are encrypted with one data key, which the service itself opens once in five minutes', async () => {
  await makeGroup('/app/a', key)
  await put('/app/a', 'secret one')
  await putLines('/app/a', 'secret two\nsecret three\n')
  const rows = await stored()
  expect(rows.map(({ data_key }) => typeof data_key)).toEqual(['number', 'number'])
  expect(rows.map(({ data }) => data.toString('latin1')).join()).not.toContain('secret')
  expect(await read('/app/a')).toEqual(['secret one', 'secret two\n', 'secret three\n'])
  const found = await house.invoke('logs', 'FilterLogEvents', { logGroupName: '/app/a', filterPattern: 'two' })
  expect(found.events!.map(({ message }) => message)).toEqual(['secret two\n'])
  const context = { 'aws:logs:arn': groupArn('/app/a') }
  expect(kmsCalls()).toEqual([
    ['GenerateDataKey', service, context],
    ['Decrypt', service, context],
  ])
  house.clock.advance(5 * 60_000)
  await read('/app/a')
  expect(kmsCalls()).toHaveLength(3)
  const { logGroups } = await house.invoke('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/app/a' })
  expect(logGroups).toMatchObject([{ kmsKeyId: key }])
})

test('a key is for what comes after it, and needed for that also when it was taken away', async () => {
  await makeGroup('/app/b')
  await put('/app/b', 'before')
  await house.invoke('logs', 'AssociateKmsKey', { logGroupName: '/app/b', kmsKeyId: key })
  await put('/app/b', 'under the key')
  const second = await makeKey(forLogs('/app/b'))
  await house.invoke('logs', 'AssociateKmsKey', { resourceIdentifier: groupArn('/app/b'), kmsKeyId: second })
  await put('/app/b', 'under another')
  await house.invoke('logs', 'DisassociateKmsKey', { logGroupName: '/app/b' })
  await put('/app/b', 'after')
  expect(await read('/app/b')).toEqual(['before', 'under the key', 'under another', 'after'])
  const { logGroups } = await house.invoke('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/app/b' })
  expect(logGroups![0]).not.toHaveProperty('kmsKeyId')
  await house.invoke('kms', 'DisableKey', { KeyId: second })
  expect(await read('/app/b')).toHaveLength(4)
  house.clock.advance(5 * 60_000)
  await expect(read('/app/b')).rejects.toMatchObject({
    code: 'InvalidParameterException',
    message: expect.stringContaining(`${second} is disabled`),
  })
  await put('/app/b', 'still written')
  await house.invoke('logs', 'AssociateKmsKey', { logGroupName: '/app/b', kmsKeyId: key })
  await house.invoke('kms', 'DisableKey', { KeyId: key })
  house.clock.advance(5 * 60_000)
  await expect(put('/app/b', 'x')).rejects.toMatchObject({ message: expect.stringContaining(`${key} is disabled`) })
  const another = { logGroupName: '/app/b', logStreamName: 'another' }
  await expect(house.invoke('logs', 'CreateLogStream', another)).rejects.toMatchObject({
    message: `The KMS key can not be used with Arn '${groupArn('/app/b')}': ${key} is disabled.`,
  })
  await house.invoke('kms', 'EnableKey', { KeyId: key })
  await house.invoke('kms', 'EnableKey', { KeyId: second })
  expect(await read('/app/b')).toHaveLength(5)
})

test('a key that the service may not use for this group, that is not there, or of another kind is refused, and nothing is made', async () => {
  const closed = await makeKey()
  const rsa = (await house.invoke('kms', 'CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    .KeyMetadata!
  for (const kmsKeyId of [closed, key, `${key.slice(0, -3)}000`, rsa.Arn!])
    await expect(makeGroup('/other', kmsKeyId)).rejects.toEqual(denied('/other'))
  await expect(makeGroup('/other', key.split('/')[1])).rejects.toMatchObject({
    code: 'InvalidParameterException',
    message: "The specified KMS Key Id could not be found. '/other'",
  })
  await expect(put('/other', 'x')).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
  // Writing alone is not enough: what is written has to be read again.
  const blind = await makeKey({ ...forLogs('/app/*'), Action: 'kms:GenerateDataKey' })
  await expect(makeGroup('/app/blind', blind)).rejects.toEqual(denied('/app/blind'))
  await makeGroup('/app/c')
  const associate = (input: object) => house.invoke('logs', 'AssociateKmsKey', { kmsKeyId: key, ...input })
  await expect(associate({})).rejects.toMatchObject({ message: expect.stringContaining('Exactly one of') })
  await expect(
    associate({ resourceIdentifier: `arn:aws:logs:us-east-1:${ACCOUNT}:query-result:*` }),
  ).rejects.toMatchObject({ message: expect.stringContaining('Codeyard encrypts log groups only') })
  await expect(associate({ logGroupName: '/none' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
})

test('data keys go with their group', async () => {
  await makeGroup('/app/gone', key)
  await put('/app/gone', 'x')
  await house.invoke('logs', 'DeleteLogGroup', { logGroupName: '/app/gone' })
  await house.runJobs()
  const { rows } = await house.store.pool.query(`select arn from logs.data_keys where arn like '%gone'`)
  expect(rows).toEqual([])
})
