import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Agent, get as getPlain } from 'node:http'
import { get as getSecure, request as requestSecure, Agent as TlsAgent } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectSecure, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../core/log.ts'
import { type Certificates, createHttpServer, type HttpServer, openCertificates, resetDoor } from './index.ts'

const NOW = new Date()
const DAY = 86_400_000
const run = promisify(execFile)
let home = ''
let server: HttpServer
let port = 0
let certificates: Certificates
let clock = NOW

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'codeyard-tls-'))
  const open = (now: Date) => openCertificates({ folder: join(home, 'tls'), names: ['yard.example'], now })
  certificates = await open(NOW)
  server = createHttpServer({
    gateway: { call: async () => ({}) },
    authenticate: async () => {
      throw new Error('nobody asks')
    },
    ids: { uuid: () => 'id' } as never,
    log: createLog('silent'),
    doors: [
      {
        matches: request => request.headers['x-amz-target'] === undefined,
        async handle(request, response) {
          const body = await text(request)
          const { encrypted } = request.socket as Partial<TLSSocket>
          response.end(`${encrypted ? 'secure' : 'plain'} ${request.method} ${body.length}`)
        },
      },
    ],
    tls: { certificates, renew: open, now: () => clock },
    patience: { firstByte: 300, headers: 300, body: 300, idle: 300 },
  })
  port = (await server.listen(0, '127.0.0.1')).port
})

afterAll(async () => {
  await server.close(0)
  await rm(home, { recursive: true, force: true })
})

const answer = async (get: typeof getPlain, options: object): Promise<string> => {
  const [response] = await once(
    get({ port, host: '127.0.0.1', path: '/', agent: false, ...options } as never),
    'response',
  )
  return text(response)
}
const trusting = () => ({ ca: certificates.authority })

describe('one port', () => {
  test('answers plain HTTP and TLS', async () => {
    expect(await answer(getPlain, {})).toBe('plain GET 0')
    expect(await answer(getSecure as never, trusting())).toBe('secure GET 0')
  })

  test.each([
    ['plain', getPlain, new Agent({ keepAlive: true, maxSockets: 1 })],
    ['secure', getSecure, new TlsAgent({ keepAlive: true, maxSockets: 1 })],
  ])('keeps %s connections for further requests', async (kind, get, agent) => {
    const ports = new Set<number>()
    for (let round = 0; round < 5; round++) {
      const asked = get({ port, host: '127.0.0.1', agent, ...trusting() } as never)
      const [response] = await once(asked, 'response')
      ports.add(response.socket.localPort)
      expect(await text(response)).toBe(`${kind} GET 0`)
    }
    expect(ports.size).toBe(1)
    agent.destroy()
  })

  test('has 100-continue and large bodies through TLS', async () => {
    const body = Buffer.alloc(3_000_000, 'x')
    const asked = requestSecure({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': body.length },
      ...trusting(),
    })
    asked.flushHeaders()
    await once(asked, 'continue')
    const response = once(asked, 'response')
    asked.end(body)
    expect(await text((await response)[0])).toBe('secure PUT 3000000')
  })

  test('takes a request that comes byte by byte', async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const byte of 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n') {
      socket.write(byte)
      await new Promise(setImmediate)
    }
    expect(await text(socket)).toContain('plain GET 0')
  })

  test('ends a connection that says nothing, and one whose headers do not end', async () => {
    const silent = connect({ port, host: '127.0.0.1' }).resume()
    const slow = connect({ port, host: '127.0.0.1' })
    slow.write('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ')
    const handshaking = connect({ port, host: '127.0.0.1' }).resume()
    handshaking.write(Buffer.from([0x16]))
    const cut = text(slow)
    await once(silent, 'close')
    handshaking.destroy()
    expect(silent.bytesRead).toBe(0)
    expect(await cut).toContain('408 Request Timeout')
  })

  test('refuses a call whose body comes too slowly, and reset without development', async () => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: CodeCommit_20150413.ListRepositories\r\ncontent-length: 99\r\n\r\n{',
    )
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400.*RequestTimeout/s)
    const door = resetDoor(undefined)
    const asked = { url: '/_codeyard/reset', method: 'POST', headers: {}, socket: { remoteAddress: '127.0.0.1' } }
    expect(door.matches(asked as never)).toBe(true)
    const statuses: number[] = []
    const response = { writeHead: (status: number) => ({ end: () => statuses.push(status) }) }
    await door.handle({ ...asked, resume() {} } as never, response as never)
    await resetDoor(async () => {}).handle(
      { ...asked, resume() {}, socket: { remoteAddress: '172.17.0.2' } } as never,
      response as never,
    )
    expect(statuses).toEqual([404, 404])
  })

  test('survives garbage after the first byte of a handshake', async () => {
    const socket = connect({ port, host: '127.0.0.1' }).resume()
    socket.on('error', () => {})
    socket.write(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(2000, 7)]))
    await once(socket, 'close')
    expect(await answer(getPlain, {})).toBe('plain GET 0')
  })
})

