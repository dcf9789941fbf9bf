// Temporary credentials from end to end: made by STS, found again by the directory, limited by trust, session policy, time and the role's life.

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import type { Principal } from '../../operation/principal.ts'
import { ACCOUNT, openHouse, root, type TestHouse } from '../../testing/house.ts'
import { createIdentityDirectory, type IamDirectory } from '../iam/directory/identityDirectory.ts'
import { ensureRootCredentials, readRootCredentials } from '../iam/directory/rootCredentials.ts'
import { iam } from '../iam/index.ts'
import { sts } from './index.ts'

const OTHER = '222222222222'
const role = (name: string, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`
const trust = (principal: object, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        ...more,
      },
    ],
  })
const allow = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })
const refused = (code: string, message?: string | RegExp) =>
  expect.objectContaining({
    code,
    ...(message === undefined
      ? {}
      : { message: typeof message === 'string' ? message : expect.stringMatching(message) }),
  })

let house: TestHouse
let directory: IamDirectory
const call: TestHouse['invoke'] = (...args) => (house.invoke as any)(...args)

/** A new user with these permissions, as who signs with its key. */
async function user(name: string, action?: string): Promise<Principal> {
  await call('iam', 'CreateUser', { UserName: name })
  if (action) await call('iam', 'PutUserPolicy', { UserName: name, PolicyName: 'p', PolicyDocument: allow(action) })
  const { AccessKey } = await call('iam', 'CreateAccessKey', { UserName: name })
  const credential = await directory.findCredential(AccessKey!.AccessKeyId!)
  expect(credential?.secretAccessKey).toBe(AccessKey!.SecretAccessKey)
  return credential!.principal
}

/** Waits until the directory has heard of changes. */
async function settled() {
  const heard = Promise.withResolvers<void>()
  const stop = await house.store.listen('iam', payload => payload === 'settled' && heard.resolve())
  await house.store.transaction(tx => tx.run`select pg_notify('iam', 'settled')`)
  await heard.promise
  await stop()
}

beforeAll(async () => {
  const later: IdentityDirectory = {
    findCredential: (...args) => directory.findCredential(...args),
    policiesOf: principal => directory.policiesOf(principal),
    assumeAsService: (...args) => directory.assumeAsService(...args),
    findServiceCredential: (...args) => directory.findServiceCredential(...args),
  }
  house = await openHouse({ services: [sts, iam], identity: later })
  directory = await createIdentityDirectory({
    store: house.store,
    config: house.config,
    clock: house.clock,
    log: createLog('silent'),
  })
})
afterAll(async () => {
  await directory.close()
  await house.close()
})

describe('GetCallerIdentity', () => {
  test('needs no permission and tells users, roles and root', async () => {
    const alice = await user('alice')
    expect(await house.as(alice).invoke('sts', 'GetCallerIdentity', {})).toEqual({
      UserId: expect.stringMatching(/^AIDA/),
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
    })
    expect(await call('sts', 'GetCallerIdentity', {})).toEqual({
      UserId: ACCOUNT,
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:root`,
    })
  })
})

