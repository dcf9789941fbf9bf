// Who may use a key: the key's policy, the identity's policies, grants, and accounts, as a table.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from './index.ts'

const OWN = '000000000000'
const OTHER = '111111111111'
const statement = (Effect: string, Action: string | string[], more: object = {}) => ({
  Effect,
  Action,
  Resource: '*',
  ...more,
})
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const ALL = document(statement('Allow', '*'))

let house: TestHouse
let identity: string[] = []
let rootKey: Awaited<ReturnType<typeof invokeRoot>>
const invokeRoot = async () => (await house.invoke('kms', 'CreateKey', {})).KeyMetadata!
beforeAll(async () => {
  house = await openHouse({ services: [kms], identity: { policiesOf: async () => ({ identity }) } })
})
afterAll(() => house?.close())

const user = (account: string): Principal => ({
  type: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/alice`,
  userId: 'AIDAALICE',
  userName: 'alice',
})
const role = (account: string): Principal => ({
  type: 'assumedRole',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/worker/job`,
  roleArn: `arn:aws:iam::${account}:role/worker`,
  roleId: 'AROAWORKER',
  sessionName: 'job',
  session: { expires: new Date('2100-01-01') },
})
const rootOf = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` })
const DELEGATED = statement('Allow', 'kms:*', { Principal: rootOf(OWN) })
const NAMES = (account: string) =>
  statement('Allow', 'kms:Encrypt', { Principal: { AWS: [user(account), role(account)].map(nameOf) } })
const nameOf = (principal: Principal) =>
  principal.type === 'assumedRole' ? principal.roleArn : 'arn' in principal ? principal.arn : ''
const MAY = document(statement('Allow', 'kms:Encrypt'))
const NOTHING = document(statement('Allow', 'sns:Publish'))
const DENIES = statement('Deny', 'kms:Encrypt', { Principal: { AWS: '*' } })

interface Row {
  sentence: string
  account?: string
  key: object[]
  mine: string
  grant?: 'Encrypt' | 'Decrypt'
  context?: object
  allowed: boolean
}

describe.each([
  ['a user', user],
  ['a role', role],
])('%s', (_who, principalOf) => {
  const rows: Row[] = [
    {
      sentence: 'is let in by an identity policy where the key delegates to the account',
      key: [DELEGATED],
      mine: MAY,
      allowed: true,
    },
    {
      sentence: 'needs an identity policy where the key only delegates',
      key: [DELEGATED],
      mine: NOTHING,
      allowed: false,
    },
    { sentence: 'is not let in by an identity policy alone', key: [], mine: MAY, allowed: false },
    { sentence: 'is let in by the key’s policy alone', key: [NAMES(OWN)], mine: NOTHING, allowed: true },
    { sentence: 'is let in by a grant alone', key: [], mine: NOTHING, grant: 'Encrypt', allowed: true },
    { sentence: 'is not let in by a grant of something else', key: [], mine: MAY, grant: 'Decrypt', allowed: false },
    {
      sentence: 'is kept out by a deny of the key’s policy',
      key: [DELEGATED, NAMES(OWN), DENIES],
      mine: MAY,
      allowed: false,
    },
    {
      sentence: 'is kept out by a deny of the key’s policy in spite of a grant',
      key: [DELEGATED, DENIES],
      mine: MAY,
      grant: 'Encrypt',
      allowed: false,
    },
    {
      sentence: 'is kept out by a deny of an identity policy in spite of a grant',
      key: [NAMES(OWN)],
      mine: document(statement('Deny', 'kms:*')),
      grant: 'Encrypt',
      allowed: false,
    },
    {
      sentence: 'is let in by a condition on the encryption context',
      key: [
        statement('Allow', 'kms:Encrypt', {
          Principal: { AWS: '*' },
          Condition: { StringEquals: { 'kms:EncryptionContext:app': 'a', 'kms:CallerAccount': OWN } },
        }),
      ],
      mine: NOTHING,
      context: { app: 'a' },
      allowed: true,
    },
    {
      sentence: 'is kept out by another encryption context',
      key: [
        statement('Allow', 'kms:Encrypt', {
          Principal: { AWS: '*' },
          Condition: { StringEquals: { 'kms:EncryptionContext:app': 'a' } },
        }),
      ],
      mine: MAY,
      context: { app: 'b' },
      allowed: false,
    },
    {
      sentence: 'may not do directly what only a service may do on its behalf',
      key: [
        statement('Allow', 'kms:Encrypt', {
          Principal: { AWS: '*' },
          Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
        }),
      ],
      mine: MAY,
      allowed: false,
    },
    {
      sentence: 'of another account needs both sides: with both',
      account: OTHER,
      key: [NAMES(OTHER)],
      mine: MAY,
      allowed: true,
    },
    {
      sentence: 'of another account needs both sides: without its own',
      account: OTHER,
      key: [NAMES(OTHER)],
      mine: NOTHING,
      allowed: false,
    },
    {
      sentence: 'of another account needs both sides: without the key’s',
      account: OTHER,
      key: [DELEGATED],
      mine: MAY,
      allowed: false,
    },
    {
      sentence: 'of another account may be named by its account',
      account: OTHER,
      key: [statement('Allow', 'kms:Encrypt', { Principal: rootOf(OTHER) })],
      mine: MAY,
      allowed: true,
    },
    {
      sentence: 'of another account is let in by a grant alone',
      account: OTHER,
      key: [],
      mine: NOTHING,
      grant: 'Encrypt',
      allowed: true,
    },
  ]
  test.each(rows)('$sentence', async row => {
    identity = [ALL]
    const administrator = statement('Allow', 'kms:*', {
      Principal: { AWS: `arn:aws:iam::${OWN}:role/administrator` },
    })
    const { KeyId, Arn } = (
      await house.invoke('kms', 'CreateKey', {
        Policy: document(administrator, ...row.key),
        BypassPolicyLockoutSafetyCheck: true,
      })
    ).KeyMetadata!
    const principal = principalOf(row.account ?? OWN)
    if (row.grant) {
      const administrators: Principal = {
        ...(role(OWN) as Principal & { type: 'assumedRole' }),
        roleArn: `arn:aws:iam::${OWN}:role/administrator`,
      }
      await house.as(administrators).invoke('kms', 'CreateGrant', {
        KeyId: KeyId!,
        GranteePrincipal: nameOf(principal),
        Operations: [row.grant],
      })
    }
    identity = [row.mine]
    const asked = house
      .as(principal, { account: principal.account, region: 'us-east-1' })
      .invoke('kms', 'Encrypt', { KeyId: Arn!, Plaintext: Buffer.from('x'), EncryptionContext: row.context as never })
    if (row.allowed) expect(await asked).toMatchObject({ KeyId: Arn })
    else
      await expect(asked).rejects.toMatchObject({
        code: 'AccessDeniedException',
        message: expect.stringMatching(/is not authorized to perform: kms:Encrypt on resource: arn:aws:kms/),
      })
  })
})

describe('grants', () => {
  beforeAll(async () => {
    identity = [ALL]
    rootKey = await invokeRoot()
  })
  const KeyId = () => rootKey.KeyId!

  test('with constraints hold in their encryption context only', async () => {
    identity = [ALL]
    const alice = user(OTHER)
    const grants = [{ EncryptionContextSubset: { app: 'a' } }, { EncryptionContextEquals: { only: 'this' } }]
    for (const Constraints of grants) {
      await house.invoke('kms', 'CreateGrant', {
        KeyId: KeyId(),
        GranteePrincipal: nameOf(alice),
        Operations: ['GenerateDataKey', 'DescribeKey'],
        Constraints,
      })
    }
    identity = [NOTHING]
    const { invoke } = house.as(alice, { account: OTHER, region: 'us-east-1' })
    const ask = (EncryptionContext: Record<string, string>) =>
      invoke('kms', 'GenerateDataKey', { KeyId: rootKey.Arn!, KeySpec: 'AES_256', EncryptionContext })
    const good: Record<string, string>[] = [{ app: 'a' }, { app: 'a', more: 'b' }, { only: 'this' }]
    const bad: Record<string, string>[] = [{}, { app: 'b' }, { only: 'this', more: 'b' }]
    for (const context of good) await ask(context)
    for (const context of bad) await expect(ask(context)).rejects.toMatchObject({ code: 'AccessDeniedException' })
    expect((await invoke('kms', 'DescribeKey', { KeyId: rootKey.Arn! })).KeyMetadata).toMatchObject({ KeyId: KeyId() })
  })

  test('are retired by their retiring principal, by token or by id, and revoked by who manages the key', async () => {
    identity = [ALL]
    const grant = (Name: string) =>
      house.invoke('kms', 'CreateGrant', {
        KeyId: KeyId(),
        Name,
        GranteePrincipal: nameOf(user(OWN)),
        RetiringPrincipal: nameOf(role(OWN)),
        Operations: ['Sign' as const, 'Encrypt' as const].slice(1),
      })
    const [one, again, two, three] = [await grant('one'), await grant('one'), await grant('two'), await grant('three')]
    expect(again.GrantId).toBe(one.GrantId)
    const listed = await house.invoke('kms', 'ListRetirableGrants', { RetiringPrincipal: nameOf(role(OWN)), Limit: 2 })
    expect(listed).toMatchObject({ Truncated: true, Grants: [{ KeyId: rootKey.Arn }, {}] })
    identity = [NOTHING]
    await expect(
      house.as(user(OWN)).invoke('kms', 'RetireGrant', { GrantToken: one.GrantToken! }),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' })
    await house.as(role(OWN)).invoke('kms', 'RetireGrant', { GrantToken: one.GrantToken! })
    await house.as(role(OWN)).invoke('kms', 'RetireGrant', { KeyId: rootKey.Arn!, GrantId: two.GrantId! })
    await expect(
      house.as(role(OWN)).invoke('kms', 'RevokeGrant', { KeyId: KeyId(), GrantId: three.GrantId! }),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' })
    identity = [ALL]
    await house.invoke('kms', 'RevokeGrant', { KeyId: KeyId(), GrantId: three.GrantId! })
    const rest = await house.invoke('kms', 'ListGrants', { KeyId: KeyId(), GranteePrincipal: nameOf(user(OWN)) })
    expect(rest.Grants).toEqual([])
    await expect(house.invoke('kms', 'RetireGrant', { GrantToken: 'bm9uc2Vuc2U=' })).rejects.toMatchObject({
      code: 'InvalidGrantTokenException',
    })
  })

  test('that may be given on give on no more than they have', async () => {
    identity = [ALL]
    const alice = user(OWN)
    await house.invoke('kms', 'CreateGrant', {
      KeyId: KeyId(),
      GranteePrincipal: nameOf(alice),
      Operations: ['CreateGrant', 'Decrypt'],
      Constraints: { EncryptionContextSubset: { app: 'a' } },
    })
    identity = [NOTHING]
    const give = (Operations: ('Decrypt' | 'Encrypt')[], EncryptionContextSubset: Record<string, string>) =>
      house.as(alice).invoke('kms', 'CreateGrant', {
        KeyId: KeyId(),
        GranteePrincipal: nameOf(role(OWN)),
        Operations,
        Constraints: { EncryptionContextSubset },
      })
    await give(['Decrypt'], { app: 'a', more: 'b' })
    await expect(give(['Encrypt'], { app: 'a' })).rejects.toMatchObject({ code: 'AccessDeniedException' })
    await expect(give(['Decrypt'], { app: 'b' })).rejects.toMatchObject({ code: 'AccessDeniedException' })
  })
})

test('other accounts may use a key but not manage it, whatever its policy says', async () => {
  identity = [ALL]
  const { Arn } = (
    await house.invoke('kms', 'CreateKey', {
      Policy: document(DELEGATED, statement('Allow', 'kms:*', { Principal: rootOf(OTHER) })),
    })
  ).KeyMetadata!
  const { invoke } = house.as(user(OTHER), { account: OTHER, region: 'us-east-1' })
  await invoke('kms', 'DescribeKey', { KeyId: Arn! })
  await expect(invoke('kms', 'DisableKey', { KeyId: Arn! })).rejects.toMatchObject({ code: 'AccessDeniedException' })
})

test('even root of the account may do only what the key’s policy says', async () => {
  identity = [ALL]
  const { KeyId } = (
    await house.invoke('kms', 'CreateKey', {
      Policy: document(statement('Allow', 'kms:*', { Principal: { AWS: nameOf(user(OWN)) } })),
      BypassPolicyLockoutSafetyCheck: true,
    })
  ).KeyMetadata!
  await expect(house.invoke('kms', 'DescribeKey', { KeyId: KeyId! })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  })
})

test('a policy that locks its author out is refused unless asked for, and what is no policy always', async () => {
  identity = [ALL]
  const { KeyId } = await invokeRoot()
  const put = (Policy: string, more: object = {}) =>
    house.invoke('kms', 'PutKeyPolicy', { KeyId: KeyId!, Policy, ...more })
  const locking = document(statement('Allow', 'kms:Encrypt', { Principal: rootOf(OWN) }))
  await expect(put(locking)).rejects.toMatchObject({
    code: 'MalformedPolicyDocumentException',
    message: 'The new key policy will not allow you to update the key policy in the future.',
  })
  await expect(put('{')).rejects.toMatchObject({ code: 'MalformedPolicyDocumentException' })
  await expect(put(document(statement('Allow', 'kms:*', { Principal: { AWS: 'nobody' } })))).rejects.toMatchObject({
    message: 'Policy contains a statement with one or more invalid principals.',
  })
  await put(locking, { BypassPolicyLockoutSafetyCheck: true })
  await expect(house.invoke('kms', 'GetKeyPolicy', { KeyId: KeyId! })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  })
})
