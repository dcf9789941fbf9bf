import { createHash } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { CodeCommitClient, GetRepositoryCommand, ListRepositoriesCommand } from '@aws-sdk/client-codecommit'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, describe, expect, test } from 'vitest'
import { randomIds } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import { ServiceError } from '../../core/serviceError.ts'
import type { Request } from '../../gateway/gateway.ts'
import type { Principal } from '../../operation/principal.ts'
import { trailersOf } from '../../operation/trailers.ts'
import { verifyRequest } from '../../protocol/sigv4/verifyRequest.ts'
import { type Authenticate, createHttpServer, type HttpParts, type HttpServer } from './index.ts'

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const ROOT: Principal = { type: 'root', account: '000000000000', arn: 'arn:aws:iam::000000000000:root' }
const find = async () => ({ ...KEY, active: true, principal: ROOT })

/** The real verification of signatures, with one key. */
const authenticate: Authenticate = async (wire, service) => {
  const { method, path, rawQuery, rawHeaders, bytes } = wire
  const asked = {
    method,
    path,
    rawQuery,
    headers: rawHeaders,
    now: new Date(),
    service,
    anonymous: { ...ROOT, type: 'anonymous' } as Principal,
  }
  const verified = await verifyRequest(bytes ? { ...asked, body: bytes } : asked, find)
  const scope = { account: ROOT.account, region: verified.region ?? 'us-east-1' }
  return {
    principal: verified.principal,
    scope,
    body: bytes ? wire.body : verified.decode(wire.body),
    trailers: verified.trailers,
  }
}

let running: HttpServer | undefined
let url = ''
let port = 0
afterEach(async () => {
  await running?.close(0)
  running = undefined
})

/** Starts a server whose gateway is `call`. */
async function serve(call: (request: Request) => unknown, more: Partial<HttpParts> = {}): Promise<void> {
  const gateway = { call: async (request: Request) => call(request) }
  running = createHttpServer({ gateway, authenticate, ids: randomIds, log: createLog('silent'), ...more })
  port = (await running.listen(0, '127.0.0.1')).port
  url = `http://127.0.0.1:${port}`
}

const client = () => ({ endpoint: url, region: 'eu-west-1', credentials: KEY, maxAttempts: 1 })
const target = (name: string) => ({ 'x-amz-target': name, 'content-type': 'application/x-amz-json-1.1' })

/** Sends raw text, answers what came back until the server closed or `until` was seen. */
function raw(text: string | Buffer, until?: RegExp, patience = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    const timer = setTimeout(() => socket.destroy(new Error(`no answer, only: ${got}`)), patience)
    const done = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(got)
    }
    socket.on('data', data => {
      got += data
      if (until?.test(got)) done()
    })
    socket.on('end', done)
    socket.on('error', error => (got === '' ? reject(error) : done()))
  })
}

describe('a signed call', () => {
  test('reaches the gateway with who, where and what, and its answer the client', async () => {
    const calls: Request[] = []
    await serve(request => {
      calls.push(request)
      return { repositoryMetadata: { repositoryName: 'x' } }
    })
    const output = await new CodeCommitClient(client()).send(new GetRepositoryCommand({ repositoryName: 'x' }))
    expect(output.repositoryMetadata).toEqual({ repositoryName: 'x' })
    expect(calls).toMatchObject([
      {
        service: 'codecommit',
        operation: 'GetRepository',
        input: { repositoryName: 'x' },
        principal: ROOT,
        scope: { account: '000000000000', region: 'eu-west-1' },
        origin: { sourceIp: '127.0.0.1', secure: false, userAgent: expect.stringContaining('aws-sdk-js') },
      },
    ])
    expect(output.$metadata.requestId).toBe(calls[0]!.requestId)
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('that is signed with another secret is refused in the protocol of the service', async () => {
    await serve(() => ({}))
    const wrong = { ...client(), credentials: { ...KEY, secretAccessKey: 'other' } }
    await expect(new CodeCommitClient(wrong).send(new ListRepositoriesCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    })
    await expect(
      new S3Client({ ...wrong, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
    ).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    })
  })

  test('errors of the gateway and of bugs are told apart', async () => {
    await serve(({ service }) => {
      if (service === 'sts') throw new TypeError('secret detail')
      throw new ServiceError('RepositoryDoesNotExistException', 'x does not exist')
    })
    await expect(
      new CodeCommitClient(client()).send(new GetRepositoryCommand({ repositoryName: 'x' })),
    ).rejects.toMatchObject({
      name: 'RepositoryDoesNotExistException',
      $metadata: { httpStatusCode: 400 },
    })
    const bug = new STSClient(client()).send(new GetCallerIdentityCommand({}))
    await expect(bug).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } })
    await expect(bug).rejects.not.toThrow('secret detail')
  })

  test('many share one connection', async () => {
    await serve(() => ({ repositories: [] }))
    const ports = new Set<number | undefined>()
    running!.server.on('request', request => ports.add(request.socket.remotePort))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const codecommit = new CodeCommitClient({ ...client(), requestHandler: { httpAgent: agent } })
    for (let count = 0; count < 5; count++) await codecommit.send(new ListRepositoriesCommand({}))
    expect(ports.size).toBe(1)
    agent.destroy()
  })
})

