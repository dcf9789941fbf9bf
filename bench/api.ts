// A signed GetRepository: throughput and latency against a bare node:http JSON echo, one SELECT, and the moto server where it is installed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import pg from 'pg'
import { onPath } from '../src/cli/prerequisites.ts'
import { retryFor } from '../src/core/bounded.ts'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'
import { load, type Shot } from './load.ts'

const LOAD = { connections: 8, seconds: 4 }
const ALONE = { connections: 1, seconds: 3 }

export const api: Bench = async report => {
  const yard = await openYard()
  try {
    await yard.clients.codecommit.createRepository({ repositoryName: 'bench' })
    const shot = await signedGetRepository(yard.endpoint, yard)
    await load(shot, { connections: 8, seconds: 2 }) // warm
    const ours = await load(shot, LOAD)
    const alone = await load(shot, ALONE)

    const echo = await withEcho(async port => {
      const bare = { ...shot, port }
      await load(bare, { connections: 8, seconds: 1 })
      return { loaded: await load(bare, LOAD), alone: await load(bare, ALONE) }
    })
    report(
      compare('GetRepository, rate', 'calls/s', ours.perSecond, {
        name: 'node:http echo',
        value: echo.loaded.perSecond,
      }),
    )
    report(
      compare(
        'GetRepository, p50',
        'ms',
        alone.p50,
        { name: 'node:http echo', value: echo.alone.p50 },
        { text: 'under 10', met: ratio => ratio < 10 },
      ),
    )
    report(compare('GetRepository, p99', 'ms', alone.p99, { name: 'node:http echo', value: echo.alone.p99 }))
    const select = await selectTime(yard)
    report(compare('GetRepository, p50', 'ms', alone.p50, { name: 'SELECT on the same socket', value: select }))
    const peer = await motoRate()
    if (peer !== undefined) {
      report(
        compare(
          'GetRepository, rate',
          'calls/s',
          ours.perSecond,
          { name: 'moto server', value: peer },
          { text: 'at least 5', met: ratio => ratio >= 5 },
        ),
      )
    }
  } finally {
    await yard.close()
  }
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** One signature for the whole run: the server checks it anew each time, the load costs the client nothing. */
async function signedGetRepository(endpoint: string, credentials: Keys): Promise<Shot> {
  const { hostname, port } = new URL(endpoint)
  const body = JSON.stringify({ repositoryName: 'bench' })
  const signer = new SignatureV4({ service: 'codecommit', region: 'us-east-1', credentials, sha256: Sha256 })
  const signed = (await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    body,
    headers: {
      host: `${hostname}:${port}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CodeCommit_20150413.GetRepository',
      'content-length': String(Buffer.byteLength(body)),
    },
  } as never)) as unknown as { headers: Record<string, string> }
  return { host: hostname, port: Number(port), method: 'POST', path: '/', headers: signed.headers, body }
}

/** The baseline runs in a process of its own, as Codeyard does. */
async function withEcho<T>(use: (port: number) => Promise<T>): Promise<T> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), 'echo'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const [line] = await once(child.stdout!, 'data')
    return await use(Number(String(line)))
  } finally {
    child.kill()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'echo') {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()))
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
        .end(text)
    })
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(String((server.address() as AddressInfo).port)))
}

async function selectTime(yard: Yard): Promise<number> {
  const client = new pg.Client({
    host: join(yard.dataDir, 'postgres'),
    port: 5432,
    user: 'codeyard',
    database: 'codeyard',
  })
  await client.connect()
  const times: number[] = []
  const query = { name: 'one', text: 'select * from codecommit.repositories where name = $1', values: ['bench'] }
  try {
    for (let round = 0; round < 2000; round++) times.push(await timed(() => client.query(query)))
  } finally {
    await client.end()
  }
  return median(times)
}

/** Calls a second of the same operation on the moto server; undefined where it is not installed. */
async function motoRate(): Promise<number | undefined> {
  const program = await onPath('moto_server')
  if (!program) return undefined
  const port = 5999
  const child: ChildProcess = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  try {
    const endpoint = `http://127.0.0.1:${port}`
    await retryFor(
      30_000,
      () => true,
      () => fetch(endpoint),
    )
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const shot = await signedGetRepository(endpoint, credentials)
    const created = await fetch(endpoint, {
      method: 'POST',
      headers: { ...shot.headers, 'x-amz-target': 'CodeCommit_20150413.CreateRepository' },
      body: shot.body!,
    })
    if (!created.ok) throw new Error(`the moto server answered ${created.status}`)
    return (await load(shot, LOAD)).perSecond
  } finally {
    child.kill('SIGKILL')
  }
}
