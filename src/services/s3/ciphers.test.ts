import { createDecipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { cipherAt, newIv } from './ciphers.ts'

const key = randomBytes(32)

test('what is encrypted in pieces is AES-256-CTR of the whole', () => {
  const iv = newIv()
  const plain = randomBytes(1000)
  const cipher = cipherAt(key, iv)
  const sealed = Buffer.concat([cipher.update(plain.subarray(0, 7)), cipher.update(plain.subarray(7))])
  const reference = createDecipheriv('aes-256-ctr', key, Buffer.from(iv, 'base64'))
  expect(reference.update(sealed).equals(plain)).toBe(true)
})

test.each([0, 1, 15, 16, 17, 31, 999])(
  'reading begins at byte %i without the bytes before it, also where the counter begins again',
  start => {
    const plain = randomBytes(1000)
    for (const iv of [newIv(), Buffer.alloc(16, 0xff).toString('base64'), Buffer.alloc(16).toString('base64')]) {
      const sealed = cipherAt(key, iv).update(plain)
      expect(cipherAt(key, iv, start).update(sealed.subarray(start)).equals(plain.subarray(start))).toBe(true)
    }
  },
)

test('a range far behind the first 4 GB finds its counter', () => {
  const iv = newIv()
  const start = 5 * 1024 ** 3 + 5
  const counter = BigInt(`0x${Buffer.from(iv, 'base64').toString('hex')}`) + BigInt(5 * 1024 ** 3) / 16n
  const text = BigInt.asUintN(128, counter).toString(16).padStart(32, '0')
  const reference = createDecipheriv('aes-256-ctr', key, Buffer.from(text, 'hex'))
  const stream = reference.update(Buffer.alloc(105)).subarray(5)
  expect(cipherAt(key, iv, start).update(Buffer.alloc(100)).equals(stream)).toBe(true)
})
