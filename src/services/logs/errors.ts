// The exceptions of CloudWatch Logs, with the sentences that it repeats.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'logs'>()

export const noSuchGroup = () => fail('ResourceNotFoundException', 'The specified log group does not exist.')
export const noSuchStream = () => fail('ResourceNotFoundException', 'The specified log stream does not exist.')
export const invalid = (message: string) => fail('InvalidParameterException', message)
export const invalidToken = () => invalid('The specified nextToken is invalid.')

/** CloudWatch Logs answers a broken constraint with its InvalidParameterException around the usual sentence. */
export const constraintError = (_operation: string, violation: Violation) =>
  new ServiceError('InvalidParameterException', `1 validation error detected: ${violation.message}`)
