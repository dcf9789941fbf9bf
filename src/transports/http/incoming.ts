// A request of node:http as protocols see it; its body may be read whole, or be decoded by the signature's verification.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { WireRequest } from '../../protocol/index.ts'

export class Incoming implements WireRequest {
  readonly method: string
  readonly path: string
  readonly rawQuery: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  bytes?: Buffer
  signedBytes?: Buffer
  private readonly message: IncomingMessage
  private decoded: Readable | undefined

  constructor(message: IncomingMessage) {
    const url = targetOf(message.url ?? '/')
    const mark = url.indexOf('?')
    this.method = message.method ?? 'GET'
    this.path = mark < 0 ? url : url.slice(0, mark)
    this.rawQuery = mark < 0 ? '' : url.slice(mark + 1)
    this.headers = message.headers
    this.rawHeaders = message.rawHeaders
    this.message = message
  }

  get body(): Readable {
    if (this.decoded) return this.decoded
    return this.bytes ? Readable.from([this.bytes]) : this.message
  }

  /** From here on the body is what the client meant, without the transfer's own framing. */
  setBody(decoded: Readable): void {
    if (decoded !== this.message) this.decoded = decoded
  }
}

/** Clients of a proxy send the absolute form, `http://host/path`. */
function targetOf(url: string): string {
  if (url.startsWith('/')) return url
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)
  return absolute ? absolute[1]!.replace(/^(?!\/)/, '/') : '/'
}

/** Whether nobody waits for an answer any more; a request that was destroyed may have no socket at all. */
export const isGone = ({ socket }: { readonly socket: IncomingMessage['socket'] | null }) => socket?.destroyed ?? true
