// Programs of eight languages, built by a real server in an image with the tools of them all.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Build, StartBuildCommandInput } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addEntry, packArchive } from '../../src/sandbox/archive.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'
import { languagesForTests } from './image.ts'
import { type Program, programs, sourceOf, zipOf } from './programs.ts'

const languages = await languagesForTests()
const why = typeof languages === 'string' ? languages : undefined

const ROLE = 'arn:aws:iam::000000000000:role/builds'
/** The name of a curated image, which stands for the test's own: there runtimes are selected. */
const CURATED = 'aws/codebuild/standard:7.0'
const FROM_REPOSITORY = ['python', 'c']
const CACHES: Readonly<Record<string, object>> = {
  go: { type: 'S3', location: 'caches/go' },
  c: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] },
  java: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] },
}
const PATIENCE = 300_000

let yard: Yard
let box: Sandbox | undefined

describe.skipIf(why !== undefined)(`programs of real languages${why ? ` (${why})` : ''}`, () => {
  if (typeof languages === 'string') return
  const { engine, image } = languages
  beforeAll(async () => {
    yard = await openYard({ args: ['--sandbox', 'docker', '--slots', '3'] })
    await writeFile(join(yard.dataDir, 'images.json'), JSON.stringify({ [CURATED]: image }))
    const name = `languages-${process.pid}`
    const { iam, s3 } = yard.clients
    box = await engine.create({ name, image, labels: { 'codeyard.test': name } })
    const Version = '2012-10-17'
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const RoleName = 'builds'
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
    const Statement = [
      { Effect: 'Allow', Action: ['logs:*', 's3:*', 'codebuild:*', 'codecommit:GitPull'], Resource: '*' },
    ]
    await iam.putRolePolicy({ RoleName, PolicyName: 'p', PolicyDocument: JSON.stringify({ Version, Statement }) })
    for (const Bucket of ['sources', 'artifacts', 'caches']) await s3.createBucket({ Bucket })
    await Promise.all(programs.map(program => create(program, image)))
  }, 600_000)
  afterAll(async () => {
    await yard?.close()
    await box?.destroy()
  })

  // The queue decides how many of them run at once.
  describe.concurrent.each(programs)('$name', program => {
    test(
      'is built, tested and packed, and what was packed works',
      async () => {
        const { build, log } = await built({ projectName: projectOf(program) })
        expect(build.buildStatus, log).toBe('SUCCEEDED')
        expect(build.phases!.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? ''}`)).toEqual([
          ...['SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD', 'BUILD'].map(succeeded),
          ...['POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING'].map(succeeded),
          'COMPLETED ',
        ])
        inOrder(log, [...(program.runtime ? [program.runtime] : []), ...program.log])
        const reports = await reportsOf(build)
        expect(Object.keys(reports).sort()).toEqual(
          [...Object.keys(program.tests), ...Object.keys(program.coverage)]
            .map(name => `${projectOf(program)}-${name}`)
            .sort(),
        )
        for (const [name, [total, skipped]] of Object.entries(program.tests)) {
          const { report, cases } = reports[`${projectOf(program)}-${name}`]!
          expect(report, name).toMatchObject({ type: 'TEST', status: 'SUCCEEDED', testSummary: { total } })
          expect(cases.map(({ status }) => status).sort(), name).toEqual([
            ...Array<string>(skipped).fill('SKIPPED'),
            ...Array<string>(total - skipped).fill('SUCCEEDED'),
          ])
        }
        for (const [name, [file, percentage]] of Object.entries(program.coverage)) {
          const { report, files } = reports[`${projectOf(program)}-${name}`]!
          expect(report, name).toMatchObject({ type: 'CODE_COVERAGE', status: 'SUCCEEDED' })
          const covered = files.find(({ filePath }) => filePath!.endsWith(file))
          expect(covered?.lineCoveragePercentage, JSON.stringify(files)).toBeCloseTo(percentage, 1)
        }
        const exported = Object.entries(program.exported ?? {}).map(([name, value]) => ({ name, value }))
        expect(build.exportedEnvironmentVariables ?? []).toEqual(exported)
        const [command, output] = program.artifact
        expect(await inBox(projectOf(program), command)).toBe(output)
        if (!program.again) return
        const second = await built({ projectName: projectOf(program) })
        expect(second.build.buildStatus, second.log).toBe('SUCCEEDED')
        inOrder(second.log, program.again.log)
        if (program.again.not) expect(second.log).not.toMatch(program.again.not)
      },
      PATIENCE,
    )

    test('with a wrong test is a failed build whose report names the case', { timeout: PATIENCE }, async () => {
      const [, , , testCase, message] = program.mistake
      const mistaken = FROM_REPOSITORY.includes(program.name)
        ? { sourceVersion: 'refs/heads/mistaken' }
        : { sourceLocationOverride: `sources/${program.name}-mistaken.zip` }
      const { build, log } = await built({
        projectName: projectOf(program),
        ...mistaken,
        cacheOverride: { type: 'NO_CACHE' },
        artifactsOverride: { type: 'NO_ARTIFACTS' },
        secondaryArtifactsOverride: [],
      })
      expect(build.buildStatus, log).toBe('FAILED')
      const failed = build.phases!.find(({ phaseStatus }) => phaseStatus === 'FAILED')
      expect(failed?.phaseType, log).toBe(program.name === 'node' ? 'PRE_BUILD' : 'BUILD')
      expect(failed!.contexts![0]!.statusCode).toBe('COMMAND_EXECUTION_ERROR')
      const reports = Object.values(await reportsOf(build))
      const statuses = reports.map(({ report }) => `${report.name} ${report.status}`).join(', ')
      const wrong = reports.filter(({ report }) => report.status === 'FAILED')
      if (wrong.length !== 1) console.error(`${program.name}: ${statuses}\n${log}`)
      expect(wrong).toHaveLength(1)
      const found = reports
        .flatMap(({ cases }) => cases)
        .find(({ name, status }) => status === 'FAILED' && name === testCase)
      expect(found, JSON.stringify(reports, null, 1)).toMatchObject({ message: expect.stringMatching(message) })
    })
  })

  describe('runtime-versions', () => {
    const buildspecOverride = JSON.stringify({
      version: 0.2,
      phases: {
        install: { 'runtime-versions': { java: 'corretto17', dotnet: 8 } },
        build: { commands: ['echo "built"'] },
      },
    })

    test(
      'in a curated image are all selected before the first that is missing fails the build',
      async () => {
        const { build, log } = await built({ ...small('csharp'), imageOverride: CURATED, buildspecOverride })
        expect(build.buildStatus, log).toBe('FAILED')
        const { contexts } = build.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!
        const here = 'golang, java, nodejs, php, python, ruby'
        const message = `Unknown runtime named 'dotnet'. This build image has the following runtimes: ${here}`
        expect(contexts).toEqual([{ statusCode: 'YAML_FILE_ERROR', message }])
        const selecting = (name: string, version: string) =>
          `Selecting '${name}' runtime version '${version}' based on manual selections...`
        inOrder(
          log,
          [selecting('java', 'corretto17'), selecting('dotnet', '8'), /Using java 17\./, message].map(literal),
        )
      },
      PATIENCE,
    )

    test(
      'in any other image are passed over',
      async () => {
        const { build, log } = await built({ ...small('csharp'), imageOverride: image, buildspecOverride })
        expect(build.buildStatus, log).toBe('SUCCEEDED')
        // AWS: the sentence for images that AWS does not manage [build-spec-ref, runtime-versions].
        expect(log).toContain(
          'Skipping install of runtimes. Runtime version selection is not supported by this build image\n',
        )
      },
      PATIENCE,
    )
  })
})

const literal = (pattern: string | RegExp) =>
  typeof pattern === 'string' ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : pattern
/** A build of a program's project that leaves nothing. */
const small = (name: string) => ({
  projectName: `${name}-program`,
  artifactsOverride: { type: 'NO_ARTIFACTS' } as const,
})
const projectOf = ({ name }: Program) => `${name}-program`
const succeeded = (phase: string) => `${phase} SUCCEEDED`

function inOrder(log: string, patterns: readonly RegExp[]) {
  let rest = log
  for (const pattern of patterns) {
    const { index, 0: text } = pattern.exec(rest) ?? { index: -1, 0: '' }
    expect(index, `${pattern} in ${log}`).toBeGreaterThanOrEqual(0)
    rest = rest.slice(index + text.length)
  }
}

async function create(program: Program, image: string) {
  const { codebuild, s3 } = yard.clients
  const { name } = program
  const project = projectOf(program)
  const location = FROM_REPOSITORY.includes(name) ? await repository(program) : `sources/${name}.zip`
  if (!FROM_REPOSITORY.includes(name)) {
    for (const [Key, mistaken] of [
      [`${name}.zip`, false],
      [`${name}-mistaken.zip`, true],
    ] as const) {
      await s3.putObject({ Bucket: 'sources', Key, Body: await zipOf(await sourceOf(program, mistaken)) })
    }
  }
  const artifacts = {
    type: 'S3',
    location: 'artifacts',
    namespaceType: 'NONE',
    name: project,
    packaging: 'NONE',
  } as const
  await codebuild.createProject({
    name: project,
    source: { type: FROM_REPOSITORY.includes(name) ? 'CODECOMMIT' : 'S3', location },
    artifacts,
    ...(name === 'node' && {
      secondaryArtifacts: [{ ...artifacts, path: project, name: 'package', artifactIdentifier: 'package' }],
    }),
    cache: CACHES[name] as any,
    environment: {
      type: 'LINUX_CONTAINER',
      image: program.runtime ? CURATED : image,
      computeType: 'BUILD_GENERAL1_SMALL',
    },
    serviceRole: ROLE,
  })
}

/** A repository with the program on `main`, and with its mistake on `mistaken`; where it is cloned from. */
async function repository(program: Program): Promise<string> {
  const { codecommit } = yard.clients
  const repositoryName = projectOf(program)
  const { repositoryMetadata } = await codecommit.createRepository({ repositoryName })
  const putFiles = (await sourceOf(program, false)).map(({ path, content, executable }) => ({
    filePath: path,
    fileContent: content,
    fileMode: executable ? ('EXECUTABLE' as const) : ('NORMAL' as const),
  }))
  const { commitId } = await codecommit.createCommit({ repositoryName, branchName: 'main', putFiles })
  await codecommit.createBranch({ repositoryName, branchName: 'mistaken', commitId: commitId! })
  const filePath = program.mistake[0]
  const { content } = (await sourceOf(program, true)).find(({ path }) => path === filePath)!
  const change = { repositoryName, branchName: 'mistaken', parentCommitId: commitId! }
  await codecommit.createCommit({ ...change, putFiles: [{ filePath, fileContent: content }] })
  return repositoryMetadata!.cloneUrlHttp!
}

async function built(input: StartBuildCommandInput): Promise<{ build: Build; log: string }> {
  const { codebuild, logs } = yard.clients
  const { id } = (await codebuild.startBuild(input)).build!
  const build = await until(
    async () => (await codebuild.batchGetBuilds({ ids: [id!] })).builds![0]!,
    found => found.buildComplete === true,
    { pause: 200, patience: PATIENCE - 20_000 },
  )
  const { groupName, streamName } = build.logs!
  const place = { logGroupName: groupName!, logStreamName: streamName!, startFromHead: true }
  const { events } = await logs.getLogEvents(place)
  return { build, log: events!.map(({ message }) => message).join('') }
}

async function reportsOf({ reportArns }: Build) {
  const { codebuild } = yard.clients
  const { reports } = await codebuild.batchGetReports({ reportArns: reportArns ?? [] })
  const found = reports!.map(async report => {
    const reportArn = report.arn!
    const test = report.type === 'TEST'
    const cases = test ? (await codebuild.describeTestCases({ reportArn })).testCases! : []
    const files = test ? [] : (await codebuild.describeCodeCoverages({ reportArn })).codeCoverages!
    return [report.name!, { report, cases, files }] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

/** What `command` says in the image, in a directory with the artifacts of a project. */
async function inBox(project: string, command: string): Promise<string> {
  const { s3 } = yard.clients
  const Prefix = `${project}/`
  const { Contents } = await s3.listObjectsV2({ Bucket: 'artifacts', Prefix })
  const tar = packArchive(async pack => {
    for (const { Key } of Contents ?? []) {
      const { Body } = await s3.getObject({ Bucket: 'artifacts', Key: Key! })
      const bytes = Buffer.from(await Body!.transformToByteArray())
      const name = Key!.slice(Prefix.length)
      const entry = { name, type: 'file', size: bytes.length, mode: 0o644, mtime: new Date(), linkname: '' } as const
      await addEntry(pack, { ...entry, content: Readable.from([bytes]) })
    }
  })
  const cwd = `${box!.workspace}/${project}`
  await box!.put(cwd, tar)
  const { output, result } = await box!.run(project, { argv: ['/bin/sh', '-ec', command], cwd })
  const text = Buffer.concat(await output.toArray()).toString()
  expect((await result).exitCode, text).toBe(0)
  return text
}
