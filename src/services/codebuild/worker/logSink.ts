// A build's log on its way to CloudWatch Logs: bytes cut into events and gathered in batches, at most 100 ms old. It holds three batches at
// most, however much a build writes: whoever writes waits for the one before the last.

import type { InputLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import { LONG_LINE } from '../../../build/openLine.ts'
import type { PutLogLinesInput } from '../../../operation/internalLogs.ts'
import type { Invoke } from '../../../operation/sdks.ts'

const FLUSH_MS = 100
/** AWS: at most 1,048,576 bytes a batch, 26 bytes for each event. */
const BATCH_BYTES = 1_000_000
const EVENT_OVERHEAD = 26
const NEWLINE = 10
/** A full batch and the longest open line. */
const BUFFER_BYTES = BATCH_BYTES + LONG_LINE

export interface LogBatch extends Pick<PutLogLinesInput, 'text' | 'cuts' | 'times'> {
  readonly events: number
}

export interface LogSink {
  /** Resolves at once while there is room, after a batch was stored when there is not. */
  write(text: string | Buffer): void | Promise<void>
  /** Everything so far is stored when it resolves; an unfinished line waits for its end, unless it is a long one. Rejects when a batch has to be written again. */
  flush(): Promise<void>
  /** The same, and the unfinished line as well. */
  end(): Promise<void>
}

/**
 * `store` keeps a batch, whose text is another's when it has resolved; batches come in order. When it rejects, `failed` says whether the build can go on without the batch (false) or has to
 * be taken up again from where its progress was saved last (true).
 */
export function createLogSink(
  store: (batch: LogBatch) => Promise<void>,
  now: () => Date,
  failed: (error: unknown) => boolean,
): LogSink {
  // Few buffers that are used again and again: else a gigabyte of log is a gigabyte of garbage, which is collected late.
  const free: Buffer[] = []
  let buffer: Buffer | undefined
  /** Bytes in the buffer: whole events up to `size`, then an open line. */
  let filled = 0
  let size = 0
  let events = 0
  let cuts: number[] = []
  let times: [number, number][] = []
  let openSize = 0
  /** Some of the open line is an event already. */
  let isLong = false
  let timer: NodeJS.Timeout | undefined
  let broken: unknown
  let sending: Promise<void> = Promise.resolve()
  let before: Promise<void> = sending

  const copy = (bytes: Buffer, from: number, until: number) => {
    buffer ??= free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
    filled += bytes.copy(buffer, filled, from, until)
  }
  const close = () => {
    clearTimeout(timer)
    timer = undefined
    if (events === 0 || !buffer) return
    const full = buffer
    const batch = { text: full.subarray(0, size), cuts, times, events }
    const open = full.subarray(size, filled)
    buffer = undefined
    filled = 0
    if (open.length > 0) copy(open, 0, open.length)
    size = 0
    events = 0
    cuts = []
    times = []
    before = sending
    sending = sending
      .then(() => (broken === undefined ? store(batch) : undefined))
      .catch(error => {
        if (failed(error)) broken ??= error
      })
      .finally(() => free.push(full))
  }
  /** One event: what is open, and `length` bytes that the caller copies. */
  const add = (length: number, cut: boolean, timestamp: number) => {
    size += openSize + length
    openSize = 0
    events++
    if (cut) cuts.push(size)
    const last = times.at(-1)
    if (last?.[0] === timestamp) last[1]++
    else times.push([timestamp, 1])
  }
  const take = (bytes: Buffer) => {
    const timestamp = now().getTime()
    /** From here on nothing is copied yet. */
    let start = 0
    let at = 0
    while (at < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, at)
      let end = newline < 0 ? bytes.length : newline + 1
      const cut = openSize + end - at > LONG_LINE
      if (cut) end = wholeCharacter(bytes, at, Math.max(at, at + LONG_LINE - openSize))
      else if (newline < 0) break
      if (events > 0 && size + openSize + end - at + EVENT_OVERHEAD * (events + 1) > BATCH_BYTES) {
        copy(bytes, start, at)
        close()
        start = at
      }
      add(end - at, cut, timestamp)
      isLong = cut
      at = end
    }
    copy(bytes, start, bytes.length)
    openSize += bytes.length - at
  }
  const settle = async () => {
    await sending
    if (broken !== undefined) throw broken
  }
  return {
    write(text) {
      const closed = sending
      take(typeof text === 'string' ? Buffer.from(text) : text)
      if (events > 0) timer ??= setTimeout(close, FLUSH_MS)
      if (sending !== closed) return before
    },
    async flush() {
      if (isLong && openSize > 0) add(0, true, now().getTime())
      close()
      await settle()
    },
    async end() {
      if (openSize > 0) add(0, true, now().getTime())
      close()
      await settle()
    },
  }
}

/** `end`, or up to three bytes before, so that no character of UTF-8 is cut in two; bytes that are none are cut anywhere. */
function wholeCharacter(bytes: Buffer, start: number, end: number): number {
  for (let at = end; at > end - 4 && at > start; at--) if ((bytes[at]! & 0xc0) !== 0x80) return at
  return end
}

/** Up to so many bytes the usual way costs nothing. */
const FEW_BYTES = 65_536

/** Puts a batch into a stream of CloudWatch Logs, as whoever `invoke` stands for. */
export async function storeLog(
  invoke: Invoke,
  place: { readonly group: string; readonly stream: string },
  batch: LogBatch,
): Promise<void> {
  const to = { logGroupName: place.group, logStreamName: place.stream }
  if (batch.text.length > FEW_BYTES) await invoke('logs', 'PutLogLines', { ...to, ...batch })
  else await invoke('logs', 'PutLogEvents', { ...to, logEvents: eventsOf(batch) })
}

/** The batch as PutLogEvents takes it. */
export function eventsOf({ text, cuts, times }: LogBatch): InputLogEvent[] {
  const events: InputLogEvent[] = []
  let [run, left] = [0, times[0]?.[1] ?? 0]
  const add = (from: number, until: number) => {
    if (left === 0) left = times[++run]![1]
    left--
    events.push({ timestamp: times[run]![0], message: text.toString('utf8', from, until) })
  }
  let from = 0
  for (const cut of [...cuts, text.length]) {
    for (
      let newline = text.indexOf(NEWLINE, from);
      newline >= 0 && newline < cut;
      newline = text.indexOf(NEWLINE, from)
    ) {
      add(from, newline + 1)
      from = newline + 1
    }
    if (cut > from) add(from, cut)
    from = cut
  }
  return events
}
