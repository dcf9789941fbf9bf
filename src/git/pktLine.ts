// Git's pkt-line framing: four hexadecimal digits of length, then the payload; 0000 ends a list.

import type { ByteSource } from './byteSource.ts'

export const FLUSH = Buffer.from('0000')
/** The most payload that one packet carries. */
export const MOST_PAYLOAD = 65516

/** One packet. */
export function packet(payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  if (bytes.length > MOST_PAYLOAD) throw new RangeError(`a packet of ${bytes.length} bytes`)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** Packets of one side band: 1 data, 2 messages for the person, 3 a fatal error. */
export function sideBand(band: 1 | 2 | 3, payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  const packets: Buffer[] = []
  for (let at = 0; at < bytes.length; at += MOST_PAYLOAD - 1) {
    packets.push(packet(Buffer.concat([Buffer.from([band]), bytes.subarray(at, at + MOST_PAYLOAD - 1)])))
  }
  return Buffer.concat(packets)
}

/** A malformed request of a git client. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** The next packet's payload, `flush` for 0000, `end` where the input ends between packets. */
export async function readPacket(source: ByteSource): Promise<Buffer | 'flush' | 'end'> {
  const head = await source.read(4)
  if (head.length === 0) return 'end'
  const length = /^[0-9a-fA-F]{4}$/.test(head.toString('latin1')) ? Number.parseInt(head.toString('latin1'), 16) : -1
  if (length === 0) return 'flush'
  if (length < 4) throw new ProtocolError('bad line length character')
  const payload = await source.read(length - 4)
  if (payload.length < length - 4) throw new ProtocolError('the remote end hung up unexpectedly')
  return payload
}
