// Roles as STS sees them: through the view that IAM publishes, in any account.

import type { Tx } from '../../store/tx.ts'

export interface AssumableRole {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly arn: string
  /** The trust policy, as JSON text. */
  readonly trust: string
  /** Seconds. */
  readonly max_session: number
}

export const findRole = (tx: Tx, arn: string) => tx.one<AssumableRole>`
  select * from iam.assumable_roles where account = ${arn.split(':')[4] ?? ''} and name = ${arn.slice(arn.lastIndexOf('/') + 1)} and arn = ${arn}`
