import { describe, expect, test } from 'vitest'
import type { BatchBuild } from '../../../specs/buildspec/buildspec.ts'
import {
  type BatchEffect,
  type BatchEvent,
  type BatchState,
  canRetry,
  currentPhase,
  decide,
  type EndStatus,
  submitted,
} from './machine.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

const build = (identifier: string, dependsOn: readonly string[] = [], ignoreFailure = false): BatchBuild => ({
  identifier,
  dependsOn,
  ignoreFailure,
  debugSession: false,
  env: { variables: {} },
})

/** A batch and whoever carries out its effects: builds start when they are to, the test ends them. */
function play({ combines = false, allowed = (_: string): boolean => true } = {}) {
  let state = submitted(at(0), combines)
  let ids = 0
  let seconds = 0
  const effects: string[] = []
  const started: string[] = []
  const identifierOf = (id: string) =>
    state.groups.find(({ current, prior }) => [current, ...prior].some(attempt => attempt.build === id))!.plan
      .identifier
  const handle = (event: BatchEvent) => {
    const todo: BatchEffect[] = []
    const apply = (happened: BatchEvent) => {
      const decision = decide(state, happened, at(++seconds), () => `p:${++ids}`)
      state = decision.state
      todo.push(...decision.effects)
    }
    apply(event)
    for (let effect = todo.shift(); effect; effect = todo.shift()) for (const result of carryOut(effect)) apply(result)
  }
  const carryOut = (effect: BatchEffect): BatchEvent[] => {
    if (effect.type === 'start') {
      const group = state.groups.find(({ plan }) => plan.identifier === effect.group.plan.identifier)!
      const { build: id, status, retryOf } = group.current
      if (status !== 'PENDING') return []
      if (!allowed(group.plan.identifier))
        return [{ type: 'refused', build: id, context: { statusCode: 'ACCESS_DENIED', message: 'no' } }]
      effects.push(`${retryOf ? 'retry' : 'start'} ${group.plan.identifier}`)
      started.push(id)
      return [{ type: 'started', build: id }]
    }
    effects.push(effect.type === 'stop' ? `stop ${identifierOf(effect.build)}` : effect.type)
    return []
  }
  const summary = () => Object.fromEntries(state.groups.map(({ plan, current }) => [plan.identifier, current.status]))
  return {
    handle,
    started,
    get state() {
      return state
    },
    summary,
    /** The effects since the last time. */
    effects: () => effects.splice(0),
    begin(builds: readonly BatchBuild[], fastFail = false) {
      handle({ type: 'begun' })
      handle({ type: 'specRead', fastFail, builds })
      effects.splice(0)
    },
    end(identifier: string, status: EndStatus = 'SUCCEEDED') {
      const { current } = state.groups.find(({ plan }) => plan.identifier === identifier)!
      handle({ type: 'ended', build: current.build, status })
      return effects.splice(0)
    },
  }
}

const phasesOf = ({ phases }: BatchState) => phases.map(({ phase, status }) => `${phase} ${status ?? ''}`.trim())

describe('a build that was lost with its machine', () => {
  const lost = (batch: ReturnType<typeof play>, identifier: string, by: string) => {
    const { build: id } = batch.state.groups.find(({ plan }) => plan.identifier === identifier)!.current
    batch.handle({ type: 'replaced', build: id, status: 'FAULT', by })
    return batch.effects()
  }

  test('has one in its place, for which those that depend on it wait', () => {
    const batch = play()
    batch.begin([build('a'), build('b', ['a'])])
    const [first] = batch.started
    expect(lost(batch, 'a', 'p:again')).toEqual([])
    expect(batch.state.groups[0]).toMatchObject({
      current: { build: 'p:again', status: 'IN_PROGRESS', ran: true },
      prior: [{ build: first, status: 'FAULT' }],
    })
    expect(batch.state.groups[1]!.current.status).toBe('PENDING')
    batch.handle({ type: 'ended', build: first!, status: 'FAULT' }) // told late
    expect(batch.state.status).toBe('IN_PROGRESS')
    expect(batch.end('a')).toEqual(['start b'])
    batch.end('b')
    expect(batch.state.status).toBe('SUCCEEDED')
  })

  test('has none in a batch that is over: that one is stopped', () => {
    const batch = play()
    batch.begin([build('a')])
    batch.handle({ type: 'stopRequested' })
    batch.effects()
    const before = batch.state.groups[0]!.current.build
    const decision = decide(
      batch.state,
      { type: 'replaced', build: before, status: 'FAULT', by: 'p:again' },
      at(9),
      () => '',
    )
    expect(decision.effects).toEqual([{ type: 'stop', build: 'p:again' }])
    expect(decision.state.groups[0]).toMatchObject({ current: { build: before, status: 'FAULT' }, prior: [] })
  })

  test('is stopped again when another one failed and the batch fails fast', () => {
    const batch = play()
    batch.begin([build('a'), build('b')], true)
    expect(batch.end('b', 'FAILED')).toEqual(['stop a'])
    expect(lost(batch, 'a', 'p:again')).toEqual(['stop a'])
    expect(batch.state.groups[0]!.current.build).toBe('p:again')
  })
})

