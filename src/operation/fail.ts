// Failing with an exception that the service's model declares: another code does not compile.

import { ServiceError, type ServiceErrorOptions } from '../core/serviceError.ts'
import type { Sdks, ServiceName } from './sdks.ts'
import type { ErrorCodesOf } from './types.ts'

/** Makes a service's `fail(code, message)`; `Extra` names codes that AWS sends without declaring them. */
export function failWith<S extends ServiceName, Extra extends string = never>() {
  return (code: ErrorCodesOf<Sdks[S]> | Extra, message: string, options?: ServiceErrorOptions): never => {
    throw new ServiceError(code, message, options)
  }
}
