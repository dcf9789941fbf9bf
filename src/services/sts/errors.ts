// How STS fails.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'sts', 'ValidationError' | 'AccessDenied' | 'InvalidParameterValue'>()

export const denied = (message: string): never => fail('AccessDenied', message, { status: 403 })

/** AWS: ValidationError, "1 validation error detected: ..." [STS API reference, Common Errors]. */
export function constraintError(_operation: string, { message }: Violation): ServiceError {
  return new ServiceError('ValidationError', `1 validation error detected: ${message}`, { status: 400 })
}
