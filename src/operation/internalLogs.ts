// An operation of CloudWatch Logs that no SDK has: text as it comes from a build, without an object for each line. It needs the permission
// logs:PutLogEvents and is reached in process only.

import type { Handler as SdkHandler } from '@smithy/types'

type Internal<I extends object, O extends object> = abstract new (
  ...args: any[]
) => { input: I; resolveMiddleware(stack: any, config: any, options: any): SdkHandler<I, O> }

export interface InternalLogs {
  PutLogLinesCommand: Internal<PutLogLinesInput, object>
}

export interface PutLogLinesInput {
  logGroupName: string
  logStreamName: string
  /** Events one after the other; each ends behind its newline, at a cut, or at the end. At most 1 MiB with 26 bytes for each. */
  text: Buffer
  /** Offsets in `text`, ascending, where an event ends without a newline. */
  cuts: readonly number[]
  /** The events' times in order, not descending: so many have this one (milliseconds). */
  times: readonly (readonly [timestamp: number, events: number])[]
}
