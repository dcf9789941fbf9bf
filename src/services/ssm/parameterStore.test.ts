import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessCall } from '../../operation/service.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { ssm } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [ssm, kms], now: '2026-01-01T00:00:00Z' })
})
afterAll(() => house.close())

const put = (Name: string, Value: string, more: object = {}) =>
  house.invoke('ssm', 'PutParameter', { Name, Value, Type: 'String', ...more })
const get = async (Name: string, WithDecryption = false) =>
  (await house.invoke('ssm', 'GetParameter', { Name, WithDecryption })).Parameter!
const refusal = (code: string, message?: string | RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) })
const arn = (name: string) => `arn:aws:ssm:us-east-1:000000000000:parameter${name}`

describe('values', () => {
  test('a parameter is put, read by name, by ARN and as one of several', async () => {
    expect(await put('/app/url', 'http://x', { Description: 'where' })).toEqual({ Version: 1, Tier: 'Standard' })
    expect(await get('/app/url')).toEqual({
      Name: '/app/url',
      Type: 'String',
      Value: 'http://x',
      Version: 1,
      LastModifiedDate: new Date('2026-01-01T00:00:00Z'),
      ARN: arn('/app/url'),
      DataType: 'text',
    })
    await put('plain', '1')
    expect(await get(arn('/plain'))).toMatchObject({ Name: 'plain', ARN: arn('/plain') })
    const several = await house.invoke('ssm', 'GetParameters', { Names: ['plain', '/nowhere', '/app/url', 'plain:9'] })
    expect(several.Parameters!.map(({ Name }) => Name)).toEqual(['plain', '/app/url'])
    expect(several.InvalidParameters).toEqual(['/nowhere', 'plain:9'])
    await expect(get('/nowhere')).rejects.toEqual(refusal('ParameterNotFound', /nowhere/))
    await expect(get('arn:aws:ssm:us-east-1:111122223333:parameter/x')).rejects.toEqual(
      refusal('ValidationException', /no parameter of account/),
    )
  })

  test('a SecureString is sealed where it lies, shown as ciphertext, and opened on demand', async () => {
    await put('/app/secret', 'p@ss wörd', { Type: 'SecureString' })
    const shut = await get('/app/secret')
    expect(shut.Value).not.toContain('p@ss')
    expect((await get('/app/secret', true)).Value).toBe('p@ss wörd')
    const rows = await house.store.pool.query(`select value from ssm.parameter_versions where name = '/app/secret'`)
    expect(rows.rows[0].value).toBe(shut.Value)
    const history = await house.invoke('ssm', 'GetParameterHistory', { Name: '/app/secret', WithDecryption: true })
    expect(history.Parameters).toMatchObject([{ KeyId: 'alias/aws/ssm', Value: 'p@ss wörd' }])
    await expect(put('/k', 'x', { Type: 'SecureString', KeyId: 'alias/mine' })).rejects.toEqual(
      refusal('InvalidKeyId', /alias\/mine/),
    )
    await expect(put('/k', 'x', { KeyId: 'alias/aws/ssm' })).rejects.toEqual(refusal('ValidationException', /KeyId/))
  })

  test('a new version needs Overwrite, keeps what is not said, and leaves the older one readable', async () => {
    await put('/v', 'one', { AllowedPattern: '^[a-z]+$', Description: 'd' })
    await expect(put('/v', 'two')).rejects.toEqual(refusal('ParameterAlreadyExists', /^The parameter already exists/))
    const again = { Name: '/v', Value: 'two', Overwrite: true }
    expect(await house.invoke('ssm', 'PutParameter', again)).toEqual({ Version: 2, Tier: 'Standard' })
    await expect(house.invoke('ssm', 'PutParameter', { ...again, Value: '2' })).rejects.toEqual(
      refusal('ParameterPatternMismatchException', /\^\[a-z\]\+\$$/),
    )
    await expect(house.invoke('ssm', 'PutParameter', { ...again, Type: 'StringList' })).rejects.toEqual(
      refusal('HierarchyTypeMismatchException'),
    )
    await expect(house.invoke('ssm', 'PutParameter', { ...again, Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toEqual(
      refusal('ValidationException', /tags and overwrite/),
    )
    expect(await get('/v:1')).toMatchObject({ Name: '/v', Value: 'one', Version: 1, Selector: ':1' })
    expect(await get('/v')).toMatchObject({ Value: 'two', Version: 2 })
    await expect(get('/v:7')).rejects.toEqual(
      refusal(
        'ParameterVersionNotFound',
        'Systems Manager could not find version 7 of /v. Verify the version and try again.',
      ),
    )
    const first = await house.invoke('ssm', 'GetParameterHistory', { Name: '/v', MaxResults: 1 })
    expect(first.Parameters).toMatchObject([{ Version: 1, Value: 'one', Description: 'd', Labels: [] }])
    const next = await house.invoke('ssm', 'GetParameterHistory', { Name: '/v', NextToken: first.NextToken })
    expect(next.Parameters).toMatchObject([{ Version: 2, Description: 'd' }])
    expect(next.NextToken).toBeUndefined()
  })

  test('of writers at once each gets a version of its own', async () => {
    const writers = Array.from({ length: 8 }, (_, at) => put('/race', `value ${at}`, { Overwrite: true }))
    const versions = (await Promise.all(writers)).map(({ Version }) => Version!)
    expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('what can not be a parameter is refused with its reason', async () => {
    const cases: [string, string, object, string, RegExp][] = [
      ['/x', '', {}, 'ValidationException', /length greater than or equal to 1/],
      ['a/b', 'x', {}, 'ValidationException', /fully qualified/],
      ['aws-x', 'x', {}, 'ValidationException', /can't be prefixed/],
      ['/aws/x', 'x', {}, 'AccessDeniedException', /reserved/],
      ['/a b', 'x', {}, 'ValidationException', /symbols/],
      ['/a//b', 'x', {}, 'ValidationException', /symbols/],
      ['/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16', 'x', {}, 'HierarchyLevelLimitExceededException', /15/],
      ['/x', 'x', { Type: undefined }, 'ValidationException', /type is required/],
      ['/x', 'x', { DataType: 'aws:ec2:image' }, 'ValidationException', /not supported by Codeyard/],
      ['/x', 'x', { DataType: 'number' }, 'ValidationException', /data type is not supported: number/],
      ['/x', 'x', { AllowedPattern: '(' }, 'InvalidAllowedPatternException', /regular expression/],
      ['/x', `${'a'.repeat(60)}!`, { AllowedPattern: '^(a+)+$' }, 'InvalidAllowedPatternException', /nested/],
      ['/x', 'x'.repeat(4097), {}, 'ValidationException', /4096/],
      ['/x', 'x'.repeat(8193), { Tier: 'Advanced' }, 'ValidationException', /8192/],
      ['/x', 'x', { Policies: '[{"Type":"Expiration"}]' }, 'InvalidPolicyTypeException', /Expiration/],
    ]
    for (const [name, value, more, code, message] of cases)
      await expect(put(name, value, more)).rejects.toEqual(refusal(code, message))
    await expect(get('/x')).rejects.toEqual(refusal('ParameterNotFound'))
  })

  test('the tier follows the value, and never goes back', async () => {
    const long = 'x'.repeat(5000)
    expect(await put('/tier', long, { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' })
    expect(await put('/tier', 'short', { Overwrite: true })).toMatchObject({ Tier: 'Advanced' })
    await expect(put('/tier', 'short', { Overwrite: true, Tier: 'Standard' })).rejects.toEqual(
      refusal('ValidationException', /downgrade/),
    )
  })

  test('a hundred versions are kept, unless the oldest has a label', async () => {
    for (let version = 1; version <= 101; version++) await put('/many', String(version), { Overwrite: true })
    await expect(get('/many:1')).rejects.toEqual(refusal('ParameterVersionNotFound'))
    expect(await get('/many:2')).toMatchObject({ Value: '2' })
    await house.invoke('ssm', 'LabelParameterVersion', { Name: '/many', ParameterVersion: 2, Labels: ['keep'] })
    await expect(put('/many', 'more', { Overwrite: true })).rejects.toEqual(
      refusal('ParameterMaxVersionLimitExceeded', /Version 2, the oldest version/),
    )
  })
})

describe('labels, tags and deletion', () => {
  test('a label is at one version; bad ones come back', async () => {
    await put('/l', '1')
    await put('/l', '2', { Overwrite: true })
    const label = (ParameterVersion: number | undefined, ...Labels: string[]) =>
      house.invoke('ssm', 'LabelParameterVersion', { Name: '/l', ParameterVersion, Labels })
    expect(await label(1, 'prod', 'aws-x', '1st')).toEqual({ InvalidLabels: ['aws-x', '1st'], ParameterVersion: 1 })
    expect(await get('/l:prod')).toMatchObject({ Value: '1', Selector: ':prod' })
    expect(await label(undefined, 'prod')).toEqual({ InvalidLabels: [], ParameterVersion: 2 })
    expect(await get('/l:prod')).toMatchObject({ Value: '2' })
    await expect(get('/l:test')).rejects.toEqual(refusal('ParameterVersionNotFound', /label test/))
    await expect(label(9, 'x')).rejects.toEqual(refusal('ParameterVersionNotFound'))
    await expect(label(2, ...'abcdefghij'.split(''))).rejects.toEqual(refusal('ParameterVersionLabelLimitExceeded'))
    const unlabel = { Name: '/l', ParameterVersion: 2, Labels: ['prod', 'other'] }
    expect(await house.invoke('ssm', 'UnlabelParameterVersion', unlabel)).toEqual({
      RemovedLabels: ['prod'],
      InvalidLabels: ['other'],
    })
  })

  test('tags are put, listed, removed', async () => {
    await put('/t', 'x', { Tags: [{ Key: 'team', Value: 'a' }] })
    const resource = { ResourceType: 'Parameter', ResourceId: '/t' } as const
    await house.invoke('ssm', 'AddTagsToResource', { ...resource, Tags: [{ Key: 'env', Value: 'b' }] })
    await house.invoke('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys: ['team'] })
    expect(await house.invoke('ssm', 'ListTagsForResource', resource)).toEqual({
      TagList: [{ Key: 'env', Value: 'b' }],
    })
    await expect(house.invoke('ssm', 'ListTagsForResource', { ...resource, ResourceId: '/none' })).rejects.toEqual(
      refusal('InvalidResourceId'),
    )
    await expect(house.invoke('ssm', 'ListTagsForResource', { ...resource, ResourceType: 'Document' })).rejects.toEqual(
      refusal('InvalidResourceType'),
    )
  })

  test('deleting says what was there, and each change is an event', async () => {
    await put('/d', 'x', { Description: 'gone soon' })
    await put('/e', 'x')
    await house.invoke('ssm', 'DeleteParameter', { Name: '/d' })
    await expect(house.invoke('ssm', 'DeleteParameter', { Name: '/d' })).rejects.toEqual(refusal('ParameterNotFound'))
    expect(await house.invoke('ssm', 'DeleteParameters', { Names: ['/d', '/e'] })).toEqual({
      DeletedParameters: ['/e'],
      InvalidParameters: ['/d'],
    })
    const heard = house.events.filter(({ resources }) => resources[0] === arn('/d'))
    expect(heard.map(event => [event['detail-type'], event.detail])).toEqual([
      ['Parameter Store Change', { operation: 'Create', name: '/d', type: 'String', description: 'gone soon' }],
      ['Parameter Store Change', { operation: 'Delete', name: '/d', type: 'String', description: 'gone soon' }],
    ])
  })
})

describe('lists', () => {
  test('a path has what is directly below it, or at any depth, page by page', async () => {
    for (const name of ['/p/b', '/p/a', '/p/c/d', '/p-not', '/p/c/e']) await put(name, name)
    const list = (more: object) => house.invoke('ssm', 'GetParametersByPath', { Path: '/p', ...more })
    const names = async (more: object) => (await list(more)).Parameters!.map(({ Name }) => Name)
    expect(await names({})).toEqual(['/p/a', '/p/b'])
    expect(await names({ Path: '/p/', Recursive: true })).toEqual(['/p/a', '/p/b', '/p/c/d', '/p/c/e'])
    expect(await names({ Path: '/' })).toContain('plain')
    const first = await list({ Recursive: true, MaxResults: 3 })
    expect(await names({ Recursive: true, NextToken: first.NextToken })).toEqual(['/p/c/e'])
    await put('/p/a', 'new', { Overwrite: true })
    await house.invoke('ssm', 'LabelParameterVersion', { Name: '/p/a', ParameterVersion: 1, Labels: ['old'] })
    const labelled = await list({ ParameterFilters: [{ Key: 'Label', Values: ['old'] }] })
    expect(labelled.Parameters).toMatchObject([{ Name: '/p/a', Version: 1 }])
    await expect(list({ Path: 'p' })).rejects.toEqual(refusal('ValidationException', /forward slash/))
    await expect(list({ NextToken: 'x' })).rejects.toEqual(refusal('InvalidNextToken'))
    await expect(list({ ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })).rejects.toEqual(
      refusal('InvalidFilterKey', 'Valid filter keys include: \\[Type, KeyId, Label\\]'),
    )
  })

  test('descriptions are found by name, path, type, tier and tag, without values', async () => {
    await put('/f/one', 'x', { Tags: [{ Key: 'team', Value: 'red' }] })
    await put('/f/two', 'x', { Type: 'SecureString' })
    await put('/f/g/three', 'x', { Tier: 'Advanced' })
    const find = async (...ParameterFilters: { Key: string; Option?: string; Values?: string[] }[]) =>
      (await house.invoke('ssm', 'DescribeParameters', { ParameterFilters })).Parameters!.map(({ Name }) => Name)
    const path = { Key: 'Path', Values: ['/f'], Option: 'Recursive' }
    expect(await find({ Key: 'Name', Option: 'BeginsWith', Values: ['/f/'] })).toHaveLength(3)
    expect(await find({ Key: 'Name', Option: 'Contains', Values: ['thr'] })).toEqual(['/f/g/three'])
    expect(await find({ Key: 'Path', Values: ['/f'] })).toEqual(['/f/one', '/f/two'])
    expect(await find(path, { Key: 'Type', Values: ['SecureString'] })).toEqual(['/f/two'])
    expect(await find(path, { Key: 'Tier', Values: ['Advanced'] })).toEqual(['/f/g/three'])
    expect(await find({ Key: 'KeyId', Option: 'BeginsWith', Values: ['alias/aws'] }, path)).toEqual(['/f/two'])
    expect(await find({ Key: 'tag:team', Values: ['red', 'blue'] })).toEqual(['/f/one'])
    expect(await find({ Key: 'tag:team' }, path)).toEqual(['/f/one'])
    await expect(find({ Key: 'Label', Values: ['x'] })).rejects.toEqual(refusal('InvalidFilterKey'))
    await expect(find(path, path)).rejects.toEqual(refusal('InvalidFilterKey', /duplicated/))
    await expect(find({ Key: 'Type', Values: ['Int'] })).rejects.toEqual(refusal('InvalidFilterOption'))
    await expect(find({ Key: 'Type', Option: 'Near', Values: ['String'] })).rejects.toEqual(
      refusal('InvalidFilterOption', /Near/),
    )
    const older = await house.invoke('ssm', 'DescribeParameters', { Filters: [{ Key: 'Name', Values: ['/f/one'] }] })
    expect(older.Parameters).toEqual([
      expect.objectContaining({ Name: '/f/one', ARN: arn('/f/one'), Version: 1, LastModifiedUser: expect.any(String) }),
    ])
    expect(older.Parameters![0]).not.toHaveProperty('Value')
    const page = await house.invoke('ssm', 'DescribeParameters', { ParameterFilters: [path], MaxResults: 2 })
    const rest = await house.invoke('ssm', 'DescribeParameters', {
      ParameterFilters: [path],
      NextToken: page.NextToken,
    })
    expect([...page.Parameters!, ...rest.Parameters!].map(({ Name }) => Name)).toEqual([
      '/f/g/three',
      '/f/one',
      '/f/two',
    ])
  })
})

test('permissions are asked for each parameter by its ARN', async () => {
  const asked = await ssm.access({ scope: house.scope } as AccessCall, 'GetParameters', {
    Names: ['a:3', '/b/c:prod'],
  })
  expect(asked).toEqual([
    { action: 'ssm:GetParameters', resource: arn('/a') },
    { action: 'ssm:GetParameters', resource: arn('/b/c') },
  ])
})

test('what is no parameter store says why it is not there', async () => {
  await expect(house.invoke('ssm', 'SendCommand', { DocumentName: 'x' })).rejects.toEqual(
    refusal('NotImplemented', /Run Command is not there/),
  )
})
