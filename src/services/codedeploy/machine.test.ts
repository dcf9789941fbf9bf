import { describe, expect, test } from 'vitest'
import { concurrencyBudget, type MinimumHealthyHosts, minimumHealthy, revisionHealth } from './health.ts'
import {
  type Decision,
  type DeploymentState,
  type Diagnostics,
  decide,
  type Effect,
  IN_PLACE_EVENTS,
  isOver,
  type MachineEvent,
} from './machine.ts'

const NOW = new Date('2026-11-23T05:00:00Z')
const ONE_AT_A_TIME: MinimumHealthyHosts = { type: 'MOST_CONCURRENCY', value: 1 }
const HALF: MinimumHealthyHosts = { type: 'FLEET_PERCENT', value: 50 }
const ALL: MinimumHealthyHosts = { type: 'FLEET_PERCENT', value: 0 }
const FINE: Diagnostics = { errorCode: 'Success', scriptName: '', message: 'Succeeded: ', logTail: '' }
const BAD: Diagnostics = { errorCode: 'ScriptFailed', scriptName: 'x.sh', message: 'failed', logTail: '' }

function created(minimum: MinimumHealthyHosts, total: number, more: Partial<DeploymentState> = {}): DeploymentState {
  return {
    status: 'Created',
    minimum,
    ignoreApplicationStopFailures: false,
    targets: Array.from({ length: total }, (_, index) => ({
      id: `host-${index}`,
      status: 'Pending',
      updatedAt: NOW.toISOString(),
      events: IN_PLACE_EVENTS.map(name => ({ name, status: 'Pending' as const })),
    })),
    ...more,
  }
}

/** Hosts that obey: each dispatched event is acknowledged and completed; `failing` hosts fail at Install. */
function play(state: DeploymentState, failing: (host: string) => boolean = () => false) {
  let most = 0
  const log: string[] = []
  const queue: MachineEvent[] = [{ type: 'start' }]
  const attempted: string[] = []
  while (queue.length > 0) {
    const { state: next, effects }: Decision = decide(state, queue.shift()!, NOW)
    state = next
    for (const effect of effects) {
      if (effect.type === 'deploymentChanged') log.push(effect.state)
      if (effect.type === 'targetChanged' && effect.state === 'START') attempted.push(effect.target)
      if (effect.type === 'dispatch') {
        const { target, event } = effect
        const succeeded = !(event === 'Install' && failing(target))
        queue.push({ type: 'acknowledged', target, event, noop: false })
        queue.push({ type: 'completed', target, event, succeeded, diagnostics: succeeded ? FINE : BAD })
      }
    }
    most = Math.max(most, state.targets.filter(target => target.status === 'InProgress').length)
  }
  const count = (status: string) => state.targets.filter(target => target.status === status).length
  return {
    state,
    log,
    most,
    attempted,
    counts: { succeeded: count('Succeeded'), failed: count('Failed'), skipped: count('Skipped') },
  }
}
const failingHosts =
  (...indexes: number[]) =>
  (host: string) =>
    indexes.includes(Number(host.split('-')[1]))

