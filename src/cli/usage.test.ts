import type { Build } from '@aws-sdk/client-codebuild'
import { expect, test } from 'vitest'
import { addUp, allBuilds, table } from './usage.ts'

const at = (time: string) => new Date(`2026-${time}Z`)
const build = (projectName: string, start: string, end: string | undefined, computeType = 'BUILD_GENERAL1_SMALL') =>
  ({
    projectName,
    startTime: at(start),
    ...(end && { endTime: at(end) }),
    environment: { type: 'LINUX_CONTAINER', computeType },
    phases: [{ phaseType: 'PROVISIONING', startTime: at(start) }],
  }) as Build

test('minutes are rounded up for each build, by month, project and compute type', () => {
  const lines = addUp([
    build('a', '03-31T23:00:00', '03-31T23:00:01'),
    build('a', '03-31T23:00:00', '03-31T23:01:30'),
    build('a', '03-31T23:00:00', '03-31T23:10:00', 'BUILD_GENERAL1_LARGE'),
    build('a', '04-01T00:00:00', '04-01T00:01:00'),
    build('a', '04-01T00:00:00', undefined),
    { ...build('b', '04-01T00:00:00', '04-01T08:00:00'), phases: [] },
  ])
  expect(lines).toEqual([
    { month: '2026-03', project: 'a', compute: 'LINUX_CONTAINER BUILD_GENERAL1_LARGE', builds: 1, minutes: 10 },
    { month: '2026-03', project: 'a', compute: 'LINUX_CONTAINER BUILD_GENERAL1_SMALL', builds: 2, minutes: 3 },
    { month: '2026-04', project: 'a', compute: 'LINUX_CONTAINER BUILD_GENERAL1_SMALL', builds: 1, minutes: 1 },
    { month: '2026-04', project: 'b', compute: 'LINUX_CONTAINER BUILD_GENERAL1_SMALL', builds: 1, minutes: 0 },
  ])
  expect(table(lines).split('\n').at(-1)).toMatch(/total +5 +14$/)
  expect(table([])).toBe('no builds')
})

test('all pages are read, but not those before the month asked for', async () => {
  let pages = 0
  const codebuild = {
    listBuilds: async ({ nextToken }: { nextToken?: string } = {}) => {
      pages++
      const page = Number(nextToken ?? 0)
      return { ids: [`p:${page}`], nextToken: String(page + 1), $metadata: {} }
    },
    batchGetBuilds: async ({ ids }: any) => ({
      builds: [build('p', `0${9 - Number(ids[0].slice(2))}-01T00:00:00`, '10-01T00:00:00')],
      $metadata: {},
    }),
  }
  const seen: string[] = []
  for await (const { startTime } of allBuilds(codebuild as any, { month: '2026-07' }))
    seen.push(startTime!.toISOString().slice(5, 7))
  expect(seen).toEqual(['09', '08', '07'])
  expect(pages).toBe(4)
})
