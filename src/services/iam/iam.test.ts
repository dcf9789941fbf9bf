// IAM as callers see it: what is created can be read, what hangs together cannot be torn apart, and who may not gets AWS's words.

import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { iam } from './index.ts'

const allow = (action: string, resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] })
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const arn = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`

let house: TestHouse
const call: TestHouse['invoke'] = (...args) => (house.invoke as any)(...args)
const refused = (code: string, message?: string | RegExp) =>
  expect.objectContaining({
    code,
    ...(message === undefined
      ? {}
      : { message: typeof message === 'string' ? message : expect.stringMatching(message) }),
  })

beforeAll(async () => {
  house = await openHouse({ services: [iam] })
})
afterAll(() => house.close())

describe('users', () => {
  test('are created with path and tags, and shown', async () => {
    const { User } = await call('iam', 'CreateUser', {
      UserName: 'alice',
      Path: '/team/',
      Tags: [{ Key: 'Team', Value: 'red' }],
    })
    expect(User).toMatchObject({
      UserName: 'alice',
      Path: '/team/',
      Arn: arn('user/team/alice'),
      Tags: [{ Key: 'Team', Value: 'red' }],
    })
    expect(User?.UserId).toMatch(/^AIDA[A-Z2-7]{17}$/)
    expect((await call('iam', 'GetUser', { UserName: 'alice' })).User).toEqual(User)
  })
  test('have names that are unique without regard to case', async () => {
    await expect(call('iam', 'CreateUser', { UserName: 'ALICE' })).rejects.toEqual(
      refused('EntityAlreadyExistsException', 'User with name ALICE already exists.'),
    )
  })
  test('that do not exist are not found', async () => {
    await expect(call('iam', 'GetUser', { UserName: 'nobody' })).rejects.toEqual(
      refused('NoSuchEntityException', 'The user with name nobody cannot be found.'),
    )
  })
  test('are themselves when they ask without a name; root is root', async () => {
    expect((await call('iam', 'GetUser', {})).User).toMatchObject({ UserId: ACCOUNT, Arn: arn('root') })
    const alice = house.as({
      type: 'user',
      account: ACCOUNT,
      arn: arn('user/team/alice'),
      userId: 'x',
      userName: 'alice',
    })
    expect((await alice.invoke('iam', 'GetUser', {})).User?.UserName).toBe('alice')
  })
  test('are listed in pages, in the order of names, below a path', async () => {
    for (const name of ['bob', 'carol', 'dave']) await call('iam', 'CreateUser', { UserName: name, Path: '/pages/' })
    const first = await call('iam', 'ListUsers', { MaxItems: 2, PathPrefix: '/pages/' })
    expect(first).toMatchObject({ IsTruncated: true, Users: [{ UserName: 'bob' }, { UserName: 'carol' }] })
    const second = await call('iam', 'ListUsers', { MaxItems: 2, PathPrefix: '/pages/', Marker: first.Marker })
    expect(second).toMatchObject({ IsTruncated: false, Users: [{ UserName: 'dave' }] })
  })
  test('can be renamed and moved', async () => {
    await call('iam', 'UpdateUser', { UserName: 'bob', NewUserName: 'robert', NewPath: '/moved/' })
    expect((await call('iam', 'GetUser', { UserName: 'robert' })).User?.Arn).toBe(arn('user/moved/robert'))
  })
  test('cannot be deleted while something hangs on them', async () => {
    await call('iam', 'CreateUser', { UserName: 'held' })
    await call('iam', 'PutUserPolicy', { UserName: 'held', PolicyName: 'p', PolicyDocument: allow('s3:*') })
    await expect(call('iam', 'DeleteUser', { UserName: 'held' })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete entity, must delete policies first.'),
    )
    await call('iam', 'DeleteUserPolicy', { UserName: 'held', PolicyName: 'p' })
    const { AccessKey } = await call('iam', 'CreateAccessKey', { UserName: 'held' })
    await expect(call('iam', 'DeleteUser', { UserName: 'held' })).rejects.toEqual(
      refused('DeleteConflictException', /access keys first/),
    )
    await call('iam', 'DeleteAccessKey', { UserName: 'held', AccessKeyId: AccessKey!.AccessKeyId! })
    await call('iam', 'DeleteUser', { UserName: 'held' })
    await expect(call('iam', 'GetUser', { UserName: 'held' })).rejects.toEqual(refused('NoSuchEntityException'))
  })
  test('carry tags whose keys ignore case', async () => {
    await call('iam', 'TagUser', {
      UserName: 'alice',
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'x', Value: '1' },
      ],
    })
    expect((await call('iam', 'ListUserTags', { UserName: 'alice' })).Tags).toEqual([
      { Key: 'team', Value: 'blue' },
      { Key: 'x', Value: '1' },
    ])
    await call('iam', 'UntagUser', { UserName: 'alice', TagKeys: ['X'] })
    expect((await call('iam', 'ListUserTags', { UserName: 'alice' })).Tags).toEqual([{ Key: 'team', Value: 'blue' }])
    await expect(
      call('iam', 'TagUser', {
        UserName: 'alice',
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'A', Value: '' },
        ],
      }),
    ).rejects.toEqual(refused('InvalidInputException', /Duplicate tag keys/))
  })
  test('with names that IAM does not allow are refused by constraint', async () => {
    await expect(call('iam', 'CreateUser', { UserName: 'a b' })).rejects.toEqual(
      refused(
        'ValidationError',
        /^1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint/,
      ),
    )
  })
})

describe('access keys', () => {
  test('are at most two, active or not, and show their secret once', async () => {
    await call('iam', 'CreateUser', { UserName: 'keys' })
    const { AccessKey: one } = await call('iam', 'CreateAccessKey', { UserName: 'keys' })
    expect(one).toMatchObject({
      UserName: 'keys',
      Status: 'Active',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^.{40}$/),
    })
    await call('iam', 'CreateAccessKey', { UserName: 'keys' })
    await expect(call('iam', 'CreateAccessKey', { UserName: 'keys' })).rejects.toEqual(
      refused('LimitExceededException', 'Cannot exceed quota for AccessKeysPerUser: 2'),
    )
    await call('iam', 'UpdateAccessKey', { UserName: 'keys', AccessKeyId: one!.AccessKeyId!, Status: 'Inactive' })
    const { AccessKeyMetadata } = await call('iam', 'ListAccessKeys', { UserName: 'keys' })
    expect(AccessKeyMetadata?.find(key => key.AccessKeyId === one!.AccessKeyId)?.Status).toBe('Inactive')
    expect(JSON.stringify(AccessKeyMetadata)).not.toContain(one!.SecretAccessKey)
    const stored = await house.store.read(tx => tx.rows<{ secret: string }>`select secret from iam.access_keys`)
    expect(JSON.stringify(stored)).not.toContain(one!.SecretAccessKey)
  })
  test('two made at once do not pass the limit', async () => {
    await call('iam', 'CreateUser', { UserName: 'race' })
    const made = await Promise.allSettled([1, 2, 3, 4].map(() => call('iam', 'CreateAccessKey', { UserName: 'race' })))
    expect(made.filter(({ status }) => status === 'fulfilled').length).toBe(2)
  })
  test('never used say N/A; of nobody are denied', async () => {
    const { AccessKeyMetadata } = await call('iam', 'ListAccessKeys', { UserName: 'keys' })
    expect(
      await call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: AccessKeyMetadata![0]!.AccessKeyId! }),
    ).toMatchObject({ UserName: 'keys', AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } })
    await expect(call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: 'AKIAXXXXXXXXXXXXXXXX' })).rejects.toEqual(
      refused('AccessDenied'),
    )
    await expect(
      call('iam', 'DeleteAccessKey', { UserName: 'keys', AccessKeyId: 'AKIAXXXXXXXXXXXXXXXX' }),
    ).rejects.toEqual(refused('NoSuchEntityException', 'The Access Key with id AKIAXXXXXXXXXXXXXXXX cannot be found.'))
  })
})

describe('roles', () => {
  test('show their trust policy percent-encoded', async () => {
    const { Role } = await call('iam', 'CreateRole', {
      RoleName: 'build',
      Path: '/ci/',
      AssumeRolePolicyDocument: TRUST,
      Description: 'builds',
    })
    expect(Role).toMatchObject({ Arn: arn('role/ci/build'), MaxSessionDuration: 3600, Description: 'builds' })
    expect(Role?.RoleId).toMatch(/^AROA/)
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(TRUST)
    expect((await call('iam', 'GetRole', { RoleName: 'build' })).Role).toMatchObject({
      RoleName: 'build',
      RoleLastUsed: {},
    })
  })
  test('are refused with a trust policy that is none', async () => {
    const create = (document: string) =>
      call('iam', 'CreateRole', { RoleName: 'bad', AssumeRolePolicyDocument: document })
    await expect(create(allow('sts:AssumeRole'))).rejects.toEqual(
      refused('MalformedPolicyDocument', 'Has prohibited field Resource'),
    )
    const unknown = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: arn('user/ghost') }, Action: 'sts:AssumeRole' }],
    })
    await expect(create(unknown)).rejects.toEqual(
      refused('MalformedPolicyDocumentException', `Invalid principal in policy: "AWS":"${arn('user/ghost')}"`),
    )
  })
  test('can be changed, and deleted once nothing hangs on them', async () => {
    await call('iam', 'UpdateRole', { RoleName: 'build', MaxSessionDuration: 7200 })
    await call('iam', 'UpdateAssumeRolePolicy', {
      RoleName: 'build',
      PolicyDocument: TRUST.replace('codebuild', 'codepipeline'),
    })
    const { Role } = await call('iam', 'GetRole', { RoleName: 'build' })
    expect(Role?.MaxSessionDuration).toBe(7200)
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toContain('codepipeline')
    await call('iam', 'CreateInstanceProfile', { InstanceProfileName: 'box' })
    await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'box', RoleName: 'build' })
    await expect(call('iam', 'DeleteRole', { RoleName: 'build' })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete entity, must remove roles from instance profile first.'),
    )
    expect(
      (await call('iam', 'GetInstanceProfile', { InstanceProfileName: 'box' })).InstanceProfile?.Roles?.[0],
    ).toMatchObject({ RoleName: 'build', CreateDate: house.clock.now() })
    expect((await call('iam', 'ListInstanceProfilesForRole', { RoleName: 'build' })).InstanceProfiles?.length).toBe(1)
    await expect(
      call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'box', RoleName: 'build' }),
    ).rejects.toEqual(
      refused('LimitExceededException', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1'),
    )
    await call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: 'box', RoleName: 'build' })
    await call('iam', 'DeleteInstanceProfile', { InstanceProfileName: 'box' })
    await call('iam', 'DeleteRole', { RoleName: 'build' })
  })
  test('of services cannot be changed by people', async () => {
    const { Role } = await call('iam', 'CreateServiceLinkedRole', {
      AWSServiceName: 'codestar-notifications.amazonaws.com',
    })
    expect(Role).toMatchObject({
      RoleName: 'AWSServiceRoleForCodeStarNotifications',
      Path: '/aws-service-role/codestar-notifications.amazonaws.com/',
    })
    await expect(call('iam', 'DeleteRole', { RoleName: Role!.RoleName! })).rejects.toEqual(
      refused('UnmodifiableEntityException'),
    )
    const { DeletionTaskId } = await call('iam', 'DeleteServiceLinkedRole', { RoleName: Role!.RoleName! })
    expect(await call('iam', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: DeletionTaskId! })).toEqual({
      Status: 'SUCCEEDED',
    })
  })
})

describe('policies', () => {
  test('inside a user are put, read and replaced', async () => {
    await call('iam', 'PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: allow('s3:*') })
    await call('iam', 'PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: allow('sns:*') })
    const got = await call('iam', 'GetUserPolicy', { UserName: 'alice', PolicyName: 'p' })
    expect(decodeURIComponent(got.PolicyDocument!)).toBe(allow('sns:*'))
    expect((await call('iam', 'ListUserPolicies', { UserName: 'alice' })).PolicyNames).toEqual(['p'])
    await expect(call('iam', 'GetUserPolicy', { UserName: 'alice', PolicyName: 'q' })).rejects.toEqual(
      refused('NoSuchEntityException', 'The user policy with name q cannot be found.'),
    )
    await expect(
      call('iam', 'PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: '{' }),
    ).rejects.toEqual(refused('MalformedPolicyDocument', 'Syntax errors in policy.'))
  })
  test('inside a user have 2,048 characters together', async () => {
    const long = allow(`s3:${'x'.repeat(1900)}`)
    await call('iam', 'PutUserPolicy', { UserName: 'carol', PolicyName: 'a', PolicyDocument: long })
    await expect(
      call('iam', 'PutUserPolicy', { UserName: 'carol', PolicyName: 'b', PolicyDocument: long }),
    ).rejects.toEqual(refused('LimitExceededException', 'Maximum policy size of 2048 bytes exceeded for user carol'))
  })
  test('of the account have versions, one of them in force', async () => {
    const { Policy } = await call('iam', 'CreatePolicy', {
      PolicyName: 'deploy',
      PolicyDocument: allow('s3:*'),
      Description: 'd',
    })
    expect(Policy).toMatchObject({
      Arn: arn('policy/deploy'),
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      IsAttachable: true,
    })
    const PolicyArn = Policy!.Arn!
    expect(
      (await call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument: allow('sns:*'), SetAsDefault: true }))
        .PolicyVersion,
    ).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true })
    expect(
      decodeURIComponent(
        (await call('iam', 'GetPolicyVersion', { PolicyArn, VersionId: 'v2' })).PolicyVersion!.Document!,
      ),
    ).toBe(allow('sns:*'))
    for (let i = 0; i < 3; i++) await call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument: allow('sqs:*') })
    await expect(call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument: allow('sqs:*') })).rejects.toEqual(
      refused('LimitExceededException', /^A managed policy can have up to 5 versions\./),
    )
    await expect(call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete the default version of a policy.'),
    )
    await expect(call('iam', 'DeletePolicy', { PolicyArn })).rejects.toEqual(
      refused('DeleteConflictException', /more than one version/),
    )
    await call('iam', 'SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' })
    for (const version of ['v2', 'v3', 'v4', 'v5'])
      await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: version })
    expect(
      (await call('iam', 'ListPolicyVersions', { PolicyArn })).Versions?.map(version => version.VersionId),
    ).toEqual(['v1'])
    await call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn })
    expect((await call('iam', 'GetPolicy', { PolicyArn })).Policy?.AttachmentCount).toBe(1)
    await expect(call('iam', 'DeletePolicy', { PolicyArn })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete a policy attached to entities.'),
    )
    await call('iam', 'DetachUserPolicy', { UserName: 'alice', PolicyArn })
    await call('iam', 'DeletePolicy', { PolicyArn })
    await expect(call('iam', 'GetPolicy', { PolicyArn })).rejects.toEqual(
      refused('NoSuchEntityException', `Policy ${PolicyArn} was not found.`),
    )
  })
  test('of AWS can be attached by ARN, read and listed, not changed', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/AWSCodeCommitPowerUser'
    await call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn })
    await call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn })
    expect((await call('iam', 'ListAttachedUserPolicies', { UserName: 'alice' })).AttachedPolicies).toEqual([
      { PolicyName: 'AWSCodeCommitPowerUser', PolicyArn },
    ])
    const { Policy } = await call('iam', 'GetPolicy', { PolicyArn })
    const version = await call('iam', 'GetPolicyVersion', { PolicyArn, VersionId: Policy!.DefaultVersionId! })
    expect(decodeURIComponent(version.PolicyVersion!.Document!)).toContain('codecommit:GitPush')
    expect((await call('iam', 'ListEntitiesForPolicy', { PolicyArn })).PolicyUsers).toMatchObject([
      { UserName: 'alice' },
    ])
    await expect(
      call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/Nope' }),
    ).rejects.toEqual(
      refused('NoSuchEntityException', 'Policy arn:aws:iam::aws:policy/Nope does not exist or is not attachable.'),
    )
    await expect(call('iam', 'DeletePolicy', { PolicyArn })).rejects.toEqual(refused('AccessDenied'))
    const attached = await call('iam', 'ListPolicies', { Scope: 'AWS', OnlyAttached: true })
    expect(attached.Policies?.map(policy => policy.PolicyName)).toEqual(['AWSCodeCommitPowerUser'])
    const page = await call('iam', 'ListPolicies', { Scope: 'AWS', MaxItems: 90 })
    expect(page).toMatchObject({ IsTruncated: true })
    expect((await call('iam', 'ListPolicies', { Scope: 'AWS', MaxItems: 90, Marker: page.Marker })).IsTruncated).toBe(
      false,
    )
  })
  test('of AWS that people attach are all there', async () => {
    const names = [
      'AdministratorAccess',
      'PowerUserAccess',
      'ReadOnlyAccess',
      'AWSCodeCommitPowerUser',
      'AWSCodeCommitFullAccess',
      'AWSCodeCommitReadOnly',
      'AWSCodeBuildAdminAccess',
      'AWSCodePipeline_FullAccess',
      'AWSCodeDeployFullAccess',
      'service-role/AWSCodeDeployRole',
      'AmazonS3FullAccess',
      'AmazonS3ReadOnlyAccess',
      'CloudWatchLogsFullAccess',
    ]
    for (const name of names)
      expect(
        (await call('iam', 'GetPolicy', { PolicyArn: `arn:aws:iam::aws:policy/${name}` })).Policy?.IsAttachable,
      ).toBe(true)
  })
  test('as boundaries are shown on the user and counted', async () => {
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/PowerUserAccess'
    await call('iam', 'PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary })
    expect((await call('iam', 'GetUser', { UserName: 'alice' })).User?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: PermissionsBoundary,
    })
    expect(
      (await call('iam', 'GetPolicy', { PolicyArn: PermissionsBoundary })).Policy?.PermissionsBoundaryUsageCount,
    ).toBe(1)
    await call('iam', 'DeleteUserPermissionsBoundary', { UserName: 'alice' })
    await expect(call('iam', 'DeleteUserPermissionsBoundary', { UserName: 'alice' })).rejects.toEqual(
      refused('NoSuchEntityException'),
    )
  })
})

describe('groups', () => {
  test('have members and policies, and go only when empty', async () => {
    await call('iam', 'CreateGroup', { GroupName: 'devs' })
    await call('iam', 'AddUserToGroup', { GroupName: 'devs', UserName: 'alice' })
    await call('iam', 'AttachGroupPolicy', {
      GroupName: 'devs',
      PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
    })
    expect((await call('iam', 'GetGroup', { GroupName: 'devs' })).Users).toMatchObject([{ UserName: 'alice' }])
    expect((await call('iam', 'ListGroupsForUser', { UserName: 'alice' })).Groups).toMatchObject([
      { GroupName: 'devs' },
    ])
    await expect(call('iam', 'DeleteGroup', { GroupName: 'devs' })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete entity, must remove users from group first.'),
    )
    await call('iam', 'RemoveUserFromGroup', { GroupName: 'devs', UserName: 'alice' })
    await expect(call('iam', 'DeleteGroup', { GroupName: 'devs' })).rejects.toEqual(
      refused('DeleteConflictException', 'Cannot delete entity, must detach all policies first.'),
    )
    await call('iam', 'DetachGroupPolicy', {
      GroupName: 'devs',
      PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
    })
    await call('iam', 'DeleteGroup', { GroupName: 'devs' })
  })
})

describe('git credentials', () => {
  test('are user-at-account with a password that is shown once', async () => {
    const create = () =>
      call('iam', 'CreateServiceSpecificCredential', { UserName: 'alice', ServiceName: 'codecommit.amazonaws.com' })
    const { ServiceSpecificCredential: one } = await create()
    expect(one).toMatchObject({
      ServiceUserName: `alice-at-${ACCOUNT}`,
      Status: 'Active',
      ServiceSpecificCredentialId: expect.stringMatching(/^ACCA/),
    })
    expect((await create()).ServiceSpecificCredential?.ServiceUserName).toBe(`alice+1-at-${ACCOUNT}`)
    await expect(create()).rejects.toEqual(refused('LimitExceededException'))
    const { ServiceSpecificCredentials } = await call('iam', 'ListServiceSpecificCredentials', { UserName: 'alice' })
    expect(ServiceSpecificCredentials?.length).toBe(2)
    expect(JSON.stringify(ServiceSpecificCredentials)).not.toContain('assword')
    await expect(
      call('iam', 'CreateServiceSpecificCredential', { UserName: 'alice', ServiceName: 'cassandra.amazonaws.com' }),
    ).rejects.toEqual(refused('ServiceNotSupportedException'))
  })
})

describe('SSH public keys', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  }) as string

  test('are read from PEM and shown as OpenSSH and PEM', async () => {
    const { SSHPublicKey } = await call('iam', 'UploadSSHPublicKey', { UserName: 'alice', SSHPublicKeyBody: pem })
    expect(SSHPublicKey).toMatchObject({
      SSHPublicKeyId: expect.stringMatching(/^APKA/),
      Status: 'Active',
      Fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
    })
    const get = (Encoding: 'SSH' | 'PEM') =>
      call('iam', 'GetSSHPublicKey', { UserName: 'alice', SSHPublicKeyId: SSHPublicKey!.SSHPublicKeyId!, Encoding })
    expect((await get('SSH')).SSHPublicKey?.SSHPublicKeyBody).toMatch(/^ssh-rsa AAAAB3NzaC1yc2E/)
    expect((await get('PEM')).SSHPublicKey?.SSHPublicKeyBody).toBe(pem)
    await expect(call('iam', 'UploadSSHPublicKey', { UserName: 'alice', SSHPublicKeyBody: pem })).rejects.toEqual(
      refused('DuplicateSSHPublicKeyException'),
    )
    await call('iam', 'UpdateSSHPublicKey', {
      UserName: 'alice',
      SSHPublicKeyId: SSHPublicKey!.SSHPublicKeyId!,
      Status: 'Inactive',
    })
    expect((await call('iam', 'ListSSHPublicKeys', { UserName: 'alice' })).SSHPublicKeys).toMatchObject([
      { Status: 'Inactive' },
    ])
    await call('iam', 'DeleteSSHPublicKey', { UserName: 'alice', SSHPublicKeyId: SSHPublicKey!.SSHPublicKeyId! })
    await expect(get('SSH')).rejects.toEqual(refused('NoSuchEntityException'))
  })
  test('of ed25519 and ECDSA are accepted; garbage and short keys are not', async () => {
    for (const key of [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })]) {
      const body = key.publicKey.export({ type: 'spki', format: 'pem' }) as string
      const { SSHPublicKey } = await call('iam', 'UploadSSHPublicKey', { UserName: 'alice', SSHPublicKeyBody: body })
      const shown = await call('iam', 'GetSSHPublicKey', {
        UserName: 'alice',
        SSHPublicKeyId: SSHPublicKey!.SSHPublicKeyId!,
        Encoding: 'PEM',
      })
      expect(shown.SSHPublicKey?.SSHPublicKeyBody).toBe(body)
    }
    const upload = (SSHPublicKeyBody: string) =>
      call('iam', 'UploadSSHPublicKey', { UserName: 'alice', SSHPublicKeyBody })
    await expect(upload('ssh-rsa !!!')).rejects.toEqual(refused('InvalidPublicKeyException'))
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
      type: 'spki',
      format: 'pem',
    }) as string
    await expect(upload(short)).rejects.toEqual(refused('InvalidPublicKeyException', /2048/))
  })
})

describe('simulation and the whole account', () => {
  test('a policy is simulated for each action and resource', async () => {
    const input = {
      PolicyInputList: [allow('s3:Get*', 'arn:aws:s3:::b/*')],
      ActionNames: ['s3:GetObject', 's3:PutObject'],
      ResourceArns: ['arn:aws:s3:::b/k'],
    }
    const { EvaluationResults } = await call('iam', 'SimulateCustomPolicy', input)
    expect(EvaluationResults).toMatchObject([
      {
        EvalActionName: 's3:GetObject',
        EvalDecision: 'allowed',
        MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
      },
      { EvalActionName: 's3:PutObject', EvalDecision: 'implicitDeny', MatchedStatements: [] },
    ])
  })
  test('a user’s own policies are simulated, and what context they need is said', async () => {
    const condition = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sns:*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
      ],
    })
    await call('iam', 'PutUserPolicy', { UserName: 'dave', PolicyName: 'net', PolicyDocument: condition })
    const ask = (ContextEntries?: { ContextKeyName: string; ContextKeyValues: string[]; ContextKeyType: 'ip' }[]) =>
      call('iam', 'SimulatePrincipalPolicy', {
        PolicySourceArn: arn('user/pages/dave'),
        ActionNames: ['sns:Publish'],
        ContextEntries,
      })
    expect((await ask()).EvaluationResults).toMatchObject([
      { EvalDecision: 'implicitDeny', MissingContextValues: ['aws:SourceIp'] },
    ])
    const inside = await ask([{ ContextKeyName: 'aws:SourceIp', ContextKeyValues: ['10.1.2.3'], ContextKeyType: 'ip' }])
    expect(inside.EvaluationResults).toMatchObject([
      { EvalDecision: 'allowed', MatchedStatements: [{ SourcePolicyId: 'user_dave_net', SourcePolicyType: 'user' }] },
    ])
  })
  test('authorization details show everything', async () => {
    const details = await call('iam', 'GetAccountAuthorizationDetails', {})
    const alice = details.UserDetailList?.find(user => user.UserName === 'alice')
    expect(alice).toMatchObject({
      GroupList: [],
      AttachedManagedPolicies: [{ PolicyName: 'AWSCodeCommitPowerUser' }],
      UserPolicyList: [{ PolicyName: 'p' }],
    })
    expect(details.Policies?.map(policy => policy.PolicyName)).toEqual(['AWSCodeCommitPowerUser'])
  })
  test('the summary counts', async () => {
    expect((await call('iam', 'GetAccountSummary', {})).SummaryMap).toMatchObject({
      AccessKeysPerUserQuota: 2,
      Users: expect.any(Number),
      Groups: 0,
    })
  })
})

test('a change tells every process, under the account', async () => {
  const heard = Promise.withResolvers<string>()
  const stop = await house.store.listen('iam', payload => payload && heard.resolve(payload))
  await call('iam', 'CreateGroup', { GroupName: 'news' })
  expect(await heard.promise).toBe(ACCOUNT)
  await stop()
})

test('other accounts see nothing of this one', async () => {
  const other = { type: 'root', account: '222222222222', arn: 'arn:aws:iam::222222222222:root' } as const
  const there = house.as(other, { account: '222222222222', region: 'us-east-1' })
  expect((await there.invoke('iam', 'ListUsers', {})).Users).toEqual([])
  await there.invoke('iam', 'CreateUser', { UserName: 'alice' })
})
