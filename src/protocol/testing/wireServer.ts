// A tiny server for round-trip tests: real clients talk to the protocols, operations are answered by a function of the test.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { ServiceError } from '../../core/serviceError.ts'
import { identify, readBody, type WireRequest, type WireResponse, wantsWholeBody } from '../index.ts'

export interface Seen {
  readonly service: string
  readonly operation: string
  readonly protocol: string
  readonly input: any
}

export type Operate = (seen: Seen) => unknown

export interface WireServer {
  readonly url: string
  /** What was called, in order. */
  readonly seen: Seen[]
  close(): Promise<void>
}

/** Answers each call with what `operate` returns or throws. */
export async function startWireServer(operate: Operate): Promise<WireServer> {
  const seen: Seen[] = []
  const server = createServer(async (message, response) => {
    const [path = '/', rawQuery = ''] = (message.url ?? '/').split(/\?(.*)/s)
    const { method = 'GET', headers, rawHeaders } = message
    let wire: WireRequest = { method, path, rawQuery, headers, rawHeaders, body: message }
    const answer = await (async (): Promise<WireResponse> => {
      if (wantsWholeBody(wire)) wire = { ...wire, bytes: await readBody(message) }
      const target = identify(wire)
      try {
        if ('error' in target) throw target.error
        const input = await target.protocol.readInput(target.model, target.operation, wire, target.labels)
        const { service, operation, protocol } = target
        const call = { service, operation: operation.name, protocol: protocol.name, input }
        seen.push(call)
        return protocol.writeOutput(target.model, operation, await operate(call), 'request-1')
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        return target.protocol.writeError(target.model, error, { requestId: 'request-1', method, path })
      }
    })().catch(error => ({ status: 599, headers: {}, body: Buffer.from(String(error?.stack ?? error)) }))
    response.writeHead(answer.status, answer.headers)
    if (answer.body instanceof Readable) answer.body.pipe(response)
    else response.end(answer.body)
    message.resume()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Settings of an SDK client for such a server. */
export function clientOf(server: { readonly url: string }) {
  return {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  }
}
