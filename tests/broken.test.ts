// One broken thing at a time against a yard that works: each gets a clear refusal, and the yard works on.

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { S3 } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  codeOf,
  form,
  garbage,
  json,
  rawConnection,
  send,
  signedHead,
  uniqueName,
} from './broken/requests.ts'
import { zipOf } from './broken/zipOf.ts'
import { type Agent, launchAgent } from './chaos/delivery.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

const run = promisify(execFile)
/** Only root may mount the small disk. */
const isRoot = process.getuid?.() === 0
let blobs: string
const BUCKET = 'broken-things'
let yard: Yard

beforeAll(async () => {
  blobs = await mkdtemp(join(tmpdir(), 'codeyard-blobs-'))
  if (isRoot) await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'codeyard', blobs])
  yard = await openYard({ args: ['--sandbox', 'host', '--blobs', blobs] })
  await yard.clients.s3.createBucket({ Bucket: BUCKET })
}, 90_000)

afterAll(async () => {
  await yard?.close()
  if (isRoot) await run('umount', ['-l', blobs]).catch(() => {})
  await rm(blobs, { recursive: true, force: true })
}, 60_000)

/** After each of them: it is healthy, and ordinary calls of three protocols work. */
afterEach(async () => {
  expect(yard.process.exitCode).toBeNull()
  expect((await fetch(`${yard.endpoint}/_codeyard/health`)).status).toBe(200)
  await yard.clients.codebuild.listProjects({})
  await yard.clients.iam.listRoles({})
  await yard.clients.s3.putObject({ Bucket: BUCKET, Key: 'ordinary', Body: 'ordinary' })
  expect(yard.log()).not.toMatch(/a request failed unexpectedly|an answer broke off|unhandled/i)
})

const LIST_PROJECTS = 'CodeBuild_20161006.ListProjects'

/** Refusals of a request's signature are told in the words of each protocol. */
function expectRefused(answer: Answer, status: number, code: string, type: RegExp) {
  expect({ status: answer.status, code: codeOf(answer) }, answer.text.slice(0, 500)).toEqual({ status, code })
  expect(answer.type).toMatch(type)
}
const JSON_TYPE = /application\/x-amz-json-1\.[01]/
const XML_TYPE = /(text|application)\/xml/

describe('signatures', () => {
  const wrongKey = () => ({ accessKeyId: yard.accessKeyId, secretAccessKey: 'not-the-secret' })
  const getBucket = { service: 's3', method: 'GET', path: `/${BUCKET}` }

  test('a bad signature', async () => {
    expectRefused(
      await send(yard, json(LIST_PROJECTS, '{}', { credentials: wrongKey() })),
      400,
      'InvalidSignatureException',
      JSON_TYPE,
    )
    expectRefused(
      await send(yard, form('Action=ListRoles&Version=2010-05-08', { credentials: wrongKey() })),
      403,
      'SignatureDoesNotMatch',
      XML_TYPE,
    )
    expectRefused(await send(yard, { ...getBucket, credentials: wrongKey() }), 403, 'SignatureDoesNotMatch', XML_TYPE)
  })

  test('an unknown access key', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }
    expectRefused(
      await send(yard, json(LIST_PROJECTS, '{}', { credentials })),
      400,
      'UnrecognizedClientException',
      JSON_TYPE,
    )
    expectRefused(
      await send(yard, form('Action=ListRoles&Version=2010-05-08', { credentials })),
      403,
      'InvalidClientTokenId',
      XML_TYPE,
    )
    expectRefused(await send(yard, { ...getBucket, credentials }), 403, 'InvalidAccessKeyId', XML_TYPE)
  })

  test('a session token that nobody issued', async () => {
    const credentials = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'x', sessionToken: 'invented' }
    for (const request of [
      json(LIST_PROJECTS, '{}', { credentials }),
      form('Action=ListRoles&Version=2010-05-08', { credentials }),
    ]) {
      const answer = await send(yard, request)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(codeOf(answer)).toMatch(/UnrecognizedClientException|InvalidClientTokenId/)
    }
  })

  test('a clock that is an hour off, in both directions', async () => {
    for (const hours of [-1, 1]) {
      const at = new Date(Date.now() + hours * 3_600_000)
      expectRefused(await send(yard, json(LIST_PROJECTS, '{}', { at })), 400, 'InvalidSignatureException', JSON_TYPE)
      expectRefused(await send(yard, { ...getBucket, at }), 403, 'RequestTimeTooSkewed', XML_TYPE)
    }
  })

  test('a body that is not what was signed', async () => {
    const answer = await send(yard, {
      ...json(LIST_PROJECTS, '{}'),
      tamper: sent => {
        sent.body = new Uint8Array(Buffer.from('{"nextToken":"x"}'))
      },
    })
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).toBe('InvalidSignatureException')
    const put = await send(yard, {
      service: 's3',
      method: 'PUT',
      path: `/${BUCKET}/tampered`,
      body: 'what was signed',
      tamper: sent => {
        sent.body = new Uint8Array(Buffer.from('what was posted'))
      },
    })
    expectRefused(put, 400, 'XAmzContentSHA256Mismatch', XML_TYPE)
    await expect(yard.clients.s3.headObject({ Bucket: BUCKET, Key: 'tampered' })).rejects.toMatchObject({
      name: 'NotFound',
    })
  })

  test('no signature at all', async () => {
    const answer = await fetch(yard.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': LIST_PROJECTS },
      body: '{}',
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('MissingAuthenticationToken')
    expect((await fetch(`${yard.endpoint}/${BUCKET}/ordinary`)).status).toBe(403)
  })
})

