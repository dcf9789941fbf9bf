import { describe, expect, onTestFinished, test } from 'vitest'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { createDiskGuard } from './diskGuard.ts'

const GB = 1e9

/** A disk of which builds take what the test says; how often each was counted is known. */
function disk(free: number) {
  const state = { free, looks: 0 }
  const counted: Record<string, number> = {}
  const used: Record<string, number> = {}
  const sandboxOf = (name: string) =>
    ({
      freeDisk: async () => {
        state.looks++
        return state.free
      },
      usedDisk: async () => {
        counted[name] = (counted[name] ?? 0) + 1
        return used[name] ?? 0
      },
    }) as unknown as Sandbox
  const write = (name: string, bytes: number) => {
    used[name] = (used[name] ?? 0) + bytes
    state.free -= bytes
  }
  return { state, counted, write, sandboxOf }
}

function watched(machine: ReturnType<typeof disk>, reserve?: number, recountMs?: number) {
  const guard = createDiskGuard(5, reserve, recountMs)
  const ended: Record<string, string> = {}
  return {
    ended,
    watch(name: string, limit: number) {
      const stop = guard.watch({
        sandbox: () => machine.sandboxOf(name),
        limit,
        end: message => {
          ended[name] = message
        },
        failed: error => {
          throw error
        },
      })
      onTestFinished(stop)
      return stop
    },
    async looked(times = 4) {
      const from = machine.state.looks
      for (let tries = 0; machine.state.looks < from + times && tries < 2000; tries++)
        await new Promise(resolve => setTimeout(resolve, 5))
    },
  }
}

describe('the disk', () => {
  test('is counted once while less was taken than could matter', async () => {
    const machine = disk(500 * GB)
    const { watch, looked, ended } = watched(machine)
    watch('calm', 64 * GB)
    await looked()
    machine.write('calm', 20 * GB)
    await looked()
    expect(machine.counted).toEqual({ calm: 1 })
    expect(ended).toEqual({})
  })

  test('of a build that takes more than it has is given back, in several steps as well', async () => {
    const machine = disk(500 * GB)
    const { watch, looked, ended } = watched(machine)
    watch('greedy', 64 * GB)
    watch('calm', 64 * GB)
    await looked()
    for (let step = 0; step < 7; step++) {
      machine.write('greedy', 10 * GB)
      await looked()
    }
    expect(ended).toEqual({
      greedy: 'The build took 70.0 GB of disk space: the build environment has 64.0 GB.',
    })
    const { counted } = machine
    await looked(10)
    expect(counted.greedy).toBeLessThan(8)
  })

  test('is looked at also when the free space says nothing: written before the first look, or while others removed as much', async () => {
    const machine = disk(500 * GB)
    const { watch, looked, ended } = watched(machine, undefined, 20)
    machine.write('quick', 65 * GB)
    watch('quick', 64 * GB)
    watch('hidden', 64 * GB)
    await looked()
    expect(Object.keys(ended)).toEqual(['quick'])
    machine.write('hidden', 65 * GB)
    machine.state.free += 65 * GB
    for (let tries = 0; !ended.hidden && tries < 50; tries++) await looked()
    expect(Object.keys(ended)).toEqual(['quick', 'hidden'])
  })

  test('that is nearly full ends the largest build only, and none when builds are not to blame', async () => {
    const machine = disk(10 * GB)
    const { watch, looked, ended } = watched(machine, GB)
    const stop = watch('large', 64 * GB)
    watch('small', 64 * GB)
    await looked()
    machine.write('large', 7 * GB)
    machine.write('small', 2.5 * GB)
    await looked()
    expect(ended).toEqual({
      large: 'The build took 7.0 GB of disk space: the disk of the machine that runs it is full.',
    })
    stop()
    machine.state.free += 7 * GB
    await looked(8)
    expect(Object.keys(ended)).toEqual(['large'])
    const others = disk(0.5 * GB)
    const second = watched(others, GB)
    second.watch('innocent', 64 * GB)
    await second.looked()
    expect(second.ended).toEqual({})
  })
})
