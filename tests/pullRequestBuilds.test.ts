// Builds of CodeCommit pull requests with AWS's own pieces and real permissions: a rule starts the build of what was pushed, the build comments
// and approves by its role, the merge starts the pipeline.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientsOf } from '../src/cli/clients.ts'
import { unexpectedErrors, until } from './clients.ts'
import { openYard, type Yard } from './harness/yard.ts'

const run = promisify(execFile)
const ACCOUNT = '000000000000'
const Version = '2012-10-17'
const repositoryName = 'app'
const repositoryArn = `arn:aws:codecommit:us-east-1:${ACCOUNT}:${repositoryName}`
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`
const allow = (Action: string[], ...Resource: string[]) => ({ Effect: 'Allow', Action, Resource })

/** What the build does: its commands are those of a user who knows nothing but the user guides. */
const BUILDSPEC = `
version: 0.2
phases:
  build:
    commands:
      - test ! -e broken
  post_build:
    commands:
      - if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then result=passing; else result=failing; fi
      - >
        aws codecommit post-comment-for-pull-request --pull-request-id "$PULL_REQUEST_ID" --repository-name "$REPOSITORY_NAME"
        --before-commit-id "$DESTINATION_COMMIT" --after-commit-id "$CODEBUILD_RESOLVED_SOURCE_VERSION"
        --content "![$result](https://codefactory-$AWS_REGION-prod-default-build-badges.s3.amazonaws.com/$result.svg) $CODEBUILD_BUILD_ID"
      - >
        if [ "$result" = passing ]; then aws codecommit update-pull-request-approval-state --pull-request-id "$PULL_REQUEST_ID"
        --revision-id "$REVISION_ID" --approval-state APPROVE; fi
`

let yard: Yard
let work = ''
let li: ReturnType<typeof clientsOf>
let zoe: ReturnType<typeof clientsOf>

beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  work = await mkdtemp(join(tmpdir(), 'codeyard-pulls-'))
  await yard.clients.codecommit.createRepository({ repositoryName })
  await makeRole('pr-build', 'codebuild', [
    allow(['logs:*'], '*'),
    allow(
      ['codecommit:GitPull', 'codecommit:PostCommentForPullRequest', 'codecommit:UpdatePullRequestApprovalState'],
      repositoryArn,
    ),
  ])
  li = await makeUser('li', [
    allow(['codecommit:*'], repositoryArn),
    {
      ...allow(['codecommit:GitPush', 'codecommit:MergePullRequestByFastForward'], repositoryArn),
      Effect: 'Deny',
      Condition: {
        StringEqualsIfExists: { 'codecommit:References': ['refs/heads/main'] },
        Null: { 'codecommit:References': 'false' },
      },
    },
  ])
  zoe = await makeUser('zoe', [allow(['codecommit:*'], repositoryArn)])
}, 120_000)

afterAll(async () => {
  li?.close()
  zoe?.close()
  const errors = yard ? unexpectedErrors(yard) : []
  await yard?.close()
  await rm(work, { recursive: true, force: true })
  expect(errors).toEqual([])
})

async function makeRole(RoleName: string, service: string, Statement: object[]) {
  const trust = { Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }
  const AssumeRolePolicyDocument = JSON.stringify({ Version, Statement: [trust] })
  await yard.clients.iam.createRole({ RoleName, AssumeRolePolicyDocument })
  await yard.clients.iam.putRolePolicy({
    RoleName,
    PolicyName: 'p',
    PolicyDocument: JSON.stringify({ Version, Statement }),
  })
}

async function makeUser(UserName: string, Statement: object[]) {
  const { iam } = yard.clients
  await iam.createUser({ UserName })
  await iam.putUserPolicy({ UserName, PolicyName: 'p', PolicyDocument: JSON.stringify({ Version, Statement }) })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }
  return clientsOf({ endpoint: yard.endpoint, region: 'us-east-1', credentials })
}

/** A clone with the git credentials of a user. */
async function clone(UserName: string, repository = repositoryName) {
  const credential = await yard.clients.iam.createServiceSpecificCredential({
    UserName,
    ServiceName: 'codecommit.amazonaws.com',
  })
  const { ServiceUserName = '', ServicePassword = '' } = credential.ServiceSpecificCredential!
  const login = `${encodeURIComponent(ServiceUserName)}:${encodeURIComponent(ServicePassword)}@`
  const url = `${yard.endpoint}/v1/repos/${repository}`.replace('://', `://${login}`)
  const folder = join(work, UserName)
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: folder, env: yard.env, timeout: 60_000 })).stdout.trim()
  await run('git', ['clone', '-q', url, folder], { env: yard.env, timeout: 60_000 })
  const commit = async (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    await git('add', '-A')
    await git('commit', '-q', '-m', 'change')
    return git('rev-parse', 'HEAD')
  }
  return { folder, git, commit }
}

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'succeeded',
    error => error.name,
  )

