// SecureStrings under KMS keys: of the caller, of the account, of another account; who may not; keys that are disabled or gone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadMasterKey } from '../../core/masterKey.ts'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { ssm } from './index.ts'

let house: TestHouse
let identity: string[] = []
let keyId = ''
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const may = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' })
beforeAll(async () => {
  house = await openHouse({ services: [ssm, kms], identity: { policiesOf: async () => ({ identity }) } })
  keyId = (await house.invoke('kms', 'CreateKey', {})).KeyMetadata!.KeyId!
  await house.invoke('kms', 'CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId })
})
afterAll(() => house?.close())

const ada: Principal = {
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/ada`,
  userId: 'AIDAADA',
  userName: 'ada',
}
const arn = (name: string) => `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter${name}`
const keyArn = (id = keyId) => `arn:aws:kms:us-east-1:${ACCOUNT}:key/${id}`
const put = (Name: string, Value: string, more: object = {}) =>
  house.invoke('ssm', 'PutParameter', { Name, Value, Type: 'SecureString', ...more })
const get = async (Name: string, as: Principal | undefined = undefined) =>
  (await (as ? house.as(as) : house).invoke('ssm', 'GetParameter', { Name, WithDecryption: true })).Parameter!.Value
const stored = async (Name: string) => (await house.invoke('ssm', 'GetParameter', { Name })).Parameter!.Value!
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('keys', () => {
  test('a value is encrypted under the key that is named by id, ARN, alias or alias ARN', async () => {
    const names = [keyId, keyArn(), 'alias/app', `arn:aws:kms:us-east-1:${ACCOUNT}:alias/app`]
    for (const [at, KeyId] of names.entries()) {
      await put(`/keys/${at}`, `value ${at}`, { KeyId })
      const CiphertextBlob = Buffer.from(await stored(`/keys/${at}`), 'base64')
      const EncryptionContext = { PARAMETER_ARN: arn(`/keys/${at}`) }
      const direct = await house.invoke('kms', 'Decrypt', { CiphertextBlob, EncryptionContext })
      expect([Buffer.from(direct.Plaintext!).toString(), direct.KeyId]).toEqual([`value ${at}`, keyArn()])
      expect(await get(`/keys/${at}`)).toBe(`value ${at}`)
    }
    const filter = (Values: string[]) =>
      house.invoke('ssm', 'DescribeParameters', { ParameterFilters: [{ Key: 'KeyId', Values }] })
    expect((await filter(['alias/app'])).Parameters).toMatchObject([{ Name: '/keys/2', KeyId: 'alias/app' }])
    const listed = await house.invoke('ssm', 'GetParametersByPath', { Path: '/keys', WithDecryption: true })
    expect(listed.Parameters!.map(({ Value }) => Value)).toEqual(['value 0', 'value 1', 'value 2', 'value 3'])
  })

  test('without a key the AWS-managed one is made on first use', async () => {
    await put('/default', 'x')
    const { Aliases } = await house.invoke('kms', 'ListAliases', {})
    expect(Aliases!.map(({ AliasName }) => AliasName)).toContain('alias/aws/ssm')
    expect(await get('/default')).toBe('x')
    const described = await house.invoke('ssm', 'GetParameterHistory', { Name: '/default' })
    expect(described.Parameters).toMatchObject([{ KeyId: 'alias/aws/ssm' }])
  })

  test('an advanced value is a message of the Encryption SDK with a data key of its own', async () => {
    const long = 'wörd '.repeat(1300)
    await put('/advanced', long, { Tier: 'Advanced', KeyId: 'alias/app' })
    expect((await stored('/advanced')).startsWith('AYABe')).toBe(true)
    expect(await get('/advanced')).toBe(long)
    const rows = (sql: string) => house.store.pool.query(sql)
    const { rows: versions } = await rows(`select value from ssm.parameter_versions where name = '/advanced'`)
    const bytes = Buffer.from(versions[0].value, 'base64')
    bytes[bytes.length - 20]! ^= 1
    await rows(`update ssm.parameter_versions set value = '${bytes.toString('base64')}' where name = '/advanced'`)
    await expect(get('/advanced')).rejects.toEqual(refusal('InvalidKeyId', /can not be decrypted/))
  })

  test('every version keeps its own key, labels find them, and what the master key sealed before is read on', async () => {
    await put('/versions', 'one', { KeyId: 'alias/app' })
    await put('/versions', 'two', { Overwrite: true })
    await put('/versions', 'three', { Overwrite: true, Tier: 'Advanced', KeyId: keyId })
    const old = loadMasterKey(house.config.dataDir).seal(`ssm/${ACCOUNT}/us-east-1//versions/1`, 'from before')
    await house.store.pool.query(
      `update ssm.parameter_versions set value = $1, sealed_by = 'masterKey' where name = '/versions' and version = 1`,
      [old],
    )
    await house.invoke('ssm', 'LabelParameterVersion', { Name: '/versions', ParameterVersion: 1, Labels: ['first'] })
    expect([await get('/versions:first'), await get('/versions:2'), await get('/versions')]).toEqual([
      'from before',
      'two',
      'three',
    ])
    const { Parameters } = await house.invoke('ssm', 'GetParameterHistory', { Name: '/versions', WithDecryption: true })
    expect(Parameters!.map(({ KeyId, Value, Tier }) => [KeyId, Value, Tier])).toEqual([
      ['alias/app', 'from before', 'Standard'],
      ['alias/aws/ssm', 'two', 'Standard'],
      [keyId, 'three', 'Advanced'],
    ])
  })
})

