// What a query function is given first: a transaction, or a plain connection for operations that only read.

/**
 * Tagged SQL on one connection. `undefined` parameters are NULL; objects and arrays for jsonb columns go through
 * `JSON.stringify` by the caller; timestamps are Dates; bigint comes back as number; jsonb comes back parsed.
 */
export interface Tx {
  /** All rows. */
  rows<Row>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>
  /** The first row, or undefined. */
  one<Row>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row | undefined>
  /** Runs and answers how many rows were touched. */
  run(strings: TemplateStringsArray, ...values: unknown[]): Promise<number>
  /** Runs `work` under a savepoint: if it throws, only its own changes are undone. */
  nested<T>(work: () => Promise<T>): Promise<T>
}

export interface Store {
  /** BEGIN ... COMMIT on one connection. Waits out a lost server for a bounded time before the work began; serialization failures and deadlocks are tried again, so `work` must not have effects outside the transaction. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A plain connection, no BEGIN and COMMIT round trips: for reads. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Calls `heard` for every notification on `channel`, also after reconnecting (then once with an empty payload: something may have been missed). */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
  /** Where node-postgres style libraries (graphile-worker) connect. */
  readonly pool: import('pg').Pool
  close(): Promise<void>
}

/** Tells listeners of `channel`, in every process, once the transaction commits. `payload` is at most 8,000 bytes. */
export async function notify(tx: Tx, channel: string, payload: string): Promise<void> {
  await tx.run`select pg_notify(${channel}, ${payload})`
}
