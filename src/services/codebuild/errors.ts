// The exceptions of CodeBuild, and which of them a broken constraint becomes.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'codebuild'>()

// AWS: constraints that the service checks itself are InvalidInputException; the sentence names member and value.
export const constraintError = (_operation: string, violation: Violation) =>
  new ServiceError('InvalidInputException', sentence(violation))

function sentence({ path, value, message }: Violation): string {
  if (path === 'source.type') return 'Invalid type provided: Project source type'
  if (path === 'artifacts.type') return 'Invalid type provided: Artifact type'
  if (path === 'environment.type') return `Invalid type provided: ${String(value)}`
  if (path === 'environment.computeType') return `Invalid compute type provided: ${String(value)}`
  return message
}