describe('AssumeRole', () => {
  let bob: Principal
  const assume = (as: Principal, input: object = {}) =>
    house
      .as(as, { account: as.account, region: 'us-east-1' })
      .invoke('sts', 'AssumeRole', { RoleArn: role('deploy'), RoleSessionName: 'run1', ...input })
  /** Assumes and signs in with what came out. */
  const signIn = async (as: Principal, input: object = {}): Promise<Principal> => {
    const { Credentials } = await assume(as, input)
    return (await directory.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!))!.principal
  }

  beforeAll(async () => {
    bob = await user('bob', 'sts:*')
    await call('iam', 'CreateRole', {
      RoleName: 'deploy',
      AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }),
      Tags: [{ Key: 'team', Value: 'red' }],
    })
    await call('iam', 'PutRolePolicy', { RoleName: 'deploy', PolicyName: 'p', PolicyDocument: allow('iam:*') })
  })

  test('gives credentials that stand for the role, its tags and its policies', async () => {
    const { Credentials, AssumedRoleUser } = await assume(bob)
    expect(AssumedRoleUser).toEqual({
      AssumedRoleId: expect.stringMatching(/^AROA.*:run1$/),
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run1`,
    })
    expect(Credentials?.Expiration).toEqual(new Date(house.clock.now().getTime() + 3_600_000))
    const credential = await directory.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!)
    expect(credential).toMatchObject({
      secretAccessKey: Credentials!.SecretAccessKey,
      sessionToken: Credentials!.SessionToken,
      expires: Credentials!.Expiration,
      active: true,
    })
    expect(credential?.principal).toMatchObject({
      type: 'assumedRole',
      roleArn: role('deploy'),
      sessionName: 'run1',
      tags: { team: 'red' },
    })
    expect(await directory.policiesOf(credential!.principal)).toEqual({ identity: [allow('iam:*')] })
  })
  test('a token belongs to its key, and to this master key', async () => {
    const { Credentials } = await assume(bob)
    expect(await directory.findCredential('ASIAXXXXXXXXXXXXXXXX', Credentials!.SessionToken!)).toBeUndefined()
    expect(await directory.findCredential(Credentials!.AccessKeyId!, `x${Credentials!.SessionToken}`)).toBeUndefined()
    expect(await directory.findCredential(Credentials!.AccessKeyId!)).toBeUndefined()
  })
  test('needs an identity policy where the trust policy names the account', async () => {
    const carol = await user('carol')
    await expect(assume(carol)).rejects.toEqual(
      refused(
        'AccessDenied',
        `User: arn:aws:iam::${ACCOUNT}:user/carol is not authorized to perform: sts:AssumeRole on resource: ${role('deploy')} because no identity-based policy allows the sts:AssumeRole action`,
      ),
    )
  })
  test('needs none where it names the user', async () => {
    const dave = await user('dave')
    await call('iam', 'CreateRole', {
      RoleName: 'daves',
      AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${ACCOUNT}:user/dave` }),
    })
    await assume(dave, { RoleArn: role('daves') })
    await expect(assume(bob, { RoleArn: role('daves') })).rejects.toEqual(
      refused('AccessDenied', /because no role trust policy allows the sts:AssumeRole action$/),
    )
  })
  test('of a role that does not exist, and by root, is denied', async () => {
    await expect(assume(bob, { RoleArn: role('ghost') })).rejects.toEqual(refused('AccessDenied'))
    await expect(assume(root)).rejects.toEqual(refused('AccessDenied', 'Roles may not be assumed by root accounts.'))
  })
  test('checks the external id', async () => {
    const condition = { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } }
    await call('iam', 'CreateRole', {
      RoleName: 'vendor',
      AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }, condition),
    })
    await assume(bob, { RoleArn: role('vendor'), ExternalId: 'secret' })
    await expect(assume(bob, { RoleArn: role('vendor'), ExternalId: 'guess' })).rejects.toEqual(refused('AccessDenied'))
    await expect(assume(bob, { RoleArn: role('vendor') })).rejects.toEqual(refused('AccessDenied'))
  })
  test('lasts as long as the role allows, and one hour in a chain', async () => {
    await expect(assume(bob, { DurationSeconds: 7200 })).rejects.toEqual(
      refused('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
    )
    await call('iam', 'CreateRole', {
      RoleName: 'long',
      MaxSessionDuration: 43_200,
      AssumeRolePolicyDocument: trust({ AWS: [ACCOUNT, role('deploy')] }),
    })
    const { Credentials } = await assume(bob, { RoleArn: role('long'), DurationSeconds: 43_200 })
    expect(Credentials!.Expiration!.getTime() - house.clock.now().getTime()).toBe(43_200_000)
    const deploying = await signIn(bob)
    await assume(deploying, { RoleArn: role('long') })
    await expect(assume(deploying, { RoleArn: role('long'), DurationSeconds: 3601 })).rejects.toEqual(
      refused('ValidationError', /1 hour session limit for roles assumed by role chaining$/),
    )
    await expect(assume(bob, { DurationSeconds: 899 })).rejects.toEqual(
      refused('ValidationError', /^1 validation error detected: Value '899' at 'durationSeconds'/),
    )
  })
  test('session policies narrow, inline and by ARN', async () => {
    const inline = await signIn(bob, { Policy: allow('iam:GetUser') })
    await house.as(inline).invoke('iam', 'GetUser', { UserName: 'bob' })
    await expect(house.as(inline).invoke('iam', 'ListUsers', {})).rejects.toEqual(
      refused('AccessDenied', /because no session policy allows the iam:ListUsers action$/),
    )
    const managed = await signIn(bob, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }] })
    await expect(house.as(managed).invoke('iam', 'ListUsers', {})).rejects.toEqual(
      refused('AccessDenied', /no session policy/),
    )
    await expect(assume(bob, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/Nope' }] })).rejects.toEqual(
      refused('ValidationError', /does not exist/),
    )
    await expect(assume(bob, { Policy: '{"Version"' })).rejects.toEqual(
      refused('MalformedPolicyDocument', 'Syntax errors in policy.'),
    )
    expect((await assume(bob, { Policy: allow('iam:GetUser') })).PackedPolicySize).toBeGreaterThan(0)
  })
  test('tags of the session come over the role’s, and pass on when transitive', async () => {
    const tagged = await signIn(bob, {
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'x', Value: '1' },
      ],
      TransitiveTagKeys: ['team'],
    })
    expect(tagged).toMatchObject({ tags: { team: 'red' }, session: { tags: { team: 'blue', x: '1' } } })
    const next = await signIn(tagged, { RoleArn: role('long') })
    expect(next).toMatchObject({ session: { tags: { team: 'blue' }, transitiveTags: ['team'] } })
    await expect(assume(tagged, { RoleArn: role('long'), Tags: [{ Key: 'team', Value: 'green' }] })).rejects.toEqual(
      refused('InvalidParameterValue', /conflicts with a transitive tag key/),
    )
  })
  test('the source identity is kept along a chain', async () => {
    const first = await signIn(bob, { SourceIdentity: 'bob@example' })
    expect((await assume(first, { RoleArn: role('long') })).SourceIdentity).toBe('bob@example')
  })
  test('across accounts both sides must agree', async () => {
    const there = house.as(
      { type: 'root', account: OTHER, arn: `arn:aws:iam::${OTHER}:root` },
      { account: OTHER, region: 'us-east-1' },
    )
    await there.invoke('iam', 'CreateRole', {
      RoleName: 'shared',
      Path: '/x/',
      AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }),
    })
    const signedIn = await signIn(bob, { RoleArn: role('x/shared', OTHER) })
    expect(signedIn).toMatchObject({ account: OTHER, arn: `arn:aws:sts::${OTHER}:assumed-role/shared/run1` })
    const eve = await user('eve')
    await expect(assume(eve, { RoleArn: role('x/shared', OTHER) })).rejects.toEqual(
      refused('AccessDenied', /no identity-based policy/),
    )
    await there.invoke('iam', 'CreateRole', {
      RoleName: 'closed',
      AssumeRolePolicyDocument: trust({ AWS: '333333333333' }),
    })
    await expect(assume(bob, { RoleArn: role('closed', OTHER) })).rejects.toEqual(
      refused('AccessDenied', /no role trust policy/),
    )
  })
  test('services assume roles that trust them, in process too', async () => {
    await call('iam', 'CreateRole', {
      RoleName: 'builder',
      AssumeRolePolicyDocument: trust({ Service: 'codebuild.amazonaws.com' }),
    })
    const service: Principal = { type: 'service', account: ACCOUNT, service: 'codebuild.amazonaws.com' }
    const signedIn = await signIn(service, { RoleArn: role('builder') })
    expect(signedIn).toMatchObject({ session: { issuedTo: 'codebuild.amazonaws.com' } })
    await expect(
      assume({ ...service, service: 'codedeploy.amazonaws.com' }, { RoleArn: role('builder') }),
    ).rejects.toEqual(refused('AccessDenied'))
    await expect(assume(bob, { RoleArn: role('builder') })).rejects.toEqual(refused('AccessDenied'))

    expect(
      await directory.assumeAsService(house.scope, 'codebuild.amazonaws.com', role('builder'), 'build 1/2'),
    ).toMatchObject({
      type: 'assumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/builder/build-1-2`,
      session: { issuedTo: 'codebuild.amazonaws.com' },
    })
    await expect(
      directory.assumeAsService(house.scope, 'codepipeline.amazonaws.com', role('builder'), 's'),
    ).rejects.toEqual(
      refused(
        'AccessDenied',
        `User: codepipeline.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${role('builder')} because no role trust policy allows the sts:AssumeRole action`,
      ),
    )
  })
  test('sessions end with their role', async () => {
    await call('iam', 'CreateRole', { RoleName: 'brief', AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }) })
    const { Credentials } = await assume(bob, { RoleArn: role('brief') })
    await call('iam', 'DeleteRole', { RoleName: 'brief' })
    await call('iam', 'CreateRole', { RoleName: 'brief', AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }) })
    await settled()
    expect(await directory.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!)).toBeUndefined()
  })
})

