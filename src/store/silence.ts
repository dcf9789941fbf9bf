// A server that went silent: a network that drops everything keeps connections open for a quarter of an hour, and each waits for its answer.

import type pg from 'pg'

const BEAT_MS = 5_000
const MISSED = 3

/**
 * Asks on `client` every few seconds, and calls `silent` once when there is no answer for a quarter of a minute. Beats are counted, not
 * time: a process that was itself stopped for a while finds the answer waiting before it looks again. The answer ends it.
 */
export function watchSilence(client: pg.Client, silent: () => void): () => void {
  let waiting = false
  let missed = 0
  const timer = setInterval(() => {
    if (waiting && ++missed < MISSED) return
    if (waiting) {
      clearInterval(timer)
      silent()
      return
    }
    waiting = true
    client.query('select 1').then(
      () => {
        waiting = false
        missed = 0
      },
      () => clearInterval(timer),
    )
  }, BEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Ends the connection here and now: whoever waits for an answer on it hears that it was terminated. */
export function cut(client: pg.ClientBase): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } }
  connection?.stream?.destroy()
}

/** Over a network, where a peer can vanish without a word; a socket in a directory tells at once. */
export const isRemote = ({ host, connectionString }: pg.ClientConfig): boolean =>
  connectionString ? !/[?&]host=(?:\/|%2F)/i.test(connectionString) : host !== undefined && !host.startsWith('/')

/** What the server does about a client that vanished: its locks and its unfinished transaction are free again within a minute. */
export const VANISHED_CLIENTS = `select set_config(name, value, false) from (values ('tcp_keepalives_idle', '5'),
  ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '20000'),
  ('idle_in_transaction_session_timeout', '60000')) as s (name, value)`
