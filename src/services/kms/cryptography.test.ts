// What keys do: round trips of every kind, and what is refused.

import { constants, createHash, createPublicKey, verify as verifyHere } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [kms] })
})
afterAll(() => house?.close())

const make = async (input: object = {}) =>
  (await house.invoke('kms', 'CreateKey', input)).KeyMetadata! as {
    KeyId: string
    Arn: string
    CurrentKeyMaterialId: string
  }
const hello = Buffer.from('hello')

describe('symmetric keys', () => {
  test('open what they sealed, in the same encryption context only', async () => {
    const { KeyId, Arn } = await make()
    const EncryptionContext = { stage: 'prod', app: 'a' }
    const sealed = await house.invoke('kms', 'Encrypt', { KeyId, Plaintext: hello, EncryptionContext })
    expect(sealed).toMatchObject({ KeyId: Arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    const CiphertextBlob = sealed.CiphertextBlob!
    const opened = await house.invoke('kms', 'Decrypt', {
      CiphertextBlob,
      EncryptionContext: { app: 'a', stage: 'prod' },
    })
    expect(Buffer.from(opened.Plaintext!).toString()).toBe('hello')
    expect(opened.KeyId).toBe(Arn)
    await expect(house.invoke('kms', 'Decrypt', { CiphertextBlob })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    })
    const changed = Uint8Array.from(CiphertextBlob)
    changed[changed.length - 1]! ^= 1
    await expect(house.invoke('kms', 'Decrypt', { CiphertextBlob: changed, EncryptionContext })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    })
  })

  test('of two only the one that sealed opens', async () => {
    const [one, two] = [await make(), await make()]
    const { CiphertextBlob } = await house.invoke('kms', 'Encrypt', { KeyId: one.KeyId, Plaintext: hello })
    await expect(
      house.invoke('kms', 'Decrypt', { CiphertextBlob: CiphertextBlob!, KeyId: two.KeyId }),
    ).rejects.toMatchObject({ code: 'IncorrectKeyException' })
    const moved = await house.invoke('kms', 'ReEncrypt', {
      CiphertextBlob: CiphertextBlob!,
      DestinationKeyId: two.KeyId,
      DestinationEncryptionContext: { to: 'two' },
    })
    expect(moved).toMatchObject({ SourceKeyId: one.Arn, KeyId: two.Arn })
    const opened = await house.invoke('kms', 'Decrypt', {
      CiphertextBlob: moved.CiphertextBlob!,
      EncryptionContext: { to: 'two' },
    })
    expect(Buffer.from(opened.Plaintext!)).toEqual(hello)
  })

  test('rotate, by time and on demand, and still open what old material sealed', async () => {
    const { KeyId, CurrentKeyMaterialId } = await make()
    const old = await house.invoke('kms', 'Encrypt', { KeyId, Plaintext: hello })
    await house.invoke('kms', 'RotateKeyOnDemand', { KeyId })
    await house.invoke('kms', 'EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 })
    const status = await house.invoke('kms', 'GetKeyRotationStatus', { KeyId })
    expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 })
    house.clock.advance(91 * 86_400_000)
    await house.runJobs()
    const { Rotations } = await house.invoke('kms', 'ListKeyRotations', { KeyId })
    expect(Rotations!.map(({ RotationType }) => RotationType)).toEqual(['ON_DEMAND', 'AUTOMATIC'])
    const now = await house.invoke('kms', 'DescribeKey', { KeyId })
    expect(now.KeyMetadata!.CurrentKeyMaterialId).not.toBe(CurrentKeyMaterialId)
    const opened = await house.invoke('kms', 'Decrypt', { CiphertextBlob: old.CiphertextBlob! })
    expect(opened).toMatchObject({ KeyMaterialId: CurrentKeyMaterialId })
    expect(Buffer.from(opened.Plaintext!)).toEqual(hello)
    const fresh = await house.invoke('kms', 'GenerateDataKey', { KeyId, KeySpec: 'AES_256' })
    expect(fresh.KeyMaterialId).toBe(now.KeyMetadata!.CurrentKeyMaterialId)
    expect(house.events.map(event => event['detail-type'])).toContain('KMS CMK Rotation')
    await house.invoke('kms', 'DisableKeyRotation', { KeyId })
    expect(await house.invoke('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false })
  })

  test('make data keys and pairs of them', async () => {
    const { KeyId } = await make()
    const data = await house.invoke('kms', 'GenerateDataKey', { KeyId, NumberOfBytes: 20 })
    expect(data.Plaintext).toHaveLength(20)
    const opened = await house.invoke('kms', 'Decrypt', { CiphertextBlob: data.CiphertextBlob! })
    expect(Buffer.from(opened.Plaintext!)).toEqual(Buffer.from(data.Plaintext!))
    const bare = await house.invoke('kms', 'GenerateDataKeyWithoutPlaintext', { KeyId, KeySpec: 'AES_128' })
    expect(bare).not.toHaveProperty('Plaintext')
    await expect(house.invoke('kms', 'GenerateDataKey', { KeyId })).rejects.toMatchObject({
      message: 'Please specify either number of bytes or key spec.',
    })
    const pair = await house.invoke('kms', 'GenerateDataKeyPair', { KeyId, KeyPairSpec: 'ECC_NIST_P384' })
    const secret = await house.invoke('kms', 'Decrypt', { CiphertextBlob: pair.PrivateKeyCiphertextBlob! })
    expect(Buffer.from(secret.Plaintext!)).toEqual(Buffer.from(pair.PrivateKeyPlaintext!))
    const sealed = await house.invoke('kms', 'GenerateDataKeyPairWithoutPlaintext', { KeyId, KeyPairSpec: 'RSA_2048' })
    expect(sealed).not.toHaveProperty('PrivateKeyPlaintext')
    expect((await house.invoke('kms', 'GenerateRandom', { NumberOfBytes: 33 })).Plaintext).toHaveLength(33)
  })

  test('asked with DryRun say that it would have worked', async () => {
    const { KeyId } = await make()
    await expect(house.invoke('kms', 'Encrypt', { KeyId, Plaintext: hello, DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperationException',
    })
    await expect(
      house.invoke('kms', 'Sign', { KeyId, Message: hello, SigningAlgorithm: 'ECDSA_SHA_256', DryRun: true }),
    ).rejects.toMatchObject({
      code: 'InvalidKeyUsageException',
      message: expect.stringContaining('key usage is ENCRYPT_DECRYPT which is not valid for Sign.'),
    })
  })
})

describe('signatures', () => {
  const message = Buffer.from('what is signed')
  const specs = [
    [
      'RSA_2048',
      ['RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_384', 'RSASSA_PSS_SHA_256', 'RSASSA_PSS_SHA_512'],
    ],
    ['ECC_NIST_P256', ['ECDSA_SHA_256']],
    ['ECC_NIST_P384', ['ECDSA_SHA_384']],
    ['ECC_NIST_P521', ['ECDSA_SHA_512']],
    ['ECC_SECG_P256K1', ['ECDSA_SHA_256']],
  ] as const

  test.each(specs)('of %s hold for message and digest alike, also outside', async (KeySpec, algorithms) => {
    const { KeyId } = await make({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
    const { PublicKey } = await house.invoke('kms', 'GetPublicKey', { KeyId })
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' })
    for (const SigningAlgorithm of algorithms) {
      const hash = `sha${SigningAlgorithm.slice(-3)}`
      const asDigest = { Message: createHash(hash).update(message).digest(), MessageType: 'DIGEST' } as const
      const asMessage = { Message: message, MessageType: 'RAW' } as const
      for (const signed of [asDigest, asMessage]) {
        const { Signature } = await house.invoke('kms', 'Sign', { KeyId, SigningAlgorithm, ...signed })
        for (const checked of [asDigest, asMessage]) {
          const input = { KeyId, SigningAlgorithm, Signature: Signature!, ...checked }
          expect(await house.invoke('kms', 'Verify', input)).toMatchObject({ SignatureValid: true })
        }
        const padding = SigningAlgorithm.includes('PSS')
          ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
          : {}
        expect(verifyHere(hash, message, { key: publicKey, ...padding }, Signature!)).toBe(true)
        const other = { ...asDigest, Message: createHash(hash).update('another').digest() }
        for (const wrong of [other, { Message: Buffer.from('another') }]) {
          await expect(
            house.invoke('kms', 'Verify', { KeyId, SigningAlgorithm, Signature: Signature!, ...wrong }),
          ).rejects.toMatchObject({ code: 'KMSInvalidSignatureException' })
        }
      }
      await expect(
        house.invoke('kms', 'Sign', { KeyId, SigningAlgorithm, Message: hello, MessageType: 'DIGEST' }),
      ).rejects.toMatchObject({ message: `Digest is invalid length for algorithm ${SigningAlgorithm}.` })
    }
  })

  test('by an algorithm of another kind of key are refused', async () => {
    const { KeyId } = await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
    await expect(
      house.invoke('kms', 'Sign', { KeyId, Message: hello, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }),
    ).rejects.toMatchObject({ code: 'InvalidKeyUsageException' })
  })
})

test('RSA keys encrypt by OAEP, up to their size', async () => {
  const { KeyId } = await make({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  for (const EncryptionAlgorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const) {
    const { CiphertextBlob } = await house.invoke('kms', 'Encrypt', { KeyId, Plaintext: hello, EncryptionAlgorithm })
    const opened = await house.invoke('kms', 'Decrypt', { KeyId, CiphertextBlob: CiphertextBlob!, EncryptionAlgorithm })
    expect(Buffer.from(opened.Plaintext!)).toEqual(hello)
  }
  await expect(
    house.invoke('kms', 'Encrypt', { KeyId, Plaintext: Buffer.alloc(191), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
  ).rejects.toMatchObject({
    message: 'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
  })
})

test.each([224, 256, 384, 512])('HMAC_%i codes are made and checked', async bits => {
  const { KeyId } = await make({ KeySpec: `HMAC_${bits}`, KeyUsage: 'GENERATE_VERIFY_MAC' })
  const MacAlgorithm = `HMAC_SHA_${bits}` as 'HMAC_SHA_224'
  const { Mac } = await house.invoke('kms', 'GenerateMac', { KeyId, Message: hello, MacAlgorithm })
  expect(Mac).toHaveLength(bits / 8)
  const again = { KeyId, Message: hello, MacAlgorithm, Mac: Mac! }
  expect(await house.invoke('kms', 'VerifyMac', again)).toMatchObject({ MacValid: true })
  await expect(house.invoke('kms', 'VerifyMac', { ...again, Message: Buffer.from('else') })).rejects.toMatchObject({
    code: 'KMSInvalidMacException',
  })
})

test('two keys agree on a secret', async () => {
  const KeyAgreementAlgorithm = 'ECDH' as const
  const keys = [
    await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }),
    await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }),
  ]
  const halves = await Promise.all(keys.map(({ KeyId }) => house.invoke('kms', 'GetPublicKey', { KeyId })))
  const secrets = await Promise.all(
    keys.map(({ KeyId }, index) =>
      house.invoke('kms', 'DeriveSharedSecret', {
        KeyId,
        KeyAgreementAlgorithm,
        PublicKey: halves[1 - index]!.PublicKey!,
      }),
    ),
  )
  expect(secrets[0]!.SharedSecret).toEqual(secrets[1]!.SharedSecret)
})
