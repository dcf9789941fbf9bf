// What the trail is told of a call: the gateway's entry, as far as a record needs it.

import type { Scope } from '../../core/scope.ts'
import type { Origin } from '../../operation/call.ts'
import type { Principal } from '../../operation/principal.ts'

export interface AuditedCall {
  readonly request: {
    /** `codecommit` */
    readonly service: string
    readonly operation: string
    readonly input: unknown
    readonly principal: Principal
    readonly scope: Scope
    readonly origin: Origin
    readonly requestId: string
  }
  readonly readOnly: boolean
  readonly now: Date
  /** What the call answered, for changes. */
  readonly output?: unknown
  /** ARNs that permission was asked for. */
  readonly resources?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string }
}
