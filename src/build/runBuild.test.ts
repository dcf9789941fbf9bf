import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tarOfTexts } from './archives.ts'
import { BuildFailure, type BuildPlan, type BuildPorts, Detached, type Progress } from './build.ts'
import { runBuild } from './runBuild.ts'
import { directorySandboxes } from './testing/directorySandbox.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-engine-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const start: Progress = {
  state: { phase: 'PROVISIONING', retries: 0 },
  phases: [{ phase: 'PROVISIONING', start: new Date() }],
  exported: [],
}
let count = 0

function build(
  spec: string,
  options: Partial<BuildPlan> = {},
  more: Partial<BuildPorts> & { source?: Record<string, string>; name?: string } = {},
) {
  const log: string[] = []
  const saves: Progress[] = []
  const artifacts: Record<string, Record<string, string>> = {}
  const names: Record<string, string | undefined> = {}
  const control = new AbortController()
  const plan: BuildPlan = {
    sandbox: { name: more.name ?? `build-${++count}`, labels: {} },
    buildspec: { text: spec },
    projectEnvironment: {},
    startBuildEnvironment: {},
    artifacts: [],
    greeting: ['Running on Codeyard'],
    ...options,
  }
  const ports: BuildPorts = {
    now: () => new Date(),
    log: text => void log.push(text),
    async download(sandbox, directories) {
      await sandbox.put(directories.primary, tarOfTexts(more.source ?? {}))
      return { resolvedVersion: 'abc', environment: { CODEBUILD_RESOLVED_SOURCE_VERSION: 'abc' } }
    },
    environment: async () => ({ documented: { CODEBUILD_CI: 'true' }, secrets: ['s3cr3t'] }),
    resolve: async () => ({}),
    async upload({ identifier, name, files }) {
      names[identifier] = name
      artifacts[identifier] = {}
      for await (const file of files())
        artifacts[identifier][file.path] = Buffer.concat(await file.content.toArray()).toString()
      return Object.keys(artifacts[identifier]).length
    },
    async save(progress) {
      saves.push(structuredClone(progress))
    },
    signal: control.signal,
    ...more,
  }
  const provider = directorySandboxes(root)
  const result = (from: Progress = start) => runBuild(plan, provider, ports, from)
  return {
    result,
    log,
    saves,
    artifacts,
    names,
    control,
    provider,
    plan,
    ports,
    text: () =>
      log
        .join('')
        .replaceAll(/\d{4}\/\d\d\/\d\d [\d:.]+/g, 'TIME')
        .replaceAll(root, 'ROOT'),
  }
}
const phases = (progress: Progress) => progress.phases.map(phase => `${phase.phase} ${phase.status ?? ''}`.trim())

