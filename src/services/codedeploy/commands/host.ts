// Which host calls: the caller's own identity must be the host identifier that it names.

import { ServiceError } from '../../../core/serviceError.ts'
import type { CallContext } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'

/** Throws unless the caller is `host`: an IAM user's ARN, or the ARN of a role session. */
export function checkHost(call: CallContext, host: string): void {
  const caller = principalArn(call.principal)
  if (caller === host && call.principal.account === call.scope.account) return
  throw new ServiceError('AccessDeniedException', `The caller ${caller} is not the host ${host}.`, { status: 403 })
}

export const clientError = (message: string): never => {
  throw new ServiceError('ClientException', message)
}