describe('what nobody knows', () => {
  test('an unknown operation of a known service', async () => {
    expectRefused(
      await send(yard, json('CodeBuild_20161006.MakeCoffee', '{}')),
      400,
      'UnknownOperationException',
      JSON_TYPE,
    )
    expectRefused(await send(yard, form('Action=MakeCoffee&Version=2010-05-08')), 400, 'InvalidAction', XML_TYPE)
  })

  test('an unknown service', async () => {
    expectRefused(
      await send(yard, json('Teapot_20990101.Brew', '{}', { service: 'teapot' })),
      400,
      'UnknownOperationException',
      JSON_TYPE,
    )
    const answer = await send(yard, form('Action=Brew&Version=2099-01-01', { service: 'teapot' }))
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).toBeDefined()
  })

  test('an operation that is not supported says why', async () => {
    const answer = await send(
      yard,
      json('CodeCommit_20150413.UpdateRepositoryEncryptionKey', '{}', { service: 'codecommit' }),
    )
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).toContain('Codeyard does not support codecommit:UpdateRepositoryEncryptionKey')
  })
})

describe('malformed bodies', () => {
  test.for([
    ['an open brace', '{"nextToken": '],
    ['no JSON', 'nextToken=1'],
    ['a list instead of an object', '[]'],
    ['a wrong type', '{"sortBy": {"a": 1}}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31])],
    ['100,000 nested lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['100,000 nested objects in a member', `{"nextToken":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
  ] as const)('JSON: %s', async ([, body]) => {
    const answer = await send(yard, json(LIST_PROJECTS, body))
    expect(answer.status, answer.text.slice(0, 300)).toBe(400)
    expect(codeOf(answer)).toMatch(/SerializationException|InvalidInputException|ValidationException/)
    expect(answer.type).toMatch(JSON_TYPE)
  })

  test('deep JSON in a member that is a text goes through as a text', async () => {
    const deep = '['.repeat(100_000)
    const answer = await send(yard, json(LIST_PROJECTS, JSON.stringify({ nextToken: deep })))
    expect(answer.status).toBe(400)
  })

  test.for([
    ['half a percent escape', 'Action=ListRoles&Version=2010-05-08&PathPrefix=%zz'],
    ['no action', 'Version=2010-05-08'],
    ['a list index out of this world', 'Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.99999999999.Key=k'],
    ['a member name of a prototype', 'Action=ListRoles&Version=2010-05-08&__proto__.polluted=1'],
  ] as const)('a form: %s', async ([, body]) => {
    const answer = await send(yard, form(body))
    expect(answer.status, answer.text.slice(0, 300)).toBeLessThan(500)
    expect(answer.type).toMatch(XML_TYPE)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.for([
    ['an open element', '<VersioningConfiguration><Status>'],
    ['no XML', 'hello'],
    [
      'an entity bomb',
      '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><VersioningConfiguration><Status>&c;</Status></VersioningConfiguration>',
    ],
    [
      'an external entity',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><VersioningConfiguration><Status>&b;</Status></VersioningConfiguration>',
    ],
    ['100,000 nested elements', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
  ] as const)('XML: %s', async ([, body]) => {
    const answer = await send(yard, {
      service: 's3',
      method: 'PUT',
      path: `/${BUCKET}`,
      query: { versioning: '' },
      body,
    })
    expectRefused(answer, 400, 'MalformedXML', XML_TYPE)
    expect(answer.text).not.toContain('root:')
  })

  test.for([
    ['garbage', garbage(1000)],
    ['a map that never ends', Buffer.from([0xbf, 0x61, 0x61])],
    ['a text of four gigabytes that is not there', Buffer.from([0xa1, 0x61, 0x61, 0x7a, 0xff, 0xff, 0xff, 0xff])],
    ['100,000 nested lists', Buffer.alloc(100_000, 0x81)],
  ] as const)('CBOR: %s', async ([, body]) => {
    const answer = await send(yard, {
      service: 'monitoring',
      path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor', accept: 'application/cbor' },
      body,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.headers.get('smithy-protocol')).toBe('rpc-v2-cbor')
  })
})

describe('too much', () => {
  const TEN_MB = 10 * 1024 * 1024 + 1
  test.for([
    ['JSON', () => json(LIST_PROJECTS, garbage(TEN_MB))],
    ['a form', () => form(garbage(TEN_MB))],
    [
      'CBOR',
      () => ({
        service: 'monitoring',
        path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
        headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
        body: garbage(TEN_MB),
      }),
    ],
    [
      'XML',
      () => ({ service: 's3', method: 'PUT', path: `/${BUCKET}`, query: { versioning: '' }, body: garbage(TEN_MB) }),
    ],
    ['a path that nobody serves', () => ({ service: 's3', path: '/no/such/thing', body: garbage(TEN_MB) })],
    ['the health check', () => ({ service: 's3', path: '/_codeyard/health', body: garbage(TEN_MB) })],
    [
      'a git push',
      () => ({ service: 'codecommit', path: '/v1/repos/nothing/git-receive-pack', body: garbage(TEN_MB) }),
    ],
  ] as const)('ten megabytes of garbage to %s', async ([name, request]) => {
    const answer = await send(yard, request()).catch(error => error as Error)
    // A server that answers and hangs up before all was sent is in the right, too.
    if (answer instanceof Error)
      return expect(String(answer.cause ?? answer)).toMatch(/EPIPE|ECONNRESET|other side closed/)
    if (name === 'the health check') return expect(answer.status).toBeLessThan(500)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })

  test('a header bomb', async () => {
    const { socket, heard } = await rawConnection(yard)
    const bomb = Array.from({ length: 2000 }, (_, line) => `x-bomb-${line}: ${'x'.repeat(100)}\r\n`).join('')
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${bomb}\r\n`)
    // The refusal may be lost when the connection is reset because of what was not read; it ends in any case.
    expect(await heard).toMatch(/^HTTP\/1\.1 431 |^$/)
  })

  test('no HTTP at all', async () => {
    const { socket, heard } = await rawConnection(yard)
    socket.write(garbage(10_000))
    expect(await heard).toMatch(/^HTTP\/1\.1 400 |^$/)
  })
})

describe('clients that hang up', () => {
  test('half a body', async () => {
    const { socket, heard } = await rawConnection(yard)
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: ${LIST_PROJECTS}\r\ncontent-length: 1000\r\n\r\n{"half":`)
    socket.end()
    await heard
  })

  test.for([
    ['a plain upload', {}, 'x'.repeat(65_536)],
    [
      'a chunked upload',
      {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '200000',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      `10000\r\n${'x'.repeat(65_536)}\r\n`,
    ],
  ] as const)('half of %s leaves no object and no bytes', async ([, headers, half]) => {
    const head = await signedHead(yard, {
      service: 's3',
      method: 'PUT',
      path: `/${BUCKET}/half`,
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers, 'content-length': '200042' },
    })
    const { socket, heard } = await rawConnection(yard)
    socket.write(`${head}${half}`)
    await until(async () => (await drafts()).length > 0)
    socket.destroy()
    await heard
    await until(async () => (await drafts()).length === 0)
    await expect(yard.clients.s3.headObject({ Bucket: BUCKET, Key: 'half' })).rejects.toMatchObject({
      name: 'NotFound',
    })
  })

  test('a wrong Content-MD5, a malformed one, and a wrong checksum', async () => {
    const put = (headers: Record<string, string>) =>
      send(yard, { service: 's3', method: 'PUT', path: `/${BUCKET}/sum`, body: 'the bytes', headers })
    const wrong = Buffer.alloc(16, 1).toString('base64')
    expectRefused(await put({ 'content-md5': wrong }), 400, 'BadDigest', XML_TYPE)
    expectRefused(await put({ 'content-md5': 'no digest' }), 400, 'InvalidDigest', XML_TYPE)
    expectRefused(
      await put({ 'x-amz-checksum-sha256': Buffer.alloc(32, 1).toString('base64') }),
      400,
      'BadDigest',
      XML_TYPE,
    )
    expectRefused(await put({ 'x-amz-checksum-crc32': 'no checksum' }), 400, 'InvalidRequest', XML_TYPE)
    await expect(yard.clients.s3.headObject({ Bucket: BUCKET, Key: 'sum' })).rejects.toMatchObject({ name: 'NotFound' })
    expect(await drafts()).toEqual([])
  })
})

describe('a disk that is full', () => {
  test.skipIf(!isRoot)('uploads are answered with 503 and leave nothing; with space again they work', async () => {
    const { s3 } = yard.clients
    const impatient = new S3({
      endpoint: yard.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: yard.accessKeyId, secretAccessKey: yard.secretAccessKey },
      forcePathStyle: true,
      maxAttempts: 1,
    })
    const put = (Key: string, bytes: number) =>
      impatient.putObject({ Bucket: BUCKET, Key, Body: Buffer.alloc(bytes, 1) })
    const unavailable = { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }
    try {
      await expect(put('too-large', 40 << 20)).rejects.toMatchObject(unavailable)
      await until(async () => (await drafts()).length === 0)
      await run('dd', ['if=/dev/zero', `of=${join(blobs, 'filler')}`, 'bs=64k']).catch(() => {})
      await expect(put('small', 100_000)).rejects.toMatchObject(unavailable)
      expect(await drafts()).toEqual([])
      await rm(join(blobs, 'filler'))
      await put('small', 100_000)
      expect((await s3.headObject({ Bucket: BUCKET, Key: 'small' })).ContentLength).toBe(100_000)
      await expect(s3.headObject({ Bucket: BUCKET, Key: 'too-large' })).rejects.toMatchObject({ name: 'NotFound' })
    } finally {
      await rm(join(blobs, 'filler'), { force: true })
      impatient.destroy()
    }
  })
})

describe('what users bring', () => {
  const NAME = 'web-node'
  let agentRoot: string
  let agent: Agent
  let roleArn: string

  beforeAll(async () => {
    agentRoot = await mkdtemp(join(tmpdir(), 'codeyard-agent-'))
    // A bomb must not fill the machine's disk in a test.
    if (isRoot) await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'codeyard', agentRoot])
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: ['codebuild.amazonaws.com', 'codedeploy.amazonaws.com'] },
          Action: 'sts:AssumeRole',
        },
      ],
    }
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
    const { iam, codedeploy } = yard.clients
    const { Role } = await iam.createRole({ RoleName: 'broken', AssumeRolePolicyDocument: JSON.stringify(trust) })
    await iam.putRolePolicy({ RoleName: 'broken', PolicyName: 'all', PolicyDocument: JSON.stringify(all) })
    roleArn = Role!.Arn!
    await codedeploy.createApplication({ applicationName: NAME, computePlatform: 'Server' })
    await codedeploy.createDeploymentGroup({
      applicationName: NAME,
      deploymentGroupName: 'broken',
      serviceRoleArn: roleArn,
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      onPremisesInstanceTagFilters: [{ Key: 'app', Value: NAME, Type: 'KEY_AND_VALUE' }],
    })
    agent = await launchAgent(yard, agentRoot, {})
  }, 60_000)
  afterAll(async () => {
    await agent?.stop()
    if (isRoot) await run('umount', ['-l', agentRoot]).catch(() => {})
    await rm(agentRoot, { recursive: true, force: true })
  }, 60_000)

  test('a buildspec with a tab fails its build with the line', async () => {
    const { codebuild } = yard.clients
    await codebuild.createProject({
      name: 'tab',
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases:\n\tbuild:\n    commands: [true]\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'node:24-slim', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn,
    })
    const { build } = await codebuild.startBuild({ projectName: 'tab' })
    const get = async () => (await codebuild.batchGetBuilds({ ids: [build!.id!] })).builds![0]!
    await until(async () => (await get()).buildStatus !== 'IN_PROGRESS', 60_000)
    const { buildStatus, phases } = await get()
    expect(buildStatus).toBe('FAILED')
    const [context] = phases!.flatMap(({ contexts }) => contexts ?? []).filter(({ statusCode }) => statusCode)
    expect(context).toMatchObject({ statusCode: 'YAML_FILE_ERROR', message: expect.stringContaining('line 3') })
  }, 90_000)

  /** Deploys these files as a zip; how the deployment ended on the host. */
  async function deploy(key: string, bundle: Buffer) {
    const { s3, codedeploy } = yard.clients
    await s3.putObject({ Bucket: BUCKET, Key: key, Body: bundle })
    const { deploymentId } = await codedeploy.createDeployment({
      applicationName: NAME,
      deploymentGroupName: 'broken',
      revision: { revisionType: 'S3', s3Location: { bucket: BUCKET, key, bundleType: 'zip' } },
    })
    const get = async () => (await codedeploy.getDeployment({ deploymentId })).deploymentInfo!
    await until(async () => /Failed|Succeeded|Stopped/.test((await get()).status!), 60_000)
    const { targetIds } = await codedeploy.listDeploymentTargets({ deploymentId })
    const { deploymentTargets } = await codedeploy.batchGetDeploymentTargets({ deploymentId, targetIds: targetIds! })
    const events = deploymentTargets![0]!.instanceTarget!.lifecycleEvents!
    const failed = events.find(({ status }) => status === 'Failed')
    return { status: (await get()).status, event: failed?.lifecycleEventName, message: failed?.diagnostics?.message }
  }
  const appspec = { name: 'appspec.yml', content: Buffer.from('version: 0.0\nos: linux\n') }

  test('a bundle whose entries leave their directory fails its deployment and writes nothing outside', async () => {
    const outside = `../../../../../../../../../../..${tmpdir()}/codeyard-left`
    const ended = await deploy('leaves.zip', zipOf([appspec, { name: outside, content: Buffer.from('out') }]))
    expect(ended).toMatchObject({ status: 'Failed', event: 'DownloadBundle' })
    expect(ended.message).toMatch(/leaves the directory|relative path/)
    await expect(stat(join(tmpdir(), 'codeyard-left'))).rejects.toMatchObject({ code: 'ENOENT' })
  }, 90_000)

  test.skipIf(!isRoot)(
    'a bundle that unpacks to more than the disk holds fails its deployment, and the next one works',
    async () => {
      const bomb = await deploy('bomb.zip', zipOf([appspec, { name: 'bomb', content: Buffer.alloc(200 << 20) }]))
      expect(bomb).toMatchObject({ status: 'Failed', event: 'DownloadBundle' })
      expect(bomb.message).toContain('disk is (or was) full')
      expect(await deploy('sound.zip', zipOf([appspec]))).toMatchObject({ status: 'Succeeded' })
    },
    120_000,
  )
})

