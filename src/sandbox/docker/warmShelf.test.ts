// The bookkeeping of a pool, with an engine that only counts; warmPool.test.ts has a real one.

import type Docker from 'dockerode'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWarmPool } from './warmPool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a shelf that is empty for a moment is still kept and removed with the pool', async () => {
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
  const pool = createWarmPool({ owner: 'test' }, { docker, prepare, busy: () => false, prefix: 'codeyard-' })
  const take = () => pool.take({ name: 'build', image: 'any', labels: {} })
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
