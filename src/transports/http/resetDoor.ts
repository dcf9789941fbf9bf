// POST /_codeyard/reset of a server in development: empties it. Only programs of this machine, no web page, may ask for it.

import type { IncomingMessage } from 'node:http'
import type { HttpDoor } from './door.ts'

/** `reset` is absent outside of development: then there is no such address. */
export function resetDoor(reset: (() => Promise<void>) | undefined): HttpDoor {
  return {
    matches: request => request.url === '/_codeyard/reset',
    async handle(request, response) {
      const answer = (status: number, text: string) =>
        void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
      request.resume()
      if (!reset || !isLocal(request)) return answer(404, 'there is nothing here')
      if (request.method !== 'POST') return answer(405, 'use POST')
      if (request.headers.origin !== undefined) return answer(403, 'not for web pages')
      await reset()
      answer(200, 'everything is empty')
    },
  }
}

function isLocal({ socket }: IncomingMessage): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '')
  return address === '::1' || (address?.startsWith('127.') ?? false)
}
