import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { signalAll, signalGroup } from './processes.ts'

test('those that are still there are ended, whoever has ended before', async () => {
  const before = spawn('true')
  await once(before, 'exit')
  const child = spawn('sleep', ['60'])
  signalAll([before.pid!, child.pid!], 'SIGKILL')
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})

test('a group is ended with all in it', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  signalGroup(leader.pid!, 'SIGKILL')
  // Its output ends when nobody has it open any more.
  await once(leader.stdout.resume(), 'end')
  expect(leader.exitCode).toBe(null)
  signalGroup(leader.pid!, 'SIGKILL')
})

test('what is no process gets nothing: 0 and -1 would mean whoever sends, and everybody', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  onTestFinished(() => kill.mockRestore())
  for (const none of [0, 1, -1, Number.NaN]) {
    signalAll([none], 'SIGKILL')
    signalGroup(none, 'SIGKILL')
  }
  expect(kill).not.toHaveBeenCalled()
})
