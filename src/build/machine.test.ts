import { describe, expect, test } from 'vitest'
import { firstPhase, nextPhase, type PhaseOutcome, type PhaseState } from './machine.ts'
import { COMMAND_PHASE_TYPES, type CommandPhaseType, PHASES } from './phases.ts'

type Action = 'none' | 'ABORT' | 'CONTINUE' | 'RETRY'
const onFailure = (action: Action): PhaseOutcome['onFailure'] =>
  action === 'none' ? undefined : action === 'RETRY' ? { action, count: 2 } : { action }

/** Runs a build in which `failing` fail (always), and answers the phases that ran with the final status. */
function run(failing: readonly string[], action: Action = 'none') {
  let state: PhaseState = firstPhase
  const ran: string[] = []
  for (let steps = 0; state.phase !== 'COMPLETED' && steps < 50; steps++) {
    ran.push(state.phase)
    const status = failing.includes(state.phase) ? 'FAILED' : 'SUCCEEDED'
    state = nextPhase(state, { status, onFailure: onFailure(action) })
  }
  return { ran: ran.join(' '), status: state.status ?? 'SUCCEEDED' }
}

const START = 'SUBMITTED QUEUED PROVISIONING'
const END = 'UPLOAD_ARTIFACTS FINALIZING'

describe('phases of a build', () => {
  test.each<[string, string[], Action, string, string]>([
    ['all good', [], 'none', `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD ${END}`, 'SUCCEEDED'],
    ['submission fails', ['SUBMITTED'], 'none', 'SUBMITTED', 'FAILED'],
    ['queueing fails', ['QUEUED'], 'none', 'SUBMITTED QUEUED', 'FAILED'],
    ['provisioning fails', ['PROVISIONING'], 'none', START, 'FAILED'],
    ['no source: no artifacts', ['DOWNLOAD_SOURCE'], 'none', `${START} DOWNLOAD_SOURCE FINALIZING`, 'FAILED'],
    ['INSTALL fails', ['INSTALL'], 'none', `${START} DOWNLOAD_SOURCE INSTALL ${END}`, 'FAILED'],
    ['PRE_BUILD fails', ['PRE_BUILD'], 'none', `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD ${END}`, 'FAILED'],
    [
      'BUILD fails: POST_BUILD still runs',
      ['BUILD'],
      'none',
      `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD ${END}`,
      'FAILED',
    ],
    ['BUILD fails and aborts', ['BUILD'], 'ABORT', `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD ${END}`, 'FAILED'],
    [
      'INSTALL fails and continues',
      ['INSTALL'],
      'CONTINUE',
      `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD ${END}`,
      'FAILED',
    ],
    [
      'PRE_BUILD is tried three times',
      ['PRE_BUILD'],
      'RETRY',
      `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD PRE_BUILD PRE_BUILD ${END}`,
      'FAILED',
    ],
    [
      'artifacts fail',
      ['UPLOAD_ARTIFACTS'],
      'none',
      `${START} DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD ${END}`,
      'FAILED',
    ],
  ])('%s', (_name, failing, action, ran, status) => {
    expect(run(failing, action)).toEqual({ ran, status })
  })

  // Every set of failing command phases x every on-failure: 16 x 4 rows against the rules written as sentences.
  const subsets = Array.from({ length: 16 }, (_, bits) => COMMAND_PHASE_TYPES.filter((_, i) => bits & (1 << i)))
  const actions: Action[] = ['none', 'ABORT', 'CONTINUE', 'RETRY']
  test.each(
    subsets.flatMap(failing => actions.map(action => [failing.join('+') || 'nothing', failing, action] as const)),
  )('%s fails, on-failure of all is %s %s', (_name, failing, action) => {
    const { ran, status } = run(failing, action)
    const phases = new Set(ran.split(' '))
    const fails = (phase: CommandPhaseType) => failing.includes(phase)
    const stops = (phase: CommandPhaseType) => fails(phase) && action !== 'CONTINUE'
    expect(phases.has('PRE_BUILD')).toBe(!stops('INSTALL'))
    expect(phases.has('BUILD')).toBe(!stops('INSTALL') && !stops('PRE_BUILD'))
    expect(phases.has('POST_BUILD')).toBe(phases.has('BUILD') && !(fails('BUILD') && action === 'ABORT'))
    expect(phases.has('UPLOAD_ARTIFACTS')).toBe(true)
    expect(ran.endsWith('UPLOAD_ARTIFACTS FINALIZING')).toBe(true)
    expect(status).toBe([...phases].some(phase => failing.includes(phase as CommandPhaseType)) ? 'FAILED' : 'SUCCEEDED')
    const first = failing.find(phase => phases.has(phase))
    if (first) expect(ran.split(' ').filter(phase => phase === first)).toHaveLength(action === 'RETRY' ? 3 : 1)
  })

  // Every phase x every hard end x whether something failed before: straight to COMPLETED.
  const ends = ['STOPPED', 'TIMED_OUT', 'FAULT'] as const
  test.each(
    PHASES.slice(0, -1).flatMap(phase =>
      ends.flatMap(end => [undefined, 'FAILED' as const].map(before => [phase, end, before] as const)),
    ),
  )('%s ends with %s after %s', (phase, end, before) => {
    const next = nextPhase(
      { phase, status: before, retries: 0 },
      { status: end, onFailure: { action: 'RETRY', count: 9 } },
    )
    expect(next).toEqual({ phase: 'COMPLETED', status: end === 'FAULT' ? (before ?? 'FAULT') : end, retries: 0 })
  })

  test.each(['SUCCEEDED', 'FAILED', ...ends] as const)('COMPLETED absorbs %s', status => {
    const done: PhaseState = { phase: 'COMPLETED', status: 'STOPPED', retries: 0 }
    expect(nextPhase(done, { status })).toBe(done)
  })
})
