// The bookkeeping of a pool, with an engine that only counts; warmPool.test.ts has a real one.

import type Docker from 'dockerode'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWarmPool } from './warmPool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A pool, and the names of the containers that it has made and that no build has taken. */
function countedPool(busy: () => boolean) {
  const here = new Set<string>()
  const docker = {
    listContainers: async () => [],
    getImage: () => ({ inspect: async () => ({ Id: 'image' }) }),
  } as unknown as Docker
  const prepare = async ({ name }: { readonly name: string }) => {
    here.add(name)
    return {
      rename: async () => void here.delete(name), // a build's from now on
      remove: async () => void here.delete(name),
    } as unknown as Docker.Container
  }
  const pool = createWarmPool({ owner: 'test' }, { docker, prepare, busy, prefix: 'codeyard-' })
  return { pool, here, take: () => pool.take({ name: 'build', image: 'any', labels: {} }) }
}

test('a shelf that is empty for a moment is still kept and removed with the pool', async () => {
  const { pool, here, take } = countedPool(() => false)
  await take()
  // The shelf is looked at every ten seconds: here between a take and the refill after it.
  await vi.advanceTimersByTimeAsync(9900)
  expect(here.size).toBe(1)
  expect(await take()).toBeDefined()
  await vi.advanceTimersByTimeAsync(5000)
  expect([pool.waiting(), here.size]).toEqual([1, 1])
  await pool.close()
  expect(here.size).toBe(0)
})

test('nothing is started beside a large transfer, and at once after it', async () => {
  let busy = true
  const { pool, here, take } = countedPool(() => busy)
  await take()
  await vi.advanceTimersByTimeAsync(5000)
  expect(here.size).toBe(0)
  busy = false
  await vi.advanceTimersByTimeAsync(500)
  expect(here.size).toBe(1)
  await pool.close()
})

test('transfers that do not end keep a pool empty for ten seconds, not longer', async () => {
  const { pool, here, take } = countedPool(() => true)
  await take()
  await vi.advanceTimersByTimeAsync(9500)
  expect(here.size).toBe(0)
  await vi.advanceTimersByTimeAsync(1000)
  expect(here.size).toBe(1)
  await pool.close()
})
