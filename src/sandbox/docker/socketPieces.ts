// Large streams into and out of sockets without a buffer for each piece: half a gigabyte in buffers of its own is half a gigabyte of garbage,
// and to collect it took longer than anything else that was done with it.

import type { OnReadOpts, Socket } from 'node:net'

const BUFFER_BYTES = 256 * 1024

export interface ReadPieces {
  readonly socket: Socket
  /** A piece is good until the next is asked for. */
  readonly pieces: AsyncGenerator<Buffer>
}

/** What arrives at the socket that `open` makes. */
export function readPieces(open: (onread: OnReadOpts) => Socket): ReadPieces {
  let filled: Buffer | undefined
  let over = false
  let failure: Error | undefined
  let wake = () => {}
  const socket = open({
    buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    callback(bytes, buffer) {
      filled = Buffer.from(buffer.buffer, buffer.byteOffset, bytes)
      wake()
      return false // until it was worked on
    },
  })
  const end = () => {
    over = true
    wake()
  }
  socket.on('error', error => {
    failure = error
  })
  socket.on('end', end)
  socket.on('close', end)
  async function* read(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        while (!filled && !over) {
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          await promise
        }
        if (failure) throw failure
        if (!filled) return
        yield filled
        filled = undefined
        socket.resume()
      }
    } finally {
      socket.destroy()
    }
  }
  return { socket, pieces: read() }
}

/**
 * Sends `pieces`, each of which is good until the one after the next is asked for, by `sendOne`, which answers whether the other side takes more;
 * stops, and answers false, when it does not. Rejects with what they reject with.
 */
export async function sendPieces(
  pieces: AsyncIterable<Uint8Array>,
  sendOne: (piece: Uint8Array) => Promise<boolean>,
): Promise<boolean> {
  let before = Promise.resolve(true)
  for await (const piece of pieces) {
    if (piece.length === 0) continue
    const sent = sendOne(piece)
    sent.catch(() => {}) // seen by the next await
    if (!(await before)) return false
    before = sent
  }
  return await before
}

/** Resolves when the socket has taken it. */
export function send(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  const sent = new Promise<void>((resolve, reject) => socket.write(bytes, error => (error ? reject(error) : resolve())))
  sent.catch(() => {}) // whoever awaits it hears of it
  return sent
}

/** The other side takes no more, and may have said why. */
export const isBroken = (error: unknown) =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
