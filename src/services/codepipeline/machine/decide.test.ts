// The pipeline machine as sentences: what happens, then what is so. Sources: concepts-how-it-works.md, actions-retry.md,
// pipelines-stop.md, transitions.md, pipelines-edit.md of the CodePipeline user guide.

import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import type { Effect, ExecutionMode, PipelineEvent, PipelineState, Refusal, Structure } from './state.ts'

const DAY = 86_400_000

/** A pipeline under test, told what happens in few words. */
function pipeline(stages: Record<string, Record<string, number>>, mode: ExecutionMode = 'SUPERSEDED') {
  const structure = (version: number, of = stages): Structure => ({
    version,
    mode,
    stages: Object.entries(of).map(([name, actions]) => ({
      name,
      actions: Object.entries(actions).map(([action, runOrder]) => ({ name: action, runOrder })),
    })),
  })
  let state: PipelineState = {
    structure: structure(1),
    stages: Object.keys(stages).map(name => ({ name, enabled: true })),
    executions: [],
  }
  let now = Date.parse('2026-01-01T00:00:00Z')
  let ids = 0
  let started = 0
  const effects: Effect[] = []
  const tell = (event: PipelineEvent): Refusal | undefined => {
    const decision = decide(state, event, new Date(now), () => `run-${++ids}`)
    state = decision.state
    effects.push(...decision.effects)
    return decision.refused
  }
  const execution = (id: string) => state.executions.find(one => one.id === id)!
  const run = (id: string, action: string) =>
    execution(id).actions.findLast(one => one.name === action && !one.replaced)
  const end = (id: string, action: string, status: 'Succeeded' | 'Failed') =>
    tell({ type: 'actionEnded', actionId: run(id, action)!.id, status })
  return {
    start: (id: string) => tell({ type: 'started', executionId: id, number: ++started }),
    succeed: (id: string, ...actions: string[]) => actions.map(action => end(id, action, 'Succeeded')).at(-1),
    fail: (id: string, action: string) => end(id, action, 'Failed'),
    stop: (id: string, abandon = false) => tell({ type: 'stopRequested', executionId: id, abandon }),
    retry: (id: string, stage: string, mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS' = 'FAILED_ACTIONS') =>
      tell({ type: 'retryRequested', executionId: id, stage, mode }),
    disable: (stage: string) => tell({ type: 'transitionChanged', stage, enabled: false }),
    enable: (stage: string) => tell({ type: 'transitionChanged', stage, enabled: true }),
    update: (of = stages) => tell({ type: 'structureChanged', structure: structure(state.structure.version + 1, of) }),
    tell,
    pass: (days: number) => {
      now += days * DAY
    },
    /** `InProgress in Build`, `InProgress before Deploy`. */
    where: (id: string) => {
      const { status, place } = execution(id)
      return `${status} ${place.entered ? 'in' : 'before'} ${place.stage}`
    },
    run: (id: string, action: string) => run(id, action)?.status,
    startsOf: (action: string) =>
      effects.filter(effect => effect.type === 'startAction' && effect.action.name === action).length,
    state: () => state,
    effects,
  }
}

const three = () => pipeline({ Source: { Get: 1 }, Build: { Make: 1 }, Deploy: { Ship: 1 } })
const wide = () => pipeline({ Source: { Get: 1 }, Build: { A: 1, B: 1, C: 2 } })

describe('an execution', () => {
  test('enters the first stage at once and starts its actions', () => {
    const p = three()
    p.start('one')
    expect(p.where('one')).toBe('InProgress in Source')
    expect(p.run('one', 'Get')).toBe('InProgress')
  })

  test('goes through every stage and succeeds', () => {
    const p = three()
    p.start('one')
    p.succeed('one', 'Get', 'Make', 'Ship')
    expect(p.where('one')).toBe('Succeeded in Deploy')
  })

  test('announces start and end of execution, stage and action in this order', () => {
    const p = pipeline({ Source: { Get: 1 }, Deploy: { Ship: 1 } })
    p.start('one')
    p.succeed('one', 'Get', 'Ship')
    const said = p.effects
      .filter(({ type }) => type !== 'startAction')
      .map(effect => {
        if (effect.type === 'executionChanged') return `pipeline ${effect.status}`
        if (effect.type === 'stageChanged') return `${effect.stage} ${effect.status}`
        return effect.type === 'actionChanged' ? `${effect.action.name} ${effect.action.status}` : ''
      })
    expect(said).toEqual([
      'pipeline InProgress',
      'Source InProgress',
      'Get InProgress',
      'Get Succeeded',
      'Source Succeeded',
      'Deploy InProgress',
      'Ship InProgress',
      'Ship Succeeded',
      'Deploy Succeeded',
      'pipeline Succeeded',
    ])
  })

  test('runs actions of equal runOrder together and the next group only after all of them', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get')
    expect([p.run('one', 'A'), p.run('one', 'B'), p.run('one', 'C')]).toEqual(['InProgress', 'InProgress', undefined])
    p.succeed('one', 'B')
    expect(p.run('one', 'C')).toBeUndefined()
    p.succeed('one', 'A')
    expect(p.run('one', 'C')).toBe('InProgress')
  })

  test('fails when an action failed and its siblings have ended; the next group is not started', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get')
    p.fail('one', 'A')
    expect(p.where('one')).toBe('InProgress in Build')
    p.succeed('one', 'B')
    expect(p.where('one')).toBe('Failed in Build')
    expect(p.run('one', 'C')).toBeUndefined()
  })

  test('a second report of an ended action changes nothing', () => {
    const p = three()
    p.start('one')
    const id = p.state().executions[0]!.actions[0]!.id
    p.succeed('one', 'Get')
    const before = p.state()
    p.tell({ type: 'actionEnded', actionId: id, status: 'Failed' })
    expect(p.state()).toEqual(before)
  })

  test('reports of unknown actions change nothing', () => {
    const p = three()
    p.start('one')
    const before = p.state()
    p.tell({ type: 'actionEnded', actionId: 'nobody', status: 'Failed' })
    expect(p.state()).toEqual(before)
  })
})

