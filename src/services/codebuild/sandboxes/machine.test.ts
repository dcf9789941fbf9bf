import { describe, expect, test } from 'vitest'
import type { EndStatus } from '../../../build/phases.ts'
import { endPhase, submitted } from '../machine.ts'
import { commandStatus, decideSandbox, isReady, type SandboxEvent, type SandboxState } from './machine.ts'

const T0 = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(T0.getTime() + seconds * 1000)
const queued: SandboxState = {
  status: 'IN_PROGRESS',
  progress: submitted(T0),
  ended_at: null,
  stop_requested: false,
  lease_owner: null,
  lease_until: null,
  place: null,
}
const lease: SandboxEvent = { type: 'leased', owner: 'a', until: later(30), place: 'here' }
const leased = decideSandbox(queued, lease, later(1)).state
const step = (state: SandboxState, status: EndStatus, at = 2): SandboxEvent => ({
  type: 'progressed',
  owner: 'a',
  progress: endPhase(state.progress, status, later(at)),
})
const following = (state: SandboxState, ...statuses: EndStatus[]) =>
  statuses.reduce((one, status) => decideSandbox(one, step(one, status), later(2)).state, state)
const working = following(leased, 'SUCCEEDED', 'SUCCEEDED')

describe('a sandbox', () => {
  test('waits, is leased into PROVISIONING, and is ready once its source is there', () => {
    expect(queued.progress.state.phase).toBe('QUEUED')
    expect(leased).toMatchObject({ lease_owner: 'a', place: 'here', status: 'IN_PROGRESS' })
    expect(leased.progress.state.phase).toBe('PROVISIONING')
    expect([queued, leased].map(isReady)).toEqual([false, false])
    const downloading = following(leased, 'SUCCEEDED')
    const { state, effects } = decideSandbox(downloading, step(downloading, 'SUCCEEDED'), later(2))
    expect(isReady(state)).toBe(true)
    expect(effects).toEqual([{ type: 'ready' }])
  })

  test('that another builder takes over goes on where it is', () => {
    const { state, effects } = decideSandbox(working, { ...lease, owner: 'b' }, later(40))
    expect(state).toEqual({ ...working, lease_owner: 'b', lease_until: later(30) })
    expect(effects).toEqual([])
    expect(decideSandbox(working, { type: 'released', owner: 'a' }, later(3)).state).toMatchObject({
      lease_owner: null,
      lease_until: null,
      place: 'here',
    })
  })

  test.each([
    ['a builder that lost its lease', { ...step(working, 'FAULT'), owner: 'b' } as SandboxEvent],
    ['a release by another', { type: 'released', owner: 'b' } as SandboxEvent],
    ['the end of a wait that is over', { type: 'queueTimedOut' } as SandboxEvent],
  ])('is not moved by %s', (_, event) => {
    expect(decideSandbox(working, event, later(3))).toEqual({ state: working, effects: [] })
  })

  test.each([
    ['stopRequested', 'STOPPED'],
    ['queueTimedOut', 'TIMED_OUT'],
  ] as const)('that waits ends at once: %s', (type, status) => {
    const { state, effects } = decideSandbox(queued, { type }, later(5))
    expect(state).toMatchObject({ status, ended_at: later(5) })
    expect(effects).toEqual([{ type: 'endCommands', status }])
  })

  test('that runs is ended by its builder, which then says so', () => {
    const { state, effects } = decideSandbox(working, { type: 'stopRequested' }, later(3))
    expect(state).toEqual({ ...working, stop_requested: true })
    expect(effects).toEqual([{ type: 'interrupt' }])
    const over = decideSandbox(state, step(state, 'STOPPED', 4), later(4))
    expect(over.state).toMatchObject({ status: 'STOPPED', ended_at: later(4), lease_owner: null })
    expect(over.effects).toEqual([{ type: 'endCommands', status: 'STOPPED' }])
  })

  test.each(['STOPPED', 'TIMED_OUT', 'FAULT'] as const)('that ended as %s stays so', status => {
    const over = following(working, status)
    expect(over.status).toBe(status)
    for (const event of [
      lease,
      step(working, 'SUCCEEDED'),
      { type: 'stopRequested' },
      { type: 'queueTimedOut' },
    ] as SandboxEvent[])
      expect(decideSandbox(over, event, later(9))).toEqual({ state: over, effects: [] })
  })
})

test.each([
  [{ exitCode: 0 }, 'SUCCEEDED'],
  [{ exitCode: 1 }, 'FAILED'],
  [{ exitCode: 137 }, 'FAILED'],
  [{ sandbox: 'STOPPED' }, 'STOPPED'],
  [{ sandbox: 'TIMED_OUT' }, 'TIMED_OUT'],
  [{ sandbox: 'FAULT' }, 'FAULT'],
  [{ sandbox: 'FAILED' }, 'FAILED'],
  [{ sandbox: 'SUCCEEDED' }, 'STOPPED'],
] as const)('a command whose end is %j is %s', (end, status) => {
  expect(commandStatus(end)).toBe(status)
})
