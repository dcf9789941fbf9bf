// Who may start a session where, and when a token is good. The terminal itself is tested with a server, in tests/sandboxes.test.ts.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { access } from '../access.ts'
import { ssm } from '../index.ts'
import { redeemToken, TOKEN_MS } from './sessions.ts'

const BUILD = 'app:11111111-1111-4111-8111-111111111111'
const SANDBOX = 'app:22222222-2222-4222-8222-222222222222'
let house: TestHouse
beforeAll(async () => {
  house = await openHouse({
    services: [ssm],
    answers: {
      'codebuild.BatchGetBuilds': async ({ ids }) => ({
        builds: ids.includes(BUILD)
          ? [{ debugSession: { sessionEnabled: true, sessionTarget: `codebuild:${BUILD}` } }]
          : [],
      }),
      'codebuild.BatchGetSandboxes': async ({ ids }) => ({
        sandboxes: ids.includes(SANDBOX) ? [{ currentSession: { currentPhase: 'RUN_SANDBOX' } }] : [],
      }),
    },
    now: '2026-01-01T00:00:00Z',
  })
})
afterAll(() => house?.close())

const start = (input: object = {}) => house.invoke('ssm', 'StartSession', { Target: `codebuild:${BUILD}`, ...input })
const redeem = (id: string, token: string) => house.transaction(({ tx, now }) => redeemToken(tx, id, token, now))

test('a session has an id with its owner, a token, and a URL on this server', async () => {
  const { SessionId, TokenValue, StreamUrl } = await start()
  expect(SessionId).toMatch(/^root-[a-z0-9]{25}$/)
  expect(TokenValue).toMatch(/^[A-Za-z0-9]{64}$/)
  expect(StreamUrl).toBe(`ws://127.0.0.1:4566/v1/data-channel/${SessionId}?role=publish_subscribe&cell-number=0`)
  expect(await start({ Target: `codebuild:${SANDBOX}` })).toMatchObject({ SessionId: expect.any(String) })
})

test.each(['codebuild:app:33333333-3333-4333-8333-333333333333', 'codebuild:nothing', 'i-0123456789abcdef0', 'mi-01'])(
  'the target %s is not connected',
  async target => {
    const refused = { code: 'TargetNotConnected', message: `${target} is not connected.` }
    await expect(start({ Target: target })).rejects.toMatchObject(refused)
  },
)

test('documents are those that a build environment can carry out', async () => {
  await expect(start({ DocumentName: 'AWS-StartSSHSession' })).rejects.toMatchObject({ code: 'InvalidDocument' })
  await expect(start({ DocumentName: 'AWS-StartNonInteractiveCommand' })).rejects.toMatchObject({
    code: 'ValidationException',
  })
  const Parameters = { command: ['ls'] }
  expect(await start({ DocumentName: 'AWS-StartInteractiveCommand', Parameters })).toMatchObject({
    SessionId: expect.any(String),
  })
})

test('a token is good once, for its own session, and for a minute', async () => {
  const first = await start()
  const second = await start()
  expect(await redeem(first.SessionId!, second.TokenValue!)).toBeUndefined()
  expect(await redeem(first.SessionId!, '')).toBeUndefined()
  expect(await redeem('none', first.TokenValue!)).toBeUndefined()
  expect(await redeem(first.SessionId!, first.TokenValue!)).toMatchObject({
    id: first.SessionId,
    target: `codebuild:${BUILD}`,
  })
  expect(await redeem(first.SessionId!, first.TokenValue!)).toBeUndefined()
  expect(await redeem(first.SessionId!, '')).toBeUndefined()
  house.clock.advance(TOKEN_MS)
  expect(await redeem(second.SessionId!, second.TokenValue!)).toBeUndefined()
})

test('of the same token shown ten times at once one is good', async () => {
  const { SessionId, TokenValue } = await start()
  const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(SessionId!, TokenValue!)))
  expect(answers.filter(Boolean)).toHaveLength(1)
})

test('a terminated session is opened by no token, and terminating again is fine', async () => {
  const { SessionId, TokenValue } = await start()
  for (let count = 0; count < 2; count++)
    expect(await house.invoke('ssm', 'TerminateSession', { SessionId: SessionId! })).toEqual({ SessionId })
  expect(await redeem(SessionId!, TokenValue!)).toBeUndefined()
})

test('permissions are asked for the build, and for a document that is named', async () => {
  const call = { scope: house.scope } as Parameters<typeof access>[0]
  const asked = (input: object) => access(call, 'StartSession', input).map(({ resource }) => resource)
  const build = `arn:aws:codebuild:us-east-1:000000000000:build/${BUILD}`
  expect(asked({ Target: `codebuild:${BUILD}` })).toEqual([build])
  expect(asked({ Target: `codebuild:${BUILD}`, DocumentName: 'AWS-StartSSHSession' })).toEqual([
    build,
    'arn:aws:ssm:us-east-1::document/AWS-StartSSHSession',
  ])
  expect(asked({ Target: 'i-1' })).toEqual(['arn:aws:ec2:us-east-1:000000000000:instance/i-1'])
})