describe('GetSessionToken', () => {
  test('gives a user temporary credentials with the user’s own permissions', async () => {
    const frank = await user('frank', 'iam:GetUser')
    const { Credentials } = await house.as(frank).invoke('sts', 'GetSessionToken', {})
    expect(Credentials!.Expiration!.getTime() - house.clock.now().getTime()).toBe(12 * 3_600_000)
    const credential = await directory.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!)
    expect(credential?.principal).toMatchObject({ type: 'user', userName: 'frank', session: {} })
    await house.as(credential!.principal).invoke('iam', 'GetUser', { UserName: 'frank' })
    await expect(house.as(credential!.principal).invoke('sts', 'GetSessionToken', {})).rejects.toEqual(
      refused('AccessDenied', 'Cannot call GetSessionToken with session credentials'),
    )
  })
  test('gives root one hour at most', async () => {
    const { Credentials } = await call('sts', 'GetSessionToken', { DurationSeconds: 43_200 })
    expect(Credentials!.Expiration!.getTime() - house.clock.now().getTime()).toBe(3_600_000)
    expect(
      (await directory.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!))?.principal,
    ).toMatchObject({ type: 'root', account: ACCOUNT })
  })
})

describe('the directory', () => {
  test('forgets what IAM changed: policies, keys, groups', async () => {
    const gail = await user('gail')
    await expect(house.as(gail).invoke('iam', 'ListUsers', {})).rejects.toEqual(refused('AccessDenied'))
    await call('iam', 'CreateGroup', { GroupName: 'admins' })
    await call('iam', 'AttachGroupPolicy', {
      GroupName: 'admins',
      PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
    })
    await call('iam', 'AddUserToGroup', { GroupName: 'admins', UserName: 'gail' })
    await settled()
    await house.as(gail).invoke('iam', 'ListUsers', {})
    await call('iam', 'PutUserPermissionsBoundary', {
      UserName: 'gail',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
    })
    await settled()
    await expect(house.as(gail).invoke('iam', 'ListUsers', {})).rejects.toEqual(
      refused('AccessDenied', /because no permissions boundary allows the iam:ListUsers action$/),
    )

    const accessKeyId = (gail as { accessKeyId: string }).accessKeyId
    await call('iam', 'UpdateAccessKey', { UserName: 'gail', AccessKeyId: accessKeyId, Status: 'Inactive' })
    await settled()
    expect((await directory.findCredential(accessKeyId))?.active).toBe(false)
    await call('iam', 'DeleteAccessKey', { UserName: 'gail', AccessKeyId: accessKeyId })
    await settled()
    expect(await directory.findCredential(accessKeyId)).toBeUndefined()
  })
  test('compares git passwords', async () => {
    await user('gitter')
    const { ServiceSpecificCredential: made } = await call('iam', 'CreateServiceSpecificCredential', {
      UserName: 'gitter',
      ServiceName: 'codecommit.amazonaws.com',
    })
    const find = (password: string) =>
      directory.findServiceCredential('codecommit.amazonaws.com', made!.ServiceUserName!, password)
    expect(await find(made!.ServicePassword!)).toMatchObject({ type: 'user', userName: 'gitter' })
    expect(await find('guess')).toBeUndefined()
    expect(await directory.findServiceCredential('codecommit.amazonaws.com', 'nobody-at-1', 'x')).toBeUndefined()
    await call('iam', 'UpdateServiceSpecificCredential', {
      UserName: 'gitter',
      ServiceSpecificCredentialId: made!.ServiceSpecificCredentialId!,
      Status: 'Inactive',
    })
    await settled()
    expect(await find(made!.ServicePassword!)).toBeUndefined()
  })
  test('finds SSH keys by id', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const body = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
    const { SSHPublicKey } = await call('iam', 'UploadSSHPublicKey', { UserName: 'gitter', SSHPublicKeyBody: body })
    expect(await directory.findSshKey(SSHPublicKey!.SSHPublicKeyId!)).toMatchObject({
      body: expect.stringMatching(/^ssh-ed25519 /),
      principal: { userName: 'gitter' },
    })
    expect(await directory.findSshKey('APKANOBODY')).toBeUndefined()
  })
  test('writes when keys and roles were last used', async () => {
    const henry = await user('henry')
    const { accessKeyId } = henry as { accessKeyId: string }
    const recorder = await createIdentityDirectory({
      store: house.store,
      config: house.config,
      clock: house.clock,
      log: createLog('silent'),
    })
    recorder.used(henry, accessKeyId, 'codecommit', 'eu-west-1')
    await recorder.close()
    expect(await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId })).toMatchObject({
      AccessKeyLastUsed: { ServiceName: 'codecommit', Region: 'eu-west-1', LastUsedDate: house.clock.now() },
    })
  })
  test('knows test/test, for any account, in development only', async () => {
    expect(await directory.findCredential('test')).toBeUndefined()
    const dev = await createIdentityDirectory({
      store: house.store,
      config: { ...house.config, dev: true },
      clock: house.clock,
      log: createLog('silent'),
    })
    expect(await dev.findCredential('test')).toMatchObject({
      secretAccessKey: 'test',
      principal: { type: 'root', account: ACCOUNT },
    })
    expect(await dev.findCredential(OTHER)).toMatchObject({
      secretAccessKey: 'test',
      principal: { type: 'root', account: OTHER },
    })
    await dev.close()
  })
})

describe('root’s first key', () => {
  test('is made once, kept for its owner only, and signs as root', async () => {
    const parts = { store: house.store, config: house.config, ids: randomIds, clock: house.clock }
    const [first, second] = await Promise.all([ensureRootCredentials(parts), ensureRootCredentials(parts)])
    expect(second).toEqual(first)
    expect(await readRootCredentials(house.config.dataDir)).toEqual(first)
    const path = join(house.config.dataDir, 'root-credentials.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(first)
    expect(await directory.findCredential(first.accessKeyId)).toMatchObject({
      secretAccessKey: first.secretAccessKey,
      principal: { type: 'root', account: ACCOUNT },
    })
    expect(await call('sts', 'GetAccessKeyInfo', { AccessKeyId: first.accessKeyId })).toEqual({ Account: ACCOUNT })
  })
  test('another master key on the same database is said, not papered over', async () => {
    const parts = {
      store: house.store,
      config: { ...house.config, dataDir: join(house.config.dataDir, 'second') },
      ids: randomIds,
      clock: house.clock,
    }
    await expect(ensureRootCredentials(parts)).rejects.toThrow('another master key')
  })
})
