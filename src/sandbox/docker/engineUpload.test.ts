// Uploads against an engine of the test's own: what arrives, and whose words a failure has.

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSocketServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engineUpload } from './engineUpload.ts'

let top: string
let count = 0
const servers: { close(): unknown }[] = []
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-upload-'))
})
afterAll(async () => {
  for (const server of servers) server.close()
  await rm(top, { recursive: true, force: true })
})

async function listening(server: Server): Promise<string> {
  const path = join(top, `${++count}.sock`)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(path, resolve))
  return path
}
const engine = (answer: (request: IncomingMessage, response: ServerResponse) => void) => listening(createServer(answer))

/** `pieces` of a buffer that is used again for each but one, as an archive's are. */
async function* pieces(number: number, size = 300_000): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.alloc(size), Buffer.alloc(size)]
  for (let at = 0; at < number; at++) yield buffers[at % 2]!.fill(at)
}

test('every piece arrives as it was, although its buffer is used again', async () => {
  const seen: Buffer[] = []
  let asked = ''
  const path = await engine(async (request, response) => {
    asked = `${request.method} ${request.url} ${request.headers['content-type']}`
    for await (const bytes of request) seen.push(bytes as Buffer)
    response.end()
  })
  await engineUpload(path, '/containers/x/archive?path=%2F', pieces(40))
  expect(asked).toBe('PUT /containers/x/archive?path=%2F application/x-tar')
  const expected: Buffer[] = []
  for await (const piece of pieces(40)) expected.push(Buffer.from(piece))
  expect(Buffer.concat(seen).equals(Buffer.concat(expected))).toBe(true)
})

test('a refusal has the words and the status of the engine, also when it does not read to the end', async () => {
  const path = await engine((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json', connection: 'close' })
    response.end('{"message":"No such container: x"}\n')
  })
  for (const number of [0, 1, 400])
    await expect(engineUpload(path, '/x', pieces(number))).rejects.toMatchObject({
      statusCode: 404,
      json: { message: 'No such container: x' },
    })
})

test('an engine that goes away is an error, and so is an archive that is refused', async () => {
  const gone = await listening(createSocketServer(socket => socket.once('data', () => socket.destroy())))
  await expect(engineUpload(gone, '/x', pieces(400))).rejects.toThrow()
  await expect(engineUpload(join(top, 'nobody.sock'), '/x', pieces(1))).rejects.toThrow(/ENOENT/)
  const path = await engine((request, response) => void request.resume().on('end', () => response.end()))
  async function* refused() {
    yield* pieces(3)
    throw new Error('EUNSAFE')
  }
  await expect(engineUpload(path, '/x', refused())).rejects.toThrow('EUNSAFE')
})
