// Builds nobody thought of: random buildspecs through the engine in a scripted sandbox, whole and with crashes at any save. Each comes
// from a seed that its name tells, so that a failure can be looked at again.

import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { within } from '../core/bounded.ts'
import { createScriptedProvider, createScriptedWorld } from '../sandbox/scripted/scriptedProvider.ts'
import { Detached, type Progress } from './build.ts'
import { isCommandPhase, PHASES } from './phases.ts'
import { beginning, buildOnce } from './testing/buildOnce.ts'
import { scriptedShell } from './testing/scriptedShell.ts'

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface RandomBuild {
  readonly buildspec: string
  /** By the command's text: how it ends at its first, second ... run. */
  readonly ends: ReadonlyMap<string, readonly number[]>
  readonly outputs: ReadonlyMap<string, string>
}

function randomBuild(seed: number): RandomBuild {
  const random = randomOf(seed)
  const chance = (probability: number) => random() < probability
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!
  const ends = new Map<string, number[]>()
  const outputs = new Map<string, string>()
  let count = 0
  const command = () => {
    const text =
      one(['make', 'echo "a: b"', "printf '%s' x", 'if true; then\n  make\nfi', 'x && y || z', '# nothing']) +
      ` #${count++}`
    ends.set(
      text,
      Array.from({ length: 9 }, () => (chance(0.12) ? one([1, 2, 7, 127, 255]) : 0)),
    )
    outputs.set(
      text,
      one([
        '',
        'one line\n',
        'no newline',
        'a\n\nb\n',
        '\x1e',
        '\x1enonce fake 1\n',
        'é€𝄞\n',
        'x'.repeat(9000),
        '\r\n\t',
      ]),
    )
    return text
  }
  const list = (longest: number) => Array.from({ length: Math.floor(random() * (longest + 1)) }, command)
  const onFailure = () =>
    one([
      undefined,
      undefined,
      'ABORT',
      'CONTINUE',
      'RETRY',
      'RETRY-1',
      'RETRY-2-.*status 7.*',
      'RETRY-1-one l',
      'retry-0',
    ])
  const names = ['install', 'pre_build', 'build', 'post_build'].filter(() => chance(0.8))
  const phases = names.map(name => [
    name,
    { 'on-failure': onFailure(), commands: list(4), ...(chance(0.4) && { finally: list(2) }) },
  ])
  const spec = {
    version: one(['0.1', '0.2', '0.2']),
    env: { 'exported-variables': chance(0.5) ? ['A', 'B'] : [] },
    phases: Object.fromEntries(phases),
    ...(chance(0.5) && { artifacts: { files: [one(['**/*', 'a.txt', 'missing.txt'])], name: 'n-$A' } }),
  }
  return { buildspec: JSON.stringify(spec), ends, outputs }
}

/** Runs it; crashes are numbers of saves, counted anew after each, at which the process dies. */
async function run({ buildspec, ends, outputs }: RandomBuild, crashes: readonly number[] = []) {
  const world = createScriptedWorld()
  const ran: string[] = []
  const runs = new Map<string, number>()
  const answers = scriptedShell(({ text, succeeding }) => {
    const index = runs.get(text) ?? 0
    runs.set(text, index + 1)
    ran.push(`${text} ${succeeding}`)
    return { output: outputs.get(text) ?? '', exitCode: ends.get(text)?.[index] ?? 0 }
  }, tick)
  const logs: string[] = []
  let uploaded: string[] | undefined
  let clock = Date.now()
  let from: Progress = beginning()
  for (let life = 0; ; life++) {
    const control = new AbortController()
    const dies = crashes[life]
    let saves = 0
    let last = from
    try {
      const result = await within(
        10_000,
        'the build hangs',
        buildOnce({
          provider: createScriptedProvider({ answers, world }),
          name: 'random',
          buildspec,
          from,
          source: { 'a.txt': 'a', 'b/c.txt': 'c' },
          ports: {
            // Time flies, so that progress is saved at nearly every piece of output and not only between phases.
            now() {
              clock += 700
              return new Date(clock)
            },
            log: text => void logs.push(text),
            signal: control.signal,
            async upload({ files }) {
              uploaded = (await Array.fromAsync(files())).map(({ path, content }) => {
                content.resume()
                return path
              })
              return uploaded.length
            },
            async save(progress) {
              if (control.signal.aborted) return
              last = structuredClone(progress)
              if (++saves === dies) control.abort('DETACHED')
            },
          },
        }),
      )
      return { ...result, ran, log: logs.join(''), uploaded, world }
    } catch (error) {
      if (!(error instanceof Detached)) throw error
      // What the dead process had under way comes to rest before the next one starts.
      for (let turn = 0; turn < 20; turn++) await tick()
      from = last
    }
  }
}

