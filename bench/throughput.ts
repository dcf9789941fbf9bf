// 100 builds of one command on one builder, against a bare loop of `docker run --rm` with as many at once.

import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureBusyboxImage } from '../src/sandbox/localImages.ts'
import { openYard, type Yard } from '../tests/harness/yard.ts'
import { type Bench, compare, timed } from './figure.ts'
import { docker, dockerFor, makeProject, startBuild, succeeded } from './project.ts'

const BUILDS = 100
/** Ours and theirs take turns so often. */
const TURNS = 2
const PATIENCE = 300_000
const POLL_MS = 50

export const throughput: Bench = async report => {
  const provider = await dockerFor('throughput')
  if (!provider) return
  const image = await ensureBusyboxImage(provider)
  const slots = availableParallelism()
  const yard = await openYard({ args: ['--sandbox', 'docker', '--slots', String(slots)] })
  try {
    const buildspec = 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo built\n'
    await makeProject(yard, { image, buildspec })
    await succeeded(yard, await startBuild(yard))
    let ours = 0
    let theirs = 0
    for (let turn = 0; turn < TURNS; turn++) {
      theirs += await timed(() => loop(image, BUILDS / TURNS, slots))
      ours += await timed(() => queue(yard, BUILDS / TURNS))
    }
    report(
      compare(
        `${BUILDS} builds, ${slots} at once`,
        'a second',
        (BUILDS / ours) * 1000,
        { name: 'docker run --rm', value: (BUILDS / theirs) * 1000 },
        { text: 'at least 0.7', met: ratio => ratio >= 0.7 },
      ),
    )
  } finally {
    await yard.close()
  }
}

async function loop(image: string, runs: number, parallel: number): Promise<void> {
  let left = runs
  const worker = async () => {
    while (left-- > 0) await docker('run', '--rm', image, 'sh', '-c', 'echo built')
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

/** All of them started at once; until BatchGetBuilds shows the end of the last one. */
async function queue(yard: Yard, count: number): Promise<void> {
  let ids = await Promise.all(Array.from({ length: count }, () => startBuild(yard)))
  const end = performance.now() + PATIENCE
  while (ids.length > 0) {
    const { builds = [] } = await yard.clients.codebuild.batchGetBuilds({ ids })
    const wrong = builds.find(({ buildStatus }) => buildStatus !== 'SUCCEEDED' && buildStatus !== 'IN_PROGRESS')
    if (wrong || performance.now() > end)
      throw new Error(`a build is ${wrong?.buildStatus}: ${JSON.stringify(wrong?.phases)}\n${yard.log()}`)
    ids = builds.filter(({ buildStatus }) => buildStatus === 'IN_PROGRESS').map(({ id }) => id!)
    await delay(POLL_MS)
  }
}