describe('a batch', () => {
  test('reads its buildspec, runs its builds and ends with the phases of AWS', () => {
    const batch = play()
    batch.handle({ type: 'begun' })
    expect(batch.effects()).toEqual(['download'])
    batch.handle({ type: 'specRead', fastFail: false, builds: [build('a'), build('b')], resolvedVersion: 'abc' })
    expect(batch.effects()).toEqual(['start a', 'start b'])
    expect(batch.end('a')).toEqual([])
    expect(batch.state.status).toBe('IN_PROGRESS')
    expect(batch.end('b')).toEqual(['over'])
    expect(batch.state).toMatchObject({ status: 'SUCCEEDED', resolvedVersion: 'abc' })
    expect(phasesOf(batch.state)).toEqual([
      'SUBMITTED SUCCEEDED',
      'DOWNLOAD_BATCHSPEC SUCCEEDED',
      'IN_PROGRESS SUCCEEDED',
      'COMBINE_ARTIFACTS SUCCEEDED',
      'SUCCEEDED',
    ])
  })

  test('whose buildspec can not be had fails with the reason', () => {
    const batch = play()
    batch.handle({ type: 'begun' })
    const context = { statusCode: 'YAML_FILE_ERROR', message: 'YAML file does not exist' }
    batch.handle({ type: 'specFailed', status: 'FAILED', context })
    expect(batch.state.status).toBe('FAILED')
    expect(phasesOf(batch.state)).toEqual(['SUBMITTED SUCCEEDED', 'DOWNLOAD_BATCHSPEC FAILED', 'FAILED'])
    expect(batch.state.phases[1]?.contexts).toEqual([context])
  })

  test('that combines waits for it', () => {
    const batch = play({ combines: true })
    batch.begin([build('a')])
    expect(batch.end('a')).toEqual(['combine'])
    expect(currentPhase(batch.state)).toBe('COMBINE_ARTIFACTS')
    batch.handle({ type: 'combined' })
    expect(batch.state.status).toBe('SUCCEEDED')
  })

  test('that can not combine fails there', () => {
    const batch = play({ combines: true })
    batch.begin([build('a')])
    batch.end('a')
    batch.handle({ type: 'combineFailed', status: 'FAILED', context: { statusCode: 'CLIENT_ERROR', message: 'x' } })
    expect(phasesOf(batch.state).slice(-2)).toEqual(['COMBINE_ARTIFACTS FAILED', 'FAILED'])
  })
})

describe('a graph', () => {
  test('starts a build when all that it waits for are there', () => {
    const batch = play()
    batch.begin([build('c', ['a', 'b']), build('a'), build('b')])
    expect(batch.end('a')).toEqual([])
    expect(batch.end('b')).toEqual(['start c'])
    expect(batch.end('c')).toEqual(['over'])
  })

  test.each<EndStatus>(['FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'])(
    'of which a build ended as %s skips what waits for it, and finishes the rest',
    status => {
      const batch = play()
      batch.begin([build('a'), build('b', ['a']), build('c', ['b']), build('x'), build('y', ['x'])])
      expect(batch.end('a', status)).toEqual([])
      expect(batch.summary()).toEqual({ a: status, b: 'STOPPED', c: 'STOPPED', x: 'IN_PROGRESS', y: 'PENDING' })
      expect(batch.end('x')).toEqual(['start y'])
      expect(batch.end('y')).toEqual(['over'])
      expect(batch.state.status).toBe('FAILED')
      expect(phasesOf(batch.state).slice(-2)).toEqual(['IN_PROGRESS FAILED', 'FAILED'])
    },
  )

  test('goes on behind a failure that is ignored, and succeeds', () => {
    const batch = play()
    batch.begin([build('a', [], true), build('b', ['a'])])
    expect(batch.end('a', 'FAILED')).toEqual(['start b'])
    expect(batch.end('b')).toEqual(['over'])
    expect(batch.state.status).toBe('SUCCEEDED')
  })
})