describe('a pull request', { timeout: 240_000 }, () => {
  test('is built at every push, commented, approved by the build, merged, and starts the pipeline', async () => {
    const { codebuild, codepipeline, s3 } = yard.clients
    const { accessKeyId, secretAccessKey } = yard
    const events = new EventBridge({
      endpoint: yard.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
    })
    const ofLi = await clone('li')
    const ofZoe = await clone('zoe')
    const base = await ofZoe.commit({ 'buildspec.yml': BUILDSPEC, app: 'one\n' })
    await ofZoe.git('push', '-q', 'origin', 'HEAD:main')

    const { project } = await codebuild.createProject({
      name: 'validate',
      source: {
        type: 'CODECOMMIT',
        location: `https://git-codecommit.us-east-1.amazonaws.com/v1/repos/${repositoryName}`,
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: role('pr-build'),
    })
    await makeRole('start-builds', 'events', [allow(['codebuild:StartBuild'], project!.arn!)])
    await events.putRule({
      Name: 'pull-requests',
      EventPattern: JSON.stringify({
        source: ['aws.codecommit'],
        'detail-type': ['CodeCommit Pull Request State Change'],
        resources: [repositoryArn],
        detail: { event: ['pullRequestCreated', 'pullRequestSourceBranchUpdated'], pullRequestStatus: ['Open'] },
      }),
    })
    const variable = (name: string, value: string) => `{"name": "${name}", "value": "<${value}>", "type": "PLAINTEXT"}`
    const put = await events.putTargets({
      Rule: 'pull-requests',
      Targets: [
        {
          Id: 'validate',
          Arn: project!.arn!,
          RoleArn: role('start-builds'),
          InputTransformer: {
            InputPathsMap: {
              sourceVersion: '$.detail.sourceCommit',
              pullRequestId: '$.detail.pullRequestId',
              repositoryName: '$.detail.repositoryNames[0]',
              destinationCommit: '$.detail.destinationCommit',
              revisionId: '$.detail.revisionId',
            },
            InputTemplate: `{"sourceVersion": <sourceVersion>, "artifactsOverride": {"type": "NO_ARTIFACTS"}, "environmentVariablesOverride": [${[
              variable('PULL_REQUEST_ID', 'pullRequestId'),
              variable('REPOSITORY_NAME', 'repositoryName'),
              variable('DESTINATION_COMMIT', 'destinationCommit'),
              variable('REVISION_ID', 'revisionId'),
            ].join(', ')}]}`,
          },
        },
      ],
    })
    expect(put.FailedEntries).toEqual([])
    events.destroy()

    await s3.createBucket({ Bucket: 'pipes' })
    await s3.putBucketVersioning({ Bucket: 'pipes', VersioningConfiguration: { Status: 'Enabled' } })
    await makeRole('pipe', 'codepipeline', [allow(['s3:*', 'codecommit:*'], '*')])
    const action = (name: string, provider: string, category: 'Source' | 'Approval', more: object) => ({
      name,
      actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
      ...more,
    })
    await codepipeline.createPipeline({
      pipeline: {
        name: 'main',
        roleArn: role('pipe'),
        artifactStore: { type: 'S3', location: 'pipes' },
        stages: [
          {
            name: 'Source',
            actions: [
              action('Source', 'CodeCommit', 'Source', {
                configuration: { RepositoryName: repositoryName, BranchName: 'main' },
                outputArtifacts: [{ name: 'src' }],
              }),
            ],
          },
          {
            name: 'Approval',
            actions: [action('Approval', 'Manual', 'Approval', {})],
          },
        ],
      },
    })

    await ofLi.git('pull', '-q', 'origin', 'main')
    const broken = await ofLi.commit({ app: 'two\n', broken: '' })
    await ofLi.git('push', '-q', 'origin', 'HEAD:refs/heads/feature')
    const { pullRequest } = await li.codecommit.createPullRequest({
      title: 'Two',
      targets: [{ repositoryName, sourceReference: 'feature' }],
    })
    const pullRequestId = pullRequest!.pullRequestId!
    await zoe.codecommit.createPullRequestApprovalRule({
      pullRequestId,
      approvalRuleName: 'the build passes',
      approvalRuleContent: JSON.stringify({
        Version: '2018-11-08',
        Statements: [
          {
            Type: 'Approvers',
            NumberOfApprovalsNeeded: 1,
            ApprovalPoolMembers: [`arn:aws:sts::${ACCOUNT}:assumed-role/pr-build/*`],
          },
        ],
      }),
    })
    const comments = async () =>
      (await li.codecommit.getCommentsForPullRequest({ pullRequestId })).commentsForPullRequestData!.flatMap(
        ({ afterCommitId, beforeCommitId, comments = [] }) =>
          comments.map(({ content, authorArn }) => ({ afterCommitId, beforeCommitId, content, authorArn })),
      )
    const evaluation = async () => {
      const { pullRequest } = await li.codecommit.getPullRequest({ pullRequestId })
      const { revisionId } = pullRequest!
      return (await li.codecommit.evaluatePullRequestApprovalRules({ pullRequestId, revisionId })).evaluation!
    }
    const builds = async () => {
      const { ids = [] } = await codebuild.listBuildsForProject({ projectName: 'validate', sortOrder: 'ASCENDING' })
      if (ids.length === 0) return []
      const found = (await codebuild.batchGetBuilds({ ids })).builds!
      return ids.map(id => found.find(build => build.id === id)!)
    }
    const [first] = await until(builds, ([build]) => build?.buildComplete === true, { patience: 90_000 })
    expect(first).toMatchObject({
      buildStatus: 'FAILED',
      sourceVersion: broken,
      resolvedSourceVersion: broken,
      initiator: 'start-builds/pull-requests',
    })
    expect(await comments()).toEqual([
      {
        beforeCommitId: base,
        afterCommitId: broken,
        content: `![failing](https://codefactory-us-east-1-prod-default-build-badges.s3.amazonaws.com/failing.svg) ${first!.id}`,
        authorArn: expect.stringMatching(`^arn:aws:sts::${ACCOUNT}:assumed-role/pr-build/AWSCodeBuild-`),
      },
    ])
    const merge = { pullRequestId, repositoryName, sourceCommitId: broken }
    expect(await failure(zoe.codecommit.mergePullRequestByFastForward(merge))).toBe(
      'PullRequestApprovalRulesNotSatisfiedException',
    )

    await rm(join(ofLi.folder, 'broken'))
    const fixed = await ofLi.commit({})
    await ofLi.git('push', '-q', 'origin', 'HEAD:refs/heads/feature')
    const [, second] = await until(builds, ([, build]) => build?.buildComplete === true, { patience: 90_000 })
    expect(second).toMatchObject({ buildStatus: 'SUCCEEDED', resolvedSourceVersion: fixed })
    expect((await comments()).at(-1)).toMatchObject({
      afterCommitId: fixed,
      content: expect.stringContaining('![passing]'),
    })
    expect(await evaluation()).toMatchObject({ approved: true, approvalRulesSatisfied: ['the build passes'] })

    expect(await failure(zoe.codecommit.mergePullRequestByFastForward(merge))).toBe(
      'TipOfSourceReferenceIsDifferentException',
    )
    expect(await failure(li.codecommit.mergePullRequestByFastForward({ ...merge, sourceCommitId: fixed }))).toBe(
      'AccessDeniedException',
    )
    const merged = await zoe.codecommit.mergePullRequestByFastForward({ ...merge, sourceCommitId: fixed })
    expect(merged.pullRequest).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [{ mergeMetadata: { isMerged: true, mergedBy: `arn:aws:iam::${ACCOUNT}:user/zoe` } }],
    })
    const state = async () => (await codepipeline.getPipelineState({ name: 'main' })).stageStates!
    const [source] = await until(
      state,
      ([source]) =>
        source!.actionStates![0]!.currentRevision?.revisionId === fixed &&
        source!.latestExecution!.status !== 'InProgress',
    )
    expect(source!.latestExecution!.status).toBe('Succeeded')
    await ofZoe.git('pull', '-q', 'origin', 'main')
    expect(await ofZoe.git('rev-parse', 'HEAD')).toBe(fixed)
    expect(await readFile(join(ofZoe.folder, 'app'), 'utf8')).toBe('two\n')
    expect((await builds()).length).toBe(2)
  })

  test('is told by its history, and the source branch of another one going closes that', async () => {
    await zoe.codecommit.createBranch({
      repositoryName,
      branchName: 'gone',
      commitId: (await zoe.codecommit.getBranch({ repositoryName, branchName: 'main' })).branch!.commitId!,
    })
    const { pullRequest } = await zoe.codecommit.createPullRequest({
      title: 'Gone',
      targets: [{ repositoryName, sourceReference: 'gone' }],
    })
    const pullRequestId = pullRequest!.pullRequestId!
    const folder = join(work, 'zoe')
    await run('git', ['push', '-q', 'origin', '--delete', 'gone'], { cwd: folder, env: yard.env, timeout: 60_000 })
    const { pullRequestEvents } = await zoe.codecommit.describePullRequestEvents({ pullRequestId })
    expect(pullRequestEvents!.map(event => [event.pullRequestEventType, event.actorArn?.split('/')[1]])).toEqual([
      ['PULL_REQUEST_CREATED', 'zoe'],
      ['PULL_REQUEST_STATUS_CHANGED', 'zoe'],
    ])
  })
})

