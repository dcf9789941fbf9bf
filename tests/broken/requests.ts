// Requests that no SDK would send: signed by hand where they have to be, over a bare socket where even HTTP is broken.

import { createHash, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Yard } from '../harness/yard.ts'

export interface Broken {
  /** Name in the credential scope: `codebuild`, `s3`, `iam`. */
  readonly service: string
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
  readonly at?: Date
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** What is sent may differ from what was signed. */
  readonly tamper?: (request: { headers: Record<string, string>; body: Uint8Array }) => void
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers: Headers
}

/** Signs and sends; the answer, whatever it is. */
export async function send(yard: Yard, broken: Broken): Promise<Answer> {
  const { method = 'POST', path = '/', query = {}, tamper } = broken
  const body = bytesOf(broken)
  const headers = await sign(yard, broken)
  const sent = { headers, body: new Uint8Array(body) }
  tamper?.(sent)
  const search = new URLSearchParams(query).toString()
  delete headers.host
  const response = await fetch(`${yard.endpoint}${path}${search ? `?${search}` : ''}`, {
    method,
    headers,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: sent.body }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type') ?? '', text, headers: response.headers }
}

/** The signed head of a request as it goes over the wire, up to the empty line. */
export async function signedHead(yard: Yard, broken: Broken): Promise<string> {
  const headers = await sign(yard, broken)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${broken.method ?? 'POST'} ${broken.path ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`
}

const bytesOf = ({ body }: Broken) => (typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0)))

async function sign(yard: Yard, broken: Broken): Promise<Record<string, string>> {
  const { service, method = 'POST', path = '/', query = {}, at = new Date() } = broken
  const body = bytesOf(broken)
  const url = new URL(yard.endpoint)
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: broken.credentials ?? { accessKeyId: yard.accessKeyId, secretAccessKey: yard.secretAccessKey },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  })
  const digest = createHash('sha256').update(body).digest('hex')
  const { headers } = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path,
      query,
      headers: { host: url.host, 'x-amz-content-sha256': digest, ...broken.headers },
      body,
    },
    { signingDate: at },
  )
  return { ...headers }
}

export const json = (target: string, body: string | Uint8Array, more: Partial<Broken> = {}): Broken => ({
  service: 'codebuild',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body,
  ...more,
})

export const form = (body: string | Uint8Array, more: Partial<Broken> = {}): Broken => ({
  service: 'iam',
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body,
  ...more,
})

/** The code of an AWS error in whichever form it came; undefined when it is in none. */
export function codeOf({ text, headers }: Answer): string | undefined {
  const named = headers.get('x-amzn-errortype') ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1]
  if (named) return named.split(':')[0]
  try {
    const { __type } = JSON.parse(text) as { __type?: string }
    return __type?.split('#').at(-1)
  } catch {
    return undefined
  }
}

/** A bare connection; `heard` has all that came back once the server closed it. */
export async function rawConnection(yard: Yard): Promise<{ socket: Socket; heard: Promise<string> }> {
  const { hostname, port } = new URL(yard.endpoint)
  const socket = connect(Number(port), hostname)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const chunks: Buffer[] = []
  const heard = new Promise<string>(resolve => {
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('error', () => {})
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  return { socket, heard }
}

/** Bytes that are no format at all, the same every time. */
export function garbage(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = 0x9e3779b9
  for (let at = 0; at < size; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state & 0xff
  }
  return bytes
}

export const uniqueName = (prefix: string) => `${prefix}-${randomUUID().slice(0, 8)}`