describe('fast-fail', () => {
  test('stops what runs, starts nothing more, and fails when all are still', () => {
    const batch = play()
    batch.begin([build('a'), build('b'), build('c', ['b'])], true)
    expect(batch.end('a', 'FAILED')).toEqual(['stop b'])
    expect(batch.summary()).toEqual({ a: 'FAILED', b: 'IN_PROGRESS', c: 'STOPPED' })
    expect(batch.end('b', 'STOPPED')).toEqual(['over'])
    expect(batch.state.status).toBe('FAILED')
  })

  test('does not see failures that are ignored', () => {
    const batch = play()
    batch.begin([build('a', [], true), build('b')], true)
    expect(batch.end('a', 'FAILED')).toEqual([])
    expect(batch.end('b')).toEqual(['over'])
    expect(batch.state.status).toBe('SUCCEEDED')
  })
})

describe('a build that may not start', () => {
  test('fails, with the reason at the batch, and those that wait for it are skipped', () => {
    const batch = play({ allowed: identifier => identifier !== 'a' })
    batch.begin([build('a'), build('b', ['a']), build('c')])
    expect(batch.summary()).toEqual({ a: 'FAILED', b: 'STOPPED', c: 'IN_PROGRESS' })
    batch.end('c')
    expect(batch.state.status).toBe('FAILED')
    expect(batch.state.phases.find(({ phase }) => phase === 'IN_PROGRESS')?.contexts).toEqual([
      { statusCode: 'ACCESS_DENIED', message: 'no' },
    ])
  })
})

describe.each([
  ['stop', { type: 'stopRequested' }, 'STOPPED', 'STOPPED'],
  ['the end of its time', { type: 'timedOut' }, 'TIMED_OUT', 'FAILED'],
] as const)('%s', (_name, event, status, lastPhase) => {
  test('ends the batch at once, stops what runs and forgets what waits', () => {
    const batch = play()
    batch.begin([build('a'), build('b', ['a'])])
    batch.handle(event)
    expect(batch.effects()).toEqual(['stop a', 'over'])
    expect(batch.state.status).toBe(status)
    expect(phasesOf(batch.state).slice(-2)).toEqual([`IN_PROGRESS ${status}`, lastPhase])
    expect(batch.summary()).toEqual({ a: 'IN_PROGRESS', b: 'STOPPED' })
    expect(batch.end('a', 'STOPPED')).toEqual([])
    expect(batch.summary()).toEqual({ a: 'STOPPED', b: 'STOPPED' })
  })

  test.each(['SUBMITTED', 'DOWNLOAD_BATCHSPEC', 'COMBINE_ARTIFACTS'])('comes through in %s as well', phase => {
    const batch = play({ combines: true })
    if (phase !== 'SUBMITTED') batch.handle({ type: 'begun' })
    if (phase === 'COMBINE_ARTIFACTS') {
      batch.handle({ type: 'specRead', fastFail: false, builds: [build('a')] })
      batch.end('a')
    }
    expect(currentPhase(batch.state)).toBe(phase)
    batch.handle(event)
    expect(batch.state.status).toBe(status)
  })
})

describe('a retry', () => {
  const failed = () => {
    const batch = play()
    batch.begin([build('a'), build('b'), build('c', ['b'])])
    batch.end('a')
    batch.end('b', 'FAILED')
    return batch
  }

  test('of the failed ones runs them again and what was skipped for the first time', () => {
    const batch = failed()
    const before = batch.state.groups.map(({ current }) => current.build)
    batch.handle({ type: 'retried', retryType: 'RETRY_FAILED_BUILDS' })
    expect(batch.effects()).toEqual(['begin'])
    expect(phasesOf(batch.state).slice(-2)).toEqual(['FAILED RETRY', 'SUBMITTED'])
    batch.handle({ type: 'begun' })
    expect(batch.effects()).toEqual(['retry b'])
    expect(batch.end('b')).toEqual(['start c'])
    expect(batch.end('c')).toEqual(['over'])
    expect(batch.state.status).toBe('SUCCEEDED')
    expect(batch.state.groups.map(({ prior }) => prior.map(attempt => attempt.build))).toEqual([
      [],
      [before[1]],
      [before[2]],
    ])
  })

  test('of all runs all again', () => {
    const batch = failed()
    batch.handle({ type: 'retried', retryType: 'RETRY_ALL_BUILDS' })
    batch.handle({ type: 'begun' })
    expect(batch.effects()).toEqual(['begin', 'start a', 'start b'])
  })

  test('of one whose buildspec could not be read reads it again', () => {
    const batch = play()
    batch.handle({ type: 'begun' })
    batch.handle({ type: 'specFailed', status: 'FAILED', context: { statusCode: 'CLIENT_ERROR', message: 'x' } })
    batch.effects()
    batch.handle({ type: 'retried', retryType: 'RETRY_FAILED_BUILDS' })
    batch.handle({ type: 'begun' })
    expect(batch.effects()).toEqual(['begin', 'download'])
  })

  test('hears of builds of the try before that end late', () => {
    const batch = play()
    batch.begin([build('a')])
    const [old] = batch.started
    batch.handle({ type: 'stopRequested' })
    batch.handle({ type: 'retried', retryType: 'RETRY_ALL_BUILDS' })
    batch.handle({ type: 'begun' })
    batch.handle({ type: 'ended', build: old!, status: 'STOPPED' })
    expect(batch.state.groups[0]).toMatchObject({ current: { status: 'IN_PROGRESS' }, prior: [{ status: 'STOPPED' }] })
    expect(batch.state.status).toBe('IN_PROGRESS')
  })

  test('is only for batches that failed', () => {
    const batch = play()
    expect(canRetry(batch.state)).toBe(false)
    batch.begin([build('a')])
    expect(canRetry(batch.state)).toBe(false)
    batch.end('a')
    expect(canRetry(batch.state)).toBe(false)
    expect(canRetry(failed().state)).toBe(true)
  })
})