describe('the stage lock', () => {
  test('lets one execution into a stage at a time', () => {
    const p = three()
    p.start('one')
    p.start('two')
    expect(p.where('two')).toBe('InProgress before Source')
    p.succeed('one', 'Get')
    expect([p.where('one'), p.where('two')]).toEqual(['InProgress in Build', 'InProgress in Source'])
  })

  test('of several waiting executions only the newest remains; the others name their successor', () => {
    const p = three()
    for (const id of ['one', 'two', 'three']) p.start(id)
    expect(p.where('two')).toBe('Superseded before Source')
    expect(p.state().executions.find(({ id }) => id === 'two')!.supersededBy).toBe('three')
  })

  test('an execution is superseded only between stages, never in one', () => {
    const p = three()
    p.start('one')
    p.succeed('one', 'Get')
    p.start('two')
    p.succeed('two', 'Get')
    expect([p.where('one'), p.where('two')]).toEqual(['InProgress in Build', 'InProgress before Build'])
    p.start('three')
    p.succeed('three', 'Get')
    expect([p.where('one'), p.where('two'), p.where('three')]).toEqual([
      'InProgress in Build',
      'Superseded before Build',
      'InProgress before Build',
    ])
  })

  test('failure releases it', () => {
    const p = three()
    p.start('one')
    p.start('two')
    p.fail('one', 'Get')
    expect([p.where('one'), p.where('two')]).toEqual(['Failed in Source', 'InProgress in Source'])
  })

  test('stop releases it', () => {
    const p = three()
    p.start('one')
    p.start('two')
    p.stop('one', true)
    expect([p.where('one'), p.where('two')]).toEqual(['Stopped in Source', 'InProgress in Source'])
  })

  test('QUEUED keeps every waiting execution, oldest first', () => {
    const p = pipeline({ Source: { Get: 1 }, Deploy: { Ship: 1 } }, 'QUEUED')
    for (const id of ['one', 'two', 'three']) p.start(id)
    p.succeed('one', 'Get')
    expect([p.where('two'), p.where('three')]).toEqual(['InProgress in Source', 'InProgress before Source'])
  })

  test('PARALLEL has none', () => {
    const p = pipeline({ Source: { Get: 1 }, Deploy: { Ship: 1 } }, 'PARALLEL')
    for (const id of ['one', 'two', 'three']) p.start(id)
    expect(['one', 'two', 'three'].map(p.where)).toEqual(Array(3).fill('InProgress in Source'))
  })
})

