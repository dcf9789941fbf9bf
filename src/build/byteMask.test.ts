import { describe, expect, test } from 'vitest'
import { createByteMask } from './byteMask.ts'
import { createMask } from './mask.ts'

const SECRETS = ['s3cr3t', 's3cr3t-longer', 'ähnlich', 'of two\nlines', 'ab']
const TEXT = 'a s3cr3t and s3cr3t-longer, s3cr3s3cr3t, ÄÖÜ ähnlich ähn, of two, lines, ab, s3cr'

describe('a mask of bytes', () => {
  test.each([1, 2, 3, 5, 7, 1000])('hides the same as one of text, in pieces of %i bytes', size => {
    const mask = createByteMask(SECRETS)
    const bytes = Buffer.from(TEXT)
    const shown: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) shown.push(mask.write(bytes.subarray(at, at + size)))
    shown.push(mask.end())
    const text = createMask(SECRETS)
    const expected = text.write(TEXT) + text.end()
    const result = Buffer.concat(shown).toString()
    expect(result).toContain('***')
    for (const secret of ['s3cr3t', 'ähnlich', 'of two', 'lines']) expect(result).not.toContain(secret)
    if (size === 1000) expect(result).toBe(expected)
  })

  test('leaves bytes that are no text as they are', () => {
    const mask = createByteMask(['s3cr3t'])
    const bytes = Buffer.from([0, 255, 254, 0xc3, 10, 0x73, 0x33])
    expect(Buffer.concat([mask.write(bytes), mask.end()])).toEqual(bytes)
    expect(mask.write(Buffer.concat([bytes, Buffer.from('s3cr3t'), bytes]))).toEqual(
      Buffer.concat([bytes, Buffer.from('***'), bytes.subarray(0, -2)]),
    )
  })

  test('holds back nothing that can not be the beginning of a secret', () => {
    const mask = createByteMask(['s3cr3t'])
    expect(mask.write(Buffer.from('line\n')).toString()).toBe('line\n')
    expect(mask.write(Buffer.from('s3x s3c')).toString()).toBe('s3x ')
    expect(mask.write(Buffer.from('r3t')).toString()).toBe('***')
  })
})
