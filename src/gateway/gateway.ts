// The one way in: who calls, may they, is the input right, run it, write it down. Transports and services see only this.

import type { Scope } from '../core/scope.ts'
import type { Origin } from '../operation/call.ts'
import type { Principal } from '../operation/principal.ts'
import type { Access } from '../operation/service.ts'

/** One call of one operation, already authenticated and parsed. */
export interface Request {
  readonly service: string
  readonly operation: string
  readonly input: unknown
  readonly principal: Principal
  readonly scope: Scope
  readonly origin: Origin
  readonly requestId: string
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal
}

export interface Gateway {
  /** validate -> authorize -> handler in one transaction -> audit. Throws only ServiceError. */
  call(request: Request): Promise<unknown>
  /** Only the question whether `principal` may; throws AccessDenied with AWS's sentence. For doors that are no operation (git). */
  authorize(principal: Principal, scope: Scope, origin: Origin, access: readonly Access[]): Promise<void>
}
