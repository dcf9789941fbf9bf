// Variables from Parameter Store and Secrets Manager, with both services and the commands of a build running on this host.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import { anyRole } from '../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { kms } from '../kms/index.ts'
import { logs } from '../logs/index.ts'
import { secretsmanager } from '../secretsmanager/index.ts'
import { ssm } from '../ssm/index.ts'
import { codebuildWith } from './index.ts'

const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' }
let root: string
let house: TestHouse
let stop: () => Promise<void>
let denied: object | undefined
const service = codebuildWith({
  sandboxes: () => createHostProvider({ root: join(root, 'builds') }),
  endpointIn: async call => call.config.endpoint,
  sweepMs: 50,
})
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-builds-'))
  await chmod(root, 0o755)
  house = await openHouse({
    services: [service, logs, kms, ssm, secretsmanager],
    identity: {
      policiesOf: async () => ({
        identity: [JSON.stringify({ Version: '2012-10-17', Statement: [EVERYTHING, ...(denied ? [denied] : [])] })],
      }),
    },
    answers: {
      ...anyRole,
    },
  })
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
  const parameter = (Name: string, Value: string, Type: 'String' | 'SecureString' = 'String') =>
    house.invoke('ssm', 'PutParameter', { Name, Value, Type })
  await parameter('/app/token', 'the-sealed-token', 'SecureString')
  await parameter('plain', 'the-plain-value')
  const secret = { SecretString: '{"user":"ada-lovelace","password":"first-password"}' }
  await house.invoke('secretsmanager', 'CreateSecret', { Name: 'app/db', ...secret })
  await house.invoke('secretsmanager', 'PutSecretValue', {
    SecretId: 'app/db',
    SecretString: secret.SecretString.replace('first', 'second'),
  })
})
afterAll(async () => {
  await stop?.()
  await house?.close()
  await rm(root, { recursive: true, force: true })
})

interface Variable {
  name: string
  value: string
  type?: 'PLAINTEXT' | 'PARAMETER_STORE' | 'SECRETS_MANAGER'
}

