import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createLogSink, eventsOf, type LogBatch } from './logSink.ts'

function sink(options: { fail?: (batch: LogBatch) => unknown; again?: boolean } = {}) {
  const batches: LogBatch[] = []
  let time = 1_000
  const made = createLogSink(
    async batch => {
      const error = options.fail?.(batch)
      if (error) throw error
      batches.push({ ...batch, text: Buffer.from(batch.text) })
    },
    () => new Date(time),
    () => options.again ?? false,
  )
  const messages = () => batches.flatMap(batch => eventsOf(batch)).map(event => event.message!)
  return { ...made, batches, messages, tick: () => time++ }
}

describe('the sink of a log', () => {
  test('cuts bytes into events behind each newline, wherever they were cut before', async () => {
    const text = `one\n\n${'x'.repeat(450_000)}\nlast ${'ä'.repeat(150_000)}\r\nopen`
    for (const size of [1, 64 * 1024, 1_000_000]) {
      const log = sink()
      const bytes = Buffer.from(size === 1 ? text.replaceAll('x', '').replaceAll('ä', 'ü').slice(0, 3_000) : text)
      for (let at = 0; at < bytes.length; at += size) {
        await log.write(bytes.subarray(at, at + size))
        log.tick()
      }
      await log.flush()
      await log.end()
      expect(log.messages().join('')).toBe(bytes.toString())
      expect(log.messages().slice(0, 2)).toEqual(['one\n', '\n'])
      for (const message of log.messages()) {
        expect(message.indexOf('\n')).toSatisfy(at => at === -1 || at === message.length - 1)
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(200_001)
        expect(message).not.toContain('\ufffd')
      }
      for (const batch of log.batches) {
        expect(batch.text.length + 26 * batch.events).toBeLessThanOrEqual(1_048_576)
        expect(eventsOf(batch)).toHaveLength(batch.events)
      }
    }
  })

  test('keeps an unfinished line back, and not the rest of one that is long', async () => {
    const log = sink()
    await log.write('whole\nunfinished')
    await log.flush()
    expect(log.messages()).toEqual(['whole\n'])
    await log.write(` ${'x'.repeat(250_000)}`)
    await log.flush()
    expect(log.messages().join('')).toHaveLength('whole\nunfinished '.length + 250_000)
    await log.write('y\nnext')
    await log.flush()
    expect(log.messages().at(-1)).toBe('y\n')
  })

  test('keeps every byte of what is no text', async () => {
    const log = sink()
    const bytes = randomBytes(3_000_000)
    for (let at = 0; at < bytes.length; at += 70_001) await log.write(bytes.subarray(at, at + 70_001))
    await log.end()
    expect(Buffer.concat(log.batches.map(batch => batch.text))).toEqual(bytes)
  })

  test('makes whoever writes wait, and holds few batches however slowly they are stored', async () => {
    let inside = 0
    const waits: (() => void)[] = []
    const log = createLogSink(
      () => {
        inside++
        return new Promise<void>(resolve => waits.push(resolve))
      },
      () => new Date(0),
      () => false,
    )
    const megabyte = Buffer.from(`${'y'.repeat(999)}\n`.repeat(1_000))
    let written = 0
    const writing = (async () => {
      for (; written < 20; written++) await log.write(megabyte)
      await log.end()
    })()
    await new Promise(resolve => setImmediate(resolve))
    expect(inside).toBe(1)
    expect(written).toBeLessThan(4)
    const free = setInterval(() => waits.splice(0).forEach(go => go()), 1)
    await writing
    clearInterval(free)
    expect(inside).toBeGreaterThanOrEqual(20)
  })

  test('a batch that can not be stored is told and passed over, or ends the hold on the build', async () => {
    const passing = sink({ fail: batch => batch.text.includes('bad') && new Error('no') })
    await passing.write('bad\n')
    await passing.flush()
    await passing.write('good\n')
    await passing.flush()
    expect(passing.messages()).toEqual(['good\n'])
    const breaking = sink({ fail: () => new Error('away'), again: true })
    await breaking.write('line\n')
    await expect(breaking.flush()).rejects.toThrow('away')
    await expect(breaking.end()).rejects.toThrow('away')
  })
})
