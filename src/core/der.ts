// Writes ASN.1 DER: only what a certificate and a signedData need.

export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body])
  const digits: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), body])
}

export const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts)
export const octetString = (bytes: Uint8Array) => tagged(0x04, bytes)
/** `unused` bits at the end of the last byte. */
export const bitString = (bytes: Uint8Array, unused = 0) => tagged(0x03, Buffer.from([unused]), bytes)
export const utf8String = (text: string) => tagged(0x0c, Buffer.from(text, 'utf8'))
export const NULL = Buffer.from([0x05, 0x00])
export const TRUE = Buffer.from([0x01, 0x01, 0xff])
/** `[n]`, constructed. */
export const context = (n: number, ...parts: readonly Uint8Array[]) => tagged(0xa0 | n, ...parts)
/** `[n]` in place of a primitive's own tag. */
export const implicit = (n: number, bytes: Uint8Array) => tagged(0x80 | n, bytes)

/** A non-negative number of any size. */
export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value)
  return tagged(0x02, bytes[0]! >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes)
}

/** `1.2.840.113549` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const digits = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
    bytes.push(...digits)
  }
  return tagged(0x06, Buffer.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime after, as X.509 wants. */
export function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text))
}

/** `-----BEGIN label-----` around base64. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
