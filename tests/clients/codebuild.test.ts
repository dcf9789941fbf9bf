// Builds with real aws command lines, on the host and in Docker: the same projects, the same answers.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDockerProvider } from '../../src/sandbox/docker/dockerProvider.ts'
import { ensureDebianImage } from '../../src/sandbox/localImages.ts'
import { type Aws, type CliProgram, findClis, openCli, unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const run = promisify(execFile)
const clis = await findClis()
const docker = createDockerProvider()
const dockerReason = await docker.unavailable()
const image = dockerReason ? 'none' : await ensureDebianImage(docker)
const BUCKET = 'builds'

let yards: Record<string, Yard>
beforeAll(async () => {
  yards = { host: await openYard({ args: ['--sandbox', 'host'] }) }
  if (!dockerReason) yards.docker = await openYard({ args: ['--sandbox', 'docker'] })
}, 120_000)
afterAll(async () => {
  const errors = Object.values(yards).flatMap(unexpectedErrors)
  for (const yard of Object.values(yards)) await yard.close()
  expect(errors).toEqual([])
})

// Docker's part is left out only where no Docker Engine answers.
const sandboxes = dockerReason ? ['host'] : ['host', 'docker']
const cases = sandboxes.flatMap((sandbox, index) => clis.map(program => ({ sandbox, program, first: index === 0 })))

describe.each(cases)('$program.name on $sandbox', { timeout: 300_000 }, ({ sandbox, program, first }) => {
  let aws: Aws
  const { slug } = program as CliProgram
  const role = `build-${slug}`
  const roleArn = `arn:aws:iam::000000000000:role/${role}`
  beforeAll(async () => {
    aws = await openCli(program, yards[sandbox]!)
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:*', 'logs:*', 'codecommit:GitPull'], Resource: '*' }],
    }
    await aws`iam create-role --role-name ${role} --assume-role-policy-document ${trust}`
    await aws`iam put-role-policy --role-name ${role} --policy-name all --policy-document ${policy}`
    await aws`s3api create-bucket --bucket ${BUCKET}-${slug}`
  }, 120_000)
  afterAll(() => aws?.close())

  const environment = { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' }
  const project = (name: string, buildspec: string, more: object = {}) =>
    aws`codebuild create-project --cli-input-json ${{
      name,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment,
      serviceRole: roleArn,
      ...more,
    }}`
  const ended = async (id: string) => {
    const { builds } = await until(
      () => aws`codebuild batch-get-builds --ids ${id}`,
      answer => answer.builds[0].buildComplete,
      { pause: 50 },
    )
    return builds[0]
  }
  const built = async (name: string, ...more: string[]) =>
    await ended((await aws`codebuild start-build --project-name ${name} ${more}`).build.id)
  const output = async ({ logs }: any): Promise<string> => {
    const { events } =
      await aws`logs get-log-events --log-group-name ${logs.groupName} --log-stream-name ${logs.streamName} --start-from-head`
    return events.map((event: any) => event.message).join('')
  }
  const phases = (build: any) => build.phases.map((phase: any) => [phase.phaseType, phase.phaseStatus])

  test('a build runs its phases in one shell and shows them, its contexts and its log', async () => {
    const name = `phases-${slug}`
    const buildspec = `
version: 0.2
env:
  variables: { GREETING: hello, OVER: spec }
  exported-variables: [RESULT]
phases:
  install:
    commands: [mkdir -p deep, cd deep]
  pre_build:
    commands: ["pwd | grep -q deep$", "export RESULT=$GREETING-$OVER-$GIVEN"]
  build:
    commands:
      - |
        if true; then
          echo "building $RESULT in $CODEBUILD_BUILD_ID"
        fi
    finally: [echo finally $CODEBUILD_BUILD_SUCCEEDING]
  post_build:
    commands: [echo done]
`
    const { project: made } = await project(name, buildspec, {
      environment: { ...environment, environmentVariables: [{ name: 'OVER', value: 'project' }] },
    })
    expect(made).toMatchObject({
      name,
      arn: `arn:aws:codebuild:us-east-1:000000000000:project/${name}`,
      timeoutInMinutes: 60,
      queuedTimeoutInMinutes: 480,
    })
    const { build: started } =
      await aws`codebuild start-build --project-name ${name} --environment-variables-override name=GIVEN,value=call`
    expect(started).toMatchObject({ buildStatus: 'IN_PROGRESS', buildNumber: 1, projectName: name, initiator: 'root' })
    const build = await ended(started.id)
    expect(build).toMatchObject({
      buildStatus: 'SUCCEEDED',
      currentPhase: 'COMPLETED',
      exportedEnvironmentVariables: [{ name: 'RESULT', value: 'hello-project-call' }],
      logs: { groupName: `/aws/codebuild/${name}`, streamName: started.id.split(':')[1] },
    })
    expect(phases(build)).toEqual([
      ['SUBMITTED', 'SUCCEEDED'],
      ['QUEUED', 'SUCCEEDED'],
      ['PROVISIONING', 'SUCCEEDED'],
      ['DOWNLOAD_SOURCE', 'SUCCEEDED'],
      ['INSTALL', 'SUCCEEDED'],
      ['PRE_BUILD', 'SUCCEEDED'],
      ['BUILD', 'SUCCEEDED'],
      ['POST_BUILD', 'SUCCEEDED'],
      ['UPLOAD_ARTIFACTS', 'SUCCEEDED'],
      ['FINALIZING', 'SUCCEEDED'],
      ['COMPLETED', undefined],
    ])
    const log = await output(build)
    expect(log).toMatch(/\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(\.\d+)? Running command echo done/)
    expect(log).toContain(`building hello-project-call in ${started.id}\n`)
    expect(log).toContain('finally 1\n')
    expect(log).toContain('Phase complete: BUILD State: SUCCEEDED')
  })

  test('a failing command fails its phase and says which command, post_build still runs', async () => {
    const name = `fails-${slug}`
    await project(
      name,
      'version: 0.2\nphases:\n  build: { commands: ["ls /nowhere-at-all"] }\n  post_build: { commands: ["echo after $CODEBUILD_BUILD_SUCCEEDING"] }\n',
    )
    const build = await built(name)
    expect(build.buildStatus).toBe('FAILED')
    const failed = build.phases.find((phase: any) => phase.phaseType === 'BUILD')
    expect(failed).toMatchObject({
      phaseStatus: 'FAILED',
      contexts: [
        {
          statusCode: 'COMMAND_EXECUTION_ERROR',
          message: expect.stringMatching(
            /^Error while executing command: ls \/nowhere-at-all\. Reason: exit status \d+$/,
          ),
        },
      ],
    })
    expect(phases(build)).toContainEqual(['POST_BUILD', 'SUCCEEDED'])
    expect(await output(build)).toContain('after 0\n')
    const { build: again } = await aws`codebuild retry-build --id ${build.id}`
    expect(again).toMatchObject({ buildNumber: 2, projectName: name })
    expect((await ended(again.id)).buildStatus).toBe('FAILED')
    expect((await aws`codebuild list-builds-for-project --project-name ${name}`).ids).toEqual([again.id, build.id])
    expect((await aws`codebuild list-builds-for-project --project-name ${name} --sort-order ASCENDING`).ids).toEqual([
      build.id,
      again.id,
    ])
  })

  test('a buildspec that cannot be read is a failed build that says where', async () => {
    const name = `broken-${slug}`
    await project(name, 'version: 0.2\nphases:\n  build:\n\tcommands: [date]\n')
    const build = await built(name)
    expect(build.buildStatus).toBe('FAILED')
    const context = build.phases.find((phase: any) => phase.phaseStatus === 'FAILED').contexts[0]
    expect(context.statusCode).toBe('YAML_FILE_ERROR')
    expect(context.message).toMatch(/line 4|4:/)
  })

  test('a build is stopped and everything it started ends', async () => {
    const name = `stopped-${slug}`
    await project(name, 'version: 0.2\nphases: { build: { commands: [echo started, sleep 600] } }\n')
    const { build } = await aws`codebuild start-build --project-name ${name}`
    await until(
      () => aws`codebuild batch-get-builds --ids ${build.id}`,
      answer => answer.builds[0].currentPhase === 'BUILD',
    )
    await aws`codebuild stop-build --id ${build.id}`
    const stopped = await ended(build.id)
    expect(stopped.buildStatus).toBe('STOPPED')
    expect(phases(stopped)).toContainEqual(['BUILD', 'STOPPED'])
  })

  test('artifacts go to S3 as a zip or as files, secondary ones as well', async () => {
    const bucket = `${BUCKET}-${slug}`
    const name = `artifacts-${slug}`
    const buildspec = `
version: 0.2
phases:
  build:
    commands: [mkdir -p out/sub, echo a > out/a.txt, echo b > out/sub/b.txt, echo skip > out/skip.log]
artifacts:
  files: ['**/*']
  base-directory: out
  exclude-paths: ['**/*.log']
  secondary-artifacts:
    docs: { files: ['a.txt'], base-directory: out }
`
    const to = (more: object) => ({ type: 'S3', location: bucket, namespaceType: 'NONE', ...more })
    await project(name, buildspec, {
      artifacts: to({ packaging: 'ZIP', path: 'zips', name: 'all.zip' }),
      secondaryArtifacts: [to({ packaging: 'NONE', path: 'docs', name: 'files', artifactIdentifier: 'docs' })],
    })
    const build = await built(name)
    expect([build.buildStatus, await output(build)]).toMatchObject(['SUCCEEDED', expect.any(String)])
    expect(build.artifacts.location).toBe(`arn:aws:s3:::${bucket}/zips/all.zip`)
    await aws`s3 cp s3://${bucket}/zips/all.zip all.zip`
    const { stdout } = await run('unzip', ['-Z1', join(aws.home, 'all.zip')])
    expect(stdout.trim().split('\n').sort()).toEqual(['a.txt', 'sub/b.txt'])
    expect(
      (await aws`s3api list-objects-v2 --bucket ${bucket} --prefix docs/`).Contents.map((one: any) => one.Key),
    ).toEqual(['docs/files/a.txt'])
    expect((await aws`s3api head-object --bucket ${bucket} --key zips/all.zip`).Metadata).toMatchObject({
      'codebuild-buildarn': build.arn,
    })
  })

  test('source comes from CodeCommit with its commit, or from S3', async () => {
    const repo = `source-${slug}`
    await aws`codecommit create-repository --repository-name ${repo}`
    const spec =
      'version: 0.2\nphases: { build: { commands: ["echo at $CODEBUILD_RESOLVED_SOURCE_VERSION", "cat message.txt"] } }\n'
    await mkdir(join(aws.home, 'source'), { recursive: true })
    await writeFile(join(aws.home, 'source/buildspec.yml'), spec)
    await writeFile(join(aws.home, 'source/message.txt'), 'from the source\n')
    const { commitId } =
      await aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path buildspec.yml --file-content fileb://source/buildspec.yml`
    const second =
      await aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path message.txt --file-content fileb://source/message.txt --parent-commit-id ${commitId}`
    const { repositoryMetadata } = await aws`codecommit get-repository --repository-name ${repo}`
    await project(repo, '', { source: { type: 'CODECOMMIT', location: repositoryMetadata.cloneUrlHttp } })
    const build = await built(repo, '--source-version', 'main')
    const log = await output(build)
    expect([build.buildStatus, log]).toEqual(['SUCCEEDED', expect.stringContaining(`at ${second.commitId}\n`)])
    expect(log).toContain('from the source\n')
    expect(build).toMatchObject({ sourceVersion: 'main', resolvedSourceVersion: second.commitId })

    await run('zip', ['-qr', '../source.zip', '.'], { cwd: join(aws.home, 'source') })
    await aws`s3 cp source.zip s3://${BUCKET}-${slug}/source.zip`
    await project(`${repo}-s3`, '', { source: { type: 'S3', location: `${BUCKET}-${slug}/source.zip` } })
    const fromS3 = await built(`${repo}-s3`)
    expect([fromS3.buildStatus, await output(fromS3)]).toEqual([
      'SUCCEEDED',
      expect.stringContaining('from the source\n'),
    ])
  })

  test('version 0.1 takes a shell for each command', async () => {
    const name = `old-${slug}`
    await project(
      name,
      'version: 0.1\nenvironment_variables:\n  plaintext: { OLD: yes }\nphases: { build: { commands: ["cd /tmp", "export X=1", "echo [$X] [$OLD] $(pwd)"] } }\n',
    )
    const build = await built(name)
    const log = await output(build)
    expect([build.buildStatus, log]).toEqual(['SUCCEEDED', expect.stringContaining('[] [yes] ')])
    expect(log).not.toContain('[yes] /tmp\n')
  })

  test.runIf(first)('projects are updated, listed and deleted; wrong ones are refused', async () => {
    const name = `project-${slug}`
    await project(name, 'version: 0.2\nphases: { build: { commands: [date] } }\n', {
      tags: [{ key: 'team', value: 'blue' }],
    })
    await expect(project(name, 'version: 0.2')).rejects.toThrow(
      `An error occurred (ResourceAlreadyExistsException) when calling the CreateProject operation: Project already exists: arn:aws:codebuild:us-east-1:000000000000:project/${name}`,
    )
    const { project: updated } =
      await aws`codebuild update-project --name ${name} --description changed --timeout-in-minutes 5`
    expect(updated).toMatchObject({
      description: 'changed',
      timeoutInMinutes: 5,
      tags: [{ key: 'team', value: 'blue' }],
    })
    expect((await aws`codebuild list-projects --sort-by NAME --sort-order ASCENDING`).projects).toContain(name)
    const { projects, projectsNotFound } = await aws`codebuild batch-get-projects --names ${name} missing-${slug}`
    expect([projects.length, projectsNotFound]).toEqual([1, [`missing-${slug}`]])
    expect(await aws`codebuild batch-get-builds --ids ${name}:00000000-0000-0000-0000-000000000000`).toMatchObject({
      builds: [],
      buildsNotFound: [`${name}:00000000-0000-0000-0000-000000000000`],
    })
    expect((await aws`codebuild list-builds`).ids.length).toBeGreaterThan(0)
    await aws`codebuild delete-project --name ${name}`
    await expect(aws`codebuild start-build --project-name ${name}`).rejects.toThrow(
      `An error occurred (ResourceNotFoundException) when calling the StartBuild operation: Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project/${name}`,
    )
    await expect(aws`codebuild stop-build --id ${name}:00000000-0000-0000-0000-000000000000`).rejects.toThrow(
      '(ResourceNotFoundException)',
    )
  })
})
