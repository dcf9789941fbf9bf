import { expect, test } from 'vitest'
import { randomIds } from '../core/ids.ts'
import { masterKeyOf } from '../core/masterKey.ts'
import { openSession, type SessionClaims, sealSession } from './sessionToken.ts'

const key = masterKeyOf(Buffer.alloc(32, 7))
const claims: SessionClaims = {
  account: '000000000000',
  issuedAt: 1_000,
  expires: 2_000,
  who: { kind: 'role', roleId: 'AROAX', roleArn: 'arn:aws:iam::000000000000:role/x', sessionName: 's' },
}

test('a session token gives back what it stands for, with the secret of its key', () => {
  const made = sealSession(key, randomIds, claims)
  expect(made).toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/), expires: new Date(2_000) })
  expect(openSession(key, made.accessKeyId, made.sessionToken)).toEqual({ ...claims, secret: made.secretAccessKey })
})

test('a token with long policies still fits into headers', () => {
  const statements = Array.from({ length: 40 }, (_, i) => ({
    Effect: 'Allow',
    Action: 's3:*',
    Resource: `arn:aws:s3:::bucket-${i}/*`,
  }))
  const policies = [JSON.stringify({ Version: '2012-10-17', Statement: statements })]
  const made = sealSession(key, randomIds, { ...claims, policies })
  expect(made.sessionToken.length).toBeLessThan(2048)
  expect(openSession(key, made.accessKeyId, made.sessionToken)).toMatchObject({ policies })
})

test('nobody else’s token opens', () => {
  const made = sealSession(key, randomIds, claims)
  expect(openSession(masterKeyOf(Buffer.alloc(32, 8)), made.accessKeyId, made.sessionToken)).toBeUndefined()
  expect(openSession(key, 'ASIAOTHER', made.sessionToken)).toBeUndefined()
  expect(openSession(key, made.accessKeyId, 'garbage')).toBeUndefined()
})
