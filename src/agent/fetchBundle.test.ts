// A bundle's download and a store that is not always there.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleFetcher } from './fetchBundle.ts'

const REVISION = { type: 'S3', bucket: 'revisions', key: 'app.zip', bundleType: 'zip', etag: '"e1"' } as const
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
let home: string
const servers: Server[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'codeyard-test-bundle-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  await rm(home, { recursive: true, force: true })
})

async function listen(answer: RequestListener, port = 0): Promise<number> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const whole: RequestListener = (_, response) => response.writeHead(200, { etag: '"e1"' }).end('the bundle')
const fetchFrom = (port: number) =>
  bundleFetcher({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: async () => CREDENTIALS })(
    REVISION,
    join(home, 'bundle'),
  )

test('waits for a store that starts again, longer than the SDK does', async () => {
  const port = await listen(whole)
  const server = servers.pop()!
  await new Promise(resolve => server.close(resolve))
  const downloaded = fetchFrom(port)
  setTimeout(() => void listen(whole, port), 3_000)
  await downloaded
  expect(await readFile(join(home, 'bundle'), 'utf8')).toBe('the bundle')
}, 30_000)

test('begins again after a connection that was lost in the middle, and after a fault of the store', async () => {
  let asked = 0
  const port = await listen((request, response) => {
    asked++
    if (asked <= 4) response.writeHead(503).end()
    else if (asked === 5)
      response.writeHead(200, { etag: '"e1"', 'content-length': '10' }).write('the', () => response.destroy())
    else whole(request, response as never)
  })
  await fetchFrom(port)
  expect(await readFile(join(home, 'bundle'), 'utf8')).toBe('the bundle')
}, 30_000)

test('gives up at once when the object is another, or is not there', async () => {
  const other = await listen((_, response) => response.writeHead(200, { etag: '"e2"' }).end('x'))
  await expect(fetchFrom(other)).rejects.toThrow('Expected deployment artifact bundle etag "e1" but was actually "e2"')
  let asked = 0
  const none = await listen((_, response) => {
    asked++
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>')
  })
  await expect(fetchFrom(none)).rejects.toThrow()
  expect(asked).toBe(1)
})
