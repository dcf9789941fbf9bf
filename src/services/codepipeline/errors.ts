// How CodePipeline fails.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'codepipeline'>()

/** CodePipeline answers every broken constraint with its ValidationException; invalid tags have their own. */
export function constraintError(_operation: string, { path, message }: Violation): ServiceError | undefined {
  if (path.startsWith('tags')) return new ServiceError('InvalidTagsException', message)
  return undefined
}
