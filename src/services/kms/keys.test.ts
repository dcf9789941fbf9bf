// The life of keys and their names.

import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, root, type TestHouse } from '../../testing/house.ts'
import { kms } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [kms], now: '2026-01-01T00:00:00Z' })
})
afterAll(() => house?.close())

const make = async (input: object = {}) => {
  const { KeyId, Arn } = (await house.invoke('kms', 'CreateKey', input)).KeyMetadata!
  return { KeyId: KeyId!, Arn: Arn! }
}
const state = async (KeyId: string) => (await house.invoke('kms', 'DescribeKey', { KeyId })).KeyMetadata!.KeyState
const encrypt = (KeyId: string) => house.invoke('kms', 'Encrypt', { KeyId, Plaintext: Buffer.from('x') })

test('a key is described as it was made', async () => {
  const Tags = [{ TagKey: 'team', TagValue: 'a' }]
  const { KeyMetadata } = await house.invoke('kms', 'CreateKey', { Description: 'mine', Tags })
  expect(KeyMetadata).toMatchObject({
    AWSAccountId: '000000000000',
    Arn: `arn:aws:kms:us-east-1:000000000000:key/${KeyMetadata!.KeyId}`,
    Description: 'mine',
    Enabled: true,
    KeyState: 'Enabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  })
  const KeyId = KeyMetadata!.KeyId!
  await house.invoke('kms', 'TagResource', { KeyId, Tags: [{ TagKey: 'stage', TagValue: 'b' }] })
  await house.invoke('kms', 'UntagResource', { KeyId, TagKeys: ['team'] })
  expect((await house.invoke('kms', 'ListResourceTags', { KeyId })).Tags).toEqual([{ TagKey: 'stage', TagValue: 'b' }])
  await house.invoke('kms', 'UpdateKeyDescription', { KeyId, Description: 'yours' })
  expect((await house.invoke('kms', 'DescribeKey', { KeyId })).KeyMetadata).toMatchObject({ Description: 'yours' })
  expect(await house.invoke('kms', 'ListKeyPolicies', { KeyId })).toMatchObject({ PolicyNames: ['default'] })
})

test.each([
  [{ KeySpec: 'RSA_2048' }, 'ValidationException', /You must specify a KeyUsage value/],
  [
    { KeySpec: 'HMAC_256', KeyUsage: 'SIGN_VERIFY' },
    'ValidationException',
    /SIGN_VERIFY is not compatible with KeySpec HMAC_256/,
  ],
  [{ MultiRegion: true }, 'UnsupportedOperationException', /Multi-Region/],
  [{ Origin: 'AWS_CLOUDHSM' }, 'UnsupportedOperationException', /Custom key stores/],
  [{ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException', /SM2/],
  [{ KeySpec: 'DES' }, 'ValidationException', /enum value set/],
])('a key of %j is refused with %s', async (input, code, message) => {
  await expect(make(input)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a disabled key does nothing until it is enabled', async () => {
  const { KeyId, Arn } = await make()
  const { CiphertextBlob } = await encrypt(KeyId)
  await house.invoke('kms', 'DisableKey', { KeyId })
  const refused = { code: 'DisabledException', message: `${Arn} is disabled.` }
  await expect(encrypt(KeyId)).rejects.toMatchObject(refused)
  await expect(house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob! })).rejects.toMatchObject(refused)
  await expect(house.invoke('kms', 'GenerateDataKey', { KeyId, KeySpec: 'AES_256' })).rejects.toMatchObject(refused)
  await house.invoke('kms', 'EnableKey', { KeyId })
  await house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob! })
})

test('a key is deleted at the end of its waiting period, unless that is cancelled', async () => {
  const [gone, saved] = [await make(), await make()]
  const { CiphertextBlob } = await encrypt(gone.KeyId)
  await expect(
    house.invoke('kms', 'ScheduleKeyDeletion', { KeyId: gone.KeyId, PendingWindowInDays: 3 }),
  ).rejects.toMatchObject({ code: 'ValidationException' })
  for (const { KeyId } of [gone, saved]) {
    const answer = await house.invoke('kms', 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
    expect(answer).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: 7 })
  }
  await expect(encrypt(gone.KeyId)).rejects.toMatchObject({
    code: 'KMSInvalidStateException',
    message: `${gone.Arn} is pending deletion.`,
  })
  await house.invoke('kms', 'CancelKeyDeletion', { KeyId: saved.KeyId })
  expect(await state(saved.KeyId)).toBe('Disabled')
  house.clock.advance(8 * 86_400_000)
  await house.runJobs()
  await expect(state(gone.KeyId)).rejects.toMatchObject({
    code: 'NotFoundException',
    message: `Key '${gone.Arn}' does not exist`,
  })
  await expect(house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob! })).rejects.toMatchObject({
    code: 'AccessDeniedException',
    message: expect.stringContaining('does not exist in this region'),
  })
  expect(await state(saved.KeyId)).toBe('Disabled')
  const names = house.events.map(event => event['detail-type'])
  expect(names.filter(name => name === 'KMS CMK Deletion')).toHaveLength(1)
})

