// Check values of the algorithms ("123456789"), and combination against computing over the whole.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, combine, hasher } from './algorithms.ts'

const digest = (algorithm: (typeof ALGORITHMS)[number], ...pieces: Uint8Array[]) => {
  const hash = hasher(algorithm)
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

describe('checksums', () => {
  test.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('%s of 123456789 is the published check value', (algorithm, expected) => {
    expect(digest(algorithm, Buffer.from('123456789')).toString('hex')).toBe(expected)
  })

  test.each(ALGORITHMS)('%s does not depend on how the bytes are cut', algorithm => {
    const bytes = randomBytes(1000)
    const cut = [0, 1, 8, 9, 300, 1000].map((start, index, all) => bytes.subarray(start, all[index + 1] ?? 1000))
    expect(digest(algorithm, ...cut)).toEqual(digest(algorithm, bytes))
  })

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s of parts combines to that of the whole', algorithm => {
    const parts = [700, 1, 0, 5000, 64].map(size => randomBytes(size))
    const values = parts.map(part => ({ value: digest(algorithm, part).toString('base64'), size: part.length }))
    expect(combine(algorithm, 'FULL_OBJECT', values)).toEqual({
      algorithm,
      type: 'FULL_OBJECT',
      value: digest(algorithm, ...parts).toString('base64'),
    })
  })

  test('a composite is the checksum of the checksums and says how many parts there were', () => {
    const parts = [Buffer.from('a'), Buffer.from('b')]
    const values = parts.map(part => ({ value: digest('SHA256', part).toString('base64'), size: 1 }))
    const expected = digest('SHA256', ...parts.map(part => digest('SHA256', part))).toString('base64')
    expect(combine('SHA256', 'COMPOSITE', values).value).toBe(`${expected}-2`)
  })
})
