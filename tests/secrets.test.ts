// Parameters and secrets made with the aws command line reach a build with the permissions of its role and no others, and its log never
// shows them.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { endedBuild } from './harness/builds.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

const VALUES = /sealed-token-1|other-team-value|the-db-password|own-key-token|own-key-password/

let yard: Yard

/** The answer of the aws command line; its refusals as errors with its text. */
async function aws(...args: string[]): Promise<any> {
  const { stdout } = await client(yard, 'aws', [...args, '--output', 'json']).catch(error => {
    throw new Error(error.stderr || error.message)
  })
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  const { iam, codebuild } = yard.clients
  const statement = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource })
  const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.createRole({
    RoleName: 'builder',
    AssumeRolePolicyDocument: document({
      Effect: 'Allow',
      Principal: { Service: 'codebuild.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
  })
  await iam.putRolePolicy({
    RoleName: 'builder',
    PolicyName: 'builds',
    PolicyDocument: document(
      statement('logs:*', '*'),
      statement('ssm:GetParameters', 'arn:aws:ssm:us-east-1:000000000000:parameter/app/*'),
      statement('secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app/*'),
    ),
  })
  await codebuild.createProject({
    name: 'app',
    source: { type: 'NO_SOURCE', buildspec: spec({}, ['true']) },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/builder',
  })
}, 120_000)
afterAll(async () => await yard?.close())

const spec = (env: object, commands: string[]) => JSON.stringify({ version: 0.2, env, phases: { build: { commands } } })

async function build(env: object, ...commands: string[]) {
  const { build: started } = await yard.clients.codebuild.startBuild({
    projectName: 'app',
    buildspecOverride: spec(env, commands),
  })
  return await endedBuild(yard, started!.id!)
}

test('the command line puts, reads, describes and finds parameters', async () => {
  const secure = ['--name', '/app/token', '--value', 'sealed-token-1', '--type', 'SecureString']
  expect(await aws('ssm', 'put-parameter', ...secure)).toEqual({ Version: 1, Tier: 'Standard' })
  await aws('ssm', 'put-parameter', '--name', '/other/token', '--value', 'other-team-value', '--type', 'String')
  const read = await aws('ssm', 'get-parameter', '--name', '/app/token', '--with-decryption')
  expect(read.Parameter).toMatchObject({
    Value: 'sealed-token-1',
    ARN: expect.stringContaining(':parameter/app/token'),
  })
  const found = await aws('ssm', 'get-parameters-by-path', '--path', '/', '--recursive')
  expect(found.Parameters.map(({ Name }: { Name: string }) => Name)).toEqual(['/app/token', '/other/token'])
  await expect(aws('ssm', 'get-parameter', '--name', '/none')).rejects.toThrow(
    'An error occurred (ParameterNotFound) when calling the GetParameter operation',
  )
}, 120_000)

test('the command line makes, changes and reads secrets', async () => {
  const made = await aws('secretsmanager', 'create-secret', '--name', 'app/db', '--secret-string', '{"password":"old"}')
  await aws(
    'secretsmanager',
    'put-secret-value',
    '--secret-id',
    'app/db',
    '--secret-string',
    '{"password":"the-db-password"}',
  )
  const value = await aws('secretsmanager', 'get-secret-value', '--secret-id', made.ARN)
  expect(value).toMatchObject({ SecretString: '{"password":"the-db-password"}', VersionStages: ['AWSCURRENT'] })
  await expect(aws('secretsmanager', 'get-secret-value', '--secret-id', 'none')).rejects.toThrow(
    "(ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.",
  )
}, 120_000)

test('a build gets what its role may read, and its log shows none of it', async () => {
  const env = {
    'parameter-store': { TOKEN: '/app/token' },
    'secrets-manager': { PASSWORD: 'app/db:password', BEFORE: 'app/db:password:AWSPREVIOUS' },
    'exported-variables': ['TOKEN', 'DONE'],
  }
  const { build: ended, log } = await build(
    env,
    '[ "$TOKEN/$PASSWORD/$BEFORE" = "$(printf %s sealed-token-1/the-db-pass)word/old" ]',
    'echo it is $TOKEN and $PASSWORD; export DONE=yes',
  )
  expect(ended.buildStatus, log).toBe('SUCCEEDED')
  expect(log).toContain('it is *** and ***')
  expect(log).not.toMatch(VALUES)
  expect(ended.exportedEnvironmentVariables).toEqual([{ name: 'DONE', value: 'yes' }])
}, 120_000)

test('a build that asks for what its role may not read ends before its first command, in AWS’s words', async () => {
  const { build: ended, log } = await build({ 'parameter-store': { TOKEN: '/other/token' } }, 'echo never')
  expect(ended.buildStatus).toBe('FAILED')
  expect(log).toContain('Phase complete: DOWNLOAD_SOURCE State: FAILED')
  expect(log).toMatch(
    /Phase context status code: Decrypted Variables Error Message: AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/builder\/AWSCodeBuild-[0-9a-f-]+ is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-east-1:000000000000:parameter\/other\/token because no identity-based policy allows the ssm:GetParameters action/,
  )
  expect(log).not.toContain('never')
}, 120_000)

test('values under a customer’s key need kms:Decrypt of the build’s role: without it the build says so, with it they are there and masked', async () => {
  const allow = (Principal: object) => ({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' })
  const policy = {
    Version: '2012-10-17',
    Statement: [allow({ AWS: 'arn:aws:iam::000000000000:root' }), allow({ Service: 'logs.us-east-1.amazonaws.com' })],
  }
  const { KeyMetadata } = await aws('kms', 'create-key', '--policy', JSON.stringify(policy))
  const { KeyId, Arn } = KeyMetadata
  // From here on the log of the builds is encrypted as well.
  await aws('logs', 'associate-kms-key', '--log-group-name', '/aws/codebuild/app', '--kms-key-id', Arn)
  await aws('kms', 'create-alias', '--alias-name', 'alias/app', '--target-key-id', KeyId)
  const own = ['--value', 'own-key-token', '--type', 'SecureString', '--key-id', 'alias/app']
  await aws('ssm', 'put-parameter', '--name', '/app/own', ...own)
  const long = ['--value', `own-key-token-${'x'.repeat(5000)}`, '--type', 'SecureString', '--tier', 'Advanced']
  await aws('ssm', 'put-parameter', '--name', '/app/long', ...long, '--key-id', Arn)
  const secret = ['--secret-string', '{"password":"own-key-password"}', '--kms-key-id', 'alias/app']
  await aws('secretsmanager', 'create-secret', '--name', 'app/own', ...secret)

  const parameters = { 'parameter-store': { TOKEN: '/app/own', LONG: '/app/long' } }
  const secrets = { 'secrets-manager': { PASSWORD: 'app/own:password' } }
  const [parameter, password] = [await build(parameters, 'echo never'), await build(secrets, 'echo never')]
  for (const { build: ended, log } of [parameter, password]) {
    expect(ended.buildStatus).toBe('FAILED')
    expect(log).toContain('Phase complete: DOWNLOAD_SOURCE State: FAILED')
    expect(log).not.toContain('never')
  }
  expect(parameter.log).toMatch(
    new RegExp(
      `Phase context status code: Decrypted Variables Error Message: AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role/builder/AWSCodeBuild-[0-9a-f-]+ is not authorized to perform: kms:Decrypt on resource: ${Arn} because no identity-based policy allows the kms:Decrypt action \\(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException;`,
    ),
  )
  expect(password.log).toContain(
    'Phase context status code: Secrets Manager Error Message: AccessDeniedException: Access to KMS is not allowed',
  )

  await yard.clients.iam.putRolePolicy({
    RoleName: 'builder',
    PolicyName: 'key',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: Arn }],
    }),
  })
  const { build: ended, log } = await build(
    { ...parameters, ...secrets },
    '[ "$TOKEN/$PASSWORD" = "$(printf %s own-key-tok)en/own-key-$(printf %s password)" ] && [ "${#LONG}" = 5014 ]',
    'echo it is $TOKEN and $PASSWORD and $LONG',
  )
  expect(ended.buildStatus, log).toBe('SUCCEEDED')
  expect(log).toContain('it is *** and *** and ***')
  expect(log).not.toMatch(VALUES)

  const groups = await aws('logs', 'describe-log-groups', '--log-group-name-prefix', '/aws/codebuild/app')
  expect(groups.logGroups[0].kmsKeyId).toBe(Arn)
  await aws('logs', 'disassociate-kms-key', '--log-group-name', '/aws/codebuild/app')
  await aws('kms', 'disable-key', '--key-id', KeyId)
  const closed = await build({ ...parameters, ...secrets }, 'echo never')
  expect(closed.log).toContain(
    `Decrypted Variables Error Message: InvalidKeyId: ${Arn} is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException;`,
  )
  await aws('kms', 'enable-key', '--key-id', KeyId)
}, 240_000)
