// Hides secret values in the bytes that commands write, also when a value is cut in two by the chunks of a stream. Bytes, since most output
// has no secret in it and then goes to the log as it came: a search is all that is done to it.

import { maskedValues } from './mask.ts'

export interface ByteMask {
  /** Takes bytes, answers what may be shown now; the rest is held back until it is known to be no secret. */
  write(bytes: Buffer): Buffer
  /** What was held back. */
  end(): Buffer
  /** How many bytes are held back. */
  readonly held: number
}

const NOTHING = Buffer.alloc(0)

/** Replaces each of `secrets` by `***`, as createMask does in text. */
export function createByteMask(secrets: readonly string[]): ByteMask {
  const values = maskedValues(secrets).map(value => Buffer.from(value))
  if (values.length === 0) return { write: bytes => bytes, end: () => NOTHING, held: 0 }
  // One character a byte: so a pattern of text works on bytes.
  const pattern = new RegExp(values.map(value => RegExp.escape(value.toString('latin1'))).join('|'), 'g')
  let held: Buffer = NOTHING
  return {
    write(bytes) {
      let whole = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      if (values.some(value => whole.includes(value)))
        whole = Buffer.from(whole.toString('latin1').replace(pattern, '***'), 'latin1')
      const keep = heldBack(whole, values)
      held = whole.subarray(whole.length - keep)
      return whole.subarray(0, whole.length - keep)
    },
    end() {
      const rest = held
      held = NOTHING
      return rest
    },
    get held() {
      return held.length
    },
  }
}

/** How many of the last bytes could be the start of a secret. */
function heldBack(bytes: Buffer, values: readonly Buffer[]): number {
  let most = 0
  for (const value of values) {
    const start = Math.max(0, bytes.length - value.length + 1)
    for (let at = bytes.indexOf(value[0]!, start); at >= 0; at = bytes.indexOf(value[0]!, at + 1)) {
      if (bytes.length - at <= most) break
      if (bytes.compare(value, 0, bytes.length - at, at) === 0) most = bytes.length - at
    }
  }
  return most
}
