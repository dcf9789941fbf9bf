// S3: put and get of 64 MB against a plain copy of a file of that size, synced to the disk as ours is. The client sends the very
// bytes that the SDK would, made before the clock starts, so that the client's own hashing is not measured. The same under a key of
// KMS against the same without.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3 } from '@aws-sdk/client-s3'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const SIZE = 64 << 20
const ROUNDS = 5

export const objects: Bench = async report => {
  const yard = await openYard()
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-bench-'))
  try {
    const file = join(folder, 'bytes')
    await writeFile(file, randomBytes(SIZE))
    await yard.clients.s3.createBucket({ Bucket: 'bench' })
    const object = { Bucket: 'bench', Key: 'bytes' }
    const put = await recorded(yard, s3 =>
      s3.putObject({ ...object, Body: createReadStream(file), ContentLength: SIZE }),
    )
    const get = await recorded(yard, s3 => s3.getObject(object))
    const sealed = { Bucket: 'bench', Key: 'sealed' }
    const sealedPut = await recorded(yard, s3 =>
      s3.putObject({ ...sealed, Body: createReadStream(file), ContentLength: SIZE, ServerSideEncryption: 'aws:kms' }),
    )
    const sealedGet = await recorded(yard, s3 => s3.getObject(sealed))
    await replay(yard, put) // warm
    await replay(yard, sealedPut)
    const puts: number[] = []
    const gets: number[] = []
    const sealedPuts: number[] = []
    const sealedGets: number[] = []
    const copies: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      copies.push(await timed(() => syncedCopy(file, join(folder, 'copy'))))
      puts.push(await timed(() => replay(yard, put)))
      sealedPuts.push(await timed(() => replay(yard, sealedPut)))
      gets.push(await timed(() => replay(yard, get)))
      sealedGets.push(await timed(() => replay(yard, sealedGet)))
    }
    const bytes = await readFile(file)
    for (const one of [object, sealed]) {
      const stored = await yard.clients.s3.getObject(one)
      const same = Buffer.from(await stored.Body!.transformToByteArray()).equals(bytes)
      if (!same) throw new Error(`the object ${one.Key} is not what was put`)
    }
    const baseline = { name: 'copy of a file, fsync', value: median(copies) }
    report(compare('put 64 MB', 'ms', median(puts), baseline))
    report(compare('get 64 MB', 'ms', median(gets), baseline))
    const plain = (name: string, values: number[]) => ({ name: `${name} without a key`, value: median(values) })
    report(compare('put 64 MB under a KMS key', 'ms', median(sealedPuts), plain('put', puts)))
    report(compare('get 64 MB under a KMS key', 'ms', median(sealedGets), plain('get', gets)))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await yard.close()
  }
}

/** The bytes of the one request that `send` makes of an SDK client. Valid for 15 minutes, as every signature. */
async function recorded(yard: Yard, send: (s3: S3) => Promise<unknown>): Promise<Buffer> {
  const { hostname, port } = new URL(yard.endpoint)
  const pieces: Buffer[] = []
  const sockets: Socket[] = []
  const tap = createServer(socket => {
    sockets.push(socket)
    const onward = connect(Number(port), hostname)
    sockets.push(onward)
    socket.on('data', piece => pieces.push(piece))
    socket.pipe(onward).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(tap, 'listening')
  const { port: tapPort } = tap.address() as { port: number }
  const { accessKeyId, secretAccessKey } = yard
  const s3 = new S3({
    endpoint: `http://127.0.0.1:${tapPort}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  })
  try {
    const answer = (await send(s3)) as { Body?: AsyncIterable<unknown> }
    if (answer.Body) for await (const _ of answer.Body);
  } finally {
    s3.destroy()
    for (const socket of sockets) socket.destroy()
    tap.close()
  }
  return Buffer.concat(pieces)
}

/** Sends `request` on a connection of its own and reads the answer through. */
async function replay(yard: Yard, request: Buffer): Promise<void> {
  const { hostname, port } = new URL(yard.endpoint)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(request)
  let head = ''
  let left = Number.POSITIVE_INFINITY
  for await (const piece of socket as AsyncIterable<Buffer>) {
    if (left !== Number.POSITIVE_INFINITY) left -= piece.length
    else {
      head += piece.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) continue
      if (/^HTTP\/1.1 100 /.test(head)) {
        head = head.slice(end + 4)
        continue
      }
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(`answered ${head.slice(0, 400)}`)
      left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0) - (head.length - end - 4)
    }
    if (left <= 0) break
  }
  socket.destroy()
}

async function syncedCopy(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const file = await open(to, 'r+')
  await file.sync()
  await file.close()
}