describe('stopping', () => {
  test('stop and wait lets what runs end, then stops', () => {
    const p = three()
    p.start('one')
    p.stop('one')
    expect(p.where('one')).toBe('Stopping in Source')
    p.succeed('one', 'Get')
    expect(p.where('one')).toBe('Stopped in Source')
  })

  test('stop and abandon stops at once; what the provider reports later changes nothing', () => {
    const p = three()
    p.start('one')
    p.stop('one', true)
    expect([p.where('one'), p.run('one', 'Get')]).toEqual(['Stopped in Source', 'Abandoned'])
    p.succeed('one', 'Get')
    expect([p.where('one'), p.run('one', 'Get')]).toEqual(['Stopped in Source', 'Abandoned'])
  })

  test('a stop that waits can be turned into one that abandons', () => {
    const p = three()
    p.start('one')
    p.stop('one')
    expect(p.stop('one')).toBe('already stopping')
    expect(p.stop('one', true)).toBeUndefined()
    expect(p.where('one')).toBe('Stopped in Source')
  })

  test('an inbound execution can be stopped, and does not enter afterwards', () => {
    const p = three()
    p.disable('Build')
    p.start('one')
    p.succeed('one', 'Get')
    p.stop('one')
    p.enable('Build')
    expect(p.where('one')).toBe('Stopped before Build')
  })

  test('what is over, or unknown, can not be stopped', () => {
    const p = three()
    p.start('one')
    p.fail('one', 'Get')
    expect([p.stop('one'), p.stop('nobody')]).toEqual(['execution not stoppable', 'execution not found'])
  })
})

describe('retrying', () => {
  test('runs only the failed actions again, in the same execution', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get')
    p.fail('one', 'A')
    p.succeed('one', 'B')
    p.retry('one', 'Build')
    expect([p.where('one'), p.startsOf('A'), p.startsOf('B')]).toEqual(['InProgress in Build', 2, 1])
    p.succeed('one', 'A', 'C')
    expect(p.where('one')).toBe('Succeeded in Build')
  })

  test('may start while siblings still run', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get')
    p.fail('one', 'A')
    expect(p.retry('one', 'Build')).toBeUndefined()
    expect([p.run('one', 'A'), p.run('one', 'B')]).toEqual(['InProgress', 'InProgress'])
  })

  test('is refused while a retry is in progress', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get')
    p.fail('one', 'A')
    p.retry('one', 'Build')
    expect(p.retry('one', 'Build')).toBe('retry in progress')
  })

  test('is refused once another execution entered the stage', () => {
    const p = three()
    p.start('one')
    p.fail('one', 'Get')
    p.start('two')
    expect(p.retry('one', 'Source')).toBe('not the latest in stage')
  })

  test('is refused when the structure changed', () => {
    const p = three()
    p.start('one')
    p.fail('one', 'Get')
    p.update()
    expect(p.retry('one', 'Source')).toBe('structure changed')
  })

  test('is refused for a stage that did not fail, or is not there', () => {
    const p = three()
    p.start('one')
    p.fail('one', 'Get')
    expect([p.retry('one', 'Build'), p.retry('one', 'Nowhere'), p.retry('nobody', 'Source')]).toEqual([
      'stage not retryable',
      'stage not found',
      'execution not found',
    ])
  })

  test('of ALL_ACTIONS begins the stage anew', () => {
    const p = wide()
    p.start('one')
    p.succeed('one', 'Get', 'A', 'B')
    p.fail('one', 'C')
    p.retry('one', 'Build', 'ALL_ACTIONS')
    expect([p.startsOf('A'), p.startsOf('B'), p.startsOf('C')]).toEqual([2, 2, 1])
    p.succeed('one', 'A', 'B')
    expect(p.startsOf('C')).toBe(2)
  })

  test('of abandoned actions works after a stop', () => {
    const p = three()
    p.start('one')
    p.stop('one', true)
    p.retry('one', 'Source')
    expect([p.where('one'), p.run('one', 'Get')]).toEqual(['InProgress in Source', 'InProgress'])
  })
})

