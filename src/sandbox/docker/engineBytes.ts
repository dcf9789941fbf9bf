// The body of a large answer of a local engine.

import { connect } from 'node:net'
import { readPieces } from './socketPieces.ts'

const LONGEST_HEAD = 64 * 1024

export interface EngineBytes {
  /** A piece is good until the next is asked for. */
  readonly pieces: AsyncIterable<Buffer>
  /** Lets go of the connection, also when nothing was read. */
  close(): void
}

/**
 * What the engine at `socketPath` answers to GET `path`; undefined when the answer is no 200, so that it is asked for the usual way, which knows
 * its errors. HTTP/1.0 has no chunks in its bodies: whether one was cut off must be seen in it.
 */
export async function engineBytes(socketPath: string, path: string): Promise<EngineBytes | undefined> {
  const { socket, pieces } = readPieces(onread => connect({ path: socketPath, onread }))
  const close = () => void socket.destroy()
  socket.write(`GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`)
  let head = Buffer.alloc(0)
  for (;;) {
    const next = await pieces.next()
    if (!next.done) head = Buffer.concat([head, next.value])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0 && !next.done && head.length < LONGEST_HEAD) continue
    const lines = head.toString('latin1', 0, Math.max(0, end))
    if (/^HTTP\/1\.\d 200 /.test(lines) && !/\ntransfer-encoding:/i.test(lines)) {
      return { pieces: after(head.subarray(end + 4), pieces), close }
    }
    close()
    return undefined
  }
}

async function* after(first: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  yield* pieces
}
