// What checksum a request brings along: in a header, announced for the trailer behind the body, or none.

import { trailersOf } from '../../../operation/trailers.ts'
import { fail, failNotSupported } from '../errors.ts'
import { ALGORITHMS, type Algorithm, DIGEST_BYTES, headerOf, isAlgorithm, memberOf } from './algorithms.ts'

export interface GivenChecksum {
  readonly algorithm: Algorithm
  /** Base64; undefined when the caller only wants it computed. Trailers are known when the body was read. */
  value(): Promise<string | undefined>
}

type ChecksumInput = { readonly ChecksumAlgorithm?: string } & {
  readonly [member in `Checksum${Algorithm}`]?: string
}

/** The request's own checksum, or undefined when it has none. Two are InvalidRequest. */
export function givenChecksum(input: ChecksumInput): GivenChecksum | undefined {
  refuseXxhash(input)
  const inHeaders = ALGORITHMS.filter(algorithm => input[memberOf(algorithm)] !== undefined)
  const trailers = trailersOf(input)
  const inTrailers = ALGORITHMS.filter(algorithm => trailers?.names.includes(headerOf(algorithm)))
  const [algorithm, second] = [...inHeaders, ...inTrailers]
  if (second) {
    const message = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.'
    fail('InvalidRequest', { message })
  }
  if (!algorithm) {
    const wanted = input.ChecksumAlgorithm?.toUpperCase()
    return wanted && isAlgorithm(wanted) ? { algorithm: wanted, value: async () => undefined } : undefined
  }
  const header = input[memberOf(algorithm)]
  if (header !== undefined) checkForm(algorithm, header)
  return {
    algorithm,
    async value() {
      if (header !== undefined) return header
      const value = (await trailers!.values)[headerOf(algorithm)]
      if (value !== undefined) checkForm(algorithm, value)
      return value
    },
  }
}

/** A value of the wrong length is refused before anything is read. */
export function checkForm(algorithm: Algorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === DIGEST_BYTES[algorithm] && bytes.toString('base64') === value) return
  fail('InvalidRequest', { message: `Value for ${headerOf(algorithm)} header is invalid.` })
}

function refuseXxhash(input: object): void {
  const asked = (input as { ChecksumAlgorithm?: string }).ChecksumAlgorithm ?? ''
  const name = asked.startsWith('XXHASH')
    ? asked
    : Object.keys(input).find(key => key.startsWith('ChecksumXXHASH') && (input as any)[key] !== undefined)
  if (name) failNotSupported(`the checksum ${name.replace('Checksum', '')}`)
}