describe('refusals', () => {
  test('who may not use the key gets its words, and needs Encrypt, GenerateDataKey or Decrypt as AWS says', async () => {
    await put('/guarded', 'x', { KeyId: keyId })
    identity = [document(may('ssm:*'))]
    await expect(get('/guarded', ada)).rejects.toEqual(
      refusal(
        'AccessDeniedException',
        new RegExp(
          `^User: ${ada.arn} is not authorized to perform: kms:Decrypt on resource: ${keyArn()} because no identity-based policy allows the kms:Decrypt action \\(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: [^;]+; Proxy: null\\)$`,
        ),
      ),
    )
    const several = { Names: ['/default', '/guarded'], WithDecryption: true }
    await expect(house.as(ada).invoke('ssm', 'GetParameters', several)).rejects.toEqual(
      refusal('AccessDeniedException', /kms:Decrypt/),
    )
    // The AWS-managed key lets in everybody of the account who comes through Systems Manager.
    expect(await get('/default', ada)).toBe('x')
    await expect(
      house.as(ada).invoke('kms', 'Encrypt', { KeyId: 'alias/aws/ssm', Plaintext: Buffer.from('x') }),
    ).rejects.toEqual(refusal('AccessDeniedException', /kms:Encrypt/))
    const write = (Tier: 'Standard' | 'Advanced') =>
      house.as(ada).invoke('ssm', 'PutParameter', {
        Name: '/guarded',
        Value: 'y',
        Overwrite: true,
        KeyId: keyId,
        Tier,
      })
    await expect(write('Standard')).rejects.toEqual(refusal('AccessDeniedException', /kms:Encrypt/))
    await expect(write('Advanced')).rejects.toEqual(refusal('AccessDeniedException', /kms:GenerateDataKey/))
    const context = { StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': arn('/guarded') } }
    identity = [document(may('ssm:*'), { ...may('kms:Decrypt'), Condition: context })]
    expect(await get('/guarded', ada)).toBe('x')
    await expect(get('/keys/0', ada)).rejects.toEqual(refusal('AccessDeniedException', /kms:Decrypt/))
    const via = { StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' } }
    identity = [document(may('ssm:*'), { ...may('kms:Decrypt', 'kms:Encrypt'), Condition: via })]
    expect(await write('Standard')).toEqual({ Version: 2, Tier: 'Standard' })
    expect(await get('/guarded', ada)).toBe('y')
  })

  test('a key that is not there, disabled, about to be deleted, without material or of another kind is an InvalidKeyId with the words of KMS', async () => {
    const tail = (code: string) =>
      `\\(Service: AWSKMS; Status Code: 400; Error Code: ${code}; Request ID: [^;]+; Proxy: null\\)$`
    const other = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const
    const rsa = (await house.invoke('kms', 'CreateKey', other)).KeyMetadata!.KeyId!
    const empty = (await house.invoke('kms', 'CreateKey', { Origin: 'EXTERNAL' })).KeyMetadata!.KeyId!
    const none = '11111111-2222-3333-4444-555555555555'
    const cases: [string, string][] = [
      ['alias/none', `Alias arn:aws:kms:us-east-1:${ACCOUNT}:alias/none is not found. ${tail('NotFoundException')}`],
      [none, `Key '${keyArn(none)}' does not exist ${tail('NotFoundException')}`],
      ['nothing', `Invalid keyId 'nothing' ${tail('NotFoundException')}`],
      [empty, `${keyArn(empty)} is pending import. ${tail('KMSInvalidStateException')}`],
      [rsa, tail('InvalidKeyUsageException')],
    ]
    for (const [KeyId, message] of cases)
      await expect(put('/refused', 'x', { KeyId })).rejects.toEqual(refusal('InvalidKeyId', new RegExp(message)))
    await expect(stored('/refused')).rejects.toEqual(refusal('ParameterNotFound', /refused/))
    const own = (await house.invoke('kms', 'CreateKey', {})).KeyMetadata!.KeyId!
    await put('/own', 'x', { KeyId: own })
    await house.invoke('kms', 'DisableKey', { KeyId: own })
    const disabled = refusal('InvalidKeyId', new RegExp(`^${keyArn(own)} is disabled. ${tail('DisabledException')}`))
    await expect(get('/own')).rejects.toEqual(disabled)
    await expect(put('/own', 'y', { Overwrite: true, KeyId: own })).rejects.toEqual(disabled)
    await house.invoke('kms', 'EnableKey', { KeyId: own })
    expect(await get('/own')).toBe('x')
    await house.invoke('kms', 'ScheduleKeyDeletion', { KeyId: own, PendingWindowInDays: 7 })
    await expect(get('/own')).rejects.toEqual(refusal('InvalidKeyId', /is pending deletion/))
    house.clock.advance(8 * 86_400_000)
    await house.runJobs()
    await expect(get('/own')).rejects.toEqual(refusal('AccessDeniedException', /^The ciphertext refers to a customer/))
  })

  test('each use of the key is in the audit, as the caller and on behalf of Systems Manager', async () => {
    house.audited.length = 0
    await get('/default')
    const [used] = house.audited.filter(({ request }) => request.service === 'kms')
    expect(used).toMatchObject({
      readOnly: true,
      request: {
        operation: 'Decrypt',
        principal: { type: 'root' },
        origin: { sourceIp: 'ssm.amazonaws.com' },
        input: { EncryptionContext: { PARAMETER_ARN: arn('/default') } },
      },
    })
  })
})
