// The process's own log (not the logs of builds): pino, one JSON line an event, to stderr.

import { pino } from 'pino'

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>

/** `level`: pino's levels or `silent`; `CODEYARD_LOG` decides when it is absent, else `info`. */
export function createLog(level = process.env.CODEYARD_LOG ?? 'info'): Log {
  return pino(
    {
      level,
      base: null,
      serializers: { err: briefly },
      redact: ['*.secretAccessKey', '*.password', '*.sessionToken', '*.authorization'],
    },
    pino.destination(2),
  )
}

/** What one needs of an error: libraries hang whole connections on theirs. */
function briefly(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause === undefined ? {} : { cause: briefly(cause) }),
  }
}
