// The process's own log (not the logs of builds): pino, one JSON line an event, to stderr.

import { pino } from 'pino'

export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>

/** `level`: pino's levels or `silent`; `CODEYARD_LOG` decides when it is absent, else `info`. */
export function createLog(level = process.env.CODEYARD_LOG ?? 'info'): Log {
  return pino(
    { level, base: null, redact: ['*.secretAccessKey', '*.password', '*.sessionToken', '*.authorization'] },
    pino.destination(2),
  )
}
