// The body of a large answer of a local engine, read into one buffer again and again: half a gigabyte in chunks of its own each is half a gigabyte
// of garbage, and collecting it took longer than anything else that was done with it.

import { connect } from 'node:net'

const BUFFER_BYTES = 256 * 1024
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
  const { pieces, close } = readSocket(socketPath, `GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`)
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

function readSocket(socketPath: string, request: string): { pieces: AsyncGenerator<Buffer>; close(): void } {
  let filled: Buffer | undefined
  let over = false
  let failure: Error | undefined
  let wake = () => {}
  const socket = connect({
    path: socketPath,
    onread: {
      buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      callback(bytes, buffer) {
        filled = Buffer.from(buffer.buffer, buffer.byteOffset, bytes)
        wake()
        return false // until it was worked on
      },
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
  socket.write(request)
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
  return { pieces: read(), close: () => void socket.destroy() }
}
