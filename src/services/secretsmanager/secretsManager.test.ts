import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { secretsmanager } from './index.ts'

let house: TestHouse
const policies: { identity: string[] } = { identity: [] }
beforeAll(async () => {
  house = await openHouse({
    services: [secretsmanager, kms],
    now: '2026-01-01T10:00:00Z',
    identity: { policiesOf: async () => policies },
  })
})
afterAll(() => house.close())

const create = (Name: string, SecretString?: string, more: object = {}) =>
  house.invoke('secretsmanager', 'CreateSecret', { Name, ...(SecretString !== undefined && { SecretString }), ...more })
const put = (SecretId: string, SecretString: string, more: object = {}) =>
  house.invoke('secretsmanager', 'PutSecretValue', { SecretId, SecretString, ...more })
const get = (SecretId: string, more: object = {}) =>
  house.invoke('secretsmanager', 'GetSecretValue', { SecretId, ...more })
const describeOne = (SecretId: string) => house.invoke('secretsmanager', 'DescribeSecret', { SecretId })
const refusal = (code: string, message?: string | RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) })
const token = (letter: string) => letter.repeat(32)
const notFound = refusal('ResourceNotFoundException', "^Secrets Manager can't find the specified secret.$")

describe('values and versions', () => {
  test('a secret is found by name, ARN and ARN without its suffix; its value is sealed', async () => {
    const made = await create('app/db', '{"password":"p@ss"}', { Description: 'the database' })
    expect(made.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:app\/db-[A-Za-z0-9]{6}$/)
    for (const id of ['app/db', made.ARN!, made.ARN!.slice(0, -7)]) {
      expect(await get(id)).toEqual({
        ARN: made.ARN,
        Name: 'app/db',
        VersionId: made.VersionId,
        SecretString: '{"password":"p@ss"}',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: new Date('2026-01-01T10:00:00Z'),
      })
    }
    await expect(get(`${made.ARN!.slice(0, -1)}!`)).rejects.toEqual(notFound)
    const { rows } = await house.store.pool.query(`select value from secretsmanager.versions where name = 'app/db'`)
    expect(rows[0].value).not.toContain('p@ss')
    expect(await describeOne('app/db')).toEqual({
      ARN: made.ARN,
      Name: 'app/db',
      Description: 'the database',
      CreatedDate: expect.any(Date),
      LastChangedDate: expect.any(Date),
      LastAccessedDate: new Date('2026-01-01T00:00:00Z'),
      VersionIdsToStages: { [made.VersionId!]: ['AWSCURRENT'] },
    })
  })

  test('bytes come back as bytes; both kinds at once are refused', async () => {
    await create('bytes', undefined, { SecretBinary: Uint8Array.of(0, 255, 7) })
    expect([...(await get('bytes')).SecretBinary!]).toEqual([0, 255, 7])
    await expect(create('both', 'x', { SecretBinary: Uint8Array.of(1) })).rejects.toEqual(
      refusal('InvalidParameterException', /both a binary/),
    )
  })

  test('a new value moves AWSCURRENT and AWSPREVIOUS; other labels go where they are told', async () => {
    await create('v', 'one', { ClientRequestToken: token('a') })
    expect(await put('v', 'two', { ClientRequestToken: token('b') })).toMatchObject({ VersionStages: ['AWSCURRENT'] })
    expect(await get('v')).toMatchObject({ SecretString: 'two' })
    expect(await get('v', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'one' })
    await put('v', 'three', { ClientRequestToken: token('c'), VersionStages: ['test'] })
    expect(await get('v', { VersionStage: 'test' })).toMatchObject({ SecretString: 'three' })
    expect(await get('v', { VersionId: token('a') })).toMatchObject({ SecretString: 'one' })
    await house.invoke('secretsmanager', 'UpdateSecret', {
      SecretId: 'v',
      SecretString: 'four',
      ClientRequestToken: token('d'),
    })
    expect((await describeOne('v')).VersionIdsToStages).toEqual({
      [token('b')]: ['AWSPREVIOUS'],
      [token('c')]: ['test'],
      [token('d')]: ['AWSCURRENT'],
    })
    await expect(get('v', { VersionStage: 'none' })).rejects.toEqual(
      refusal('ResourceNotFoundException', "can't find the specified secret value for staging label: none$"),
    )
    await expect(get('v', { VersionId: token('z') })).rejects.toEqual(
      refusal('ResourceNotFoundException', `for VersionId: ${token('z')}$`),
    )
    await expect(get('v', { VersionId: token('c'), VersionStage: 'AWSCURRENT' })).rejects.toEqual(
      refusal('InvalidRequestException', /not associated/),
    )
    const listed = await house.invoke('secretsmanager', 'ListSecretVersionIds', { SecretId: 'v', MaxResults: 2 })
    const rest = await house.invoke('secretsmanager', 'ListSecretVersionIds', {
      SecretId: 'v',
      NextToken: listed.NextToken,
    })
    expect([...listed.Versions!, ...rest.Versions!].map(({ VersionId }) => VersionId![0])).toEqual(['b', 'c', 'd'])
    const all = await house.invoke('secretsmanager', 'ListSecretVersionIds', { SecretId: 'v', IncludeDeprecated: true })
    expect(all.Versions).toHaveLength(4)
  })

  test('the same request twice is one version; the same token for another value is refused', async () => {
    const first = await create('twice', 'x', { ClientRequestToken: token('e') })
    expect(await create('twice', 'x', { ClientRequestToken: token('e') })).toEqual(first)
    await expect(create('twice', 'y', { ClientRequestToken: token('e') })).rejects.toEqual(
      refusal('ResourceExistsException', `^You can't use ClientRequestToken ${token('e')} because`),
    )
    await expect(create('twice', 'x')).rejects.toEqual(
      refusal('ResourceExistsException', '^The operation failed because the secret twice already exists.$'),
    )
    await put('twice', 'z', { ClientRequestToken: token('f') })
    await put('twice', 'z', { ClientRequestToken: token('f') })
    expect(Object.keys((await describeOne('twice')).VersionIdsToStages!)).toHaveLength(2)
    await expect(put('twice', 'z', { ClientRequestToken: 'short' })).rejects.toEqual(
      refusal('InvalidParameterException', /32-64/),
    )
    await expect(house.invoke('secretsmanager', 'PutSecretValue', { SecretId: 'twice' })).rejects.toEqual(
      refusal('InvalidRequestException', /either SecretString or SecretBinary/),
    )
  })

  test('labels are moved by hand only by those who know where they are', async () => {
    await create('stages', 'one', { ClientRequestToken: token('g') })
    await put('stages', 'two', { ClientRequestToken: token('h') })
    const move = (more: object, VersionStage = 'AWSCURRENT') =>
      house.invoke('secretsmanager', 'UpdateSecretVersionStage', { SecretId: 'stages', VersionStage, ...more })
    await expect(move({ MoveToVersionId: token('g') })).rejects.toEqual(
      refusal('InvalidParameterException', `RemoveFromVersionId can't be empty.*${token('h')}`),
    )
    await move({ MoveToVersionId: token('g'), RemoveFromVersionId: token('h') })
    expect((await describeOne('stages')).VersionIdsToStages).toEqual({
      [token('g')]: ['AWSCURRENT'],
      [token('h')]: ['AWSPREVIOUS'],
    })
    await move({ MoveToVersionId: token('h') }, 'blue')
    await move({ RemoveFromVersionId: token('h') }, 'blue')
    await expect(move({ RemoveFromVersionId: token('h') }, 'blue')).rejects.toEqual(
      refusal('InvalidParameterException', /blue not found/),
    )
    await expect(move({ RemoveFromVersionId: token('g') })).rejects.toEqual(
      refusal('InvalidParameterException', /only move/),
    )
    await expect(move({ MoveToVersionId: token('z') }, 'x')).rejects.toEqual(
      refusal('InvalidParameterException', /Not a valid version/),
    )
  })

  test('a secret without a value has none, and its first version is the current one', async () => {
    expect(await create('empty')).not.toHaveProperty('VersionId')
    await expect(get('empty')).rejects.toEqual(refusal('ResourceNotFoundException', /for staging label: AWSCURRENT$/))
    expect(await put('empty', 'x', { VersionStages: ['mine'] })).toMatchObject({
      VersionStages: ['mine', 'AWSCURRENT'],
    })
  })

  test('versions without labels go when there are more than a hundred of them and they are a day old', async () => {
    await create('old', '0')
    for (let version = 1; version <= 103; version++) await put('old', String(version))
    house.clock.advance(25 * 3600 * 1000)
    await put('old', 'last')
    const all = await house.store.pool.query(`select count(*)::int from secretsmanager.versions where name = 'old'`)
    expect(all.rows[0].count).toBe(100)
    expect(await get('old', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: '103' })
  })

  test('names and options that can not be are refused by name', async () => {
    await expect(create('no spaces', 'x')).rejects.toEqual(refusal('ValidationException', /^Invalid name/))
    await expect(create('k', 'x', { KmsKeyId: 'alias/mine' })).rejects.toEqual(
      refusal('EncryptionFailure', /alias\/mine is not found/),
    )
    await expect(create('k', 'x', { AddReplicaRegions: [{ Region: 'eu-west-1' }] })).rejects.toEqual(
      refusal('InvalidParameterException', /replicate/),
    )
    await expect(house.invoke('secretsmanager', 'RotateSecret', { SecretId: 'v' })).rejects.toEqual(
      refusal('NotImplemented', /rotation runs Lambda/),
    )
  })
})

