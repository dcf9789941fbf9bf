// What people type at CodeBuild: skeletons and files as input, projects copied from what was read, polling with --query, lists in pages.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli, unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const clis = await findClis()

let yard: Yard
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
}, 90_000)
afterAll(async () => {
  const errors = yard ? unexpectedErrors(yard) : []
  await yard?.close()
  expect(errors).toEqual([])
})

/** Without what is empty, as a person deletes it from a skeleton. */
function pruned(value: any): any {
  if (Array.isArray(value)) return value.map(pruned).filter(one => one !== undefined)
  if (typeof value !== 'object' || value === null) return value === '' || value === 0 ? undefined : value
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const left = pruned(one)
    const empty = left === undefined || (typeof left === 'object' && Object.keys(left).length === 0)
    return empty ? [] : [[key, left]]
  })
  return Object.fromEntries(entries)
}

const cases = clis.map((program, index) => ({ name: program.name, program, first: index === 0 }))

describe.each(cases)('$name', { timeout: 300_000 }, ({ program, first }) => {
  let aws: Aws
  const { slug } = program
  const name = (rest: string) => `${rest}-${slug}`
  const serviceRole = `arn:aws:iam::000000000000:role/cli-${slug}`
  const spec = (command: string, more = '') => `version: 0.2\nphases: { build: { commands: ["${command}"] } }\n${more}`
  const project = (of: string, buildspec: string) => ({
    name: name(of),
    source: { type: 'NO_SOURCE', buildspec },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole,
  })

  beforeAll(async () => {
    aws = await openCli(program, yard)
    const Version = '2012-10-17'
    const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const all = { Effect: 'Allow', Action: '*', Resource: '*' }
    await aws`iam create-role --role-name cli-${slug} --assume-role-policy-document ${{ Version, Statement: [trust] }}`
    await aws`iam put-role-policy --role-name cli-${slug} --policy-name p --policy-document ${{ Version, Statement: [all] }}`
  }, 120_000)
  afterAll(() => aws?.close())

  test('a project from its skeleton, copied from what was read, and from YAML', async () => {
    const skeleton = await aws`codebuild create-project --generate-cli-skeleton`
    expect(Object.keys(skeleton)).toEqual(expect.arrayContaining(['name', 'source', 'environment', 'serviceRole']))
    const { source, artifacts, environment, ...rest } = skeleton
    const filled = {
      ...pruned(rest),
      ...project('skeleton', spec('date')),
      description: 'from a skeleton',
      tags: [{ key: 'made', value: 'by hand' }],
    }
    for (const other of 'vpcConfig cache logsConfig buildBatchConfig secondarySources secondaryArtifacts'.split(' '))
      delete filled[other]
    for (const other of 'secondarySourceVersions fileSystemLocations badgeEnabled'.split(' ')) delete filled[other]
    expect([source.type, artifacts.type, environment.type]).toEqual(expect.arrayContaining([expect.any(String)]))
    await writeFile(join(aws.home, 'project.json'), JSON.stringify(filled))
    const { project: made } = await aws`codebuild create-project --cli-input-json file://project.json`
    expect(made).toMatchObject({ name: name('skeleton'), description: 'from a skeleton' })

    const [read] = (await aws`codebuild batch-get-projects --names ${name('skeleton')}`).projects
    const { arn, created, lastModified, badge, projectVisibility, ...copy } = read
    expect([arn, created, lastModified, badge]).not.toContain(undefined)
    await writeFile(join(aws.home, 'copy.json'), JSON.stringify({ ...copy, name: name('copy') }))
    const { project: copied } = await aws`codebuild create-project --cli-input-json file://copy.json`
    expect(copied).toMatchObject({ ...copy, name: name('copy') })

    if (program.name.startsWith('aws-cli/1')) return // files of YAML are of the second generation
    const yaml = `name: ${name('yaml')}\nsource:\n  type: NO_SOURCE\n  buildspec: |\n    version: 0.2\nartifacts: {type: NO_ARTIFACTS}\nenvironment:\n  type: LINUX_CONTAINER\n  image: any\n  computeType: BUILD_GENERAL1_SMALL\nserviceRole: ${serviceRole}\n`
    await writeFile(join(aws.home, 'project.yaml'), yaml)
    const answer = await aws`codebuild create-project --cli-input-yaml file://project.yaml`
    expect(answer.project.source.buildspec).toBe('version: 0.2\n')
  })

  test('a build is started, waited for with --query, and its answer read as text', async () => {
    await aws`codebuild create-project --cli-input-json ${project('polled', spec('sleep 1'))}`
    const id = await aws`codebuild start-build --project-name ${name('polled')} --query build.id --output text`
    const status = () => aws`codebuild batch-get-builds --ids ${id} --query builds[0].buildStatus --output text`
    expect(await until(status, answer => answer !== 'IN_PROGRESS')).toBe('SUCCEEDED')
    const phases =
      await aws`codebuild batch-get-builds --ids ${id} --query ${'builds[0].phases[?phaseStatus==`SUCCEEDED`].phaseType'} --output text`
    expect(phases.split(/\s+/)).toEqual(expect.arrayContaining(['SUBMITTED', 'BUILD', 'FINALIZING']))
    const variables = 'name=A,value=1,type=PLAINTEXT'
    const overridden =
      await aws`codebuild start-build --project-name ${name('polled')} --environment-variables-override ${variables} --buildspec-override ${spec('echo')} --privileged-mode-override --timeout-in-minutes-override 9`
    expect(overridden.build).toMatchObject({ timeoutInMinutes: 9, environment: { privilegedMode: true } })
    await until(
      () => aws`codebuild batch-get-builds --ids ${overridden.build.id} --query builds[0].buildComplete --output text`,
      answer => answer === 'True',
    )
    await expect(aws`codebuild start-build --project-name none-${slug}`).rejects.toThrow(
      `(ResourceNotFoundException) when calling the StartBuild operation: Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project/none-${slug}`,
    )
  })

  // Tokens are of the library that all generations share: once is enough.
  test.runIf(first)('lists in pages of the client and of the server', async () => {
    const file = name('units')
    const junit = [1, 2, 3].map(n => `<testcase name='t${n}'/>`).join('')
    const buildspec = JSON.stringify({
      version: 0.2,
      phases: { build: { commands: [`echo "<testsuite name='s'>${junit}</testsuite>" > r.xml`] } },
      reports: { [file]: { files: ['r.xml'] } },
      batch: { 'build-list': [{ identifier: 'one' }] },
    })
    const listed = name('listed')
    const input = { ...project('listed', buildspec), buildBatchConfig: { serviceRole } }
    await aws`codebuild create-project --cli-input-json ${input}`
    for (let n = 0; n < 2; n++) {
      const batch = await aws`codebuild start-build-batch --project-name ${listed} --query buildBatch.id --output text`
      await until(
        () => aws`codebuild batch-get-build-batches --ids ${batch} --query buildBatches[0].complete --output text`,
        answer => answer === 'True',
      )
    }
    const group = `arn:aws:codebuild:us-east-1:000000000000:report-group/${listed}-${file}`
    const [report] = (await aws`codebuild list-reports-for-report-group --report-group-arn ${group}`).reports
    const other = { exportConfigType: 'NO_EXPORT' }
    await aws`codebuild create-report-group --name ${name('other')} --type TEST --export-config ${other}`

    /** The first two items of a list, one at a time, by the client's own tokens and by the server's. */
    const inPages = async (command: string, member: string, paged: boolean) => {
      const words = command.split(' ')
      const whole = (await aws`codebuild ${words}`)[member]
      const seen: unknown[] = []
      let token: string | undefined
      for (let page = 0; page < 2; page++) {
        const more = [...(token ? ['--starting-token', token] : []), ...(paged ? ['--page-size', '1'] : [])]
        const answer = await aws`codebuild ${words} --max-items 1 ${more}`
        seen.push(...answer[member])
        token = answer.NextToken
        if (!token) break
      }
      expect([command, seen]).toEqual([command, whole.slice(0, 2)])
      expect([command, token === undefined]).toEqual([command, whole.length <= 2])
      return whole.length as number
    }
    expect(await inPages(`list-builds-for-project --project-name ${listed}`, 'ids', false)).toBe(2)
    expect(await inPages(`list-build-batches-for-project --project-name ${listed}`, 'ids', true)).toBe(2)
    expect(await inPages('list-build-batches', 'ids', true)).toBeGreaterThanOrEqual(2)
    expect(await inPages('list-builds', 'ids', false)).toBeGreaterThanOrEqual(2)
    expect(await inPages('list-projects --sort-by NAME', 'projects', false)).toBeGreaterThanOrEqual(2)
    expect(await inPages('list-report-groups', 'reportGroups', true)).toBeGreaterThanOrEqual(2)
    expect(await inPages('list-reports', 'reports', true)).toBeGreaterThanOrEqual(2)
    expect(await inPages(`list-reports-for-report-group --report-group-arn ${group}`, 'reports', true)).toBe(2)
    expect(await inPages(`describe-test-cases --report-arn ${report}`, 'testCases', true)).toBe(3)
    await aws`codebuild delete-report-group --arn ${group} --delete-reports`
  })
})
