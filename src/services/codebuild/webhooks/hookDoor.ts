// Where git providers deliver events: POST /webhooks?t=TOKEN. Without AWS's signature; the token finds the webhook, its secret proves who sends.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Scope } from '../../../core/scope.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import { deliver } from './deliver.ts'
import { readDelivery } from './readDelivery.ts'
import { isSigned } from './signature.ts'
import { findByPayloadToken, HOOK_PATH, openSecret } from './webhooks.ts'

export interface HookDoorParts {
  /** Acts as CodeBuild itself in a scope. */
  openCall(scope: Scope): OpenCall
}

/** GitHub sends 25 MB at most. */
const MOST_BYTES = 25 << 20

/** An HTTP door (see transports/http). */
export function webhookDoor({ openCall }: HookDoorParts) {
  return {
    matches: ({ method, url = '' }: IncomingMessage) => method === 'POST' && url.startsWith(`${HOOK_PATH}?t=`),

    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const token = new URL(request.url ?? '/', 'http://localhost').searchParams.get('t') ?? ''
      const anywhere = openCall({ account: '', region: '' })
      const known = /^[\w-]{20,100}$/.test(token)
      const hook = known ? await anywhere.read(({ tx }) => findByPayloadToken(tx, token)) : undefined
      if (!hook) return answer(response, 404, { message: 'There is no webhook at this address' })
      const body = await read(request)
      if (!body) return answer(response, 413, { message: `A payload has at most ${MOST_BYTES} bytes` })
      const call = openCall(hook)
      if (!isSigned(hook.source_type, openSecret(call.config.dataDir, hook), request.headers, body)) {
        return answer(response, 401, { message: 'The signature is not that of this webhook' })
      }
      const delivery = readDelivery(hook.source_type, request.headers, body)
      const bad = delivery.delivered.find(one => one.kind === 'malformed')
      if (bad) return answer(response, 400, { message: bad.why })
      try {
        const { builds, waiting, notes } = await call.transaction(inner => deliver(inner, hook, delivery))
        const message = builds.length > 0 ? 'started' : waiting ? 'accepted' : notes.join('; ') || 'nothing to build'
        answer(response, waiting ? 202 : 200, { message, builds })
      } catch (error) {
        if (!isServiceError(error)) throw error
        // Nothing was kept: it can be delivered again.
        answer(response, error.code === 'AccountLimitExceededException' ? 429 : 400, { message: error.message })
      }
    },
  }
}

/** Undefined when there is more than a payload may have. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MOST_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  const unread = status === 413 || status === 404 ? { connection: 'close' } : {}
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...unread,
  })
  response.end(text)
}
