import { expect, test } from 'vitest'
import { giveBack, ownMemory } from './ownMemory.ts'

test('only what is said to be of its own is given back, and once', () => {
  const memory = new Uint8Array(10)
  const [first, rest] = [memory.subarray(0, 4), memory.subarray(4)]
  giveBack(rest)
  expect(memory.length).toBe(10)
  ownMemory(rest)
  giveBack(first)
  expect(memory.length).toBe(10)
  giveBack(rest)
  expect([memory.length, first.length, rest.length]).toEqual([0, 0, 0])
  giveBack(rest)
})
