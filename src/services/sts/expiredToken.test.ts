// Temporary credentials after their end, over HTTP: every protocol says so in its own form, and fresh ones work.

import { CodeCommitClient, ListRepositoriesCommand } from '@aws-sdk/client-codecommit'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import { authenticator } from '../../gateway/authenticate.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../testing/house.ts'
import { createHttpServer, type HttpServer } from '../../transports/http/index.ts'
import { createIdentityDirectory, type IamDirectory } from '../iam/directory/identityDirectory.ts'
import { ensureRootCredentials } from '../iam/directory/rootCredentials.ts'
import { iam } from '../iam/index.ts'
import { sts } from './index.ts'

const ROLE = `arn:aws:iam::${ACCOUNT}:role/reader`
const MINUTES = 15

let house: TestHouse
let directory: IamDirectory
let server: HttpServer
let endpoint: string
let root: { accessKeyId: string; secretAccessKey: string }

beforeAll(async () => {
  const identity: IdentityDirectory = {
    findCredential: (...args) => directory.findCredential(...args),
    policiesOf: principal => directory.policiesOf(principal),
    assumeAsService: (...args) => directory.assumeAsService(...args),
    findServiceCredential: (...args) => directory.findServiceCredential(...args),
  }
  house = await openHouse({
    services: [iam, sts],
    identity,
    now: new Date().toISOString(),
    answers: {
      's3.ListBuckets': async () => ({ Buckets: [] }),
      'codecommit.ListRepositories': async () => ({ repositories: [] }),
    },
  })
  const parts = {
    store: house.store,
    config: house.config,
    clock: house.clock,
    ids: randomIds,
    log: createLog('silent'),
  }
  directory = await createIdentityDirectory(parts)
  root = await ensureRootCredentials(parts)
  const authenticate = authenticator({ identity: directory, clock: house.clock, config: house.config })
  server = createHttpServer({ gateway: house.gateway, authenticate, ids: randomIds, log: parts.log })
  endpoint = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`
  const allow = (more: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] })
  await house.invoke('iam', 'CreateUser', { UserName: 'ann' })
  await house.invoke('iam', 'CreateRole', {
    RoleName: 'reader',
    AssumeRolePolicyDocument: allow({
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/ann` },
    }),
  })
  await house.invoke('iam', 'PutRolePolicy', {
    RoleName: 'reader',
    PolicyName: 'lists',
    PolicyDocument: allow({ Action: ['s3:*', 'codecommit:*'], Resource: '*' }),
  })
})
afterAll(async () => {
  await server?.close(0)
  await directory?.close()
  await house?.close()
})

test('are refused with the error of each protocol, and new ones are accepted', async () => {
  const { AccessKey } = await house.invoke('iam', 'CreateAccessKey', { UserName: 'ann' })
  const ann = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }
  const assume = async (later: number) => {
    const client = new STSClient({ ...settings(later), credentials: ann })
    const { Credentials } = await client.send(
      new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'now', DurationSeconds: MINUTES * 60 }),
    )
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    }
  }
  const settings = (later: number) => ({ endpoint, region: 'us-east-1', maxAttempts: 1, systemClockOffset: later })
  const lists = (credentials: object, later: number) => {
    const options = { ...settings(later), credentials: credentials as typeof root }
    return [
      new STSClient(options).send(new GetCallerIdentityCommand({})),
      new CodeCommitClient(options).send(new ListRepositoriesCommand({})),
      new S3Client({ ...options, forcePathStyle: true }).send(new ListBucketsCommand({})),
    ]
  }
  const session = await assume(0)
  await Promise.all(lists(session, 0))
  const later = (MINUTES * 60 + 1) * 1000
  house.clock.advance(later)
  const [query, json, xml] = await Promise.allSettled(lists(session, later))
  const message = 'The security token included in the request is expired'
  expect([query, json]).toMatchObject([
    { reason: { name: 'ExpiredToken', message, $metadata: { httpStatusCode: 403 } } },
    { reason: { name: 'ExpiredTokenException', message, $metadata: { httpStatusCode: 400 } } },
  ])
  expect(xml).toMatchObject({
    reason: { name: 'ExpiredToken', message: 'The provided token has expired.', $metadata: { httpStatusCode: 400 } },
  })
  await Promise.all(lists(await assume(later), later))
})
