// The exceptions of Systems Manager, with the sentences that it repeats.

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'ssm', 'ValidationException' | 'AccessDeniedException'>()

export const invalid = (message: string) => fail('ValidationException', message)

// DEVIATES: AWS sends no message with ParameterNotFound; here it names the parameter.
export const noSuchParameter = (name: string) => fail('ParameterNotFound', `Parameter ${name} not found.`)

export const noSuchVersion = (name: string, version: number | string) =>
  fail(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  )

export const noSuchLabel = (name: string, label: string) =>
  fail(
    'ParameterVersionNotFound',
    `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`,
  )