describe('whatever happens to 300 random graphs', () => {
  /** A small generator, so that a failure can be seen again. */
  const random = (seed: number) => () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
  const STATUSES: readonly EndStatus[] = [
    'SUCCEEDED',
    'SUCCEEDED',
    'SUCCEEDED',
    'FAILED',
    'FAULT',
    'TIMED_OUT',
    'STOPPED',
  ]

  test.each(Array.from({ length: 300 }, (_, seed) => seed))('graph %i', seed => {
    const next = random(seed)
    const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)]!
    const builds = Array.from({ length: 1 + Math.floor(next() * 8) }, (_, index) =>
      build(
        `b${index}`,
        Array.from({ length: index }, (_, other) => `b${other}`).filter(() => next() < 0.3),
        next() < 0.2,
      ),
    )
    const batch = play({ allowed: () => next() < 0.95 })
    batch.begin(builds, next() < 0.3)
    for (let tries = 0, steps = 0; ; steps++) {
      // It always ends: no event is needed that nobody sends.
      expect(steps).toBeLessThan(200)
      const running = batch.state.groups.filter(({ current }) => current.status === 'IN_PROGRESS')
      if (batch.state.status !== 'IN_PROGRESS' && running.length === 0) {
        checkEnd(batch.state)
        if (!canRetry(batch.state) || ++tries > 2) break
        batch.handle({ type: 'retried', retryType: pick(['RETRY_ALL_BUILDS', 'RETRY_FAILED_BUILDS']) })
        batch.handle({ type: 'begun' })
        continue
      }
      expect(running.length).toBeGreaterThan(0)
      for (const { plan } of running) checkDependencies(batch.state, plan)
      if (next() < 0.03) batch.handle({ type: next() < 0.5 ? 'stopRequested' : 'timedOut' })
      const { plan, current } = pick(running)
      const ended: BatchEvent = { type: 'ended', build: current.build, status: pick(STATUSES) }
      batch.handle(ended)
      const after = batch.state
      batch.handle(ended)
      expect(batch.state, `${plan.identifier} ended twice`).toBe(after)
    }
    expect(new Set(batch.started).size).toBe(batch.started.length)
    const last = batch.state
    for (const event of [
      { type: 'begun' },
      { type: 'looked' },
      { type: 'stopRequested' },
      { type: 'timedOut' },
    ] as const)
      batch.handle(event)
    expect(batch.state).toBe(last)
  })

  const fine = (state: BatchState, identifier: string) => {
    const { plan, current } = state.groups.find(group => group.plan.identifier === identifier)!
    return (
      current.status === 'SUCCEEDED' || (plan.ignoreFailure && !['PENDING', 'IN_PROGRESS'].includes(current.status))
    )
  }
  const checkDependencies = (state: BatchState, { dependsOn }: BatchBuild) => {
    for (const other of dependsOn) expect(fine(state, other)).toBe(true)
  }
  const checkEnd = (state: BatchState) => {
    for (const { current } of state.groups) expect(current.status).not.toBe('PENDING')
    const allFine = state.groups.every(({ plan }) => fine(state, plan.identifier))
    if (state.status === 'SUCCEEDED') expect(allFine).toBe(true)
    if (state.status === 'FAILED') expect(allFine).toBe(false)
    expect(state.phases.every((phase, index) => index === state.phases.length - 1 || phase.end)).toBe(true)
  }
})
