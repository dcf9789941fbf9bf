// What the agent reports about an event: AWS's error codes and the last 2,048 characters of the scripts' output.

/** Codes of the diagnostics JSON [hook_executor.rb]. */
export const ERROR_CODES = {
  succeeded: 0,
  scriptMissing: 1,
  scriptNotExecutable: 2,
  scriptTimedOut: 3,
  scriptFailed: 4,
  unknown: 5,
  outputsLeftOpen: 6,
  failedAfterRestart: 7,
} as const

export type ErrorCode = (typeof ERROR_CODES)[keyof typeof ERROR_CODES]

/** A script's failure: its message, code and log go to the service. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
  readonly code: ErrorCode
  readonly script: string
  readonly log: string

  constructor(code: ErrorCode, message: string, script: string, log: string) {
    super(message)
    this.code = code
    this.script = script
    this.log = log
  }
}

/** The payload of PutHostCommandComplete. */
export function diagnosticsPayload(code: ErrorCode, message: string, script = '', log = ''): string {
  const write = () => JSON.stringify({ error_code: code, script_name: script, message, log })
  // The service takes 8,192 characters, and escaped ones count as what they are escaped to: the oldest output goes first.
  while (write().length > PAYLOAD_LIMIT && log !== '') log = log.slice(Math.ceil(log.length / 4))
  while (write().length > PAYLOAD_LIMIT && message !== '') message = message.slice(0, Math.floor(message.length / 2))
  return write()
}

const PAYLOAD_LIMIT = 8192

/** The payload for whatever an event threw. */
export function diagnosticsOf(error: unknown): string {
  if (error instanceof ScriptError) return diagnosticsPayload(error.code, error.message, error.script, error.log)
  const message = error instanceof Error ? error.message : String(error)
  return diagnosticsPayload(ERROR_CODES.unknown, message.slice(0, 4096))
}

const LOG_LIMIT = 2048

/** Keeps the newest entries that fit in fewer than 2,048 characters. */
export function createLogTail(): { add(entry: string): void; text(): string } {
  let entries: string[] = []
  let size = 0
  return {
    add(entry) {
      // DEVIATES: the agent loses everything when one line is longer than the limit; the end of that line is kept here.
      const kept = entry.length >= LOG_LIMIT ? entry.slice(entry.length - LOG_LIMIT + 1) : entry
      entries.push(kept)
      size += kept.length
      let dropped = 0
      while (size >= LOG_LIMIT) size -= entries[dropped++]!.length
      if (dropped > 0) entries = entries.slice(dropped)
    },
    text: () => entries.join(''),
  }
}
