// Secrets under KMS keys: data keys as the caller, another key for labelled versions, refusals, another account.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadMasterKey } from '../../core/masterKey.ts'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { secretsmanager } from './index.ts'

const OTHER = '111122223333'
let house: TestHouse
let identity: string[] = []
let first = ''
let second = ''
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const may = (actions: string[], Resource = '*') => ({ Effect: 'Allow', Action: actions, Resource })
const makeKey = async (input = {}) => (await house.invoke('kms', 'CreateKey', input)).KeyMetadata!.Arn!
beforeAll(async () => {
  house = await openHouse({ services: [secretsmanager, kms], identity: { policiesOf: async () => ({ identity }) } })
  first = await makeKey()
  second = await makeKey()
  await house.invoke('kms', 'CreateAlias', { AliasName: 'alias/app', TargetKeyId: first })
})
beforeEach(() => {
  identity = []
  house.audited.length = 0
})
afterAll(() => house?.close())

const user = (account: string): Principal => ({
  type: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/ada`,
  userId: 'AIDAADA',
  userName: 'ada',
})
const create = (Name: string, SecretString: string | undefined, more: object = {}) =>
  house.invoke('secretsmanager', 'CreateSecret', { Name, SecretString, ...more })
const update = (SecretId: string, more: object) => house.invoke('secretsmanager', 'UpdateSecret', { SecretId, ...more })
const value = async (SecretId: string, VersionStage = 'AWSCURRENT') =>
  (await house.invoke('secretsmanager', 'GetSecretValue', { SecretId, VersionStage })).SecretString
const keys = async (SecretId: string) =>
  (await house.invoke('secretsmanager', 'ListSecretVersionIds', { SecretId, IncludeDeprecated: true })).Versions!.map(
    ({ KmsKeyIds }) => KmsKeyIds,
  )
const refusal = (code: string, message: string | RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })
const calls = () =>
  house.audited
    .filter(({ request }) => request.service === 'kms')
    .map(({ request }) => [request.operation, (request.input as any).EncryptionContext])

describe('keys', () => {
  test('access to a named key is tried, then every version gets a data key in the context of secret and version', async () => {
    const made = await create('app', 'one', { KmsKeyId: 'alias/app' })
    const tried = { SecretARN: made.ARN, SecretVersionId: 'RequestToValidateKeyAccess' }
    const context = { SecretARN: made.ARN, SecretVersionId: made.VersionId }
    expect(calls()).toEqual([
      ['GenerateDataKey', tried],
      ['Decrypt', tried],
      ['GenerateDataKey', context],
    ])
    house.audited.length = 0
    expect(await value('app')).toBe('one')
    expect(calls()).toEqual([['Decrypt', context]])
    expect(house.audited[0]!.request).toMatchObject({
      principal: { type: 'root' },
      origin: { sourceIp: 'secretsmanager.amazonaws.com' },
    })
    expect(await house.invoke('secretsmanager', 'DescribeSecret', { SecretId: 'app' })).toMatchObject({
      KmsKeyId: 'alias/app',
    })
    expect((await house.invoke('secretsmanager', 'ListSecrets', {})).SecretList).toMatchObject([
      { KmsKeyId: 'alias/app' },
    ])
    expect(await keys('app')).toEqual([[first]])
    const { rows } = await house.store.pool.query('select value, data_keys from secretsmanager.versions')
    expect(JSON.stringify(rows)).not.toContain('one')
  })

  test('without a name it is the AWS-managed key, which is not shown', async () => {
    await create('plain', 'x')
    await create('same', 'x', { KmsKeyId: 'alias/aws/secretsmanager' })
    for (const SecretId of ['plain', 'same'])
      expect(await house.invoke('secretsmanager', 'DescribeSecret', { SecretId })).not.toHaveProperty('KmsKeyId')
    expect([await keys('plain'), await value('same')]).toEqual([[['DefaultEncryptionKey']], 'x'])
    const { Aliases } = await house.invoke('kms', 'ListAliases', {})
    expect(Aliases!.map(({ AliasName }) => AliasName)).toContain('alias/aws/secretsmanager')
  })

  test('another key is added to the labelled versions, and either of the two opens them', async () => {
    await create('moving', 'v1', { KmsKeyId: first })
    for (const SecretString of ['v2', 'v3']) await update('moving', { SecretString })
    await update('moving', { KmsKeyId: second })
    expect(await keys('moving')).toEqual([[first], [second, first], [second, first]])
    await update('moving', { SecretString: 'v4' })
    expect((await keys('moving')).at(-1)).toEqual([second])
    for (const KeyId of [first, second]) {
      await house.invoke('kms', 'DisableKey', { KeyId })
      if (KeyId === first) expect([await value('moving'), await value('moving', 'AWSPREVIOUS')]).toEqual(['v4', 'v3'])
      else expect(await value('moving', 'AWSPREVIOUS')).toBe('v3')
      await house.invoke('kms', 'EnableKey', { KeyId })
    }
    await update('moving', { KmsKeyId: '' })
    expect((await keys('moving')).slice(2)).toEqual([
      ['DefaultEncryptionKey', second, first],
      ['DefaultEncryptionKey', second],
    ])
    expect(await house.invoke('secretsmanager', 'DescribeSecret', { SecretId: 'moving' })).not.toHaveProperty(
      'KmsKeyId',
    )
  })

  test('what the master key sealed before is read on, and comes under the key that the secret gets', async () => {
    const { ARN, VersionId } = await create('old', 'x')
    const sealed = loadMasterKey(house.config.dataDir).seal(`${ARN}/${VersionId}`, 'from before')
    const change = `update secretsmanager.versions set value = $1, data_keys = null where name = 'old'`
    await house.store.pool.query(change, [sealed])
    expect([await value('old'), await keys('old')]).toEqual(['from before', [['DefaultEncryptionKey']]])
    await update('old', { KmsKeyId: second })
    expect([await value('old'), await keys('old')]).toEqual(['from before', [[second]]])
  })
})

describe('refusals', () => {
  test('who may not use the key is told so; both permissions are needed to choose it', async () => {
    await create('guarded', 'x', { KmsKeyId: first })
    const ada = house.as(user(ACCOUNT))
    const denied = refusal('AccessDeniedException', /^Access to KMS is not allowed$/)
    identity = [document(may(['secretsmanager:*']))]
    await expect(ada.invoke('secretsmanager', 'GetSecretValue', { SecretId: 'guarded' })).rejects.toEqual(denied)
    const several = { SecretIdList: ['guarded', 'plain'] }
    expect(await ada.invoke('secretsmanager', 'BatchGetSecretValue', several)).toMatchObject({
      SecretValues: [{ Name: 'plain', SecretString: 'x' }],
      Errors: [{ SecretId: 'guarded', ErrorCode: 'AccessDeniedException', Message: 'Access to KMS is not allowed' }],
    })
    const own = { Name: 'own', SecretString: 'x', KmsKeyId: first }
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      identity = [document(may(['secretsmanager:*', action]))]
      await expect(ada.invoke('secretsmanager', 'CreateSecret', own)).rejects.toEqual(denied)
    }
    identity = [document(may(['secretsmanager:*', 'kms:Decrypt', 'kms:GenerateDataKey']))]
    expect(await ada.invoke('secretsmanager', 'CreateSecret', own)).toMatchObject({ Name: 'own' })
    // Without Encrypt the new key is for new versions only.
    await ada.invoke('secretsmanager', 'UpdateSecret', { SecretId: 'own', KmsKeyId: second })
    await ada.invoke('secretsmanager', 'PutSecretValue', { SecretId: 'own', SecretString: 'y' })
    expect(await keys('own')).toEqual([[first], [second]])
  })

  test('a key that is not there or disabled fails the encryption or decryption with the words of KMS', async () => {
    const none = refusal(
      'EncryptionFailure',
      "^Secrets Manager can't encrypt the protected secret text using the provided KMS key. NotFoundException: Alias arn:aws:kms:us-east-1:\\d+:alias/none is not found.$",
    )
    await expect(create('none', 'x', { KmsKeyId: 'alias/none' })).rejects.toEqual(none)
    await expect(update('app', { KmsKeyId: 'alias/none' })).rejects.toEqual(none)
    await expect(value('none')).rejects.toEqual(refusal('ResourceNotFoundException', ''))
    const key = await makeKey()
    await create('closed', 'x', { KmsKeyId: key })
    await house.invoke('kms', 'DisableKey', { KeyId: key })
    await expect(value('closed')).rejects.toEqual(refusal('DecryptionFailure', `DisabledException: ${key} is disabled`))
    await expect(update('closed', { SecretString: 'y' })).rejects.toEqual(refusal('EncryptionFailure', /is disabled/))
    const rsa = await makeKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
    await expect(create('rsa', 'x', { KmsKeyId: rsa })).rejects.toEqual(
      refusal('EncryptionFailure', /InvalidKeyUsageException/),
    )
  })

  test('another account reads with the policies of secret and key, and never what is under the AWS-managed key', async () => {
    const theirs = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, Resource: '*' }
    const shared = document({ ...theirs, Action: 'secretsmanager:GetSecretValue' })
    const arns: Record<string, string> = {}
    for (const [name, more] of Object.entries({ shared: { KmsKeyId: first }, managed: {} })) {
      arns[name] = (await create(name, 'x', more)).ARN!
      await house.invoke('secretsmanager', 'PutResourcePolicy', { SecretId: name, ResourcePolicy: shared })
    }
    identity = [document(may(['secretsmanager:*', 'kms:*']))]
    const read = (name: string) =>
      house
        .as(user(OTHER), { account: OTHER, region: 'us-east-1' })
        .invoke('secretsmanager', 'GetSecretValue', { SecretId: arns[name]! })
    await expect(read('managed')).rejects.toEqual(refusal('InvalidRequestException', /different AWS account/))
    await expect(read('shared')).rejects.toEqual(refusal('AccessDeniedException', 'Access to KMS is not allowed'))
    const all = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }
    const Policy = document(all, { ...theirs, Action: 'kms:Decrypt' })
    await house.invoke('kms', 'PutKeyPolicy', { KeyId: first, Policy })
    expect(await read('shared')).toMatchObject({ SecretString: 'x' })
  })
})
