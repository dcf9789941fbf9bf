// Takes the content out of a PKCS#7 signedData. Like the CodeDeploy agent it does not hold the signer against a list:
// the answer came over a connection that the agent trusts. The content must be attached.

interface Element {
  readonly tag: number
  readonly body: Buffer
  /** Where the next element starts. */
  readonly end: number
}

const SIGNED_DATA = Buffer.from('2a864886f70d010702', 'hex') // 1.2.840.113549.1.7.2

/** `payload`: PEM, or DER in a binary string. Throws when it is neither, or when the content is detached. */
export function contentOfSignedData(payload: string): Buffer {
  const pem = /-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----([^-]+)-----END/.exec(payload)
  const der = pem ? Buffer.from(pem[1]!, 'base64') : Buffer.from(payload, 'latin1')
  try {
    const [type, signed] = children(read(der, 0))
    if (!type?.body.equals(SIGNED_DATA) || !signed) throw new Error('not signedData')
    // SignedData ::= version, digestAlgorithms, encapContentInfo, ...
    const encapsulated = children(children(signed)[0]!)[2]!
    const content = children(encapsulated)[1]
    if (!content) throw new Error('the content is not attached')
    return octets(children(content)[0]!)
  } catch (error) {
    throw new Error(`The deployment specification is not a PKCS7 message with its content: ${(error as Error).message}`)
  }
}

/** An octet string, also in BER's pieces. */
function octets(element: Element): Buffer {
  return (element.tag & 0x20) === 0 ? element.body : Buffer.concat(children(element).map(octets))
}

function children(element: Element): Element[] {
  const found: Element[] = []
  for (let at = 0; at < element.body.length; ) {
    const child = read(element.body, at)
    if (child.tag === 0 && child.body.length === 0) break // end of an indefinite length
    found.push(child)
    at = child.end
  }
  return found
}

function read(der: Buffer, at: number): Element {
  const tag = der[at]
  const first = der[at + 1]
  if (tag === undefined || first === undefined) throw new Error('it ends too early')
  let start = at + 2
  let length = first
  if (first === 0x80) return indefinite(der, tag, start)
  if (first > 0x80) {
    const size = first & 0x7f
    if (size > 4 || start + size > der.length) throw new Error('a length is wrong')
    length = der.readUIntBE(start, size)
    start += size
  }
  if (start + length > der.length) throw new Error('it ends too early')
  return { tag, body: der.subarray(start, start + length), end: start + length }
}

function indefinite(der: Buffer, tag: number, start: number): Element {
  let at = start
  while (!(der[at] === 0 && der[at + 1] === 0)) at = read(der, at).end
  return { tag, body: der.subarray(start, at), end: at + 2 }
}
