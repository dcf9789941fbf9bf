// Bytes of a report as text: the encoding is the byte order mark's, else what an XML declaration names, else UTF-8.

import { TextDecoder } from 'node:util'
import { ReportError } from './report.ts'

/** The text in pieces, without byte order mark. Bytes that mean nothing become U+FFFD. */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let head = Buffer.alloc(0)
  for await (const chunk of bytes) {
    let piece: Uint8Array = chunk
    if (!decoder) {
      head = Buffer.concat([head, chunk])
      // Enough to see a whole XML declaration.
      if (head.length < 256 && !head.includes('>')) continue
      decoder = decoderFor(head)
      piece = head
    }
    const text = decoder.decode(piece, { stream: true })
    if (text !== '') yield text
  }
  const rest = decoder ? decoder.decode() : decoderFor(head).decode(head)
  if (rest !== '') yield rest
}

function decoderFor(head: Buffer): TextDecoder {
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be')
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le')
  if (head[0] === 0 && head[1] === 0x3c) return new TextDecoder('utf-16be')
  if (head[0] === 0x3c && head[1] === 0) return new TextDecoder('utf-16le')
  const [, label = 'utf-8'] =
    /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)/.exec(head.toString('latin1')) ?? []
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says: .NET writes such.
  if (/^utf-?16|^ucs-?2|^utf-?32/i.test(label)) return new TextDecoder('utf-8')
  try {
    return new TextDecoder(label.trim())
  } catch {
    throw new ReportError(`its encoding ${JSON.stringify(label.slice(0, 40))} is not known`)
  }
}
