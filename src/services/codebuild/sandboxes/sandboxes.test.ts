// Sandboxes without a server: what callers are refused, and how an environment ends when nobody asks for it.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../core/serviceError.ts'
import { principalArn } from '../../../operation/principal.ts'
import { createHostProvider } from '../../../sandbox/host/hostProvider.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { logs } from '../../logs/index.ts'
import { codebuildWith } from '../index.ts'

let root: string
let house: TestHouse
const stops: (() => Promise<void>)[] = []
let sessions = 0
const provider = () => createHostProvider({ root: join(root, 'builds') })
const service = codebuildWith({
  sandboxes: provider,
  endpointIn: async () => 'http://endpoint.test',
  parallelism: 2,
  sweepMs: 50,
})
const startRunner = async () => {
  stops.push(await service.workers![0]!.start(scope => house.openCall(service, scope)))
}
const stopRunner = async () => {
  for (const stop of stops.splice(0)) await stop()
}
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-sandboxes-'))
  await chmod(root, 0o755)
  house = await openHouse({
    services: [service, logs],
    answers: {
      'sts.GetCallerIdentity': async () => ({}),
      'sts.AssumeRole': async () => ({
        Credentials: { AccessKeyId: 'A', SecretAccessKey: 'secret-of-role', SessionToken: 't', Expiration: new Date() },
      }),
      'ssm.StartSession': async ({ Target }, principal) => {
        if (sessions++ === 0)
          throw new ServiceError(
            'AccessDeniedException',
            `User: ${principalArn(principal)} is not authorized to perform: ssm:StartSession`,
          )
        return { SessionId: `s-${Target}`, TokenValue: 'token', StreamUrl: 'ws://x' }
      },
    },
    now: '2026-01-01T00:00:00Z',
  })
  const project = (name: string, more: object = {}) =>
    house.invoke('codebuild', 'CreateProject', {
      name,
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'arn:aws:iam::000000000000:role/build',
      timeoutInMinutes: 5,
      queuedTimeoutInMinutes: 7,
      ...more,
    })
  await project('app')
  await project('piped', { source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } })
})
afterEach(async () => {
  for (const id of (await house.invoke('codebuild', 'ListSandboxes', {})).ids!)
    await house.invoke('codebuild', 'StopSandbox', { id })
  await stopRunner()
})
afterAll(async () => {
  await house?.close()
  for (const name of await provider().list({})) await (await provider().attach(name))?.destroy()
  await rm(root, { recursive: true, force: true })
})

const start = async () => (await house.invoke('codebuild', 'StartSandbox', { projectName: 'app' })).sandbox!.id!
const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetSandboxes', { ids: [id] })).sandboxes![0]!
const phaseOf = async (id: string) => (await get(id)).currentSession!.currentPhase
const ready = (id: string) => expect.poll(() => phaseOf(id), { timeout: 15_000 }).toBe('RUN_SANDBOX')
const run = async (sandboxId: string, command: string) =>
  (await house.invoke('codebuild', 'StartCommandExecution', { sandboxId, command })).commandExecution!.id!
const commandOf = async (sandboxId: string, id: string) =>
  (await house.invoke('codebuild', 'BatchGetCommandExecutions', { sandboxId, commandExecutionIds: [id] }))
    .commandExecutions![0]!
const refusal = (name: string, message: RegExp) => ({ code: name, message: expect.stringMatching(message) })
const unknown = 'app:00000000-0000-4000-8000-000000000000'

describe('callers are told', () => {
  test.each([
    ['StartSandbox', {}, 'InvalidInputException', /Project name is required/],
    [
      'StartSandbox',
      { projectName: 'none' },
      'ResourceNotFoundException',
      /Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project\/none/,
    ],
    ['StartSandbox', { projectName: 'piped' }, 'InvalidInputException', /CODEPIPELINE/],
    [
      'StopSandbox',
      { id: unknown },
      'ResourceNotFoundException',
      /The provided sandbox does not exist: arn:.*:sandbox\/app:0000/,
    ],
    [
      'ListSandboxesForProject',
      { projectName: 'none' },
      'ResourceNotFoundException',
      /The provided project .* does not exist/,
    ],
    ['ListCommandExecutionsForSandbox', { sandboxId: unknown }, 'ResourceNotFoundException', /does not exist/],
    ['StartCommandExecution', { sandboxId: unknown, command: 'true' }, 'ResourceNotFoundException', /does not exist/],
    ['StartCommandExecution', { sandboxId: unknown, command: '' }, 'InvalidInputException', /./],
    ['StartSandboxConnection', { sandboxId: unknown }, 'ResourceNotFoundException', /does not exist/],
    ['ListSandboxes', { nextToken: 'nonsense' }, 'InvalidInputException', /Invalid next token/],
    ['ListSandboxes', { maxResults: 101 }, 'InvalidInputException', /./],
  ] as const)('%s %j: %s', async (operation, input, code, message) => {
    await expect(house.invoke('codebuild', operation, input as never)).rejects.toMatchObject(refusal(code, message))
  })

  test('which sandboxes and commands there are not', async () => {
    expect(await house.invoke('codebuild', 'BatchGetSandboxes', { ids: [unknown] })).toEqual({
      sandboxes: [],
      sandboxesNotFound: [unknown],
    })
    const input = { sandboxId: unknown, commandExecutionIds: ['x'] }
    expect(await house.invoke('codebuild', 'BatchGetCommandExecutions', input)).toEqual({
      commandExecutions: [],
      commandExecutionsNotFound: ['x'],
    })
  })

  test('the same sandbox for the same token, for five minutes', async () => {
    const input = { projectName: 'app', idempotencyToken: 'once' }
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await house.invoke('codebuild', 'StartSandbox', input)).sandbox!.id),
    )
    expect(new Set(ids).size).toBe(1)
    house.clock.advance(301_000)
    expect((await house.invoke('codebuild', 'StartSandbox', input)).sandbox!.id).not.toBe(ids[0])
  })
})

