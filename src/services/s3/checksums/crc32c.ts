// CRC-32C (Castagnoli), eight bytes a step: Node has CRC-32 in native code but not this one.

const TABLES = makeTables()
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 64; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
      if (bit % 8 === 7) tables[bit >> 3]![byte] = crc
    }
  }
  return tables
}

/** Goes on from `crc` (0 at first) over `data`, as zlib.crc32 does; answers an unsigned number. */
export function crc32c(data: Uint8Array, crc = 0): number {
  let state = ~crc
  let at = 0
  for (const end = data.length - 7; at < end; at += 8) {
    const low = state ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24))
    state =
      T7[low & 255]! ^
      T6[(low >>> 8) & 255]! ^
      T5[(low >>> 16) & 255]! ^
      T4[low >>> 24]! ^
      T3[data[at + 4]!]! ^
      T2[data[at + 5]!]! ^
      T1[data[at + 6]!]! ^
      T0[data[at + 7]!]!
  }
  for (; at < data.length; at++) state = (state >>> 8) ^ T0[(state ^ data[at]!) & 255]!
  return ~state >>> 0
}
