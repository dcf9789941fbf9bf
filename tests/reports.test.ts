// A real test runner's reports, from the build to the SDK: with the permissions that AWS documents for reports and no others.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { endedBuild } from './harness/builds.ts'
import { openYard, type Yard } from './harness/yard.ts'

let yard: Yard

beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  const Version = '2012-10-17'
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const reports = ['CreateReportGroup', 'CreateReport', 'UpdateReport', 'BatchPutTestCases', 'BatchPutCodeCoverages']
  const policy = [
    { Effect: 'Allow', Action: 'logs:*', Resource: '*' },
    {
      Effect: 'Allow',
      Action: reports.map(action => `codebuild:${action}`),
      Resource: 'arn:aws:codebuild:*:*:report-group/shop-*',
    },
  ]
  const { iam, codebuild } = yard.clients
  await iam.createRole({ RoleName: 'b', AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
  const PolicyDocument = JSON.stringify({ Version, Statement: policy })
  await iam.putRolePolicy({ RoleName: 'b', PolicyName: 'p', PolicyDocument })
  for (const name of ['shop', 'other']) {
    await codebuild.createProject({
      name,
      source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'arn:aws:iam::000000000000:role/b',
    })
  }
})
afterAll(async () => await yard?.close())

const TEST = `const { test, describe } = require('node:test')
const assert = require('node:assert')
describe('cart', () => {
  test('adds', () => {})
  test('pays', () => assert.strictEqual(1, 2))
  test('later', { skip: 'not yet' }, () => {})
})
`
const BUILDSPEC = JSON.stringify({
  version: 0.2,
  phases: {
    build: {
      commands: [
        `cat > cart.test.js <<'END'\n${TEST}END`,
        'mkdir -p out',
        'node --test --test-reporter=junit --test-reporter-destination=out/junit.xml cart.test.js',
      ],
    },
  },
  reports: { units: { files: ['junit.xml'], 'base-directory': 'out' } },
})

async function build(projectName: string) {
  const { build: started } = await yard.clients.codebuild.startBuild({ projectName })
  return (await endedBuild(yard, started!.id!)).build
}

test("node's own test runner fails the build, and the report names the case and why", async () => {
  const { codebuild } = yard.clients
  const found = await build('shop')
  expect(found.buildStatus).toBe('FAILED')
  const { reports } = await codebuild.batchGetReports({ reportArns: found.reportArns! })
  expect(reports![0]).toMatchObject({ name: 'shop-units', status: 'FAILED', executionId: found.arn })
  expect(reports![0]!.testSummary).toMatchObject({ total: 3, statusCounts: { FAILED: 1, SKIPPED: 1, SUCCEEDED: 1 } })
  const { testCases } = await codebuild.describeTestCases({
    reportArn: found.reportArns![0]!,
    filter: { status: 'FAILED' },
  })
  expect(testCases!.map(({ name, testSuiteName }) => `${testSuiteName} ${name}`)).toEqual(['cart pays'])
  expect(testCases![0]!.message).toContain('1 !== 2')
  const listed = await codebuild.listReportsForReportGroup({ reportGroupArn: reports![0]!.reportGroupArn! })
  expect(listed.reports).toEqual(found.reportArns)
}, 90_000)

test('a role that may not make report groups for a project is refused in the words of IAM', async () => {
  const found = await build('other')
  const [context] = found.phases!.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS')!.contexts!
  expect(context!.message).toMatch(
    /^Error in UPLOAD_ARTIFACTS phase: \[units: \[error creating report group: AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/b\/\S+ is not authorized to perform: codebuild:CreateReportGroup on resource: arn:aws:codebuild:us-east-1:000000000000:report-group\/other-units/,
  )
  expect(found.reportArns).toBeUndefined()
}, 90_000)
