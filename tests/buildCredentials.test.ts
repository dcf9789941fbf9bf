// Commands of a build use AWS with the permissions of the project's role and no others, through the endpoint where every SDK looks, also
// when the server is killed under them.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLog, endedBuild, untilIn } from './harness/builds.ts'
import { openYard, type Yard } from './harness/yard.ts'

let yard: Yard
const args = ['--sandbox', 'host']

beforeAll(async () => {
  yard = await openYard({ args })
  const { iam, s3, codecommit, codebuild } = yard.clients
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const allow = (Action: string | string[], ...Resource: string[]) => ({ Effect: 'Allow', Action, Resource })
  const policy = [
    allow(['logs:*'], '*'),
    allow(['s3:PutObject', 's3:GetObject'], 'arn:aws:s3:::mine/*'),
    allow(['codecommit:GitPull'], 'arn:aws:codecommit:*:*:open'),
  ]
  const Version = '2012-10-17'
  await iam.createRole({ RoleName: 'b', AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
  const PolicyDocument = JSON.stringify({ Version, Statement: policy })
  await iam.putRolePolicy({ RoleName: 'b', PolicyName: 'p', PolicyDocument })
  for (const Bucket of ['mine', 'theirs']) await s3.createBucket({ Bucket })
  for (const repositoryName of ['open', 'closed']) {
    await codecommit.createRepository({ repositoryName })
    await codecommit.putFile({
      repositoryName,
      branchName: 'main',
      filePath: 'file',
      fileContent: Buffer.from('content of the repository\n'),
    })
  }
  await codebuild.createProject({
    name: 'app',
    source: { type: 'NO_SOURCE', buildspec: spec(['true']) },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/b',
  })
})
afterAll(async () => await yard?.close())

const spec = (commands: string[]) => JSON.stringify({ version: 0.2, phases: { build: { commands } } })
const start = async (...commands: string[]) =>
  (await yard.clients.codebuild.startBuild({ projectName: 'app', buildspecOverride: spec(commands) })).build!.id!

const logOf = (id: string) =>
  buildLog(yard, { logs: { groupName: '/aws/codebuild/app', streamName: id.split(':')[1]! } })
async function ended(id: string) {
  const { build, log } = await endedBuild(yard, id)
  return { status: build.buildStatus, log }
}

test('the aws command line works with what the role may, is refused the rest, and no key is in the environment', async () => {
  const { status, log } = await ended(
    await start(
      'env | grep -c AWS_ACCESS_KEY_ID || true',
      'echo hello > hello && aws s3 cp hello s3://mine/hello',
      'if aws s3 cp hello s3://theirs/hello; then exit 1; fi',
      'aws sts get-caller-identity --query Arn --output text',
      'curl -s -o /dev/null -w "without: %{http_code}\\n" $AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'echo "token: $AWS_CONTAINER_AUTHORIZATION_TOKEN"',
    ),
  )
  expect(status, log).toBe('SUCCEEDED')
  expect(log).toMatch(/AccessDenied/)
  expect(log).toMatch(/assumed-role\/b\/AWSCodeBuild-/)
  expect(log).toContain('without: 401')
  expect(log).toContain('token: ***')
}, 60_000)

test('git clones by every URL of CodeCommit, of the repositories that the role may pull', async () => {
  const { status, log } = await ended(
    await start(
      'git clone -q https://git-codecommit.us-east-1.amazonaws.com/v1/repos/open one && cat one/file',
      'git clone -q codecommit::us-east-1://open two && git clone -q codecommit://open three',
      'git clone -q $AWS_ENDPOINT_URL/v1/repos/open four',
      'if git clone -q https://git-codecommit.us-east-1.amazonaws.com/v1/repos/closed; then exit 1; fi',
      'if git -C one push -q origin HEAD:refs/heads/new; then exit 1; fi',
    ),
  )
  expect(status, log).toBe('SUCCEEDED')
  expect(log).toContain('content of the repository')
  expect(log).toContain('403')
}, 60_000)

test('a build that outlives a killed server goes on using AWS', async () => {
  const url = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/open'
  const id = await start(
    'echo waiting',
    `until git ls-remote --exit-code ${url} go >/dev/null 2>&1; do sleep 0.1; done`,
    'aws sts get-caller-identity --query Arn --output text',
  )
  await untilIn(yard, async () => /^waiting$/m.test(await logOf(id).catch(() => '')))
  await yard.kill()
  yard = await openYard({ dataDir: yard.dataDir, port: Number(new URL(yard.endpoint).port), args })
  const { commitId } = (await yard.clients.codecommit.getBranch({ repositoryName: 'open', branchName: 'main' })).branch!
  await yard.clients.codecommit.createBranch({ repositoryName: 'open', branchName: 'go', commitId: commitId! })
  const { status, log } = await ended(id)
  expect(status, log).toBe('SUCCEEDED')
  expect(log).toMatch(/assumed-role\/b\/AWSCodeBuild-/)
}, 90_000)