describe('S3 bodies', () => {
  const s3 = () => new S3Client({ ...client(), forcePathStyle: true })

  test('stream in, chunked and with a checksum behind them', async () => {
    let md5 = ''
    let trailers: unknown
    let told: unknown
    await serve(async ({ input }: any) => {
      const hash = createHash('md5')
      for await (const chunk of input.Body) hash.update(chunk)
      md5 = hash.digest('hex')
      trailers = { names: trailersOf(input)?.names, values: await trailersOf(input)?.values }
      told = { length: input.ContentLength, encoding: input.ContentEncoding }
      return { ETag: `"${md5}"` }
    })
    const body = Buffer.alloc(3_000_000, 'abc')
    await s3().send(
      new PutObjectCommand({
        Bucket: 'b',
        Key: 'k',
        Body: Readable.from([body.subarray(0, 1_234_567), body.subarray(1_234_567)]),
        ContentLength: body.length,
      }),
    )
    expect(md5).toBe(createHash('md5').update(body).digest('hex'))
    expect(told).toEqual({ length: 3_000_000, encoding: undefined })
    expect(trailers).toMatchObject({
      names: ['x-amz-checksum-crc32'],
      values: { 'x-amz-checksum-crc32': expect.any(String) },
    })
  })

  test('stream out with back-pressure, and the stream ends when the client does', async () => {
    let made = 0
    const ended = Promise.withResolvers<void>()
    const endless = new Readable({
      read() {
        made += 65_536
        this.push(Buffer.alloc(65_536))
      },
      destroy(_error, callback) {
        ended.resolve()
        callback(null)
      },
    })
    await serve(() => ({ Body: endless, ContentLength: 10 * 1024 ** 3 }))
    const { Body } = await s3().send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))
    for await (const chunk of Body as Readable) if (chunk.length > 0) break
    ;(Body as Readable).destroy()
    await ended.promise
    expect(made).toBeLessThan(64 * 1024 * 1024)
  })

  test('that the handler does not read do not stall the connection', async () => {
    await serve(({ operation }) => {
      if (operation === 'PutObject') throw new ServiceError('NoSuchBucket', 'no', { status: 404 })
      return { Body: Readable.from([Buffer.from('x')]), ContentLength: 1 }
    })
    const one = new S3Client({
      ...client(),
      forcePathStyle: true,
      requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) },
    })
    for (let count = 0; count < 3; count++) {
      const put = one.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Buffer.alloc(5_000_000) }))
      await expect(put).rejects.toMatchObject({ name: 'NoSuchBucket' })
      const got = await one.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))
      expect(await got.Body!.transformToString()).toBe('x')
    }
    one.destroy()
  })

  test('are waited for with 100-continue, which comes only to whom may send', async () => {
    await serve(
      async ({ input }: any) => {
        if (input.Bucket === 'forbidden') throw new ServiceError('AccessDenied', 'Access Denied', { status: 403 })
        let size = 0
        for await (const chunk of input.Body) size += chunk.length
        return { ETag: `"${size}"` }
      },
      {
        authenticate: async (wire, ...named) => {
          if (wire.path.startsWith('/refused')) throw new ServiceError('SignatureDoesNotMatch', 'no', { status: 403 })
          return authenticate(wire, ...named)
        },
      },
    )
    const put = (path: string) =>
      new Promise<{ continued: boolean; status: number | undefined }>((resolve, reject) => {
        let continued = false
        const sent = httpRequest({
          host: '127.0.0.1',
          port,
          path,
          method: 'PUT',
          headers: { expect: '100-continue', 'content-length': 5 },
        })
        sent.once('continue', () => {
          continued = true
          sent.end('hello')
        })
        sent.once('response', (response: IncomingMessage) => {
          response.resume()
          resolve({ continued, status: response.statusCode })
          if (!continued) sent.destroy()
        })
        sent.once('error', reject)
        sent.flushHeaders()
      })
    expect(await put('/bucket/key')).toEqual({ continued: true, status: 200 })
    expect(await put('/refused/key')).toEqual({ continued: false, status: 403 })
  })
})

