// Policies of buses: reading one that a caller gives.

import { invalid } from './errors.ts'

export interface BusPolicy {
  readonly Version?: string
  readonly Statement: readonly ({ readonly Sid?: string } & Record<string, unknown>)[]
}

/** Throws ValidationException for what is no policy. */
export function readPolicy(text: string): BusPolicy {
  let policy: any
  try {
    policy = JSON.parse(text)
  } catch {
    invalid('This policy contains invalid Json')
  }
  const statements = Array.isArray(policy?.Statement) ? policy.Statement : [policy?.Statement]
  if (statements.some((one: unknown) => typeof one !== 'object' || one === null))
    invalid('This policy contains no valid Statement')
  return { ...policy, Statement: statements }
}