// AWS: of CodeCommit "the commit ID, branch, or Git tag to use" [StartBuild]; refs/heads/x and refs/heads/x^{commit} as with other git sources
// [sample-source-version].
test('a build of a CodeCommit repository takes a branch, a tag, a commit or a reference as its source version', async () => {
  const { codebuild, codecommit } = yard.clients
  const repositoryName = 'versions'
  await codecommit.createRepository({ repositoryName })
  const commit = async (branchName: string, parentCommitId?: string) =>
    (
      await codecommit.createCommit({
        repositoryName,
        branchName,
        ...(parentCommitId && { parentCommitId }),
        putFiles: [{ filePath: 'file', fileContent: Buffer.from(`${branchName} ${parentCommitId}`) }],
      })
    ).commitId!
  const first = await commit('main')
  await codecommit.createBranch({ repositoryName, branchName: 'side/x', commitId: first })
  const second = await commit('side/x', first)
  const third = await commit('side/x', second)
  const url = `${yard.endpoint}/v1/repos/${repositoryName}`
  const ada = await makeUser('ada', [allow(['codecommit:*'], '*')])
  ada.close()
  const { git } = await clone('ada', repositoryName)
  await git('tag', '-a', '-m', 'one', 'v1', second)
  await git('push', '-q', 'origin', 'v1')

  await makeRole('versions', 'codebuild', [allow(['logs:*', 'codecommit:GitPull'], '*')])
  await codebuild.createProject({
    name: 'versions',
    source: {
      type: 'CODECOMMIT',
      location: url,
      buildspec: 'version: 0.2\nphases: { build: { commands: ["cat file"] } }',
    },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: role('versions'),
  })
  const wanted: [string | undefined, string | undefined][] = [
    ['side/x', third],
    ['refs/heads/side/x', third],
    [`refs/heads/side/x^{${second}}`, second],
    ['v1', second],
    ['refs/tags/v1', second],
    [second, second],
    ['gone', undefined],
  ]
  const started = await Promise.all(
    wanted.map(async ([sourceVersion]) => {
      const { build } = await codebuild.startBuild({ projectName: 'versions', ...(sourceVersion && { sourceVersion }) })
      return build!.id!
    }),
  )
  const builds = await until(
    async () => (await codebuild.batchGetBuilds({ ids: started })).builds!,
    all => all.every(build => build.buildComplete),
    { patience: 120_000 },
  )
  const resolved = started.map((id, index) => {
    const build = builds.find(one => one.id === id)!
    return [wanted[index]![0], build.buildStatus === 'SUCCEEDED' ? build.resolvedSourceVersion : undefined]
  })
  expect(resolved).toEqual(wanted)
}, 180_000)
