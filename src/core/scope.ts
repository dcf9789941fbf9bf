// Where a resource lives: every row of every service is keyed by these two.

export interface Scope {
  /** Twelve digits. */
  readonly account: string
  /** For example `us-east-1`. */
  readonly region: string
}
