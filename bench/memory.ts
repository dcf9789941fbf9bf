// How far the server's memory grows while large things pass through it, against their size.

import { objectThrough, peakGrowth, repositoryThrough } from '../tests/harness/memory.ts'
import { openYard } from '../tests/harness/yard.ts'
import { type Bench, compare } from './figure.ts'

const OBJECT_MB = 2048
const REPOSITORY_MB = 300
const ALLOWED_MB = 64

export const memory: Bench = async report => {
  if (process.platform !== 'linux') {
    console.error('memory: no figure: it is read from /proc, which only Linux has')
    return
  }
  const yard = await openYard({ args: ['--sandbox', 'host'] })
  const figure = (name: string, size: number, growth: number) =>
    report(
      compare(
        name,
        'MB',
        growth,
        { name: 'its size', value: size },
        { text: `grows by at most ${ALLOWED_MB} MB`, met: () => growth <= ALLOWED_MB },
      ),
    )
  const pid = yard.process.pid!
  try {
    await objectThrough(yard, 64) // code and connections
    const object = await peakGrowth(pid, () => objectThrough(yard, OBJECT_MB))
    figure('object put and got', OBJECT_MB, object)
    await repositoryThrough(yard, 'small', 1)
    const repository = await peakGrowth(pid, () => repositoryThrough(yard, 'large', REPOSITORY_MB))
    figure('repository pushed and cloned', REPOSITORY_MB, repository)
  } finally {
    await yard.close()
  }
}
