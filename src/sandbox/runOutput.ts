// Cuts a run's byte stream at the supervisor's end mark: what is before it is the command's output, what is in it the exit status.

import { constants } from 'node:os'
import { Readable } from 'node:stream'

const MARK = 0x1e
/** Mark, 32 characters of nonce, space, up to three digits, mark. */
const LONGEST = 38

export interface Scanned {
  readonly bytes: Buffer
  /** Present once the end mark was seen: everything behind it is of daemons and no longer output. */
  readonly exitCode?: number
}

/** Looks for the end mark of `nonce`; keeps back at most 38 bytes, and only such as could be its beginning. */
export function endScanner(nonce: string): (chunk: Buffer) => Scanned {
  const start = Buffer.from(`\x1e${nonce} `)
  let held = Buffer.alloc(0)
  return chunk => {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const at = data.indexOf(start)
    if (at >= 0) {
      const close = data.indexOf(MARK, at + start.length)
      if (close >= 0) {
        held = Buffer.alloc(0)
        return { bytes: data.subarray(0, at), exitCode: Number(data.toString('latin1', at + start.length, close)) }
      }
      held = Buffer.from(data.subarray(at))
      return { bytes: data.subarray(0, at) }
    }
    for (let from = Math.max(0, data.length - LONGEST); ; from++) {
      const possible = data.indexOf(MARK, from)
      if (possible < 0) {
        held = Buffer.alloc(0)
        return { bytes: data }
      }
      if (start.subarray(0, data.length - possible).equals(data.subarray(possible))) {
        held = Buffer.from(data.subarray(possible))
        return { bytes: data.subarray(0, possible) }
      }
      from = possible
    }
  }
}

/** A shell's convention, since all that comes out of a container is a status: 128 + n means ended by signal n. */
export function resultOf(exitCode: number): { exitCode: number; signal?: string } {
  const number = exitCode - 128
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return signal === undefined ? { exitCode } : { exitCode, signal }
}

/**
 * The output stream of a run and its exit status (undefined when `source` ends without the end mark). Backpressure goes through to `source`.
 * Destroying the output does not end the run: the rest is read and thrown away.
 */
export function runOutput(
  source: AsyncIterable<Buffer>,
  nonce: string,
  skip = 0,
): { output: Readable; ended: Promise<number | undefined> } {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  promise.catch(() => {})
  const scan = endScanner(nonce)
  const chunks = source[Symbol.asyncIterator]()
  let toSkip = skip
  let over = false
  let reading = false

  async function nextBytes(): Promise<Buffer | undefined> {
    while (!over) {
      const next = await chunks.next()
      if (next.done) break
      let { bytes, exitCode } = scan(next.value)
      if (exitCode !== undefined) finish(exitCode)
      const skipped = Math.min(toSkip, bytes.length)
      toSkip -= skipped
      bytes = bytes.subarray(skipped)
      if (bytes.length > 0) return bytes
    }
    finish(undefined)
    return undefined
  }
  function finish(exitCode: number | undefined) {
    if (over) return
    over = true
    resolve(exitCode)
    void chunks.return?.().catch(() => {})
  }
  async function discard() {
    while ((await nextBytes()) !== undefined);
  }
  const output = new Readable({
    highWaterMark: 262_144,
    read() {
      reading = true
      nextBytes().then(
        bytes => {
          reading = false
          if (!output.destroyed) output.push(bytes ?? null)
          else if (bytes) discard().catch(reject)
        },
        error => {
          reject(error)
          output.destroy(error)
        },
      )
    },
    destroy(error, done) {
      // A read that is under way goes on to discard by itself.
      if (!over && !reading) discard().catch(reject)
      done(error)
    },
  })
  output.on('error', () => {})
  output.read(0) // starts: a run whose little output nobody reads ends all the same
  return { output, ended: promise }
}
