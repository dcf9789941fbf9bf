// Two thousand builds in the queue: what is done with one of them reads as many rows as it does with ten. Rows, because time is the machine's.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Call } from '../../../operation/call.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { advance } from '../advance.ts'
import { codebuildWith } from '../index.ts'
import { takeBuild } from './queue.ts'

const COUNT = 2_000
const PROJECTS = 50
const service = codebuildWith({
  sandboxes: () => {
    throw new Error('no builder runs here')
  },
  endpointIn: async () => undefined,
})
let house: TestHouse
const project = (index: number) => `project-${index % PROJECTS}`

beforeAll(async () => {
  house = await openHouse({ services: [service], answers: { 'sts.GetCallerIdentity': async () => ({}) } })
  for (let index = 0; index < PROJECTS; index++) {
    await house.invoke('codebuild', 'CreateProject', {
      name: project(index),
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'arn:aws:iam::000000000000:role/b',
      // One that counts what it has, and one that has had a lot.
      ...(index === 1 && { concurrentBuildLimit: 1_000 }),
    })
  }
  const { build } = await house.invoke('codebuild', 'StartBuild', { projectName: project(0) })
  const copy = (status: string, count: number, ids: string) =>
    house.store.pool.query(
      `insert into codebuild.builds (account, region, id, project, number, status, started_at, definition, progress, kind, queued, turn)
     select account, region, p || ':${status}-' || n, p, 10 + n, '${status}', started_at + n * interval '1 ms', definition, progress, kind,
       true, 1 + n / ${PROJECTS}
     from codebuild.builds, generate_series(1, ${count}) as n, lateral (select ${ids} as p) as q where id = $1`,
      [build!.id],
    )
  await copy('IN_PROGRESS', COUNT, `'project-' || n % ${PROJECTS}`)
  await copy('SUCCEEDED', 6 * COUNT, `'project-1'`)
  // As autovacuum does within a minute; until then plans are those of an empty table.
  await house.store.pool.query('vacuum analyze codebuild.builds')
}, 60_000)
afterAll(() => house?.close())

/** How many rows of builds `work` reads, in a transaction of its own. */
const rowsRead = (work: (call: Call) => Promise<unknown>): Promise<number> =>
  house.transaction(async call => {
    const read = async () =>
      (await call.tx.one<{ rows: number }>`
        select seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables where relid = 'codebuild.builds'::regclass`)!
        .rows
    const before = await read()
    await work(call)
    return (await read()) - before
  })
const invoke = (call: Call) => call.invoke as TestHouse['invoke']

test('a builder takes the next one from the index of the queue', async () => {
  const take = async (call: Call) => {
    const row = await takeBuild(call.tx, { owner: 'o', place: 'here:/a', fleets: [] })
    expect((await advance(call, row!.id, { type: 'leased', owner: 'o' }))?.status).toBe('IN_PROGRESS')
  }
  for (let times = 0; times < 10; times++) expect(await rowsRead(take)).toBeLessThan(60)
})

test('starting one more reads none of the others, in a project with a limit those that are open, nothing of what was', async () => {
  const start = (index: number) => (call: Call) =>
    invoke(call)('codebuild', 'StartBuild', { projectName: project(index) })
  expect(await rowsRead(start(2))).toBeLessThan(10)
  expect(await rowsRead(start(1))).toBeLessThan(COUNT + 20)
})

test('lists are pages of an index, and stopping one that waits is at once', async () => {
  const ids: string[] = []
  let nextToken: string | undefined
  do {
    const page = await house.invoke('codebuild', 'ListBuilds', nextToken ? { nextToken } : {})
    ids.push(...page.ids!)
    nextToken = page.nextToken
  } while (nextToken)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBeGreaterThan(7 * COUNT)
  expect(await rowsRead(call => invoke(call)('codebuild', 'ListBuilds', {}))).toBeLessThan(210)
  const waiting = ids.find(id => id.includes('IN_PROGRESS-1999'))!
  expect(await rowsRead(call => invoke(call)('codebuild', 'StopBuild', { id: waiting }))).toBeLessThan(10)
  const { builds } = await house.invoke('codebuild', 'BatchGetBuilds', { ids: [waiting] })
  expect(builds).toMatchObject([{ buildStatus: 'STOPPED' }])
})
