// What the gateway tells the audit trail; services/cloudtrail keeps it, server.ts brings the two together.

import type { ServiceError } from '../core/serviceError.ts'
import type { Tx } from '../store/tx.ts'
import type { Request } from './gateway.ts'

export interface AuditEntry {
  readonly request: Request
  readonly readOnly: boolean
  readonly now: Date
  readonly output?: unknown
  readonly error?: ServiceError
  /** ARNs that permission was asked for; none when the call did not come so far. */
  readonly resources?: readonly string[]
}

export interface Audit {
  /** A change: written in the transaction that made it. */
  change(tx: Tx, entry: AuditEntry): Promise<void>
  /** A read, or a call that failed: written soon, in batches. */
  later(entry: AuditEntry): void
}