test('lists go page by page in both directions', async () => {
  const ids: string[] = []
  for (let count = 0; count < 3; count++) {
    house.clock.advance(1_000)
    ids.push(await start())
  }
  const page = (input: object) =>
    house.invoke('codebuild', 'ListSandboxesForProject', { projectName: 'app', maxResults: 2, ...input })
  const newest = await page({})
  expect(newest.ids).toEqual([ids[2], ids[1]])
  expect((await page({ nextToken: newest.nextToken })).ids![0]).toBe(ids[0])
  await expect(page({ nextToken: newest.nextToken, sortOrder: 'ASCENDING' })).rejects.toMatchObject({
    code: 'InvalidInputException',
  })
})

test('a sandbox that nobody takes ends with its queued timeout, and its commands with it', async () => {
  const id = await start()
  const command = await run(id, 'true')
  house.clock.advance(7 * 60_000)
  await house.runJobs()
  expect(await get(id)).toMatchObject({ status: 'TIMED_OUT', currentSession: { currentPhase: 'COMPLETED' } })
  expect(await commandOf(id, command)).toMatchObject({ status: 'TIMED_OUT' })
  expect((await get(id)).startTime).toBeUndefined()
})

test('a sandbox ends with its timeout, though its server was away, and nothing is left of it', async () => {
  await startRunner()
  const id = await start()
  await ready(id)
  const command = await run(id, 'sleep 1000')
  await expect.poll(async () => (await commandOf(id, command)).startTime, { timeout: 15_000 }).toBeDefined()
  await stopRunner()
  expect(await provider().attach(`build-${id.split(':')[1]}`)).toBeDefined()
  house.clock.advance(5 * 60_000)
  await startRunner()
  await expect.poll(async () => (await get(id)).status, { timeout: 15_000 }).toBe('TIMED_OUT')
  expect((await get(id)).currentSession!.phases!.find(({ phaseType }) => phaseType === 'RUN_SANDBOX')).toMatchObject({
    phaseStatus: 'TIMED_OUT',
    contexts: [{ statusCode: 'BUILD_TIMED_OUT' }],
  })
  expect(await commandOf(id, command)).toMatchObject({ status: 'TIMED_OUT' })
  expect(await provider().attach(`build-${id.split(':')[1]}`)).toBeUndefined()
})

test('a sandbox whose environment went ends with a reason', async () => {
  await startRunner()
  const id = await start()
  await ready(id)
  await stopRunner()
  await (await provider().attach(`build-${id.split(':')[1]}`))!.destroy()
  await startRunner()
  await expect.poll(async () => (await get(id)).status, { timeout: 15_000 }).toBe('FAULT')
  expect((await get(id)).currentSession!.phases!.flatMap(({ contexts }) => contexts ?? [])).toMatchObject([
    { message: expect.stringContaining('nothing is left of its build environment') },
  ])
})

test('what a command shows is without the secrets of the sandbox, its end is kept, and a daemon does not hold it', async () => {
  await startRunner()
  const id = await start()
  await ready(id)
  const secret = await run(
    id,
    'env | grep ^AWS_CONTAINER_AUTHORIZATION_TOKEN || echo none; cat "$0" | tail -n 1 | head -c 0; (sleep 1000 &) ; echo end',
  )
  const long = await run(id, 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; exit 3')
  await expect.poll(async () => (await commandOf(id, secret)).status, { timeout: 20_000 }).toBe('SUCCEEDED')
  expect((await commandOf(id, secret)).standardOutputContent).toMatch(
    /^(AWS_CONTAINER_AUTHORIZATION_TOKEN=\*\*\*|none)\nend\n$/,
  )
  await expect.poll(async () => (await commandOf(id, long)).status, { timeout: 20_000 }).toBe('FAILED')
  const { standardOutputContent, exitCode } = await commandOf(id, long)
  expect(exitCode).toBe('3')
  expect(Buffer.byteLength(standardOutputContent!)).toBe(65_536)
  expect(standardOutputContent!.endsWith('line 19998\nline 19999\n')).toBe(true)
  const lines: string[] = []
  for (let nextToken: string | undefined, before = ''; nextToken !== before || lines.length === 0; ) {
    before = nextToken ?? ''
    const { groupName: logGroupName, streamName: logStreamName } = (await commandOf(id, long)).logs!
    const place = { logGroupName, logStreamName: logStreamName!, startFromHead: true }
    const page = await house.invoke('logs', 'GetLogEvents', { ...place, ...(nextToken && { nextToken }) })
    lines.push(...page.events!.map(({ message }) => message!))
    nextToken = page.nextForwardToken
  }
  expect(lines).toEqual(
    Array.from(
      { length: 20_000 },
      (_, index) => `line ${index}
`,
    ),
  )
})

test('a connection is a session started with the role of the project; that it may not is said', async () => {
  await startRunner()
  const id = await start()
  await ready(id)
  sessions = 0
  const connect = () => house.invoke('codebuild', 'StartSandboxConnection', { sandboxId: id })
  await expect(connect()).rejects.toMatchObject(
    refusal(
      'InvalidInputException',
      /^Failed to start SSM session for arn:.*:sandbox\/app:.* User: .*role\/build\/AWSCodeBuild-.* is not authorized/,
    ),
  )
  expect(await connect()).toEqual({
    ssmSession: { sessionId: `s-codebuild:${id}`, tokenValue: 'token', streamUrl: 'ws://x' },
  })
})
