// How IAM fails: its own exceptions, and ValidationError for broken constraints.

import { isServiceError, ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'
import { type PolicyKind, parsePolicy } from '../../policy/index.ts'
import type { Kind } from './kinds.ts'

export const fail = failWith<'iam', 'ValidationError' | 'AccessDenied'>()

export function noSuch(kind: Kind, name: string): never {
  return fail('NoSuchEntityException', `The ${kind} with name ${name} cannot be found.`)
}

export function alreadyExists(kind: Kind, name: string): never {
  return fail(
    'EntityAlreadyExistsException',
    `${kind[0]!.toUpperCase()}${kind.slice(1)} with name ${name} already exists.`,
  )
}

export function overQuota(quota: string, limit: number): never {
  return fail('LimitExceededException', `Cannot exceed quota for ${quota}: ${limit}`)
}

/** AWS: ValidationError, "1 validation error detected: ..." [IAM API reference, Common Errors]. */
export function constraintError(_operation: string, { message }: Violation): ServiceError {
  return new ServiceError('ValidationError', `1 validation error detected: ${message}`, { status: 400 })
}

/** A document that IAM may store, as it was written. */
export function checkedPolicy(text: string, kind: PolicyKind): string {
  parsePolicy(text, kind)
  return text
}

/** Whitespace does not count against sizes. */
export const policySize = (text: string) => text.replace(/\s/g, '').length

/** Runs an insert; a unique index that refuses it means `exists`. */
export async function insertOr<T>(work: () => Promise<T>, exists: () => never): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isServiceError(error) && (error as { code?: string }).code === '23505') return exists()
    throw error
  }
}
