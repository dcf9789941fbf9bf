// The CRC of two texts behind each other from their own CRCs and the second's length: FULL_OBJECT checksums without reading the bytes again.

const POLYNOMIALS = {
  CRC32: { polynomial: 0xedb88320n, width: 32n },
  CRC32C: { polynomial: 0x82f63b78n, width: 32n },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, width: 64n },
} as const
type Family = keyof typeof POLYNOMIALS

/** Parts of an upload mostly have one length: its factor is worth remembering for a while. */
const factors = new Map<string, bigint>()

export function combineCrc(family: Family, left: bigint, right: bigint, rightLength: number): bigint {
  return multiply(family, factor(family, rightLength), left) ^ right
}

/** x^(8 * length) modulo the polynomial: what `length` bytes behind a text multiply its CRC with. */
function factor(family: Family, length: number): bigint {
  const name = `${family}/${length}`
  const known = factors.get(name)
  if (known !== undefined) return known
  const { width } = POLYNOMIALS[family]
  let result = 1n << (width - 1n) // 1, reflected
  let square = 1n << (width - 9n) // x^8, reflected
  for (let rest = BigInt(length); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(family, square, result)
    square = multiply(family, square, square)
  }
  if (factors.size > 100) factors.clear()
  factors.set(name, result)
  return result
}

/** a * b modulo the polynomial, both reflected (the highest bit is x^0). */
function multiply(family: Family, a: bigint, b: bigint): bigint {
  const { polynomial, width } = POLYNOMIALS[family]
  let product = 0n
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= b
    b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n
  }
  return product
}