let count = 0
async function build(buildspec: string, project: Variable[] = [], override: Variable[] = []) {
  const name = `secrets-${++count}`
  await house.invoke('codebuild', 'CreateProject', {
    name,
    environment: {
      type: 'LINUX_CONTAINER',
      image: 'any',
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: project,
    },
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
  })
  const { build } = await house.invoke('codebuild', 'StartBuild', {
    projectName: name,
    environmentVariablesOverride: override,
  })
  const id = build!.id!
  for (let tries = 0; tries < 3000; tries++) {
    const ended = (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
    if (ended.buildComplete) return { ended, log: await logOf(name, id) }
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error('the build did not end')
}

async function logOf(project: string, id: string): Promise<string> {
  const { events } = await house.invoke('logs', 'GetLogEvents', {
    logGroupName: `/aws/codebuild/${project}`,
    logStreamName: id.split(':')[1]!,
    startFromHead: true,
  })
  return events!.map(({ message }) => message).join('')
}

const VALUES = /the-sealed-token|the-plain-value|first-password|second-password|ada-lovelace/

test('commands see the values; the log, the build and exported variables do not', async () => {
  const { ended, log } = await build(
    `version: 0.2
env:
  parameter-store: { TOKEN: /app/token, PINNED: "plain:1" }
  secrets-manager: { USER_NAME: "app/db:user", OLD: "app/db:password:AWSPREVIOUS", WHOLE: app/db }
  exported-variables: [TOKEN, FROM_PROJECT, DONE, AWS_REGION]
phases:
  build:
    commands:
      - echo token $TOKEN and $PINNED
      - '[ "$TOKEN/$PINNED/$USER_NAME/$OLD" = "the-sealed-token/the-plain-value/ada-lovelace/first-password" ]'
      - '[ "$FROM_PROJECT/$FROM_START" = "second-password/the-plain-value" ]'
      - 'echo "$WHOLE" | grep -c second-password'
      - export DONE=yes
`,
    [{ name: 'FROM_PROJECT', value: 'app/db:password', type: 'SECRETS_MANAGER' }],
    [{ name: 'FROM_START', value: 'plain', type: 'PARAMETER_STORE' }],
  )
  expect(log).toContain('Decrypting parameter store environment variables')
  expect(log).toContain('token *** and ***')
  expect(ended.buildStatus, log).toBe('SUCCEEDED')
  expect(log).not.toMatch(VALUES)
  expect(ended.exportedEnvironmentVariables).toEqual([{ name: 'DONE', value: 'yes' }])
  expect(JSON.stringify({ ...ended, source: undefined })).not.toMatch(VALUES)
  expect(ended.environment!.environmentVariables).toEqual([
    { name: 'FROM_PROJECT', value: 'app/db:password', type: 'SECRETS_MANAGER' },
    { name: 'FROM_START', value: 'plain', type: 'PARAMETER_STORE' },
  ])
})

test('StartBuild wins over the project, the project over the buildspec; what is hidden is not fetched', async () => {
  const { ended, log } = await build(
    `version: 0.2
env:
  variables: { A: buildspec, B: buildspec }
  parameter-store: { C: /not/there }
phases: { build: { commands: ['[ "$A/$B/$C/$D" = "the-plain-value/start/project/the-plain-value" ]'] } }
`,
    [
      { name: 'A', value: 'plain', type: 'PARAMETER_STORE' },
      { name: 'B', value: '/not/there', type: 'PARAMETER_STORE' },
      { name: 'C', value: 'project' },
      { name: 'D', value: 'project' },
    ],
    [
      { name: 'B', value: 'start' },
      { name: 'D', value: 'plain', type: 'PARAMETER_STORE' },
    ],
  )
  expect(ended.buildStatus, log).toBe('SUCCEEDED')
})

const spec = (env: string) => `version: 0.2\nenv: { ${env} }\nphases: { build: { commands: [echo never] } }\n`
const role = 'User: arn:aws:sts::000000000000:assumed-role/build/AWSCodeBuild-[0-9a-f-]+'

test.each([
  [
    'parameter-store: { X: /not/there }',
    undefined,
    'Decrypted Variables Error',
    /^parameter does not exist: \/not\/there$/,
  ],
  [
    'parameter-store: { X: plain }',
    { Effect: 'Deny', Action: 'ssm:GetParameters', Resource: 'arn:aws:ssm:*:*:parameter/plain' },
    'Decrypted Variables Error',
    new RegExp(
      `^AccessDeniedException: ${role} is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-east-1:000000000000:parameter/plain`,
    ),
  ],
  [
    'secrets-manager: { X: nowhere }',
    undefined,
    'Secrets Manager Error',
    /^ResourceNotFoundException: Secrets Manager can't find the specified secret\.$/,
  ],
  [
    'secrets-manager: { X: "app/db" }',
    { Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*' },
    'Secrets Manager Error',
    new RegExp(
      `^AccessDeniedException: ${role} is not authorized to perform: secretsmanager:GetSecretValue on resource`,
    ),
  ],
  ['secrets-manager: { X: "app/db:none" }', undefined, 'Secrets Manager Error', /has no JSON key none$/],
])('%s under %j ends DOWNLOAD_SOURCE: %s', async (env, deny, statusCode, message) => {
  denied = deny
  const { ended, log } = await build(spec(env)).finally(() => {
    denied = undefined
  })
  expect(ended.buildStatus).toBe('FAILED')
  const failed = ended.phases!.find(({ phaseStatus }) => phaseStatus === 'FAILED')!
  expect(failed).toMatchObject({
    phaseType: 'DOWNLOAD_SOURCE',
    contexts: [{ statusCode, message: expect.stringMatching(message) }],
  })
  expect(log).toContain(`Phase context status code: ${statusCode} Message: `)
  expect(log).not.toContain('Running command')
})
