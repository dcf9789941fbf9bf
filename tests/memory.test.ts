// Bytes pass through: the server's memory does not grow with what is put, got, pushed, cloned or written by a build. `codeyard bench memory logs` does the
// same with gigabytes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logThrough, objectThrough, peakGrowth, repositoryThrough } from './harness/memory.ts'
import { openYard, type Yard } from './harness/yard.ts'

const LIMIT_MB = 64
let yard: Yard
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
}, 60_000)
afterAll(() => yard?.close(), 60_000)

// Tried again: a late collection on a busy machine is a peak as well, but what grows with the size does so every time.
describe.skipIf(process.platform !== 'linux')('memory', { retry: 2 }, () => {
  test('does not grow with the size of an object', async () => {
    await objectThrough(yard, 512) // code, connections, a warm heap
    expect(await peakGrowth(yard.process.pid!, () => objectThrough(yard, 512))).toBeLessThan(LIMIT_MB)
  }, 120_000)

  test('does not grow with the size of a repository that is pushed and cloned', async () => {
    await repositoryThrough(yard, 'small', 40)
    expect(await peakGrowth(yard.process.pid!, () => repositoryThrough(yard, 'large', 120))).toBeLessThan(LIMIT_MB)
  }, 120_000)

  test("does not grow with the size of a build's log, of which no line is lost", async () => {
    for (let round = 0; round < 2; round++) await logThrough(yard, 40) // code, connections, a warm heap
    expect(await peakGrowth(yard.process.pid!, () => logThrough(yard, 100))).toBeLessThan(LIMIT_MB)
  }, 240_000)
})
