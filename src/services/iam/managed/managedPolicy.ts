// A managed policy as rows and AWS's table both give it.

import type { Tag } from '../tags.ts'

export interface ManagedPolicy {
  readonly arn: string
  readonly id: string
  readonly name: string
  readonly path: string
  readonly description: string | null | undefined
  readonly created_at: Date
  readonly updated_at: Date
  readonly default_version: number
  readonly tags: readonly Tag[]
  /** Of the version in force. */
  readonly document: string
}