describe('a transition', () => {
  test('that is disabled holds executions before its stage; enabled again, the latest enters', () => {
    const p = three()
    p.disable('Build')
    for (const id of ['one', 'two']) {
      p.start(id)
      p.succeed(id, 'Get')
    }
    expect([p.where('one'), p.where('two')]).toEqual(['Superseded before Build', 'InProgress before Build'])
    p.enable('Build')
    expect(p.where('two')).toBe('InProgress in Build')
  })

  test('that was disabled for more than 30 days resumes nothing', () => {
    const p = three()
    p.disable('Build')
    p.start('one')
    p.succeed('one', 'Get')
    p.pass(31)
    p.enable('Build')
    expect(p.where('one')).toBe('Stopped before Build')
  })

  test('into an unknown stage is refused', () => {
    expect(three().disable('Nowhere')).toBe('stage not found')
  })
})

describe('an update of the pipeline', () => {
  test('lets running actions end, then their stage and execution fail; nothing is run again', () => {
    const p = three()
    p.start('one')
    p.update()
    expect(p.where('one')).toBe('InProgress in Source')
    p.succeed('one', 'Get')
    expect([p.where('one'), p.startsOf('Make')]).toEqual(['Failed in Source', 0])
  })

  test('fails who waits before a stage that is gone, and keeps who waits before one that stays', () => {
    const p = three()
    p.disable('Build')
    p.start('one')
    p.succeed('one', 'Get')
    p.update({ Source: { Get: 1 }, Build: { Make: 1 } })
    expect(p.where('one')).toBe('InProgress before Build')
    p.update({ Source: { Get: 1 }, Deploy: { Ship: 1 } })
    expect(p.where('one')).toBe('Failed before Build')
  })
})

describe('in any order of events', () => {
  /** A small generator with a seed, so that a failure can be run again. */
  const random = (seed: number) => () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }

  test.each(['SUPERSEDED', 'QUEUED', 'PARALLEL'] as const)(
    '%s: one execution a stage, what is over stays over, none is lost',
    mode => {
      for (let seed = 1; seed <= 300; seed++) {
        const next = random(seed)
        const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)]!
        const p = pipeline({ Source: { Get: 1 }, Build: { A: 1, B: 1, C: 2 }, Deploy: { Ship: 1 } }, mode)
        const over = new Map<string, string>()
        let started = 0
        for (let step = 0; step < 60; step++) {
          const executions = p.state().executions
          const running = executions.flatMap(one => one.actions.filter(({ status }) => status === 'InProgress'))
          const dice = next()
          let retried: string | undefined
          if (dice < 0.15) p.start(`e${++started}`)
          else if (dice < 0.7 && running.length > 0)
            p.tell({ type: 'actionEnded', actionId: pick(running).id, status: next() < 0.8 ? 'Succeeded' : 'Failed' })
          else if (dice < 0.76 && executions.length > 0) p.stop(pick(executions).id, next() < 0.5)
          else if (dice < 0.86 && executions.length > 0) {
            const { id, place } = pick(executions)
            if (p.retry(id, place.stage, next() < 0.5 ? 'ALL_ACTIONS' : 'FAILED_ACTIONS') === undefined) retried = id
          } else if (dice < 0.92) p.disable(pick(['Build', 'Deploy']))
          else if (dice < 0.98) p.enable(pick(['Build', 'Deploy']))
          else p.update()

          const where = `seed ${seed}, step ${step}`
          const after = p.state()
          expect(after.executions.length, `${where}: none is lost`).toBe(started)
          for (const { name } of after.structure.stages) {
            const inside = after.executions.filter(
              one => ['InProgress', 'Stopping'].includes(one.status) && one.place.entered && one.place.stage === name,
            )
            if (mode !== 'PARALLEL') expect(inside.length, `${where}: one in ${name}`).toBeLessThanOrEqual(1)
            for (const one of inside) {
              expect(
                one.actions.some(({ status }) => status === 'InProgress'),
                `${where}: ${one.id} in ${name} waits for something`,
              ).toBe(true)
            }
          }
          for (const { id, status, actions } of after.executions) {
            if (over.has(id) && retried !== id) expect(status, `${where}: ${id} stays over`).toBe(over.get(id))
            over.delete(id)
            if (!['InProgress', 'Stopping'].includes(status)) {
              over.set(id, status)
              expect(
                actions.some(run => run.status === 'InProgress'),
                `${where}: ${id} is over and runs nothing`,
              ).toBe(false)
            }
          }
        }
      }
    },
  )
})