describe('minimum healthy hosts', () => {
  test.each<[MinimumHealthyHosts, number, number, number]>([
    // minimum, hosts, must be healthy, may be down
    [{ type: 'HOST_COUNT', value: 6 }, 9, 6, 3],
    [{ type: 'FLEET_PERCENT', value: 40 }, 9, 4, 5],
    [{ type: 'FLEET_PERCENT', value: 95 }, 10, 10, 0],
    [HALF, 5, 3, 2],
    [ALL, 7, 0, 7],
    [ONE_AT_A_TIME, 4, 3, 1],
    [ONE_AT_A_TIME, 1, 0, 1],
    [{ type: 'HOST_COUNT', value: 3 }, 2, 3, 0],
  ])('%j of %i hosts: %i healthy, %i at a time', (minimum, total, healthy, budget) => {
    expect(minimumHealthy(minimum, total)).toBe(healthy)
    expect(concurrencyBudget(minimum, total)).toBe(budget)
  })

  test.each<[string, MinimumHealthyHosts, number, number[], string, number, object]>([
    ['one at a time goes through all', ONE_AT_A_TIME, 3, [], 'Succeeded', 1, { succeeded: 3, failed: 0, skipped: 0 }],
    [
      'one at a time tolerates the last one failing',
      ONE_AT_A_TIME,
      3,
      [2],
      'Succeeded',
      1,
      { succeeded: 2, failed: 1, skipped: 0 },
    ],
    [
      'one at a time stops at an earlier failure',
      ONE_AT_A_TIME,
      3,
      [1],
      'Failed',
      1,
      { succeeded: 1, failed: 1, skipped: 1 },
    ],
    [
      'one at a time with a single host needs it',
      ONE_AT_A_TIME,
      1,
      [0],
      'Failed',
      1,
      { succeeded: 0, failed: 1, skipped: 0 },
    ],
    ['all at once takes all', ALL, 4, [], 'Succeeded', 4, { succeeded: 4, failed: 0, skipped: 0 }],
    ['all at once needs only one success', ALL, 4, [0, 1, 2], 'Succeeded', 4, { succeeded: 1, failed: 3, skipped: 0 }],
    ['all at once fails without a success', ALL, 2, [0, 1], 'Failed', 2, { succeeded: 0, failed: 2, skipped: 0 }],
    ['half at a time rounds concurrency down', HALF, 5, [], 'Succeeded', 2, { succeeded: 5, failed: 0, skipped: 0 }],
    [
      'half at a time lives with failures of less than half',
      HALF,
      5,
      [0, 4],
      'Succeeded',
      2,
      { succeeded: 3, failed: 2, skipped: 0 },
    ],
    ['half at a time fails with its first half', HALF, 4, [0, 1], 'Failed', 2, { succeeded: 0, failed: 2, skipped: 2 }],
    [
      '95 percent of 10 fails at once',
      { type: 'FLEET_PERCENT', value: 95 },
      10,
      [],
      'Failed',
      0,
      { succeeded: 0, failed: 0, skipped: 10 },
    ],
    ['no host at all fails', ALL, 0, [], 'Failed', 0, { succeeded: 0, failed: 0, skipped: 0 }],
  ])('%s', (_, minimum, total, failing, status, most, counts) => {
    const result = play(created(minimum, total), failingHosts(...failing))
    expect(result.state.status).toBe(status)
    expect(result.most).toBe(most)
    expect(result.counts).toEqual(counts)
    expect(result.log).toEqual(['START', status === 'Succeeded' ? 'SUCCESS' : 'FAILURE'])
  })

  test('the reasons have the codes of AWS', () => {
    expect(play(created(ALL, 0)).state.error?.code).toBe('NO_INSTANCES')
    expect(play(created({ type: 'FLEET_PERCENT', value: 95 }, 10)).state.error?.code).toBe('HEALTH_CONSTRAINTS_INVALID')
    expect(play(created(ALL, 1), failingHosts(0)).state.error?.code).toBe('HEALTH_CONSTRAINTS')
  })

  test('hosts are attempted in their given order: failed, unknown, older, current', () => {
    expect(play(created(ONE_AT_A_TIME, 3)).attempted).toEqual(['host-0', 'host-1', 'host-2'])
    expect(revisionHealth(undefined, 'r')).toBe('unknown')
    expect(revisionHealth({ status: 'Failed', revisionKey: 'r' }, 'r')).toBe('failed')
    expect(revisionHealth({ status: 'Succeeded', revisionKey: 'q' }, 'r')).toBe('older')
    expect(revisionHealth({ status: 'Succeeded', revisionKey: 'r' }, 'r')).toBe('current')
  })
})

const run = (state: DeploymentState, ...events: MachineEvent[]) => {
  const effects: Effect[] = []
  for (const event of events) {
    const decision = decide(state, event, NOW)
    state = decision.state
    effects.push(...decision.effects)
  }
  return { state, effects, target: state.targets[0]! }
}
const statuses = (state: DeploymentState, host = 0) => state.targets[host]!.events.map(event => event.status)
const complete = (event: string, succeeded = true, target = 'host-0'): MachineEvent => ({
  type: 'completed',
  target,
  event,
  succeeded,
  diagnostics: succeeded ? FINE : BAD,
})

