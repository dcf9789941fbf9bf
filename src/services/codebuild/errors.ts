// The exceptions of CodeBuild, and which of them a broken constraint becomes.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'codebuild'>()

// AWS: constraints that the service checks itself are InvalidInputException; the sentence names member and value.
export const constraintError = (operation: string, violation: Violation) =>
  new ServiceError('InvalidInputException', sentence(operation, violation))

function sentence(operation: string, { path, kind, value, message }: Violation): string {
  if (path === 'source.type') return 'Invalid type provided: Project source type'
  if (path === 'artifacts.type') return 'Invalid type provided: Artifact type'
  if (path === 'environment.type') return `Invalid type provided: ${String(value)}`
  if (path === 'environment.computeType') return `Invalid compute type provided: ${String(value)}`
  // AWS: for a name that is too long or has other characters (as moto answers it).
  if (operation === 'CreateProject' && path === 'name' && kind !== 'required')
    return 'Only alphanumeric characters, dash, and underscore are supported'
  return `1 validation error detected: ${message}`
}
