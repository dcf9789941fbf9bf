// What a killed agent left running is found by its record, at whatever moment the agent died.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deploymentLayout } from './layout.ts'
import { endOrphans, MARK, processStart } from './orphans.ts'

let root: string
const children: ChildProcess[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'codeyard-test-orphans-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

function left(mark: string): ChildProcess {
  const child = spawn('/bin/sleep', ['300'], { detached: true, stdio: 'ignore', env: { [MARK]: mark } })
  children.push(child)
  return child
}

function record(value: object) {
  const file = deploymentLayout(join(root, 'group', 'd-1')).process
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(value))
}

test('by its process, when the agent had time to write that down', async () => {
  const child = left('a')
  record({ pid: child.pid, started: processStart(child.pid!) })
  const over = once(child, 'exit')
  expect(endOrphans(root)).toBe(1)
  expect(await over).toEqual([null, 'SIGKILL'])
  expect(endOrphans(root)).toBe(0)
})

test('by its mark, when the agent died the moment it had started it', async () => {
  const [child, other] = [left('mine'), left('another')]
  record({ mark: 'mine' })
  const over = once(child, 'exit')
  expect(endOrphans(root)).toBe(1)
  expect(await over).toEqual([null, 'SIGKILL'])
  expect(other.exitCode).toBeNull()
})

test('a process that only has the number of the recorded one is left alone', () => {
  const child = left('x')
  record({ pid: child.pid, started: '1' })
  expect(endOrphans(root)).toBe(0)
  expect(child.signalCode).toBeNull()
})
