import { describe, expect, test } from 'vitest'
import type { Progress } from '../../build/build.ts'
import { PHASES } from '../../build/phases.ts'
import { type BuildEvent, type BuildState, decide, endPhase, submitted } from './machine.ts'

const T0 = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(T0.getTime() + seconds * 1000)
const queued: BuildState = {
  status: 'IN_PROGRESS',
  progress: submitted(T0),
  ended_at: null,
  stop_requested: false,
  lease_owner: null,
}
const lease: BuildEvent = { type: 'leased', owner: 'a' }
const running = decide(queued, lease, later(1)).state
const LOST: BuildEvent = { type: 'lost', message: 'its machine is gone' }
const phasesOf = ({ progress }: BuildState) =>
  progress.phases.map(({ phase, status }) => `${phase} ${status ?? ''}`.trim())
const effectsOf = (state: BuildState, event: BuildEvent) =>
  decide(state, event, later(2)).effects.map(({ type }) => type)

describe('the row of a build', () => {
  test('is queued, then leased into PROVISIONING', () => {
    expect(phasesOf(queued)).toEqual(['SUBMITTED SUCCEEDED', 'QUEUED'])
    expect(phasesOf(running)).toEqual(['SUBMITTED SUCCEEDED', 'QUEUED SUCCEEDED', 'PROVISIONING'])
    expect(running).toMatchObject({ lease_owner: 'a', status: 'IN_PROGRESS' })
    expect(effectsOf(queued, lease)).toEqual(['phaseEnded'])
  })
  test('that another builder takes over keeps its phases', () => {
    const { state, effects } = decide(running, { type: 'leased', owner: 'b' }, later(40))
    expect(state).toEqual({ ...running, lease_owner: 'b' })
    expect(effects).toEqual([])
  })
  test('follows the engine of its owner and nobody else', () => {
    const progress = endPhase(running.progress, 'SUCCEEDED', later(2))
    expect(decide(running, { type: 'progressed', owner: 'b', progress }, later(2)).state).toBe(running)
    const { state, effects } = decide(running, { type: 'progressed', owner: 'a', progress }, later(2))
    expect(state.progress).toBe(progress)
    expect(effects).toEqual([
      { type: 'phaseEnded', phase: expect.objectContaining({ phase: 'PROVISIONING', status: 'SUCCEEDED' }) },
    ])
    expect(decide(state, { type: 'progressed', owner: 'a', progress }, later(3)).effects).toEqual([])
  })
  test.each(['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT'] as const)(
    'ends as %s with one state change',
    end => {
      let progress: Progress = running.progress
      if (end === 'SUCCEEDED')
        while (progress.state.phase !== 'COMPLETED') progress = endPhase(progress, 'SUCCEEDED', later(5))
      else progress = endPhase(progress, end, later(5))
      const { state, effects } = decide(running, { type: 'progressed', owner: 'a', progress }, later(5))
      expect(state).toMatchObject({ status: end, ended_at: later(5), lease_owner: null })
      expect(effects.filter(({ type }) => type === 'stateChanged')).toHaveLength(1)
      for (const event of [
        lease,
        { type: 'stopRequested' },
        { type: 'queueTimedOut' },
        { type: 'progressed', owner: 'a', progress: running.progress },
      ] as BuildEvent[]) {
        expect(decide(state, event, later(9))).toEqual({ state, effects: [] })
      }
    },
  )
  test.each<[string, BuildState, BuildEvent, string, string[]]>([
    ['stop in the queue', queued, { type: 'stopRequested' }, 'STOPPED', ['phaseEnded', 'stateChanged']],
    [
      'stop while nobody works on it',
      { ...running, lease_owner: null },
      { type: 'stopRequested' },
      'STOPPED',
      ['phaseEnded', 'stateChanged'],
    ],
    ['stop while it runs', running, { type: 'stopRequested' }, 'IN_PROGRESS', ['interrupt']],
    ['too long in the queue', queued, { type: 'queueTimedOut' }, 'TIMED_OUT', ['phaseEnded', 'stateChanged']],
    ['the queue timeout of one that runs', running, { type: 'queueTimedOut' }, 'IN_PROGRESS', []],
    ['its place gone for good', { ...running, lease_owner: null }, LOST, 'FAULT', ['phaseEnded', 'stateChanged']],
    ['a place that is back', running, LOST, 'IN_PROGRESS', []],
    ['a lost place before it began', queued, LOST, 'IN_PROGRESS', []],
    ['release by its owner', running, { type: 'released', owner: 'a' }, 'IN_PROGRESS', []],
    ['release by another', running, { type: 'released', owner: 'b' }, 'IN_PROGRESS', []],
  ])('%s', (_name, state, event, status, effects) => {
    expect(decide(state, event, later(2)).state.status).toBe(status)
    expect(effectsOf(state, event)).toEqual(effects)
  })

  test('never leaves COMPLETED, whatever comes in whatever order', () => {
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    for (let round = 0; round < 300; round++) {
      let state: BuildState = queued
      let changes = 0
      for (let step = 0; step < 40; step++) {
        const owner = random(2) ? 'a' : 'b'
        const statuses = ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'FAILED', 'FAULT'] as const
        const progress = endPhase(state.progress, statuses[random(5)]!, later(step))
        const events: BuildEvent[] = [
          { type: 'leased', owner },
          { type: 'progressed', owner, progress },
          { type: 'progressed', owner, progress },
          { type: 'released', owner },
          ...(random(10) === 0 ? [{ type: 'stopRequested' } as const, { type: 'queueTimedOut' } as const] : []),
        ]
        const before = state
        const decision = decide(state, events[random(events.length)]!, later(step))
        state = decision.state
        changes += decision.effects.filter(({ type }) => type === 'stateChanged').length
        if (before.status !== 'IN_PROGRESS') expect(state).toBe(before)
        expect(PHASES.indexOf(state.progress.state.phase)).toBeGreaterThanOrEqual(
          PHASES.indexOf(before.progress.state.phase),
        )
        expect(state.progress.phases.at(-1)?.phase).toBe(state.progress.state.phase)
      }
      expect(changes).toBe(state.status === 'IN_PROGRESS' ? 0 : 1)
    }
  })
})
