// Idempotency of creating calls: a token that comes again with the same parameters is answered with what it made, with others it is refused.

import { createHash } from 'node:crypto'
import type { Call } from '../../operation/call.ts'
import { principalArn } from '../../operation/principal.ts'
import { refuse } from './errors.ts'

/** Longer than any client's; it has to fit into an index. */
const MOST_CHARACTERS = 1024

/** What a token was sent with: who, which operation, which parameters. */
export function requestHash(call: Call, operation: string, parameters: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([principalArn(call.principal), operation, ...parameters.map(one => one ?? null)]))
    .digest('hex')
}

export function checkToken(token: string | undefined): void {
  if (token === '') refuse('ClientRequestTokenRequiredException')
  if (token !== undefined && token.length > MOST_CHARACTERS) refuse('InvalidClientRequestTokenException')
}