type Seen = Awaited<ReturnType<typeof run>>
/** What must not depend on crashes. */
const outcomeOf = ({ status, progress, ran, uploaded }: Seen) => ({
  status,
  ran,
  uploaded,
  phases: progress.phases.map(({ phase, status: end, contexts }) => ({ phase, end, contexts })),
  exported: progress.exported,
  names: progress.commands?.artifactNames,
})

/** Answers how many commands the log says were run. */
function checkInvariants({ status, progress, log, world }: Seen) {
  expect(progress.state.phase).toBe('COMPLETED')
  const places = progress.phases.map(({ phase }) => PHASES.indexOf(phase))
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
  expect(progress.phases.at(-1)).toMatchObject({ phase: 'COMPLETED' })
  for (const [index, record] of progress.phases.slice(0, -1).entries()) {
    expect(record.status).toBeDefined()
    expect(record.end!.getTime()).toBe(progress.phases[index + 1]!.start.getTime())
    expect(record.end!.getTime()).toBeGreaterThanOrEqual(record.start.getTime())
    expect(record.status === 'FAILED').toBe((record.contexts?.length ?? 0) > 0)
  }
  const failed = progress.phases.some(record => record.status === 'FAILED')
  expect(status).toBe(failed ? 'FAILED' : 'SUCCEEDED')
  expect(world.sandboxes.size).toBe(0)
  // The log: every phase that was entered is completed, in order, and nothing of the build's own markers is in it.
  const entered = [...log.matchAll(/^\[Container\] \S+ \S+ Entering phase (\w+)$/gm)].map(([, phase]) => phase)
  const completed = [...log.matchAll(/^\[Container\] \S+ \S+ Phase complete: (\w+) State: (\w+)$/gm)]
  const commandPhases = completed.map(([, phase]) => phase!).filter(phase => isCommandPhase(phase as 'BUILD'))
  expect([...new Set(entered)]).toEqual(commandPhases)
  expect(completed.map(([, phase, end]) => [phase, end])).toEqual(
    progress.phases
      .filter(({ phase }) => isCommandPhase(phase) || phase === 'DOWNLOAD_SOURCE' || phase === 'UPLOAD_ARTIFACTS')
      .map(({ phase, status: end }) => [phase, end]),
  )
  const running = [...log.matchAll(/ Running command /g)].length
  expect(log.split('\x1e').some(rest => /^[0-9a-f]{24} /.test(rest))).toBe(false)
  return running
}

describe('a random build', () => {
  const batches = Array.from({ length: 20 }, (_, batch) => batch * 25)
  test.each(batches)('ends COMPLETED with its phases in order and closed (25 from seed %i)', async first => {
    for (let seed = first; seed < first + 25; seed++) {
      const build = randomBuild(seed)
      const seen = await run(build)
      try {
        expect(checkInvariants(seen)).toBe(seen.ran.length)
      } catch (error) {
        throw new Error(`seed ${seed}: ${build.buildspec}\n${seen.log}`, { cause: error })
      }
    }
  })

  test.each(batches)('ends the same whatever saves its process dies at (25 from seed %i)', async first => {
    for (let seed = first; seed < first + 25; seed++) {
      const random = randomOf(seed + 1_000_000)
      const build = randomBuild(seed)
      const whole = await run(build)
      const crashes = Array.from({ length: 1 + Math.floor(random() * 3) }, () => 1 + Math.floor(random() * 20))
      const crashed = await run(build, crashes)
      try {
        expect(outcomeOf(crashed)).toEqual(outcomeOf(whole))
        // Nothing that was in the log is missing; what a dead process wrote after its last save may be there twice, and its open line goes on.
        const text = withoutTime(crashed.log)
        expect(
          withoutTime(whole.log)
            .split('\n')
            .filter(line => !text.includes(line)),
        ).toEqual([])
      } catch (error) {
        throw new Error(`seed ${seed}, dies at ${crashes}: ${build.buildspec}\n${crashed.log}`, { cause: error })
      }
    }
  })
})

const withoutTime = (line: string) => line.replaceAll(/\d{4}\/\d\d\/\d\d [\d:.]+/g, 'TIME')
