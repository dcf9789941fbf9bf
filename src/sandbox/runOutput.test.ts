import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { endScanner, resultOf, runOutput } from './runOutput.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
const MARK = `\x1e${NONCE} 42\x1e`

test('the end mark is found wherever the stream is cut, and no byte before it is lost or late', () => {
  const whole = Buffer.from(`some output\x1e\x1e${NONCE.slice(0, 8)}\x1e${MARK}of a daemon`, 'latin1')
  for (let cut = 0; cut <= whole.length; cut++) {
    for (const second of [cut, Math.min(cut + 1, whole.length)]) {
      const scan = endScanner(NONCE)
      let seen = ''
      let exitCode: number | undefined
      for (const part of [whole.subarray(0, cut), whole.subarray(cut, second), whole.subarray(second)]) {
        if (exitCode !== undefined) break
        const result = scan(part)
        seen += result.bytes.toString('latin1')
        exitCode = result.exitCode
      }
      expect({ seen, exitCode }).toEqual({ seen: `some output\x1e\x1e${NONCE.slice(0, 8)}\x1e`, exitCode: 42 })
    }
  }
})

test('bytes that can not be the beginning of the end mark are given at once', () => {
  expect(endScanner(NONCE)(Buffer.from('progress 10%')).bytes.toString()).toBe('progress 10%')
  expect(endScanner(NONCE)(Buffer.from('\x1eX')).bytes.toString()).toBe('\x1eX')
  expect(endScanner(NONCE)(Buffer.from('x\x1e')).bytes.toString()).toBe('x')
})

test('output is cut at the mark, from the asked byte on, and a stream without a mark has no exit code', async () => {
  const marked = runOutput(Readable.from([Buffer.from('0123'), Buffer.from(`456${MARK}rest`)]), NONCE, 5)
  expect((await buffer(marked.output)).toString()).toBe('56')
  expect(await marked.ended).toBe(42)
  const unmarked = runOutput(Readable.from([Buffer.from('0123')]), NONCE)
  expect((await buffer(unmarked.output)).toString()).toBe('0123')
  expect(await unmarked.ended).toBeUndefined()
})

test('a source that fails makes the output and the end fail', async () => {
  async function* broken() {
    yield Buffer.from('a')
    throw new Error('wire cut')
  }
  const { output, ended } = runOutput(broken(), NONCE)
  await expect(buffer(output)).rejects.toThrow('wire cut')
  await expect(ended).rejects.toThrow('wire cut')
})

test('128 + n is read as signal n', () => {
  expect(resultOf(0)).toEqual({ exitCode: 0 })
  expect(resultOf(137)).toEqual({ exitCode: 137, signal: 'SIGKILL' })
  expect(resultOf(143)).toEqual({ exitCode: 143, signal: 'SIGTERM' })
  expect(resultOf(255)).toEqual({ exitCode: 255 })
})
