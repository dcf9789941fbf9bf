// IAM and STS through the aws CLI, over HTTP, with real signatures, keys, sessions and policies.

import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import { authenticator } from '../../gateway/authenticate.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { createHttpServer, type HttpServer } from '../../transports/http/index.ts'
import { sts } from '../sts/index.ts'
import { createIdentityDirectory, type IamDirectory } from './directory/identityDirectory.ts'
import { ensureRootCredentials } from './directory/rootCredentials.ts'
import { iam } from './index.ts'

const run = promisify(execFile)
const missing = spawnSync('aws', ['--version']).status === 0 ? '' : ' (the aws CLI is needed)'

interface Keys {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken?: string
}

describe.skipIf(missing !== '')(`the aws CLI${missing}`, () => {
  let house: TestHouse
  let directory: IamDirectory
  let server: HttpServer
  let endpoint: string
  let root: Keys

  beforeAll(async () => {
    const later: IdentityDirectory = {
      findCredential: (...args) => directory.findCredential(...args),
      policiesOf: principal => directory.policiesOf(principal),
      assumeAsService: (...args) => directory.assumeAsService(...args),
      findServiceCredential: (...args) => directory.findServiceCredential(...args),
    }
    house = await openHouse({ services: [iam, sts], identity: later, now: new Date().toISOString() })
    const parts = {
      store: house.store,
      config: house.config,
      clock: systemClock,
      ids: randomIds,
      log: createLog('silent'),
    }
    directory = await createIdentityDirectory(parts)
    const made = await ensureRootCredentials(parts)
    root = { AccessKeyId: made.accessKeyId, SecretAccessKey: made.secretAccessKey }
    const authenticate = authenticator({ identity: directory, clock: systemClock, config: house.config })
    server = createHttpServer({ gateway: house.gateway, authenticate, ids: randomIds, log: parts.log })
    endpoint = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`
  }, 60_000)
  afterAll(async () => {
    await server?.close(0)
    await directory?.close()
    await house?.close()
  })

  async function aws(keys: Keys, ...args: string[]): Promise<any> {
    const env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: keys.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
      ...(keys.SessionToken ? { AWS_SESSION_TOKEN: keys.SessionToken } : {}),
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_MAX_ATTEMPTS: '1',
      PYENV_VERSION: process.env.PYENV_VERSION,
    }
    const { stdout } = await run('aws', [...args, '--output', 'json'], { env, timeout: 60_000 }).catch(error => {
      throw new Error(error.stderr.trim())
    })
    return stdout.trim() === '' ? undefined : JSON.parse(stdout)
  }
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })

  test('creates a user, gives it a key, a policy and a role, and works as each of them', async () => {
    expect(await aws(root, 'sts', 'get-caller-identity')).toEqual({
      UserId: ACCOUNT,
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:root`,
    })
    expect((await aws(root, 'iam', 'get-user')).User.Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`)
    await aws(root, 'iam', 'create-user', '--user-name', 'alice', '--tags', 'Key=team,Value=red')
    const alice: Keys = (await aws(root, 'iam', 'create-access-key', '--user-name', 'alice')).AccessKey
    await expect(aws(alice, 'iam', 'list-users')).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:iam::${ACCOUNT}:user/alice is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action`,
    )
    const policy = document({ Effect: 'Allow', Action: 'iam:List*', Resource: '*' })
    await aws(
      root,
      'iam',
      'put-user-policy',
      '--user-name',
      'alice',
      '--policy-name',
      'lists',
      '--policy-document',
      policy,
    )
    expect((await aws(alice, 'iam', 'list-users')).Users).toMatchObject([{ UserName: 'alice' }])
    expect(
      (await aws(root, 'iam', 'get-user-policy', '--user-name', 'alice', '--policy-name', 'lists')).PolicyDocument
        .Statement[0].Action,
    ).toBe('iam:List*')

    const trust = document({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/alice` },
      Action: 'sts:AssumeRole',
    })
    const { Role } = await aws(root, 'iam', 'create-role', '--role-name', 'ops', '--assume-role-policy-document', trust)
    expect(Role.AssumeRolePolicyDocument.Statement[0].Action).toBe('sts:AssumeRole')
    await aws(
      root,
      'iam',
      'attach-role-policy',
      '--role-name',
      'ops',
      '--policy-arn',
      'arn:aws:iam::aws:policy/AdministratorAccess',
    )
    const { Credentials } = await aws(alice, 'sts', 'assume-role', '--role-arn', Role.Arn, '--role-session-name', 'cli')
    expect(await aws(Credentials, 'sts', 'get-caller-identity')).toMatchObject({
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ops/cli`,
    })
    await aws(Credentials, 'iam', 'delete-user-policy', '--user-name', 'alice', '--policy-name', 'lists')
    expect((await aws(root, 'iam', 'list-attached-role-policies', '--role-name', 'ops')).AttachedPolicies).toEqual([
      { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ])
  }, 120_000)

  test('is told what is wrong with keys and tokens', async () => {
    const wrong = { ...root, SecretAccessKey: 'wrong' }
    await expect(aws(wrong, 'sts', 'get-caller-identity')).rejects.toThrow('(SignatureDoesNotMatch)')
    const unknown = { ...root, AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }
    await expect(aws(unknown, 'sts', 'get-caller-identity')).rejects.toThrow(
      '(InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.',
    )
    await expect(aws(root, 'iam', 'get-user', '--user-name', 'ghost')).rejects.toThrow(
      '(NoSuchEntity) when calling the GetUser operation: The user with name ghost cannot be found.',
    )
    await expect(aws(root, 'iam', 'create-user', '--user-name', 'a b')).rejects.toThrow('(ValidationError)')
    await expect(
      aws(root, 'iam', 'put-user-policy', '--user-name', 'alice', '--policy-name', 'p', '--policy-document', '{}'),
    ).rejects.toThrow('(MalformedPolicyDocument) when calling the PutUserPolicy operation: Syntax errors in policy.')
  }, 120_000)

  test('pages through lists and reads git credentials and SSH keys', async () => {
    for (const name of ['p1', 'p2', 'p3']) await aws(root, 'iam', 'create-group', '--group-name', name)
    expect(
      (await aws(root, 'iam', 'list-groups', '--page-size', '1')).Groups.map((group: any) => group.GroupName),
    ).toEqual(['p1', 'p2', 'p3'])
    const made = await aws(
      root,
      'iam',
      'create-service-specific-credential',
      '--user-name',
      'alice',
      '--service-name',
      'codecommit.amazonaws.com',
    )
    expect(made.ServiceSpecificCredential).toMatchObject({
      ServiceUserName: `alice-at-${ACCOUNT}`,
      ServicePassword: expect.any(String),
    })
    const simulated = await aws(
      root,
      'iam',
      'simulate-principal-policy',
      '--policy-source-arn',
      `arn:aws:iam::${ACCOUNT}:role/ops`,
      '--action-names',
      's3:GetObject',
    )
    expect(simulated.EvaluationResults).toMatchObject([{ EvalDecision: 'allowed' }])
    expect((await aws(root, 'iam', 'get-account-summary')).SummaryMap.Users).toBe(1)
    expect((await aws(root, 'iam', 'get-account-authorization-details')).RoleDetailList).toMatchObject([
      { RoleName: 'ops' },
    ])
  }, 120_000)
})
