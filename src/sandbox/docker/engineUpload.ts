// A large request body to a local engine: pieces go to its socket as they are, and are used again when the socket has taken them. The usual
// client takes two seconds of the processor for half a gigabyte, most of it to collect the buffers that it held on to.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isBroken, send, sendPieces } from './socketPieces.ts'

/** What the engine's answer to an upload may say about it. */
const LONGEST_ANSWER = 64 * 1024

/**
 * PUTs `pieces`, each of which is good until the one after the next is asked for, to `path` of the engine at `socketPath`. Rejects with what
 * they reject with, or with an error that has the engine's `statusCode` and `json`, as the usual client's have.
 */
export async function engineUpload(socketPath: string, path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const socket = connect({ path: socketPath })
  const answer = answerOf(socket)
  answer.catch(() => {}) // awaited below
  try {
    await once(socket, 'connect')
    const head = [`PUT ${path} HTTP/1.1`, 'Host: docker', 'Connection: close', 'Content-Type: application/x-tar']
    send(socket, `${[...head, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n`)
    // An engine that has answered does not read on.
    await sendPieces(pieces, piece => sendChunk(socket, piece))
    await send(socket, '0\r\n\r\n')
  } catch (error) {
    // A broken pipe is the engine's refusal, which it has told by then.
    if (!isBroken(error)) {
      socket.destroy()
      throw error
    }
  }
  try {
    await answer
  } finally {
    socket.destroy()
  }
}

async function sendChunk(socket: Socket, piece: Uint8Array): Promise<boolean> {
  socket.cork()
  void send(socket, `${piece.length.toString(16)}\r\n`)
  void send(socket, piece)
  const sent = send(socket, '\r\n')
  socket.uncork()
  await sent
  return socket.writable
}

async function answerOf(socket: Socket): Promise<void> {
  const text = await new Promise<string>((resolve, reject) => {
    let seen = ''
    socket.setEncoding('utf8')
    socket.on('data', (data: string) => {
      if (seen.length < LONGEST_ANSWER) seen += data
    })
    socket.on('error', error => (seen === '' ? reject(error) : resolve(seen)))
    socket.on('close', () => resolve(seen))
  })
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(text) ?? []
  if (status === '200') return
  const json = jsonIn(text)
  const message = json?.message ?? (status ? `it answered ${status}` : 'the connection was closed without an answer')
  throw Object.assign(new Error(message), { statusCode: status === undefined ? undefined : Number(status), json })
}

/** The object in an answer's body, whether it came in chunks or whole. */
function jsonIn(text: string): { readonly message?: string } | undefined {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  try {
    return JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as { message?: string }
  } catch {
    return undefined
  }
}
