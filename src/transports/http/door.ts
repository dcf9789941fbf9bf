// What shares the port with the AWS APIs: git, the console, webhooks. A door takes a request before it is read as an API call.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface HttpDoor {
  /** Looks at method, URL and headers only; the first door that says yes has the request. */
  matches(request: IncomingMessage): boolean
  /** Answers the request. What it throws is logged and answered with 500, or ends the connection when headers are out. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Takes the connection of a request that asks for a WebSocket; without it such a request is answered like any other. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
}
