// A build's log on its way to CloudWatch Logs: lines in batches, as the project's role, at most 100 ms old.

import type { InputLogEvent } from '@aws-sdk/client-cloudwatch-logs'

const FLUSH_MS = 100
const FLUSH_BYTES = 256 * 1024
/** AWS: at most 10,000 events and 1,048,576 bytes a batch, 26 bytes for each event. */
const BATCH_EVENTS = 10_000
const BATCH_BYTES = 1_000_000
/** Longer lines are cut into several events. */
const LINE_LIMIT = 200_000

export interface LogSink {
  /** Resolves at once while there is room, after a flush when there is not. */
  write(text: string): void | Promise<void>
  /** Everything so far is stored when it resolves; an unfinished line waits for its end. */
  flush(): Promise<void>
  /** The same, and the unfinished line as well. */
  end(): Promise<void>
}

/** `put` stores a batch in order; when it fails the error goes to `failed` and the batch is lost, the build goes on. */
export function createLogSink(
  put: (events: InputLogEvent[]) => Promise<void>,
  now: () => Date,
  failed: (error: unknown) => void,
): LogSink {
  let events: InputLogEvent[] = []
  let bytes = 0
  let open = ''
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> = Promise.resolve()
  const add = (message: string, timestamp: number) => {
    events.push({ timestamp, message })
    bytes += Buffer.byteLength(message) + 26
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (events.length === 0) return sending
    const batch = events
    events = []
    bytes = 0
    sending = sending.then(() => put(batch)).catch(failed)
    return sending
  }
  return {
    write(text) {
      const timestamp = now().getTime()
      const lines = (open + text).split('\n')
      open = lines.pop()!
      for (const line of lines) {
        for (let at = 0; at === 0 || at < line.length; at += LINE_LIMIT) {
          const part = line.slice(at, at + LINE_LIMIT)
          add(at + LINE_LIMIT >= line.length ? `${part}\n` : part, timestamp)
          if (events.length >= BATCH_EVENTS || bytes >= BATCH_BYTES) flush()
        }
      }
      for (; open.length >= LINE_LIMIT; open = open.slice(LINE_LIMIT)) add(open.slice(0, LINE_LIMIT), timestamp)
      if (bytes >= FLUSH_BYTES) return flush()
      timer ??= setTimeout(flush, FLUSH_MS)
    },
    flush,
    end() {
      if (open !== '') add(open, now().getTime())
      open = ''
      return flush()
    },
  }
}
