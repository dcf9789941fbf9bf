// When a server counts as silent: three beats without an answer, and not because this process stood still.

import type pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isRemote, watchSilence } from './silence.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function server() {
  const asked: PromiseWithResolvers<void>[] = []
  const client = {
    query: () => {
      const answer = Promise.withResolvers<void>()
      asked.push(answer)
      return answer.promise
    },
  } as unknown as pg.Client
  return { client, asked }
}

test('a server that answers is asked again and again; one that stops to answer is silent once, within twenty seconds', async () => {
  const { client, asked } = server()
  const silent = vi.fn()
  watchSilence(client, silent)
  for (let beat = 1; beat <= 5; beat++) {
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked).toHaveLength(beat)
    asked.at(-1)!.resolve()
  }
  await vi.advanceTimersByTimeAsync(5_000)
  await vi.advanceTimersByTimeAsync(14_000)
  expect(silent).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(silent).toHaveBeenCalledTimes(1)
  expect(asked).toHaveLength(6)
})

test('an answer that comes late is an answer, and a connection that ends is no silence', async () => {
  const { client, asked } = server()
  const silent = vi.fn()
  watchSilence(client, silent)
  await vi.advanceTimersByTimeAsync(19_000)
  asked[0]!.resolve()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toHaveLength(2)
  asked[1]!.reject(new Error('Connection terminated'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(2)
  expect(silent).not.toHaveBeenCalled()
})

test.each([
  [{ host: '/var/lib/codeyard/postgres' }, false],
  [{ connectionString: 'postgres://u:p@db.example:5432/x' }, true],
  [{ connectionString: 'postgres:///x?host=/run/postgresql' }, false],
  [{ host: 'db.example' }, true],
])('%j is over a network: %s', (config, remote) => {
  expect(isRemote(config)).toBe(remote)
})
