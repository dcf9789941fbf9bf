// What an operation is: types of handlers, derived from the AWS SDK package of the service.

import type { Handler as SdkHandler } from '@smithy/types'

/** Required members of SDK inputs are `T | undefined`; after validation they are there. */
export type Validated<Input> = {
  // biome-ignore lint/complexity/noBannedTypes: the empty object is what an optional member admits
  [K in keyof Input]: {} extends Pick<Input, K> ? Input[K] : Exclude<Input[K], undefined>
}

/** An SDK package: `typeof import('@aws-sdk/client-codecommit')`. */
export type SdkModule = object

type CommandShapes<C> = C extends abstract new (
  ...args: any[]
) => { input: infer I; resolveMiddleware(stack: any, config: any, options: any): infer Run }
  ? { input: Validated<I>; output: Run extends SdkHandler<any, infer O> ? Omit<O, '$metadata'> : never }
  : never

/** Operation name -> { input, output } of an SDK package. */
export type OperationsOf<Sdk> = {
  [K in keyof Sdk as K extends `${infer Name}Command` ? (Name extends '$' | '' ? never : Name) : never]: CommandShapes<
    Sdk[K]
  >
}

/** Names of the exceptions that an SDK package declares. */
export type ErrorCodesOf<Sdk> = {
  [K in keyof Sdk]: Sdk[K] extends abstract new (...args: any[]) => Error ? K : never
}[keyof Sdk] &
  string