describe('a build', () => {
  test('runs its commands, exports variables, hides secrets and writes the log of CodeBuild', async () => {
    const run = build(
      `version: 0.2
env:
  variables: { A: spec, B: spec, C: spec, CODEBUILD_CI: no }
  exported-variables: [OUT]
phases:
  install: { runtime-versions: { nodejs: 20 } }
  build: { commands: ['echo $A $B $C $CODEBUILD_CI', 'export OUT=s3cr3t-$CODEBUILD_RESOLVED_SOURCE_VERSION; echo $OUT', 'cat a/b.txt'] }
`,
      { projectEnvironment: { B: 'project', C: 'project' }, startBuildEnvironment: { C: 'start' } },
      { source: { 'a/b.txt': 'content\n' } },
    )
    const { status, progress } = await run.result()
    expect(status).toBe('SUCCEEDED')
    expect(phases(progress)).toEqual(
      [
        'PROVISIONING',
        'DOWNLOAD_SOURCE',
        'INSTALL',
        'PRE_BUILD',
        'BUILD',
        'POST_BUILD',
        'UPLOAD_ARTIFACTS',
        'FINALIZING',
      ]
        .map(phase => `${phase} SUCCEEDED`)
        .concat('COMPLETED'),
    )
    expect(progress).toMatchObject({ resolvedVersion: 'abc', exported: [{ name: 'OUT', value: 's3cr3t-abc' }] })
    const text = run.text()
    expect(text).toContain('[Container] TIME Running on Codeyard\n[Container] TIME Waiting for agent ping\n')
    expect(text).toContain('Runtime version selection is not supported')
    expect(text).toContain(
      '[Container] TIME Entering phase BUILD\n[Container] TIME Running command echo $A $B $C $CODEBUILD_CI\nspec project start true\n\n' +
        '[Container] TIME Running command export OUT=***-$CODEBUILD_RESOLVED_SOURCE_VERSION; echo $OUT\n***-abc\n\n'.replace(
          'OUT=***',
          'OUT=***',
        ),
    )
    expect(text).toContain(
      'content\n\n[Container] TIME Phase complete: BUILD State: SUCCEEDED\n[Container] TIME Phase context status code:  Message: \n',
    )
    expect(await run.provider.attach(run.plan.sandbox.name)).toBeUndefined()
  })

  test('that fails says which command and how', async () => {
    const run = build(
      'version: 0.2\nphases:\n  build: { commands: ["sh -c \'exit 7\'"], finally: [echo fin] }\n  post_build: { commands: [echo post $CODEBUILD_BUILD_SUCCEEDING] }\n',
    )
    const { status, progress } = await run.result()
    expect(status).toBe('FAILED')
    expect(progress.phases.find(phase => phase.phase === 'BUILD')?.contexts).toEqual([
      {
        statusCode: 'COMMAND_EXECUTION_ERROR',
        message: "Error while executing command: sh -c 'exit 7'. Reason: exit status 7",
      },
    ])
    expect(run.text()).toContain("Command did not exit successfully sh -c 'exit 7' exit status 7\n")
    expect(run.text()).toContain('post 0')
  })

  test.each([
    ['version: 0.2\nphases:\n\tbuild:\n', 'YAML_FILE_ERROR', 'found character that cannot start any token at line 3'],
    ['version: 0.2\nenv: { shell: powershell.exe }\nphases: {}\n', 'YAML_FILE_ERROR', 'Windows'],
  ])('with a bad buildspec fails in DOWNLOAD_SOURCE', async (spec, statusCode, message) => {
    const { status, progress } = await build(spec).result()
    expect(status).toBe('FAILED')
    expect(phases(progress)).toEqual([
      'PROVISIONING SUCCEEDED',
      'DOWNLOAD_SOURCE FAILED',
      'FINALIZING SUCCEEDED',
      'COMPLETED',
    ])
    expect(progress.phases[1]?.contexts?.[0]).toMatchObject({ statusCode, message: expect.stringContaining(message) })
  })

  test('without its buildspec fails with the text of AWS', async () => {
    const run = (path: string, source = {}) => build('', { buildspec: { path } }, { source }).result()
    const context = async (path: string) => (await run(path)).progress.phases[1]?.contexts?.[0]?.message
    expect(await context('buildspec.yml')).toBe('YAML file does not exist')
    expect(await context('ci/b.yml')).toMatch(/^stat .*\/00\/ci\/b.yml: no such file or directory$/)
    expect((await run('ci/b.yml', { 'ci/b.yml': 'version: 0.2\nphases: {}\n' })).status).toBe('SUCCEEDED')
  })

  test('whose source cannot be had fails in DOWNLOAD_SOURCE', async () => {
    const { progress } = await build(
      'version: 0.2\n',
      {},
      {
        download: async () => {
          throw new BuildFailure('CLIENT_ERROR', 'no such repository')
        },
      },
    ).result()
    expect(progress.phases[1]).toMatchObject({ status: 'FAILED', contexts: [{ statusCode: 'CLIENT_ERROR' }] })
  })
})

