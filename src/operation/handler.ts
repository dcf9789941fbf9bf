// The type of one operation's handler: `Handler<'codecommit', 'CreateBranch'>`.

import type { Call, OpenCall } from './call.ts'
import type { Operations, ServiceName } from './sdks.ts'

type Input<S extends ServiceName, O extends keyof Operations<S>> = Operations<S>[O] extends { input: infer I }
  ? I
  : never
type Output<S extends ServiceName, O extends keyof Operations<S>> = Operations<S>[O] extends { output: infer R }
  ? R
  : never

export type Handler<S extends ServiceName, O extends keyof Operations<S>> = (
  call: Call,
  input: Input<S, O>,
) => Promise<Output<S, O>>

/** The handler of an `open` operation: it opens its own transactions. */
export type OpenHandler<S extends ServiceName, O extends keyof Operations<S>> = (
  call: OpenCall,
  input: Input<S, O>,
) => Promise<Output<S, O>>