describe('deletion', () => {
  test('a deleted secret waits for the end of its window, can come back, and then goes', async () => {
    await create('window', 'x')
    const remove = (more: object = {}) =>
      house.invoke('secretsmanager', 'DeleteSecret', { SecretId: 'window', RecoveryWindowInDays: 7, ...more })
    const { DeletionDate: date } = await remove()
    expect(date!.getTime() - house.clock.now().getTime()).toBe(7 * 24 * 3600 * 1000)
    const marked = refusal('InvalidRequestException', /marked for deletion/)
    await expect(get('window')).rejects.toEqual(marked)
    await expect(put('window', 'y')).rejects.toEqual(marked)
    await expect(create('window', 'x')).rejects.toEqual(refusal('InvalidRequestException', /already scheduled/))
    await expect(remove()).rejects.toEqual(refusal('InvalidRequestException', /already scheduled/))
    expect(await describeOne('window')).toMatchObject({ DeletedDate: date })
    await house.invoke('secretsmanager', 'RestoreSecret', { SecretId: 'window' })
    house.clock.advance(8 * 24 * 3600 * 1000)
    await house.runJobs()
    expect(await get('window')).toMatchObject({ SecretString: 'x' })
    await remove()
    house.clock.advance(7 * 24 * 3600 * 1000)
    await house.runJobs()
    await expect(describeOne('window')).rejects.toEqual(notFound)
  })

  test('forced, it is gone at once and its name is free', async () => {
    const { ARN } = await create('force', 'x')
    const force = { SecretId: 'force', ForceDeleteWithoutRecovery: true }
    expect(await house.invoke('secretsmanager', 'DeleteSecret', force)).toMatchObject({ ARN, Name: 'force' })
    expect((await create('force', 'y')).ARN).not.toBe(ARN)
    await house.invoke('secretsmanager', 'DeleteSecret', force)
    expect(await house.invoke('secretsmanager', 'DeleteSecret', force)).toMatchObject({ Name: 'force' })
    await expect(house.invoke('secretsmanager', 'DeleteSecret', { ...force, RecoveryWindowInDays: 7 })).rejects.toEqual(
      refusal('InvalidParameterException', /in conjunction/),
    )
    await expect(
      house.invoke('secretsmanager', 'DeleteSecret', { SecretId: 'v', RecoveryWindowInDays: 3 }),
    ).rejects.toEqual(refusal('InvalidParameterException', /between 7 and 30/))
  })
})