describe('artifacts', () => {
  const files =
    'mkdir -p dist/sub my-build-1 my-build-2/my-subdirectory; echo 1 > dist/a.js; echo 2 > dist/a.map; echo 3 > dist/sub/b.js; echo 4 > my-build-1/my-file-1.txt; echo 5 > my-build-2/my-file-2.txt; echo 6 > my-build-2/my-subdirectory/my-file-3.txt; ln -s a.js dist/link.js; ln -s dist lib'
  const collect = async (artifacts: string, wanted = ['']) => {
    const run = build(
      `version: 0.2\nphases: { build: { commands: [${JSON.stringify(files)}, export N=x] } }\nartifacts:\n${artifacts}`,
      { artifacts: wanted },
    )
    const { status, progress } = await run.result()
    const list = Object.fromEntries(Object.entries(run.artifacts).map(([id, found]) => [id, Object.keys(found).sort()]))
    return {
      status,
      list,
      run,
      context: progress.phases.find(phase => phase.phase === 'UPLOAD_ARTIFACTS')?.contexts?.[0],
    }
  }
  test.each<[string, string[]]>([
    ["  files: ['dist/**/*']\n  exclude-paths: ['**/*.map']\n", ['dist/a.js', 'dist/link.js', 'dist/sub/b.js']],
    ["  files: ['**/*']\n  base-directory: dist\n", ['a.js', 'a.map', 'link.js', 'sub/b.js']],
    ["  files: ['*']\n  base-directory: ./dist/\n", ['a.js', 'a.map', 'link.js']],
    ["  files: ['*/my-file-3.txt']\n  base-directory: my-build-2\n", ['my-subdirectory/my-file-3.txt']],
    [
      "  files: ['**/*']\n  base-directory: 'my-build*'\n  discard-paths: yes\n",
      ['my-file-1.txt', 'my-file-2.txt', 'my-file-3.txt'],
    ],
    ['  files: [my-build-1/my-file-1.txt, ./dist/sub/b.js]\n', ['dist/sub/b.js', 'my-build-1/my-file-1.txt']],
    ["  files: ['lib/*.js', lib/sub/b.js]\n", ['lib/a.js', 'lib/link.js', 'lib/sub/b.js']],
  ])('%s', async (spec, expected) => {
    expect((await collect(spec)).list['']).toEqual(expected)
  })
  test('have names that the shell evaluates, and secondary ones', async () => {
    const { run, list } = await collect(
      '  files: [dist/a.js]\n  name: app-$N-$(echo 1)\n  secondary-artifacts:\n    two: { files: [dist/sub/b.js] }\n    three: { files: [x] }\n',
      ['', 'two'],
    )
    expect(list).toEqual({ '': ['dist/a.js'], two: ['dist/sub/b.js'] })
    expect(run.names).toEqual({ '': 'app-x-1', two: undefined })
    expect(run.artifacts['']).toEqual({ 'dist/a.js': '1\n' })
  })
  test('that match nothing fail the build', async () => {
    expect(await collect('  files: [nothing.txt]\n')).toMatchObject({
      status: 'FAILED',
      context: { statusCode: 'CLIENT_ERROR', message: 'no matching artifact paths found' },
    })
  })
})

