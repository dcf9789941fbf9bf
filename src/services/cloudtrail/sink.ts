// Where the gateway's audit goes: changes into the transaction that made them, everything else in batches soon after.

import type { Ids } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import type { Store, Tx } from '../../store/tx.ts'
import { insertEvents } from './events.ts'
import type { AuditedCall } from './input.ts'
import { auditRecord, type EventRow } from './record.ts'

export interface AuditSink {
  /** Writes the record of a change with it. */
  change(tx: Tx, call: AuditedCall): Promise<void>
  /** Writes the record of a read, or of a call that failed, within half a second. */
  later(call: AuditedCall): void
  /** Writes what is waiting. */
  close(): Promise<void>
}

export interface AuditSinkParts {
  readonly store: Pick<Store, 'transaction'>
  readonly ids: Ids
  readonly log: Log
}

const BATCH = 200
const PAUSE = 500
/** Above this many waiting records (the database is gone, or far too slow) the newest are dropped, and that is said. */
const MOST_WAITING = 20_000

export function auditSink({ store, ids, log }: AuditSinkParts): AuditSink {
  let waiting: EventRow[] = []
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined
  let dropped = 0

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    flushing ??= drain().finally(() => {
      flushing = undefined
      if (waiting.length > 0) wake()
    })
    return flushing
  }

  const drain = async () => {
    let size = BATCH
    while (waiting.length > 0) {
      const batch = waiting.slice(0, size)
      try {
        await store.transaction(tx => insertEvents(tx, batch))
      } catch (error) {
        if (!isBadData(error)) {
          log.warn({ err: error, waiting: waiting.length }, 'audit records could not be written and wait')
          return
        }
        // One record that the database refuses must not hold up the others: they go one by one until it is found.
        if (batch.length > 1) {
          size = 1
          continue
        }
        log.error({ err: error, record: batch[0]?.event_id }, 'an audit record was refused by the database')
      }
      waiting = waiting.slice(batch.length)
    }
    if (dropped > 0) log.error({ dropped }, 'audit records were dropped because too many waited')
    dropped = 0
  }

  const wake = () => {
    timer ??= setTimeout(() => void flush(), PAUSE).unref()
  }

  return {
    async change(tx, call) {
      const row = auditRecord(call, ids)
      if (row) await insertEvents(tx, [row])
    },
    later(call) {
      const row = auditRecord(call, ids)
      if (!row) return
      if (waiting.length >= MOST_WAITING) {
        dropped++
        return
      }
      waiting.push(row)
      if (waiting.length >= BATCH && !flushing) void flush()
      else wake()
    },
    async close() {
      await flushing
      await flush()
      clearTimeout(timer)
    },
  }
}

/** PostgreSQL's classes 22 (data exception) and 23 (integrity): trying again does not help. */
function isBadData(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^2[23]/.test(String(error.code))
}