describe('a client that misbehaves', () => {
  test('10 MB of garbage are answered, in every form', async () => {
    await serve(() => ({}))
    const garbage = Buffer.alloc(10_000_000, 0xfe)
    const send = (path: string, headers: Record<string, string>, method = 'POST') =>
      fetch(url + path, { method, body: garbage, headers })
    const json = await send('/', target('CodeCommit_20150413.GetRepository'))
    expect({ status: json.status, body: await json.json() }).toMatchObject({
      status: 400,
      body: { __type: 'MissingAuthenticationTokenException' },
    })
    const form = await send('/', { 'content-type': 'application/x-www-form-urlencoded' })
    expect([form.status, await form.text()]).toEqual([400, expect.stringContaining('<Code>')])
    const xml = await send('/bucket?delete', {})
    expect([xml.status, await xml.text()]).toEqual([400, expect.stringContaining('MalformedXML')])
    const cbor = await send('/service/X/operation/Y', { 'smithy-protocol': 'rpc-v2-cbor' })
    expect(cbor.status).toBe(400)
  })

  test('a body over the limit is refused without being kept', async () => {
    await serve(() => ({}))
    const response = await fetch(url, {
      method: 'POST',
      body: Buffer.alloc(11 * 1024 * 1024),
      headers: target('CodeCommit_20150413.GetRepository'),
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ __type: 'RequestEntityTooLargeException' })
  })

  test('a body without end is cut off, and others are served meanwhile', async () => {
    await serve(() => ({}))
    const head = `POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: CodeCommit_20150413.GetRepository\r\ncontent-length: 99999999999\r\n\r\n`
    const flood = new Promise<string>(resolve => {
      let got = ''
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(head)
        const more = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
        }
        socket.on('drain', more)
        more()
      })
      socket.on('data', data => {
        got += data
      })
      socket.on('error', () => resolve(got))
      socket.on('close', () => resolve(got))
    })
    expect((await fetch(`${url}/_codeyard/health`)).status).toBe(200)
    expect(await flood).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('half a body ends the request, not the server', async () => {
    await serve(() => ({}))
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: CodeCommit_20150413.GetRepository\r\ncontent-length: 100\r\n\r\nhalf',
    )
    socket.end()
    await new Promise(resolve => socket.resume().once('close', resolve))
    expect((await fetch(`${url}/_codeyard/health`)).status).toBe(200)
  })

  test('what is no HTTP is answered as such', async () => {
    await serve(() => ({}))
    expect(await raw('\x16\x03\x01garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('hanging up aborts the call', async () => {
    const aborted = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    await serve(async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      await aborted.promise
      return {}
    })
    const hangUp = new AbortController()
    const sent = new CodeCommitClient(client()).send(new ListRepositoriesCommand({}), { abortSignal: hangUp.signal })
    await started.promise
    hangUp.abort()
    await expect(sent).rejects.toThrow()
    await aborted.promise
  })

  test('a call that ends well is not aborted', async () => {
    let signal: AbortSignal | undefined
    await serve(request => {
      signal = request.signal
      return { repositories: [] }
    })
    await new CodeCommitClient(client()).send(new ListRepositoriesCommand({}))
    await running!.close()
    expect(signal!.aborted).toBe(false)
  })
})

describe('the other doors of the port', () => {
  test('health', async () => {
    let healthy = true
    await serve(() => ({}), {
      health: async () => {
        if (!healthy) throw new Error('the database is away')
        return { version: '1' }
      },
    })
    const response = await fetch(`${url}/_codeyard/health`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', version: '1' }])
    healthy = false
    const sick = await fetch(`${url}/_codeyard/health`)
    expect([sick.status, await sick.json()]).toEqual([503, { status: 'unavailable', reason: 'the database is away' }])
  })

  test('take their requests before they are read as API calls; what they throw is a 500', async () => {
    await serve(() => ({}), {
      doors: [
        {
          matches: request => request.url!.startsWith('/v1/repos/'),
          handle: async (request, response) => {
            if (request.url === '/v1/repos/broken') throw new Error('broken')
            let body = ''
            for await (const chunk of request) body += chunk
            response.end(`git ${request.method} ${body}`)
          },
        },
      ],
    })
    expect(await (await fetch(`${url}/v1/repos/x`, { method: 'POST', body: 'pack' })).text()).toBe('git POST pack')
    expect((await fetch(`${url}/v1/repos/broken`)).status).toBe(500)
    expect((await fetch(`${url}/bucket/key`, { method: 'PATCH' })).status).toBe(405)
  })
})

describe('closing', () => {
  test('lets running calls end, then takes no more', async () => {
    const started = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    await serve(async () => {
      started.resolve()
      await go.promise
      return { repositories: [] }
    })
    const sent = new CodeCommitClient(client()).send(new ListRepositoriesCommand({}))
    await started.promise
    const closed = running!.close()
    go.resolve()
    await expect(sent).resolves.toMatchObject({ repositories: [] })
    await closed
    await expect(fetch(url)).rejects.toThrow()
  })

  test('cuts what does not end in time', async () => {
    const started = Promise.withResolvers<void>()
    await serve(({ signal }) => {
      started.resolve()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))))
    })
    const sent = new CodeCommitClient(client()).send(new ListRepositoriesCommand({})).catch(error => error)
    await started.promise
    await running!.close(50)
    expect(await sent).toBeInstanceOf(Error)
  })
})