describe('names that try to leave', () => {
  test('keys of S3 are names, not paths', async () => {
    const keys = [
      '../../../../tmp/codeyard-escaped',
      '..',
      'a/../../b',
      '/etc/passwd',
      'a//b',
      '.',
      `nul${String.fromCharCode(1)}`,
    ]
    for (const Key of keys) {
      const put = await yard.clients.s3.putObject({ Bucket: BUCKET, Key, Body: Key }).catch((error: Error) => error)
      if (put instanceof Error) {
        expect((put as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode, Key).toBe(400)
        continue
      }
      const { Body } = await yard.clients.s3.getObject({ Bucket: BUCKET, Key })
      expect(await Body!.transformToString()).toBe(Key)
    }
    await expect(stat('/tmp/codeyard-escaped')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('repository names', async () => {
    for (const repositoryName of ['../x', 'a/b', '/x', 'x.git', '', 'a\0b', 'x'.repeat(101)]) {
      const refusal = await yard.clients.codecommit.createRepository({ repositoryName }).catch((error: Error) => error)
      expect(refusal, repositoryName).toBeInstanceOf(Error)
      expect((refusal as Error).name).toMatch(/InvalidRepositoryNameException|RepositoryNameRequiredException/)
    }
    // AWS: letters, digits, `.`, `-` and `_` make a name, so this is one; directories are named by ids.
    await yard.clients.codecommit.createRepository({ repositoryName: '..' })
    expect(
      (await yard.clients.codecommit.getRepository({ repositoryName: '..' })).repositoryMetadata?.repositoryName,
    ).toBe('..')
    await yard.clients.codecommit.deleteRepository({ repositoryName: '..' })
    for (const path of [
      '/v1/repos/..%2f..%2fetc/info/refs',
      '/v1/repos/%2e%2e/info/refs',
      '/v1/repos/a%00b/info/refs',
    ]) {
      const answer = await fetch(`${yard.endpoint}${path}?service=git-upload-pack`)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
      expect(answer.status, path).toBeLessThan(500)
    }
  })
})

describe('git pushes that are none', () => {
  let url: string
  let folder: string
  const REF = 'refs/heads/main'

  beforeAll(async () => {
    const repositoryName = uniqueName('garbage')
    await yard.clients.codecommit.createRepository({ repositoryName })
    const { makeGitLogin } = await import('../src/cli/demo/login.ts')
    const { userName, password } = await makeGitLogin(yard.clients)
    const remote = new URL(`${yard.endpoint}/v1/repos/${repositoryName}`)
    remote.username = encodeURIComponent(userName)
    remote.password = encodeURIComponent(password)
    url = remote.href
    folder = await mkdtemp(join(tmpdir(), 'codeyard-broken-'))
    const git = (...args: string[]) => client(yard, 'git', args, { cwd: folder })
    await git('init', '-q', '-b', 'main')
    await writeFile(join(folder, 'file'), 'content')
    await git('add', '.')
    await git('commit', '-qm', 'first')
    await git('push', '-q', url, 'main')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const post = async (body: Uint8Array) => {
    const { username, password, origin, pathname } = new URL(url)
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
    const response = await fetch(`${origin}${pathname}/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-git-receive-pack-request' },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(30_000),
    })
    return { status: response.status, text: await response.text() }
  }
  const tip = async () => (await client(yard, 'git', ['ls-remote', url, REF])).stdout.split('\t')[0]
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`

  test('garbage instead of commands', async () => {
    const before = await tip()
    for (const body of [
      garbage(5000),
      Buffer.alloc(0),
      Buffer.from('ffff'),
      Buffer.from('0000'),
      Buffer.from(line('hello\n')),
    ]) {
      const { status } = await post(body)
      expect(status).toBeLessThan(500)
    }
    expect(await tip()).toBe(before)
  })

  test('a corrupt pack, a truncated one, and a commit that is not in it', async () => {
    const before = (await tip())!
    const git = async (...args: string[]) => (await client(yard, 'git', args, { cwd: folder })).stdout.trim()
    await git('commit', '-q', '--allow-empty', '-m', 'second')
    const next = await git('rev-parse', 'HEAD')
    await git('repack', '-adq')
    const packs = join(folder, '.git/objects/pack')
    const [packFile] = (await readdir(packs)).filter(name => name.endsWith('.pack'))
    const pack = await readFile(join(packs, packFile!))
    const command = Buffer.from(`${line(`${before} ${next} ${REF}\0report-status`)}0000`)
    const corrupt = Buffer.from(pack)
    corrupt[40] = corrupt[40]! ^ 0xff
    const absent = Buffer.from(`${line(`${before} ${'1'.repeat(40)} ${REF}\0report-status`)}0000`)
    for (const body of [
      Buffer.concat([command, corrupt]),
      Buffer.concat([command, pack.subarray(0, pack.length - 30)]),
      Buffer.concat([command, garbage(1000)]),
      command,
      Buffer.concat([absent, pack]),
    ]) {
      const { status, text } = await post(body)
      expect(status).toBeLessThan(500)
      expect(text).not.toMatch(/ok refs\/heads\/main/)
      expect(await tip()).toBe(before)
    }
    await git('push', '-q', url, 'main')
    expect(await tip()).toBe(next)
    const clone = join(folder, 'clone')
    await git('clone', '-q', url, clone)
    await client(yard, 'git', ['fsck', '--strict'], { cwd: clone })
  })
})

/** Uploads that are not yet, or will never be, objects. */
async function drafts(): Promise<string[]> {
  return await readdir(join(blobs, 'tmp')).catch(() => [])
}

async function until(holds: () => Promise<boolean>, patience = 15_000): Promise<void> {
  const end = performance.now() + patience
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it did not come to be')
    await delay(50)
  }
}