describe('the certificate', () => {
  const authorized = async (name: string): Promise<boolean> => {
    const socket = connectSecure({ port, host: '127.0.0.1', servername: name, rejectUnauthorized: true, ...trusting() })
    try {
      await once(socket, 'secureConnect')
      return socket.authorized
    } finally {
      socket.destroy()
    }
  }

  test.each(['localhost', 'bucket.localhost', 'my.bucket.s3.localhost', 'yard.example'])(
    'is good for %s',
    async name => {
      expect(await authorized(name)).toBe(true)
    },
  )

  test('is not for other names', async () => {
    await expect(authorized('example.com')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('is one that OpenSSL accepts in its strictest mode, also for a bucket and the loopback addresses', async () => {
    const folder = join(home, 'tls')
    const verify = async (...asked: string[]) =>
      (
        await run('openssl', [
          'verify',
          '-x509_strict',
          '-purpose',
          'sslserver',
          '-CAfile',
          `${folder}/ca.pem`,
          ...asked,
          `${folder}/server.pem`,
        ])
      ).stdout
    expect(await verify('-verify_hostname', 'localhost')).toContain('OK')
    expect(await verify('-verify_ip', '127.0.0.1')).toContain('OK')
    expect(await verify('-verify_ip', '::1')).toContain('OK')
  })

  test('is kept, its keys for its owner only', async () => {
    const folder = join(home, 'tls')
    const again = await openCertificates({ folder, names: ['yard.example'], now: NOW })
    expect(again.server).toEqual(certificates.server)
    expect(again.authority).toBe(certificates.authority)
    for (const name of ['ca.key', 'server.key']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(folder, 'bundle.pem'), 'utf8')).toContain(certificates.authority)
  })

  test('is renewed before it ends, also while the server runs, by the same authority', async () => {
    expect(certificates.renewAt.getTime()).toBeLessThan(NOW.getTime() + 397 * DAY)
    clock = new Date(NOW.getTime() + 390 * DAY)
    const before = certificates.server.cert
    await answer(getSecure as never, trusting()) // the first to notice
    await expect
      .poll(async () => (await readFile(join(home, 'tls/server.pem'), 'utf8')) !== before, { timeout: 10_000 })
      .toBe(true)
    expect(await readFile(join(home, 'tls/ca.pem'), 'utf8')).toBe(certificates.authority)
    clock = NOW
  })

  test('is made anew for a further name, and when its file is damaged', async () => {
    const folder = join(home, 'other')
    const first = await openCertificates({ folder, names: [], now: NOW })
    const further = await openCertificates({ folder, names: ['10.1.2.3', 'not a name'], now: NOW })
    expect(further.server.cert).not.toBe(first.server.cert)
    await writeFile(join(folder, 'server.pem'), 'garbage')
    const mended = await openCertificates({ folder, names: ['10.1.2.3'], now: NOW })
    expect(mended.server.cert).toContain('BEGIN CERTIFICATE')
    expect(mended.authority).toBe(first.authority)
  })
})
