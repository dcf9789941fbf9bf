// Reports through the service: groups, reports of builds on this host, their cases and coverage, export, permissions and expiry. Long, since
// all of it needs reports that a build has made.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { ServiceError } from '../../core/serviceError.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import { anyRole } from '../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { until } from '../../testing/until.ts'
import { codebuildWith } from './index.ts'

const GROUP = 'arn:aws:codebuild:us-east-1:000000000000:report-group/'
let root: string
let house: TestHouse
let stop: () => Promise<void>
const log: string[] = []
const objects = new Map<string, Buffer>()
/** What the role of builds may not do. */
let denied: string[] = []
const service = codebuildWith({
  sandboxes: () => createHostProvider({ root: join(root, 'builds') }),
  endpointIn: async call => call.config.endpoint,
  sweepMs: 50,
})

const ROLE_POLICY = () =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      ...(denied.length > 0 ? [{ Effect: 'Deny', Action: denied, Resource: `${GROUP}*` }] : []),
    ],
  })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-reports-'))
  await chmod(root, 0o755)
  house = await openHouse({
    services: [service],
    answers: {
      'logs.CreateLogStream': async () => ({}),
      'logs.PutLogEvents': async (input: any) => {
        for (const { message } of input.logEvents) log.push(message)
        return {}
      },
      ...anyRole,
      's3.PutObject': async (input: any) => {
        if (input.Bucket === 'gone') throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist')
        objects.set(`${input.Bucket}/${input.Key}`, Buffer.concat(await Readable.from(input.Body).toArray()))
        return {}
      },
    },
    identity: { policiesOf: async () => ({ identity: [ROLE_POLICY()] }) },
    now: '2026-01-01T00:00:00Z',
  })
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
})
afterAll(async () => {
  await stop()
  await house.close()
  await rm(root, { recursive: true, force: true })
})

/** Builds a new project with `buildspec`; the build as it ended. */
async function build(projectName: string, buildspec: string) {
  await house.invoke('codebuild', 'CreateProject', {
    name: projectName,
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
  })
  log.length = 0
  const { id } = (await house.invoke('codebuild', 'StartBuild', { projectName })).build!
  return until(async () => {
    const [found] = (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id!] })).builds!
    return found!.buildComplete && found
  })
}

const CASES =
  '<testsuite name="cart"><testcase classname="Cart" name="adds" time="0.5"/><testcase classname="Cart" name="pays"><failure message="expected 1 but was 2">at Cart.pays</failure></testcase><testcase classname="Shop" name="later"><skipped/></testcase></testsuite>'
const LCOV = ['SF:a.js', 'DA:1,1', 'DA:2,0', 'BRDA:1,0,0,1', 'end_of_record', 'SF:b.js', 'DA:1,1', 'end_of_record']
const write = (files: Record<string, string>) =>
  Object.entries(files)
    .map(([path, text]) => `mkdir -p $(dirname ${path}); printf '%s' '${text}' > ${path}`)
    .map(command => `      - ${JSON.stringify(command)}`)
    .join('\n')
