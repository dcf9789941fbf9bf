// Who one is and what one may do, with real aws command lines: users, keys, roles, policies, temporary credentials, refusals.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const clis = await findClis()
const ACCOUNT = '000000000000'
const allow = (Action: string | string[], Resource: string | string[] = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
})
const trusting = (Principal: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
})

let yard: Yard
clientsYard(opened => {
  yard = opened
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  beforeAll(async () => {
    aws = await openCli(program, yard)
  })
  afterAll(() => aws?.close())

  /** A new user with one inline policy and one key. */
  async function person(UserName: string, policy?: object) {
    const { User } = await aws`iam create-user --user-name ${UserName}`
    if (policy) await aws`iam put-user-policy --user-name ${UserName} --policy-name inline --policy-document ${policy}`
    const { AccessKey } = await aws`iam create-access-key --user-name ${UserName}`
    return { UserName, Arn: User.Arn as string, aws: aws.as(AccessKey), AccessKey }
  }

  test('the first credentials are those of root', async () => {
    expect(await aws`sts get-caller-identity`).toEqual({
      UserId: ACCOUNT,
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:root`,
    })
  })

  test('users are made, described, tagged, renamed, listed and deleted', async () => {
    const name = `ada-${slug}`
    const { User } = await aws`iam create-user --user-name ${name} --path /team/ --tags Key=team,Value=blue`
    expect(User).toMatchObject({ Path: '/team/', UserName: name, Arn: `arn:aws:iam::${ACCOUNT}:user/team/${name}` })
    expect(User.UserId).toMatch(/^AIDA[A-Z0-9]{17}$/)
    expect((await aws`iam get-user --user-name ${name}`).User.Tags).toEqual([{ Key: 'team', Value: 'blue' }])
    await expect(aws`iam create-user --user-name ${name}`).rejects.toThrow(
      `An error occurred (EntityAlreadyExists) when calling the CreateUser operation: User with name ${name} already exists.`,
    )
    await aws`iam tag-user --user-name ${name} --tags Key=role,Value=dev`
    expect((await aws`iam list-user-tags --user-name ${name}`).Tags).toHaveLength(2)
    await aws`iam untag-user --user-name ${name} --tag-keys team`
    await aws`iam update-user --user-name ${name} --new-user-name ${name}-2`
    expect(await aws`iam list-users --path-prefix /team/ --query Users[].UserName`).toContain(`${name}-2`)
    await aws`iam delete-user --user-name ${name}-2`
    await expect(aws`iam get-user --user-name ${name}-2`).rejects.toThrow(
      `An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name ${name}-2 cannot be found.`,
    )
  })

  test('access keys are made, switched off and deleted; a switched-off or unknown key and a wrong secret are told apart', async () => {
    const { UserName, aws: hers, AccessKey, Arn } = await person(`keys-${slug}`)
    expect(AccessKey).toMatchObject({ UserName, Status: 'Active' })
    expect((await hers`sts get-caller-identity`).Arn).toBe(Arn)
    const { AccessKeyMetadata } = await aws`iam list-access-keys --user-name ${UserName}`
    expect(AccessKeyMetadata).toMatchObject([{ AccessKeyId: AccessKey.AccessKeyId, Status: 'Active' }])
    const used = await aws`iam get-access-key-last-used --access-key-id ${AccessKey.AccessKeyId}`
    expect(used).toMatchObject({ UserName, AccessKeyLastUsed: { ServiceName: expect.any(String) } })

    await expect(aws.as({ ...AccessKey, SecretAccessKey: 'wrong' })`sts get-caller-identity`).rejects.toThrow(
      'An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated does not match the signature you provided.',
    )
    await expect(aws.as({ ...AccessKey, SecretAccessKey: 'wrong' })`codecommit list-repositories`).rejects.toThrow(
      'An error occurred (InvalidSignatureException) when calling the ListRepositories operation: The request signature we calculated does not match the signature you provided.',
    )
    await expect(aws.as({ ...AccessKey, SecretAccessKey: 'wrong' })`s3api list-buckets`).rejects.toThrow(
      'An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation: The request signature we calculated does not match the signature you provided.',
    )
    const unknown = aws.as({ AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA', SecretAccessKey: 'x' })
    await expect(unknown`sts get-caller-identity`).rejects.toThrow(
      'An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.',
    )
    await expect(unknown`codebuild list-projects`).rejects.toThrow(
      'An error occurred (UnrecognizedClientException) when calling the ListProjects operation: The security token included in the request is invalid.',
    )
    await expect(unknown`s3api list-buckets`).rejects.toThrow(
      'An error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records.',
    )

    await aws`iam update-access-key --user-name ${UserName} --access-key-id ${AccessKey.AccessKeyId} --status Inactive`
    await expect(hers`sts get-caller-identity`).rejects.toThrow('InvalidClientTokenId')
    await aws`iam delete-access-key --user-name ${UserName} --access-key-id ${AccessKey.AccessKeyId}`
    await expect(hers`sts get-caller-identity`).rejects.toThrow('InvalidClientTokenId')
  })

  test('a user without permission is refused in the words of AWS, and allowed once a policy says so', async () => {
    const { UserName, aws: his, Arn } = await person(`bob-${slug}`)
    await expect(his`codecommit create-repository --repository-name bobs`).rejects.toThrow(
      `An error occurred (AccessDeniedException) when calling the CreateRepository operation: User: ${Arn} is not authorized to perform: ` +
        `codecommit:CreateRepository on resource: arn:aws:codecommit:us-east-1:${ACCOUNT}:bobs because no identity-based policy allows the codecommit:CreateRepository action`,
    )
    await expect(his`iam list-users`).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the ListUsers operation: User: ${Arn} is not authorized to perform: ` +
        `iam:ListUsers on resource: arn:aws:iam::${ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action`,
    )
    await expect(his`sns create-topic --name bobs`).rejects.toThrow(
      `An error occurred (AuthorizationError) when calling the CreateTopic operation: User: ${Arn} is not authorized to perform: SNS:CreateTopic on resource: arn:aws:sns:us-east-1:${ACCOUNT}:bobs because no identity-based policy allows the SNS:CreateTopic action`,
    )
    await aws`iam put-user-policy --user-name ${UserName} --policy-name repos --policy-document ${allow('codecommit:*')}`
    expect(await aws`iam list-user-policies --user-name ${UserName}`).toMatchObject({ PolicyNames: ['repos'] })
    await his`codecommit create-repository --repository-name bobs-${slug}`
    const denied = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'codecommit:Delete*', Resource: '*' }],
    }
    await aws`iam put-user-policy --user-name ${UserName} --policy-name no-delete --policy-document ${denied}`
    await expect(his`codecommit delete-repository --repository-name bobs-${slug}`).rejects.toThrow(
      'with an explicit deny in an identity-based policy',
    )
    expect((await aws`iam get-user-policy --user-name ${UserName} --policy-name no-delete`).PolicyDocument).toEqual(
      denied,
    )
    await aws`iam delete-user-policy --user-name ${UserName} --policy-name no-delete`
    await his`codecommit delete-repository --repository-name bobs-${slug}`
  })

  test('managed policies have versions, are attached, and can be asked for', async () => {
    const { UserName, aws: hers } = await person(`eve-${slug}`)
    const first = allow('sns:ListTopics')
    const { Policy } = await aws`iam create-policy --policy-name managed-${slug} --policy-document ${first}`
    expect(Policy).toMatchObject({ DefaultVersionId: 'v1', AttachmentCount: 0, IsAttachable: true })
    await aws`iam attach-user-policy --user-name ${UserName} --policy-arn ${Policy.Arn}`
    await hers`sns list-topics`
    await expect(hers`s3api list-buckets`).rejects.toThrow(
      'An error occurred (AccessDenied) when calling the ListBuckets operation',
    )
    await aws`iam create-policy-version --policy-arn ${Policy.Arn} --policy-document ${allow('s3:ListAllMyBuckets')} --set-as-default`
    await hers`s3api list-buckets`
    await expect(hers`sns list-topics`).rejects.toThrow('(AuthorizationError)')
    expect((await aws`iam list-policy-versions --policy-arn ${Policy.Arn}`).Versions).toMatchObject([
      { VersionId: 'v2', IsDefaultVersion: true },
      { VersionId: 'v1', IsDefaultVersion: false },
    ])
    expect(
      (await aws`iam get-policy-version --policy-arn ${Policy.Arn} --version-id v1`).PolicyVersion.Document,
    ).toEqual(first)
    expect((await aws`iam list-attached-user-policies --user-name ${UserName}`).AttachedPolicies).toEqual([
      { PolicyName: `managed-${slug}`, PolicyArn: Policy.Arn },
    ])
    expect((await aws`iam list-entities-for-policy --policy-arn ${Policy.Arn}`).PolicyUsers).toMatchObject([
      { UserName },
    ])
    await expect(aws`iam delete-policy --policy-arn ${Policy.Arn}`).rejects.toThrow(
      'An error occurred (DeleteConflict) when calling the DeletePolicy operation',
    )
    await aws`iam attach-user-policy --user-name ${UserName} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess`
    await hers`sns list-topics`
    await aws`iam detach-user-policy --user-name ${UserName} --policy-arn ${Policy.Arn}`
    await aws`iam delete-policy-version --policy-arn ${Policy.Arn} --version-id v1`
    await aws`iam delete-policy --policy-arn ${Policy.Arn}`
    await expect(
      aws`iam create-policy --policy-name bad-${slug} --policy-document ${{ Statement: 'no' }}`,
    ).rejects.toThrow(
      'An error occurred (MalformedPolicyDocument) when calling the CreatePolicy operation: Syntax errors in policy.',
    )
  })

  test('a permissions boundary takes away what the policies give', async () => {
    const { UserName, aws: his } = await person(`limited-${slug}`, allow(['sns:*', 'logs:*']))
    const { Policy } = await aws`iam create-policy --policy-name boundary-${slug} --policy-document ${allow('logs:*')}`
    await aws`iam put-user-permissions-boundary --user-name ${UserName} --permissions-boundary ${Policy.Arn}`
    await his`logs describe-log-groups`
    await expect(his`sns list-topics`).rejects.toThrow(
      'because no permissions boundary allows the SNS:ListTopics action',
    )
    expect((await aws`iam get-user --user-name ${UserName}`).User.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: Policy.Arn,
    })
    await aws`iam delete-user-permissions-boundary --user-name ${UserName}`
    await his`sns list-topics`
  })

  test('groups carry policies to their members', async () => {
    const { UserName, aws: hers } = await person(`member-${slug}`)
    await aws`iam create-group --group-name crew-${slug}`
    await aws`iam put-group-policy --group-name crew-${slug} --policy-name topics --policy-document ${allow('sns:ListTopics')}`
    await aws`iam add-user-to-group --group-name crew-${slug} --user-name ${UserName}`
    await hers`sns list-topics`
    expect((await aws`iam get-group --group-name crew-${slug}`).Users).toMatchObject([{ UserName }])
    await aws`iam remove-user-from-group --group-name crew-${slug} --user-name ${UserName}`
    await expect(hers`sns list-topics`).rejects.toThrow('(AuthorizationError)')
  })

  test('a role is assumed by whom it trusts; the session has its permissions and those of the session policy only', async () => {
    const { Arn, aws: his } = await person(`visitor-${slug}`, allow('sts:AssumeRole'))
    const RoleName = `reader-${slug}`
    const { Role } =
      await aws`iam create-role --role-name ${RoleName} --assume-role-policy-document ${trusting({ AWS: Arn })}`
    expect(Role).toMatchObject({ RoleName, Arn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}` })
    await aws`iam put-role-policy --role-name ${RoleName} --policy-name read --policy-document ${allow(['logs:*', 'sns:*'])}`
    expect((await aws`iam get-role --role-name ${RoleName}`).Role).toMatchObject({
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: trusting({ AWS: Arn }),
    })
    const assumed = await his`sts assume-role --role-arn ${Role.Arn} --role-session-name visit --duration-seconds 900`
    expect(assumed.AssumedRoleUser).toEqual({
      AssumedRoleId: `${Role.RoleId}:visit`,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${RoleName}/visit`,
    })
    const session = aws.as(assumed.Credentials)
    expect(await session`sts get-caller-identity`).toMatchObject({ Arn: assumed.AssumedRoleUser.Arn })
    await session`sns list-topics`
    await expect(session`iam list-users`).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the ListUsers operation: User: ${assumed.AssumedRoleUser.Arn} is not authorized to perform: iam:ListUsers`,
    )
    const narrowed =
      await his`sts assume-role --role-arn ${Role.Arn} --role-session-name narrow --policy ${allow('logs:*')}`
    await aws.as(narrowed.Credentials)`logs describe-log-groups`
    await expect(aws.as(narrowed.Credentials)`sns list-topics`).rejects.toThrow(
      'because no session policy allows the SNS:ListTopics action',
    )

    const stranger = await person(`stranger-${slug}`, allow('sts:AssumeRole'))
    await expect(stranger.aws`sts assume-role --role-arn ${Role.Arn} --role-session-name visit`).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the AssumeRole operation: User: ${stranger.Arn} is not authorized to perform: sts:AssumeRole on resource: ${Role.Arn}`,
    )
    await expect(
      his`sts assume-role --role-arn ${Role.Arn} --role-session-name long --duration-seconds 7200`,
    ).rejects.toThrow(
      'An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
    await aws`iam delete-role-policy --role-name ${RoleName} --policy-name read`
    await expect(session`sns list-topics`).rejects.toThrow('(AuthorizationError)')
    await aws`iam delete-role --role-name ${RoleName}`
  })

  test('session tokens speak for their user; a wrong, a missing and a foreign one are refused', async () => {
    const { Arn, aws: hers } = await person(`temporary-${slug}`, allow('sns:*'))
    const { Credentials } = await hers`sts get-session-token --duration-seconds 900`
    expect(Credentials.AccessKeyId).toMatch(/^ASIA/)
    expect((await aws.as(Credentials)`sts get-caller-identity`).Arn).toBe(Arn)
    await aws.as(Credentials)`sns list-topics`
    const { SessionToken, ...withoutToken } = Credentials
    await expect(aws.as(withoutToken)`sns list-topics`).rejects.toThrow(
      'An error occurred (InvalidClientTokenId) when calling the ListTopics operation: The security token included in the request is invalid.',
    )
    const broken = { ...Credentials, SessionToken: `${SessionToken.slice(0, -6)}AAAAAA` }
    await expect(aws.as(broken)`sns list-topics`).rejects.toThrow('(InvalidClientTokenId)')
    await expect(aws.as(broken)`codepipeline list-pipelines`).rejects.toThrow('(UnrecognizedClientException)')
    await expect(aws.as(broken)`s3api list-buckets`).rejects.toThrow('(InvalidToken)')
  })

  test('instance profiles hold a role; a role in use is not deleted', async () => {
    const role = `machine-${slug}`
    await aws`iam create-role --role-name ${role} --assume-role-policy-document ${trusting({ Service: 'ec2.amazonaws.com' })}`
    const { InstanceProfile } = await aws`iam create-instance-profile --instance-profile-name ${role}`
    expect(InstanceProfile.Arn).toBe(`arn:aws:iam::${ACCOUNT}:instance-profile/${role}`)
    await aws`iam add-role-to-instance-profile --instance-profile-name ${role} --role-name ${role}`
    expect((await aws`iam get-instance-profile --instance-profile-name ${role}`).InstanceProfile.Roles).toMatchObject([
      { RoleName: role },
    ])
    expect((await aws`iam list-instance-profiles-for-role --role-name ${role}`).InstanceProfiles).toHaveLength(1)
    await expect(aws`iam delete-role --role-name ${role}`).rejects.toThrow(
      'An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must remove roles from instance profile first.',
    )
    await aws`iam remove-role-from-instance-profile --instance-profile-name ${role} --role-name ${role}`
    await aws`iam delete-instance-profile --instance-profile-name ${role}`
    await aws`iam delete-role --role-name ${role}`
  })

  test('a service takes a role only when it trusts the service and the caller may pass it', async () => {
    const { aws: his, Arn } = await person(`passer-${slug}`, allow('codebuild:*'))
    const { Role } =
      await aws`iam create-role --role-name build-${slug} --assume-role-policy-document ${trusting({ Service: 'codebuild.amazonaws.com' })}`
    const create = (who: Aws) =>
      who`codebuild create-project --name passed-${slug} --source ${{ type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: { build: { commands: [date] } }' }} --artifacts type=NO_ARTIFACTS --environment type=LINUX_CONTAINER,image=x,computeType=BUILD_GENERAL1_SMALL --service-role ${Role.Arn}`
    await expect(create(his)).rejects.toThrow(
      `An error occurred (AccessDeniedException) when calling the CreateProject operation: User: ${Arn} is not authorized to perform: iam:PassRole on resource: ${Role.Arn}`,
    )
    expect((await create(aws)).project.serviceRole).toBe(Role.Arn)
  })

  test('git credentials of a user are shown once', async () => {
    const { UserName } = await person(`git-${slug}`)
    const { ServiceSpecificCredential } =
      await aws`iam create-service-specific-credential --user-name ${UserName} --service-name codecommit.amazonaws.com`
    expect(ServiceSpecificCredential).toMatchObject({ ServiceUserName: `${UserName}-at-${ACCOUNT}`, Status: 'Active' })
    expect(ServiceSpecificCredential.ServicePassword).toBeTruthy()
    const { ServiceSpecificCredentials } = await aws`iam list-service-specific-credentials --user-name ${UserName}`
    expect(ServiceSpecificCredentials).toHaveLength(1)
    expect(ServiceSpecificCredentials[0].ServicePassword).toBeUndefined()
  })

  test('policies are simulated without being tried', async () => {
    const { Arn } = await person(`simulated-${slug}`, allow('s3:GetObject', 'arn:aws:s3:::bucket/*'))
    const { EvaluationResults } =
      await aws`iam simulate-principal-policy --policy-source-arn ${Arn} --action-names s3:GetObject s3:PutObject --resource-arns arn:aws:s3:::bucket/key`
    expect(EvaluationResults.map((result: any) => [result.EvalActionName, result.EvalDecision])).toEqual([
      ['s3:GetObject', 'allowed'],
      ['s3:PutObject', 'implicitDeny'],
    ])
  })

  test('what does not exist here says so', async () => {
    await expect(
      aws`iam create-virtual-mfa-device --virtual-mfa-device-name x --outfile x --bootstrap-method QRCodePNG`,
    ).rejects.toThrow(
      /An error occurred \(\w+\) when calling the CreateVirtualMFADevice operation: .*(does not|not supported)/,
    )
  })
})
