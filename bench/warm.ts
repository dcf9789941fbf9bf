// A build of one command in Docker whose environment waits for it: how much longer than `docker exec` of the same command in a container
// that runs, and how soon the first line of its log can be read.

import { setTimeout as delay } from 'node:timers/promises'
import { ensureBusyboxImage } from '../src/sandbox/localImages.ts'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'
import { docker, dockerFor, logOf, makeProject, startBuild, succeeded, withContainer } from './project.ts'

const ROUNDS = 11
const ALLOWED = 300
const FIRST_LINE = 300
const PATIENCE = 30_000
/** As long as a pool takes to have the next container ready, before the next round begins. */
const REFILL_MS = 1_500

export const warm: Bench = async report => {
  const provider = await dockerFor('warm')
  if (!provider) return
  const image = await ensureBusyboxImage(provider)
  const yard = await openYard({ args: ['--sandbox', 'docker'] })
  try {
    const buildspec = 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo built\n'
    await makeProject(yard, { image, buildspec })
    await withContainer(image, async container => {
      const exec = () => docker('exec', container, 'sh', '-c', 'echo built')
      const rounds = { exec: [] as number[], whole: [] as number[], first: [] as number[], command: [] as number[] }
      for (let round = -2; round < ROUNDS; round++) {
        await delay(REFILL_MS)
        const taken = await timed(exec)
        const whole = await timed(async () => await succeeded(yard, await startBuild(yard)))
        await delay(REFILL_MS)
        const { first, command } = await linesOf(yard)
        if (round < 0) continue // warm
        rounds.exec.push(taken)
        rounds.whole.push(whole)
        rounds.first.push(first)
        rounds.command.push(command)
      }
      const baseline = { name: 'docker exec', value: median(rounds.exec) }
      const more = { text: `at most ${ALLOWED / 1000} s more`, met: (_: number, more: number) => more <= ALLOWED }
      report(compare('warm build of one command', 'ms', median(rounds.whole), baseline, more))
      const first = median(rounds.first)
      const goal = { text: `under ${FIRST_LINE} ms`, met: () => first < FIRST_LINE }
      report(compare('first line of the log readable', 'ms', first, baseline, goal))
      report(compare("first line of the command's output", 'ms', median(rounds.command), baseline))
    })
  } finally {
    await yard.close()
  }
}

/** Milliseconds from StartBuild until GetLogEvents answers the first line, and the first that the command wrote. */
async function linesOf(yard: Yard): Promise<{ first: number; command: number }> {
  const { logs } = yard.clients
  const start = performance.now()
  const id = await startBuild(yard)
  let first: number | undefined
  while (performance.now() - start < PATIENCE) {
    const { events = [] } = await logs.getLogEvents({ ...logOf(id), startFromHead: true }).catch(error => {
      if (error.name === 'ResourceNotFoundException') return { events: [] }
      throw error
    })
    const now = performance.now() - start
    if (events.length > 0) first ??= now
    if (events.some(({ message }) => message === 'built\n')) {
      await succeeded(yard, id)
      return { first: first!, command: now }
    }
    await delay(10)
  }
  throw new Error(`the build has no log\n${yard.log()}`)
}