describe('one host', () => {
  test('a failed event skips the later ones and fails the host', () => {
    const { state, target } = run(
      created(ALL, 1),
      { type: 'start' },
      complete('ApplicationStop'),
      complete('DownloadBundle', false),
    )
    expect(target.status).toBe('Failed')
    expect(statuses(state)).toEqual(['Succeeded', 'Failed', 'Skipped', 'Skipped', 'Skipped', 'Skipped', 'Skipped'])
    expect(target.events[1]?.diagnostics).toEqual(BAD)
  })

  test('ApplicationStop may fail when the deployment ignores it', () => {
    const ignoring = created(ALL, 1, { ignoreApplicationStopFailures: true })
    const { state, target } = run(ignoring, { type: 'start' }, complete('ApplicationStop', false))
    expect(target.status).toBe('InProgress')
    expect(statuses(state).slice(0, 2)).toEqual(['Failed', 'InProgress'])
  })

  test('the second completion of an event is ignored', () => {
    const first = run(created(ALL, 1), { type: 'start' }, complete('ApplicationStop'))
    const again = run(first.state, complete('ApplicationStop', false))
    expect(again.state).toBe(first.state)
    expect(again.effects).toEqual([])
  })

  test('a no-op that is acknowledged has succeeded, and the next event goes out', () => {
    const { state, effects } = run(
      created(ALL, 1),
      { type: 'start' },
      { type: 'acknowledged', target: 'host-0', event: 'ApplicationStop', noop: true },
    )
    expect(statuses(state).slice(0, 2)).toEqual(['Succeeded', 'InProgress'])
    expect(effects.at(-1)).toEqual({ type: 'dispatch', target: 'host-0', event: 'DownloadBundle' })
  })

  test('an event that nobody carries out fails its host with what is known', () => {
    const { state, target, effects } = run(
      created(ALL, 1),
      { type: 'start' },
      { type: 'expired', target: 'host-0', event: 'ApplicationStop', message: 'silent' },
    )
    expect(target.events[0]).toMatchObject({
      status: 'Failed',
      diagnostics: { errorCode: 'UnknownError', message: 'silent' },
    })
    expect(state.status).toBe('Failed')
    expect(effects).toContainEqual({ type: 'cancel', target: 'host-0', event: 'ApplicationStop' })
  })
})

describe('stopping', () => {
  test('before any host has begun stops at once', () => {
    const { state, effects } = run(
      created(ONE_AT_A_TIME, 2),
      { type: 'start' },
      { type: 'stop', by: 'me', rollback: false },
    )
    expect(state.status).toBe('Stopped')
    expect(state.targets.map(target => target.status)).toEqual(['Skipped', 'Skipped'])
    expect(effects.slice(-2)).toEqual([
      { type: 'cancel', target: 'host-0', event: 'ApplicationStop' },
      { type: 'deploymentChanged', state: 'STOP' },
    ])
  })

  test('lets the event that a host works on end, and no other begin', () => {
    const acknowledged: MachineEvent = { type: 'acknowledged', target: 'host-0', event: 'ApplicationStop', noop: false }
    const stopping = run(created(ALL, 1), { type: 'start' }, acknowledged, {
      type: 'stop',
      by: 'me',
      rollback: undefined,
    })
    expect(stopping.state.status).toBe('InProgress')
    const { state, effects } = run(stopping.state, complete('ApplicationStop'))
    expect(state.status).toBe('Stopped')
    expect(statuses(state)).toEqual(['Succeeded', ...Array(6).fill('Skipped')])
    expect(effects).toEqual([{ type: 'deploymentChanged', state: 'STOP' }])
  })
})

test('whatever comes in whatever order, terminal states stay and the health limit holds', () => {
  let seed = 42
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 300; round++) {
    const total = random(6)
    const minimum: MinimumHealthyHosts = [ONE_AT_A_TIME, HALF, ALL, { type: 'HOST_COUNT' as const, value: random(6) }][
      random(4)
    ]!
    let state = created(minimum, total)
    for (let step = 0; step < 120; step++) {
      const target = `host-${random(Math.max(total, 1))}`
      const event = IN_PLACE_EVENTS[random(IN_PLACE_EVENTS.length)]!
      const kinds: MachineEvent[] = [
        { type: 'start' },
        { type: 'acknowledged', target, event, noop: random(2) === 0 },
        complete(event, random(4) > 0, target),
        complete(event, true, target),
        { type: 'expired', target, event, message: '' },
        { type: 'stop', by: 'x', rollback: undefined },
      ]
      const before = state
      state = decide(state, kinds[random(random(10) === 0 ? 6 : 4)]!, NOW).state
      if (isOver(before.status)) expect(state).toBe(before)
      const down = state.targets.filter(one => one.status === 'InProgress' || one.status === 'Failed').length
      expect(down).toBeLessThanOrEqual(concurrencyBudget(minimum, total))
      if (isOver(state.status)) {
        expect(state.targets.every(one => one.status !== 'InProgress' && one.status !== 'Pending')).toBe(true)
        expect(state.completeTime).toBeDefined()
      }
      for (const one of state.targets) {
        expect(one.events.filter(lifecycle => lifecycle.status === 'InProgress').length).toBe(
          one.status === 'InProgress' ? 1 : 0,
        )
      }
    }
  }
})