describe('lists', () => {
  test('secrets are found by name, description, tag and words, in any order, page by page', async () => {
    await create('list/a', 'x', { Description: 'Blue car', Tags: [{ Key: 'Team', Value: 'red' }] })
    await create('list/b', 'x', { Description: 'green', Tags: [{ Key: 'team', Value: 'blue' }] })
    await create('list/c', 'x')
    const list = (more: object) =>
      house.invoke('secretsmanager', 'ListSecrets', { SortBy: 'name', SortOrder: 'asc', ...more })
    const find = async (...filters: [string, ...string[]][]) =>
      (await list({ Filters: filters.map(([Key, ...Values]) => ({ Key, Values })) })).SecretList!.map(
        ({ Name }) => Name,
      )
    const here: [string, string] = ['name', 'list/']
    expect(await find(here)).toEqual(['list/a', 'list/b', 'list/c'])
    expect(await find(['name', 'List'])).toEqual([])
    expect(await find(['description', 'CAR'])).toEqual(['list/a'])
    expect(await find(['description', 'blue car', 'gre'])).toEqual(['list/a', 'list/b'])
    expect(await find(['tag-key', 'Te'])).toEqual(['list/a'])
    expect(await find(['tag-value', 'blue'])).toEqual(['list/b'])
    expect(await find(['all', 'blue'])).toEqual(['list/a', 'list/b'])
    expect(await find(here, ['description', '!blue', '!green'])).toEqual(['list/a', 'list/b', 'list/c'])
    expect(await find(here, ['tag-key', '!team'])).toEqual(['list/a', 'list/c'])
    for (const SortBy of ['name', 'created-date', 'last-changed-date', 'last-accessed-date'] as const) {
      for (const SortOrder of ['asc', 'desc'] as const) {
        const names: string[] = []
        let NextToken: string | undefined
        do {
          const page = await list({
            MaxResults: 2,
            SortBy,
            SortOrder,
            NextToken,
            Filters: [{ Key: 'name', Values: ['list/'] }],
          })
          names.push(...page.SecretList!.map(({ Name }) => Name!))
          NextToken = page.NextToken
        } while (NextToken)
        expect(SortOrder === 'asc' ? names : names.toReversed()).toEqual(['list/a', 'list/b', 'list/c'])
      }
    }
    await expect(list({ NextToken: 'x' })).rejects.toEqual(refusal('InvalidNextTokenException'))
    const [entry] = (await list({ Filters: [{ Key: 'name', Values: ['list/a'] }] })).SecretList!
    expect(Object.values(entry!.SecretVersionsToStages!)).toEqual([['AWSCURRENT']])
    await house.invoke('secretsmanager', 'DeleteSecret', { SecretId: 'list/c' })
    expect(await find(here)).toEqual(['list/a', 'list/b'])
    expect((await list({ IncludePlannedDeletion: true })).SecretList!.map(({ Name }) => Name)).toContain('list/c')
  })

  test('several values come at once; what does not answer says why', async () => {
    const batch = (input: object) => house.invoke('secretsmanager', 'BatchGetSecretValue', input)
    const answer = await batch({ SecretIdList: ['list/a', 'nowhere', 'bytes'] })
    expect(answer.SecretValues).toMatchObject([{ Name: 'list/a', SecretString: 'x' }, { Name: 'bytes' }])
    expect(answer.Errors).toMatchObject([{ SecretId: 'nowhere', ErrorCode: 'ResourceNotFoundException' }])
    const Filters = [{ Key: 'name' as const, Values: ['list/'] }]
    const first = await batch({ Filters, MaxResults: 1 })
    const next = await batch({ Filters, NextToken: first.NextToken })
    expect([first, next].flatMap(({ SecretValues }) => SecretValues!.map(({ Name }) => Name))).toEqual([
      'list/a',
      'list/b',
    ])
    await expect(batch({})).rejects.toEqual(refusal('InvalidParameterException', /Either/))
  })

  test('tags are added and taken away', async () => {
    await house.invoke('secretsmanager', 'TagResource', {
      SecretId: 'v',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await house.invoke('secretsmanager', 'UntagResource', { SecretId: 'v', TagKeys: ['a'] })
    expect((await describeOne('v')).Tags).toEqual([{ Key: 'b', Value: '2' }])
    await expect(
      house.invoke('secretsmanager', 'TagResource', { SecretId: 'v', Tags: [{ Key: 'aws:x', Value: '' }] }),
    ).rejects.toEqual(refusal('InvalidParameterException', /aws:/))
  })
})

describe('passwords', () => {
  const password = async (input: object = {}) =>
    (await house.invoke('secretsmanager', 'GetRandomPassword', input)).RandomPassword!
  test('have every kind of character, or only what is wanted', async () => {
    const usual = await password()
    expect(usual).toHaveLength(32)
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[!-/:-@[-`{-~]/]) expect(usual).toMatch(kind)
    const digits = { PasswordLength: 12, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true }
    expect(await password({ ...digits, ExcludeCharacters: '0123' })).toMatch(/^[4-9]{12}$/)
    await expect(password({ PasswordLength: 3 })).rejects.toEqual(refusal('InvalidParameterException', /too short/))
    await expect(password({ ...digits, ExcludeNumbers: true })).rejects.toEqual(refusal('InvalidParameterException'))
  })
})

describe('policies', () => {
  const reader: Principal = {
    type: 'user',
    account: '000000000000',
    arn: 'arn:aws:iam::000000000000:user/reader',
    userId: 'AIDAREADER',
    userName: 'reader',
  }
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  const allow = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' }
  const setPolicy = (ResourcePolicy: string, more: object = {}) =>
    house.invoke('secretsmanager', 'PutResourcePolicy', { SecretId: 'guarded', ResourcePolicy, ...more })

  test('a secret is read with a permission for its ARN, its label, or by its own policy', async () => {
    const { ARN } = await create('guarded', 'x')
    const read = (more: object = {}) =>
      house.as(reader).invoke('secretsmanager', 'GetSecretValue', { SecretId: 'guarded', ...more })
    await expect(read()).rejects.toEqual(
      refusal(
        'AccessDeniedException',
        `user/reader is not authorized to perform: secretsmanager:GetSecretValue on resource: ${ARN}`,
      ),
    )
    policies.identity = [document({ ...allow, Resource: `${ARN!.slice(0, -6)}??????` })]
    expect(await read()).toMatchObject({ SecretString: 'x' })
    policies.identity = [
      document({ ...allow, Condition: { StringEquals: { 'secretsmanager:VersionStage': 'AWSPREVIOUS' } } }),
    ]
    await expect(read()).rejects.toEqual(refusal('AccessDeniedException'))
    policies.identity = []
    const policy = document({ ...allow, Principal: { AWS: reader.arn } })
    await setPolicy(policy)
    expect(await read()).toMatchObject({ SecretString: 'x' })
    expect(await house.invoke('secretsmanager', 'GetResourcePolicy', { SecretId: 'guarded' })).toEqual({
      ARN,
      Name: 'guarded',
      ResourcePolicy: policy,
    })
    const answer = await house
      .as(reader)
      .invoke('secretsmanager', 'BatchGetSecretValue', { SecretIdList: ['guarded'] })
      .catch(error => error.code)
    expect(answer).toBe('AccessDeniedException')
    await house.invoke('secretsmanager', 'DeleteResourcePolicy', { SecretId: 'guarded' })
    await expect(read()).rejects.toEqual(refusal('AccessDeniedException'))
  })

  test('a policy that is none, or that lets in everybody, is refused or reported', async () => {
    await expect(setPolicy('{')).rejects.toEqual(refusal('MalformedPolicyDocumentException', /invalid Json/))
    await expect(setPolicy(document(allow))).rejects.toEqual(refusal('MalformedPolicyDocumentException', /Principal/))
    const open = document({ ...allow, Principal: '*' })
    await expect(setPolicy(open, { BlockPublicPolicy: true })).rejects.toEqual(refusal('PublicPolicyException'))
    const validate = (ResourcePolicy: string) =>
      house.invoke('secretsmanager', 'ValidateResourcePolicy', { ResourcePolicy })
    expect(await validate(open)).toMatchObject({
      PolicyValidationPassed: false,
      ValidationErrors: [{ CheckName: 'PUBLIC_ACCESS' }],
    })
    expect(await validate('{')).toMatchObject({ ValidationErrors: [{ CheckName: 'SYNTAX' }] })
    expect(await validate(document({ ...allow, Principal: { AWS: reader.arn } }))).toEqual({
      PolicyValidationPassed: true,
      ValidationErrors: [],
    })
  })
})
