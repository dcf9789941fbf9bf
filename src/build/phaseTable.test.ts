// Every row of the table of phases, through the pure machine and through the engine in every sandbox.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDockerProvider } from '../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../sandbox/host/hostProvider.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { createScriptedProvider } from '../sandbox/scripted/scriptedProvider.ts'
import { dockerForTests, ensureBusyboxImage } from '../sandbox/testImages.ts'
import { parseBuildspec } from '../specs/buildspec/parseBuildspec.ts'
import { firstPhase, nextPhase, type PhaseState } from './machine.ts'
import { isCommandPhase, type PhaseType, specPhase } from './phases.ts'
import { buildOnce } from './testing/buildOnce.ts'
import { buildspecOf, PHASE_ROWS, type PhaseRow, ranIn } from './testing/phaseTable.ts'
import { reusedSandboxes } from './testing/reusedSandboxes.ts'
import { scriptedShell } from './testing/scriptedShell.ts'

/** What a row says of a build. */
const expected = ({ ran, ended, status, uploads }: PhaseRow) => ({ ran, ended, status, uploads })

test('the table has a row for each combination, each once', () => {
  expect(PHASE_ROWS.length).toBeGreaterThan(200)
  expect(new Set(PHASE_ROWS.map(row => row.name)).size).toBe(PHASE_ROWS.length)
})

describe('the machine', () => {
  test.each(PHASE_ROWS.map(row => [row.name, row] as const))('%s', (_name, row) => {
    const spec = parseBuildspec(buildspecOf(row)).buildspec!
    let state: PhaseState = firstPhase
    const ended: { phase: PhaseType; status: string }[] = []
    const attempts = new Map<PhaseType, number>()
    for (let steps = 0; state.phase !== 'COMPLETED'; steps++) {
      expect(steps).toBeLessThan(100)
      const { phase } = state
      if (!isCommandPhase(phase)) {
        if (phase === 'UPLOAD_ARTIFACTS') ended.push({ phase, status: 'SUCCEEDED' })
        state = nextPhase(state, { status: 'SUCCEEDED' })
        continue
      }
      const plan = row.phases[phase]
      const attempt = (attempts.get(phase) ?? 0) + 1
      attempts.set(phase, attempt)
      const status = plan.failing.length > 0 && attempt <= (plan.times ?? attempt) ? 'FAILED' : 'SUCCEEDED'
      const said = spec.phases[specPhase(phase)]?.onFailure
      const onFailure = said?.action === 'RETRY' && !new RegExp(said.pattern).test('exit status 7') ? undefined : said
      const before = state
      state = nextPhase(state, { status, onFailure })
      if (state.phase !== before.phase) ended.push({ phase, status })
    }
    expect({ ended, status: state.status ?? 'SUCCEEDED' }).toEqual({ ended: row.ended, status: row.status })
    const first = (x: string) => row.ran.filter(name => name.endsWith(`${x}1`)).length
    expect([...attempts].map(([phase, count]) => [phase, count])).toEqual(
      [...attempts.keys()].map(phase => [
        phase,
        first({ INSTALL: 'i', PRE_BUILD: 'p', BUILD: 'b' }[phase as string] ?? 'o'),
      ]),
    )
  })
})

async function seenIn(provider: SandboxProvider, row: PhaseRow, image?: string) {
  const { log, progress, status, uploaded } = await buildOnce({
    provider,
    image,
    buildspec: buildspecOf(row),
    source: { 'kept.txt': 'kept\n' },
  })
  const ended = progress.phases
    .filter(({ phase }) => isCommandPhase(phase) || phase === 'UPLOAD_ARTIFACTS')
    .map(({ phase, status: end }) => ({ phase, status: end }))
  return { ran: ranIn(log), ended, status, uploads: uploaded?.join() === 'kept.txt' }
}

describe('the engine in scripted sandboxes', () => {
  test.each(PHASE_ROWS.map(row => [row.name, row] as const))('%s', async (_name, row) => {
    const runs = new Map<string, number>()
    const answers = scriptedShell(({ text, succeeding }) => {
      const name = /=(\w\w)=/.exec(text)![1]!
      const run = (runs.get(name) ?? 0) + 1
      runs.set(name, run)
      const plan = Object.values(row.phases).find(({ failing }) => failing.includes(name))
      const exitCode = plan && run <= (plan.times ?? run) ? 7 : 0
      return { output: `=${name}=${succeeding ? 1 : 0}\n`, exitCode }
    })
    expect(await seenIn(createScriptedProvider({ answers }), row)).toEqual(expected(row))
  })
})

/** All rows, some at a time; answers those that differ. */
async function deviations(parallelism: number, seen: (row: PhaseRow) => Promise<object>) {
  const rows = [...PHASE_ROWS]
  const found: object[] = []
  const work = async () => {
    for (let row = rows.shift(); row; row = rows.shift()) {
      const result = await seen(row)
      if (JSON.stringify(result) !== JSON.stringify(expected(row))) {
        found.push({ row: row.name, result, expected: expected(row) })
      }
    }
  }
  await Promise.all(Array.from({ length: parallelism }, work))
  return found
}

describe('the engine in the sandboxes that people use', () => {
  let top: string
  let image: string | undefined
  let without = ''
  const docker = createDockerProvider()
  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'codeyard-table-'))
    const found = await dockerForTests()
    if (typeof found === 'string') without = found
    else image = await ensureBusyboxImage(found)
  }, 120_000)
  afterAll(() => rm(top, { recursive: true, force: true }))

  test('on this host every row is as the table says', async () => {
    const provider = createHostProvider({ root: join(top, 'builds') })
    expect(await deviations(4, row => seenIn(provider, row))).toEqual([])
  }, 240_000)

  test('in Docker every row is as the table says', async context => {
    if (!image) return context.skip(without)
    const provider = reusedSandboxes(docker, 4)
    try {
      expect(await deviations(4, row => seenIn(provider, row, image))).toEqual([])
    } finally {
      await provider.close()
    }
  }, 400_000)
})
