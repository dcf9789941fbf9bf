// The exceptions of CloudWatch, with the sentences that it repeats.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'cloudwatch', 'ValidationError'>()

export const invalidValue = (message: string) => fail('InvalidParameterValueException', message)
export const invalidCombination = (message: string) => fail('InvalidParameterCombinationException', message)
export const missing = (message: string) => fail('MissingRequiredParameterException', message)
export const invalid = (message: string) => fail('ValidationError', message)
export const invalidToken = () => fail('InvalidNextToken', 'The specified nextToken is invalid.')

/** AWS: `The parameter MetricName is required.`; what breaks another constraint gets the usual sentence as ValidationError. */
export const constraintError = (_operation: string, { kind, path, message }: Violation) =>
  kind === 'required'
    ? new ServiceError('MissingRequiredParameterException', `The parameter ${parameter(path)} is required.`)
    : new ServiceError('ValidationError', `1 validation error detected: ${message}`)

/** `metricData.1.unit` as AWS says it here: `MetricData.member.1.Unit`. */
const parameter = (path: string) =>
  path
    .split('.')
    .map(part => (/^\d+$/.test(part) ? `member.${part}` : part[0]!.toUpperCase() + part.slice(1)))
    .join('.')