const spec = (files: Record<string, string>, reports: object, after = '') =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${write(files)}\n${after}\nreports: ${JSON.stringify(reports)}\n`
const junit = { files: ['**/*.xml'], 'base-directory': 'out' }
const upload = (found: Awaited<ReturnType<typeof build>>) =>
  found.phases!.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS')!

describe('report groups', () => {
  const create = (name: string, more: object = {}) =>
    house.invoke('codebuild', 'CreateReportGroup', {
      name,
      type: 'TEST',
      exportConfig: { exportConfigType: 'NO_EXPORT' },
      ...more,
    })

  test('are made, changed, found, listed by name and time, and deleted', async () => {
    const { reportGroup } = await create('units', { tags: [{ key: 'team', value: 'shop' }] })
    expect(reportGroup).toEqual({
      arn: `${GROUP}units`,
      name: 'units',
      type: 'TEST',
      exportConfig: { exportConfigType: 'NO_EXPORT' },
      created: new Date('2026-01-01T00:00:00Z'),
      lastModified: new Date('2026-01-01T00:00:00Z'),
      tags: [{ key: 'team', value: 'shop' }],
      status: 'ACTIVE',
    })
    await expect(create('units')).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' })
    house.clock.advance(1000)
    await create('coverage', { type: 'CODE_COVERAGE' })
    const changed = await house.invoke('codebuild', 'UpdateReportGroup', {
      arn: `${GROUP}units`,
      exportConfig: { exportConfigType: 'S3', s3Destination: { bucket: 'raw' } },
    })
    expect(changed.reportGroup).toMatchObject({
      tags: [{ key: 'team', value: 'shop' }],
      exportConfig: {
        s3Destination: {
          bucket: 'raw',
          packaging: 'NONE',
          encryptionKey: 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3',
        },
      },
    })
    const list = async (input: object) => (await house.invoke('codebuild', 'ListReportGroups', input)).reportGroups!
    expect(await list({})).toEqual([`${GROUP}coverage`, `${GROUP}units`])
    expect(await list({ sortBy: 'CREATED_TIME' })).toEqual([`${GROUP}units`, `${GROUP}coverage`])
    const first = await house.invoke('codebuild', 'ListReportGroups', { maxResults: 1, sortOrder: 'DESCENDING' })
    expect(first.reportGroups).toEqual([`${GROUP}units`])
    expect(await list({ maxResults: 1, sortOrder: 'DESCENDING', nextToken: first.nextToken })).toEqual([
      `${GROUP}coverage`,
    ])
    await expect(list({ nextToken: first.nextToken })).rejects.toMatchObject({ code: 'InvalidInputException' })
    const got = await house.invoke('codebuild', 'BatchGetReportGroups', {
      reportGroupArns: [`${GROUP}nothing`, `${GROUP}units`, 'no arn'],
    })
    expect(got.reportGroups!.map(({ name }) => name)).toEqual(['units'])
    expect(got.reportGroupsNotFound).toEqual([`${GROUP}nothing`, 'no arn'])
    for (const name of ['units', 'coverage', 'coverage']) {
      await house.invoke('codebuild', 'DeleteReportGroup', { arn: `${GROUP}${name}` })
    }
    expect(await list({})).toEqual([])
  })

  test('that can not be are refused', async () => {
    const refused = { code: 'InvalidInputException' }
    await expect(create('a b')).rejects.toMatchObject(refused)
    await expect(create('ok', { exportConfig: { exportConfigType: 'S3' } })).rejects.toMatchObject(refused)
    await expect(house.invoke('codebuild', 'UpdateReportGroup', { arn: 'x' })).rejects.toMatchObject(refused)
    await expect(house.invoke('codebuild', 'UpdateReportGroup', { arn: `${GROUP}none` })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
    await expect(
      house.invoke('codebuild', 'ListReportsForReportGroup', { reportGroupArn: `${GROUP}none` }),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
  })
})

test('a failed build has its tests in a report, found from the build, with every case', async () => {
  const found = await build('cart', spec({ 'out/TEST-cart.xml': CASES }, { units: junit }, '      - exit 3'))
  expect(found.buildStatus).toBe('FAILED')
  expect(upload(found).phaseStatus).toBe('SUCCEEDED')
  const [arn] = found.reportArns!
  expect(arn).toMatch(/^arn:aws:codebuild:us-east-1:000000000000:report\/cart-units:[0-9a-f-]{36}$/)
  const { reports } = await house.invoke('codebuild', 'BatchGetReports', { reportArns: [arn!] })
  const created = reports![0]!.created!
  expect(reports).toEqual([
    {
      arn,
      type: 'TEST',
      name: 'cart-units',
      reportGroupArn: `${GROUP}cart-units`,
      executionId: found.arn,
      status: 'FAILED',
      created,
      expired: new Date(created.getTime() + 30 * 86_400_000),
      exportConfig: { exportConfigType: 'NO_EXPORT' },
      truncated: false,
      testSummary: {
        total: 3,
        statusCounts: { ERROR: 0, FAILED: 1, SKIPPED: 1, SUCCEEDED: 1, UNKNOWN: 0 },
        durationInNanoSeconds: 500_000_000,
      },
    },
  ])
  const cases = async (input: object) => house.invoke('codebuild', 'DescribeTestCases', { reportArn: arn!, ...input })
  const all = await cases({})
  expect(all.testCases).toHaveLength(3)
  expect(all.testCases![1]).toEqual({
    reportArn: arn,
    testRawDataPath: 'TEST-cart.xml',
    prefix: 'Cart',
    testSuiteName: 'cart',
    name: 'pays',
    status: 'FAILED',
    durationInNanoSeconds: 0,
    message: 'expected 1 but was 2\nat Cart.pays',
    expired: reports![0]!.expired,
  })
  const names = async (input: object) => (await cases(input)).testCases!.map(({ name }) => name)
  expect(await names({ filter: { status: 'SKIPPED' } })).toEqual(['later'])
  expect(await names({ filter: { keyword: 'art' } })).toEqual(['adds', 'pays'])
  const page = await cases({ maxResults: 2 })
  expect(await names({ maxResults: 2, nextToken: page.nextToken })).toEqual(['later'])
  const text = log.join('')
  expect(text).toContain('Preparing to copy TEST report units')
  expect(text).toContain('Report units: 3 tests, 1 failed, 1 skipped')
  const trend = await house.invoke('codebuild', 'GetReportGroupTrend', {
    reportGroupArn: `${GROUP}cart-units`,
    trendField: 'PASS_RATE',
  })
  expect(trend).toMatchObject({
    stats: { average: '33.33', max: '33.33', min: '33.33' },
    rawData: [{ reportArn: arn, data: '33.33' }],
  })
  await expect(
    house.invoke('codebuild', 'GetReportGroupTrend', {
      reportGroupArn: `${GROUP}cart-units`,
      trendField: 'LINES_MISSED',
    }),
  ).rejects.toMatchObject({ code: 'InvalidInputException' })
})

test('coverage is a report of its own, its files sorted and filtered', async () => {
  const coverage = { files: ['lcov.info'], 'file-format': 'lcov' }
  const found = await build('covered', spec({ 'lcov.info': `${LCOV.join('\n')}\n` }, { lines: coverage }))
  expect(found.buildStatus).toBe('SUCCEEDED')
  const reportArn = found.reportArns![0]!
  const { reports } = await house.invoke('codebuild', 'BatchGetReports', { reportArns: [reportArn] })
  expect(reports![0]).toMatchObject({
    type: 'CODE_COVERAGE',
    status: 'SUCCEEDED',
    codeCoverageSummary: {
      lineCoveragePercentage: 66.67,
      linesCovered: 2,
      linesMissed: 1,
      branchCoveragePercentage: 100,
      branchesCovered: 1,
      branchesMissed: 0,
    },
  })
  const files = async (input: object) => {
    const { codeCoverages, nextToken } = await house.invoke('codebuild', 'DescribeCodeCoverages', {
      reportArn,
      ...input,
    })
    return { paths: codeCoverages!.map(file => `${file.filePath} ${file.lineCoveragePercentage}`), nextToken }
  }
  expect((await files({})).paths).toEqual(['a.js 50', 'b.js 100'])
  const sorted = { sortBy: 'LINE_COVERAGE_PERCENTAGE', sortOrder: 'DESCENDING', maxResults: 1 }
  const first = await files(sorted)
  expect(first.paths).toEqual(['b.js 100'])
  expect((await files({ ...sorted, nextToken: first.nextToken })).paths).toEqual(['a.js 50'])
  expect((await files({ maxLineCoveragePercentage: 60 })).paths).toEqual(['a.js 50'])
  const trend = { reportGroupArn: `${GROUP}covered-lines`, trendField: 'LINE_COVERAGE' } as const
  expect((await house.invoke('codebuild', 'GetReportGroupTrend', trend)).stats!.average).toBe('66.67')
})

test('a broken report is INCOMPLETE, the log says why, and the build goes on', async () => {
  const found = await build('broken', spec({ 'out/a.xml': CASES, 'out/b.xml': '<testsuite><testc' }, { units: junit }))
  expect(found.buildStatus).toBe('SUCCEEDED')
  const { reports } = await house.invoke('codebuild', 'BatchGetReports', { reportArns: found.reportArns! })
  expect(reports![0]).toMatchObject({ status: 'INCOMPLETE', testSummary: { total: 3 } })
  expect(log.join('')).toContain('Report units is INCOMPLETE: b.xml: line 1: the file ends inside of <testsuite>')
})

describe('UPLOAD_ARTIFACTS fails', () => {
  test('when there are no report files', async () => {
    const found = await build('empty', spec({ 'x.txt': 'x' }, { units: junit, more: { files: ['y'] } }))
    expect(upload(found)).toMatchObject({
      phaseStatus: 'FAILED',
      contexts: [
        {
          statusCode: 'CLIENT_ERROR',
          message:
            'Error in UPLOAD_ARTIFACTS phase: [units: [report files not found in build] more: [report files not found in build]]',
        },
      ],
    })
    expect(found.reportArns).toBeUndefined()
  })

  test.each(['CreateReportGroup', 'BatchPutTestCases', 'UpdateReport'])(
    'when the role may not %s, and nothing is left half done',
    async operation => {
      denied = [`codebuild:${operation}`]
      const found = await build(`denied-${operation}`, spec({ 'out/a.xml': CASES }, { units: junit })).finally(() => {
        denied = []
      })
      expect(found.buildStatus).toBe('FAILED')
      const what = operation === 'CreateReportGroup' ? 'error creating report group' : 'error creating report'
      expect(upload(found).contexts![0]!.message).toMatch(
        new RegExp(
          `^Error in UPLOAD_ARTIFACTS phase: \\[units: \\[${what}: AccessDeniedException: .*codebuild:${operation}`,
        ),
      )
      expect(found.reportArns).toBeUndefined()
    },
  )

  test('when the format is none, or the group of an ARN is not there or of another type', async () => {
    await house.invoke('codebuild', 'CreateReportGroup', {
      name: 'lines-only',
      type: 'CODE_COVERAGE',
      exportConfig: { exportConfigType: 'NO_EXPORT' },
    })
    const found = await build(
      'wrong',
      spec(
        { 'out/a.xml': CASES },
        {
          odd: { ...junit, 'file-format': 'PDF' },
          [`${GROUP}missing`]: junit,
          [`${GROUP}lines-only`]: junit,
        },
      ),
    )
    const { message } = upload(found).contexts![0]!
    expect(message).toContain('odd: [file-format PDF is not known')
    expect(message).toContain(`report group ${GROUP}missing does not exist`)
    expect(message).toContain('A TEST report does not fit into the CODE_COVERAGE report group lines-only')
  })
})

describe('raw files go to S3', () => {
  const group = (name: string, s3Destination: object) =>
    house.invoke('codebuild', 'CreateReportGroup', {
      name,
      type: 'TEST',
      exportConfig: { exportConfigType: 'S3', s3Destination: { bucket: 'raw', ...s3Destination } },
    })
  const files = { 'out/deep/a.xml': CASES, 'out/b.xml': CASES }

  test('as they are', async () => {
    await group('plain', { path: '/kept/' })
    const found = await build('exporting', spec(files, { [`${GROUP}plain`]: junit }))
    const id = found.reportArns![0]!.split(':').at(-1)
    expect([...objects.keys()].sort()).toEqual([`raw/kept/plain/${id}/b.xml`, `raw/kept/plain/${id}/deep/a.xml`])
    expect(objects.get(`raw/kept/plain/${id}/b.xml`)!.toString()).toBe(CASES)
  })
  test('as one zip, flat with discard-paths', async () => {
    objects.clear()
    await group('zipped', { packaging: 'ZIP' })
    const report = { ...junit, 'discard-paths': 'yes' }
    const found = await build('zipping', spec(files, { [`${GROUP}zipped`]: report }))
    const [[key, bytes]] = [...objects] as [[string, Buffer]]
    expect(key).toBe(`raw/zipped/${found.reportArns![0]!.split(':').at(-1)}/report.zip`)
    const zip = await yauzl.fromBufferPromise(bytes)
    const names: string[] = []
    for await (const entry of zip.eachEntry()) names.push(entry.fileName)
    expect(names.sort()).toEqual(['a.xml', 'b.xml'])
  })
  test('and when they can not, the report is INCOMPLETE and the build says so', async () => {
    await group('lost', { bucket: 'gone' })
    const found = await build('losing', spec(files, { [`${GROUP}lost`]: junit }))
    expect(upload(found).contexts![0]!.message).toContain('error exporting TEST report to gone: NoSuchBucket')
    const { reports } = await house.invoke('codebuild', 'BatchGetReports', { reportArns: found.reportArns! })
    expect(reports![0]).toMatchObject({ status: 'INCOMPLETE', testSummary: { total: 6 } })
  })
})

test('reports are listed by time and status, deleted one by one or with their group, and expire after 30 days', async () => {
  await house.invoke('codebuild', 'CreateReportGroup', {
    name: 'mine',
    type: 'TEST',
    exportConfig: { exportConfigType: 'NO_EXPORT' },
  })
  const make = async (clientToken: string, status: 'SUCCEEDED' | 'FAILED') => {
    house.clock.advance(1000)
    const input = { reportGroupArn: `${GROUP}mine`, executionId: 'arn:build', clientToken, type: 'TEST' } as const
    const { reportArn } = await house.invoke('codebuild', 'CreateReport', input)
    await house.invoke('codebuild', 'UpdateReport', { reportArn, status, truncated: false })
    // The same build that does it again finds the same report.
    expect((await house.invoke('codebuild', 'CreateReport', input)).reportArn).toBe(reportArn)
    await house.invoke('codebuild', 'UpdateReport', { reportArn, status, truncated: false })
    return reportArn
  }
  const [a, b, c] = [await make('a', 'FAILED'), await make('b', 'SUCCEEDED'), await make('c', 'FAILED')]
  const of = async (input: object = {}) =>
    await house.invoke('codebuild', 'ListReportsForReportGroup', { reportGroupArn: `${GROUP}mine`, ...input })
  expect((await of()).reports).toEqual([c, b, a])
  expect((await of({ filter: { status: 'FAILED' }, sortOrder: 'ASCENDING' })).reports).toEqual([a, c])
  const first = await of({ maxResults: 2 })
  expect((await of({ maxResults: 2, nextToken: first.nextToken })).reports).toEqual([a])
  const all = await house.invoke('codebuild', 'ListReports', { maxResults: 1, filter: { status: 'SUCCEEDED' } })
  expect(all.reports).toEqual([b])
  await house.invoke('codebuild', 'DeleteReport', { arn: b! })
  expect((await house.invoke('codebuild', 'BatchGetReports', { reportArns: [b!] })).reportsNotFound).toEqual([b])
  await expect(house.invoke('codebuild', 'DeleteReportGroup', { arn: `${GROUP}mine` })).rejects.toMatchObject({
    code: 'InvalidInputException',
  })
  await expect(house.invoke('codebuild', 'DescribeTestCases', { reportArn: b! })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  })
  await expect(house.invoke('codebuild', 'DescribeCodeCoverages', { reportArn: b! })).rejects.toMatchObject({
    code: 'InvalidInputException',
  })
  house.clock.advance(30 * 86_400_000 - 500)
  await house.runJobs()
  expect((await of()).reports).toEqual([c])
  await house.invoke('codebuild', 'DeleteReportGroup', { arn: `${GROUP}mine`, deleteReports: true })
  expect((await house.invoke('codebuild', 'BatchGetReports', { reportArns: [c!] })).reports).toEqual([])
})

test('builds at the same time have their reports in the group that one of them makes', async () => {
  const projectName = 'together'
  await house.invoke('codebuild', 'CreateProject', {
    name: projectName,
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    source: { type: 'NO_SOURCE', buildspec: spec({ 'out/cart.xml': CASES }, { tests: junit, more: junit }) },
    artifacts: { type: 'NO_ARTIFACTS' },
  })
  const start = async () => (await house.invoke('codebuild', 'StartBuild', { projectName })).build!.id!
  const ids = await Promise.all(Array.from({ length: 6 }, start))
  const ended = await until(async () => {
    const { builds } = await house.invoke('codebuild', 'BatchGetBuilds', { ids })
    return builds!.every(({ buildComplete }) => buildComplete) && builds!
  })
  for (const { buildStatus, reportArns, phases } of ended)
    expect({ buildStatus, reports: reportArns!.length }, JSON.stringify(phases)).toEqual({
      buildStatus: 'SUCCEEDED',
      reports: 2,
    })
})
