// Cold start to healthy: the first one ever (makes the database) and one with data, against Node's own start.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openYard } from '../tests/harness/yard.ts'
import { type Bench, compare, median, timed } from './figure.ts'

const run = promisify(execFile)
const ROUNDS = 5

export const starts: Bench = async report => {
  const node = median(await times(ROUNDS, () => run(process.execPath, ['-e', '0'])))
  let yard: Awaited<ReturnType<typeof openYard>> | undefined
  const first = await timed(async () => {
    yard = await openYard()
  })
  const { dataDir } = yard!
  await yard!.stop()
  const again = await times(
    ROUNDS,
    async () => {
      yard = await openYard({ dataDir })
    },
    () => yard!.stop(),
  )
  await (await openYard({ dataDir })).close()
  const baseline = { name: 'node -e 0', value: node }
  report(compare('first start', 'ms', first, baseline, { text: 'at most 4 s', met: () => first <= 4000 }))
  report(
    compare('start with data', 'ms', median(again), baseline, {
      text: 'at most 1.5 s',
      met: () => median(again) <= 1500,
    }),
  )
}

async function times(rounds: number, work: () => Promise<unknown>, after?: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    taken.push(await timed(work))
    await after?.()
  }
  return taken
}