describe('a build that is interrupted', () => {
  const slow =
    'version: 0.2\nphases:\n  build: { commands: [echo one, "while [ ! -e ../go ]; do sleep 0.02; done", echo two s3cr3t] }\n  post_build: { commands: [echo three] }\n'
  const until = async (condition: () => boolean) => {
    for (let tries = 0; !condition(); tries++) {
      if (tries > 500) throw new Error('it never happened')
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  test.each(['STOPPED', 'TIMED_OUT'] as const)('is %s at once and nothing of it is left', async reason => {
    const run = build(slow)
    const ending = run.result()
    await until(() => run.text().includes('while ['))
    run.control.abort(reason)
    const { status, progress } = await ending
    expect(status).toBe(reason)
    expect(phases(progress).slice(-2)).toEqual([`BUILD ${reason}`, 'COMPLETED'])
    expect(await run.provider.attach(run.plan.sandbox.name)).toBeUndefined()
  })

  test('by the end of its process goes on in the next one, from the byte where it was', async () => {
    const first = build(slow)
    const ending = first.result()
    await until(() => first.text().includes('while ['))
    first.control.abort('DETACHED')
    await expect(ending).rejects.toThrow(Detached)
    const { name } = first.plan.sandbox
    const progress = structuredClone(first.saves.at(-1)!)
    const second = build('', {}, { name })
    const going = second.result(progress)
    const sandbox = (await second.provider.attach(name))!
    const touch = await sandbox.run('go', { argv: ['touch', `${sandbox.workspace}/go`] })
    touch.output.resume()
    await touch.result
    const { status } = await going
    expect(status).toBe('SUCCEEDED')
    expect(second.text()).toContain('two ***\n')
    expect(second.text()).toContain('Entering phase POST_BUILD')
    expect(second.text()).not.toContain('Waiting for agent ping')
  })

  test('in the middle of a line, and of a secret in it, is gone on with at the start of that line', async () => {
    const commands = ['printf "whole\\nhalf s3c"', 'r3t']
    const wait = 'while [ ! -e ../go ]; do sleep 0.05; done'
    const spec = `version: 0.2\nphases:\n  build: { commands: ['${commands[0]}; ${wait}; echo "${commands[1]}"'] }\n`
    // Every look at the clock is a second and more after the one before: progress is saved each time.
    let looks = 0
    const first = build(spec, {}, { now: () => new Date(Date.now() + ++looks * 2000) })
    const ending = first.result()
    await until(() => first.saves.some(({ commands }) => (commands?.offset ?? 0) > 0) && /\nhalf /.test(first.text()))
    first.control.abort('DETACHED')
    await expect(ending).rejects.toThrow(Detached)
    const { name } = first.plan.sandbox
    const second = build(spec, {}, { name })
    const going = second.result(structuredClone(first.saves.at(-1)!))
    const sandbox = (await second.provider.attach(name))!
    const touch = await sandbox.run('go', { argv: ['touch', `${sandbox.workspace}/go`] })
    touch.output.resume()
    await touch.result
    expect((await going).status).toBe('SUCCEEDED')
    expect(second.text()).toMatch(/^half \*\*\*\n/)
    expect(first.text()).toMatch(/\nhalf $/)
  })

  test('because its progress can not be saved is left alone and goes on later', async () => {
    let away = false
    const first = build(slow)
    const ports = {
      ...first.ports,
      save: async (progress: Progress) =>
        away ? Promise.reject(new Error('no database')) : first.ports.save(progress),
    }
    const ending = runBuild(first.plan, first.provider, ports, start)
    ending.catch(() => {}) // it may fail before it is looked at
    await until(() => first.text().includes('while ['))
    away = true
    const sandbox = (await first.provider.attach(first.plan.sandbox.name))!
    const touch = await sandbox.run('go', { argv: ['touch', `${sandbox.workspace}/go`] })
    touch.output.resume()
    await touch.result
    await expect(ending).rejects.toThrow(Detached)
    const second = build('', {}, { name: first.plan.sandbox.name })
    expect((await second.result(first.saves.at(-1)!)).status).toBe('SUCCEEDED')
    expect(second.text()).toContain('three\n')
  })

  test('between the word that its commands begin and their beginning gets everything ready once more', async () => {
    const spec =
      'version: 0.2\nenv: { variables: { A: spec } }\nphases:\n  build: { commands: ["echo value $A $CODEBUILD_CI"] }\n'
    const first = build(spec)
    const ports = {
      ...first.ports,
      save: async (progress: Progress) => {
        await first.ports.save(progress)
        if (progress.state.phase === 'INSTALL') first.control.abort('DETACHED')
      },
    }
    await expect(runBuild(first.plan, first.provider, ports, start)).rejects.toThrow(Detached)
    const progress = first.saves.at(-1)!
    expect(progress.state.phase).toBe('INSTALL')
    const second = build(spec, {}, { name: first.plan.sandbox.name })
    const ended = await second.result(progress)
    expect(ended.status).toBe('SUCCEEDED')
    expect(ended.progress.commands?.nonce).toBe(progress.commands!.nonce)
    expect(second.text()).toContain('value spec true\n')
  })

  test('is over before its sandbox is removed, where somebody takes care of that', async () => {
    const removals: (() => Promise<void>)[] = []
    const run = build(
      'version: 0.2\nphases: { build: { commands: ["true"] } }\n',
      {},
      {
        remove: async removal => void removals.push(removal),
      },
    )
    const { status } = await run.result()
    expect(status).toBe('SUCCEEDED')
    expect(run.saves.at(-1)!.state.phase).toBe('COMPLETED')
    expect(await run.provider.attach(run.plan.sandbox.name)).toBeDefined()
    for (const removal of removals) await removal()
    expect(await run.provider.attach(run.plan.sandbox.name)).toBeUndefined()
  })

  test('and whose sandbox is gone ends as a fault with the reason', async () => {
    const first = build(slow)
    const ending = first.result()
    await until(() => first.text().includes('while ['))
    first.control.abort('DETACHED')
    await ending.catch(() => {})
    await (await first.provider.attach(first.plan.sandbox.name))?.destroy()
    const { status, progress } = await build('', {}, { name: first.plan.sandbox.name }).result(first.saves.at(-1))
    expect(status).toBe('FAULT')
    expect(progress.phases.at(-2)?.contexts?.[0]?.message).toContain('nothing is left of its build environment')
  })

  test('by a killed shell ends as a fault', async () => {
    const { status } = await build(
      'version: 0.2\nphases: { build: { commands: ["kill -9 $PPID; sleep 5"] } }\n',
    ).result()
    expect(status).toBe('FAULT')
  })
})

test('RETRY with a pattern looks at the message and the output', async () => {
  const spec = (pattern: string) =>
    `version: 0.2\nphases:\n  build:\n    on-failure: RETRY-1-${pattern}\n    commands: ["echo connection lost; [ -e ../seen ] || { touch ../seen; false; }"]\n`
  expect((await build(spec('.*connection lost.*')).result()).status).toBe('SUCCEEDED')
  expect((await build(spec('.*exit status 1.*')).result()).status).toBe('SUCCEEDED')
  expect((await build(spec('.*other.*')).result()).status).toBe('FAILED')
})