test('keys are listed in pages', async () => {
  for (let count = 0; count < 3; count++) await make()
  const all = await house.invoke('kms', 'ListKeys', {})
  const one = await house.invoke('kms', 'ListKeys', { Limit: 2 })
  expect(one.Truncated).toBe(true)
  const rest = await house.invoke('kms', 'ListKeys', { Marker: one.NextMarker! })
  expect([...one.Keys!, ...rest.Keys!]).toEqual(all.Keys)
  await expect(house.invoke('kms', 'ListKeys', { Marker: 'x' })).rejects.toMatchObject({
    code: 'InvalidMarkerException',
  })
})

describe('aliases', () => {
  test('name a key in every operation, and move', async () => {
    const [one, two] = [await make(), await make()]
    const AliasName = 'alias/app/main'
    await house.invoke('kms', 'CreateAlias', { AliasName, TargetKeyId: one.KeyId })
    expect(await encrypt(AliasName)).toMatchObject({ KeyId: one.Arn })
    await expect(house.invoke('kms', 'CreateAlias', { AliasName, TargetKeyId: two.KeyId })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
      message: 'An alias with the name arn:aws:kms:us-east-1:000000000000:alias/app/main already exists',
    })
    await house.invoke('kms', 'UpdateAlias', { AliasName, TargetKeyId: two.Arn })
    expect(await encrypt('arn:aws:kms:us-east-1:000000000000:alias/app/main')).toMatchObject({ KeyId: two.Arn })
    const { Aliases } = await house.invoke('kms', 'ListAliases', { KeyId: two.KeyId })
    expect(Aliases).toMatchObject([{ AliasName, TargetKeyId: two.KeyId }])
    await house.invoke('kms', 'DeleteAlias', { AliasName })
    await expect(encrypt(AliasName)).rejects.toMatchObject({
      code: 'NotFoundException',
      message: 'Alias arn:aws:kms:us-east-1:000000000000:alias/app/main is not found.',
    })
  })

  test.each([
    ['main', 'ValidationException', 'Alias must start with the prefix'],
    ['alias/aws/s3', 'NotAuthorizedException', /belong to AWS/],
    ['alias/a:b', 'InvalidAliasNameException', /invalid characters/],
  ])('called %s are refused', async (AliasName, code, message) => {
    const { KeyId } = await make()
    await expect(house.invoke('kms', 'CreateAlias', { AliasName, TargetKeyId: KeyId })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('do not move to a key of another kind', async () => {
    const [one, two] = [await make(), await make({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })]
    const AliasName = 'alias/kind'
    await house.invoke('kms', 'CreateAlias', { AliasName, TargetKeyId: one.KeyId })
    await expect(house.invoke('kms', 'UpdateAlias', { AliasName, TargetKeyId: two.KeyId })).rejects.toMatchObject({
      code: 'ValidationException',
    })
  })
})

describe('AWS-managed keys', () => {
  test('are there when somebody asks, for services only, and nobody can change them', async () => {
    const KeyId = 'alias/aws/s3'
    const { KeyMetadata } = await house.invoke('kms', 'DescribeKey', { KeyId })
    expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled' })
    expect((await house.invoke('kms', 'DescribeKey', { KeyId })).KeyMetadata).toEqual(KeyMetadata)
    expect((await house.invoke('kms', 'DescribeKey', { KeyId: KeyMetadata!.KeyId! })).KeyMetadata).toEqual(KeyMetadata)
    expect(await house.invoke('kms', 'GetKeyRotationStatus', { KeyId: KeyMetadata!.KeyId! })).toMatchObject({
      KeyRotationEnabled: true,
    })
    for (const refused of [
      () => encrypt(KeyId),
      () => house.invoke('kms', 'ScheduleKeyDeletion', { KeyId: KeyMetadata!.KeyId! }),
      () => house.invoke('kms', 'PutKeyPolicy', { KeyId: KeyMetadata!.KeyId!, Policy: '{}' }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'AccessDeniedException' })
  })

  test('serve a service on behalf of its callers', async () => {
    const principal = { ...root }
    const asS3 = await house.gateway.call({
      service: 'kms',
      operation: 'GenerateDataKey',
      input: { KeyId: 'alias/aws/s3', KeySpec: 'AES_256' },
      principal,
      scope: house.scope,
      origin: { sourceIp: 's3.amazonaws.com', userAgent: 's3.amazonaws.com', secure: true },
      requestId: 'r',
      signal: new AbortController().signal,
    })
    expect(asS3).toMatchObject({ KeyId: expect.stringMatching(/:key\//) })
  })

  test('have the names of services', async () => {
    await expect(house.invoke('kms', 'DescribeKey', { KeyId: 'alias/aws/nothing' })).rejects.toMatchObject({
      code: 'NotFoundException',
    })
  })
})

test.each([
  ['nonsense', 'NotFoundException', "Invalid keyId 'nonsense'"],
  [
    'arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-4000-8000-000000000000',
    'NotFoundException',
    'Invalid arn eu-west-1',
  ],
  ['arn:aws:sns:us-east-1:000000000000:topic', 'InvalidArnException', /Invalid arn/],
])('a key called %s is refused', async (KeyId, code, message) => {
  await expect(encrypt(KeyId)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

describe('imported key material', () => {
  test('is the key until it expires or is deleted, and only the same may come back', async () => {
    const { KeyId } = await make({ Origin: 'EXTERNAL' })
    expect(await state(KeyId)).toBe('PendingImport')
    await expect(encrypt(KeyId)).rejects.toMatchObject({ code: 'KMSInvalidStateException' })
    const material = Buffer.alloc(32, 7)
    const bring = async (secret: Buffer, more: object) => {
      const parameters = await house.invoke('kms', 'GetParametersForImport', {
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      })
      const key = createPublicKey({ key: Buffer.from(parameters.PublicKey!), format: 'der', type: 'spki' })
      return house.invoke('kms', 'ImportKeyMaterial', {
        KeyId,
        ImportToken: parameters.ImportToken!,
        EncryptedKeyMaterial: publicEncrypt(
          { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
          secret,
        ),
        ...more,
      })
    }
    const ValidTo = new Date(house.clock.now().getTime() + 3_600_000)
    await bring(material, { ValidTo })
    const { CiphertextBlob } = await encrypt(KeyId)
    house.clock.advance(3_700_000)
    await house.runJobs()
    expect(await state(KeyId)).toBe('PendingImport')
    await expect(bring(Buffer.alloc(32, 8), { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' })).rejects.toMatchObject(
      {
        code: 'IncorrectKeyMaterialException',
      },
    )
    await bring(material, { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' })
    await house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob! })
    await house.invoke('kms', 'DeleteImportedKeyMaterial', { KeyId })
    await expect(house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob! })).rejects.toMatchObject({
      code: 'KMSInvalidStateException',
    })
  })
})
