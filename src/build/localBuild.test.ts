// What `codeyard build` makes of the name of an image, and what it says of artifacts.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { type LocalBuildOptions, runLocalBuild } from './localBuild.ts'
import { directorySandboxes } from './testing/directorySandbox.ts'

let top: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-local-build-'))
})
afterAll(() => rm(top, { recursive: true, force: true }))

async function build(buildspec: object, options: Partial<LocalBuildOptions>) {
  const directory = await mkdtemp(join(top, 'project-'))
  await writeFile(join(directory, 'buildspec.yml'), JSON.stringify({ version: 0.2, ...buildspec }))
  const images: (string | undefined)[] = []
  const real = directorySandboxes(join(top, 'builds'))
  const docker: SandboxProvider = {
    ...real,
    create: async spec => {
      images.push(spec.image)
      return { ...(await real.create(spec)), kind: 'docker' }
    },
  }
  let text = ''
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const providers = { docker, host: real }
  const { exitCode } = await runLocalBuild({ directory, env: {}, sandbox: 'docker', providers, out, ...options })
  return { text, exitCode, images }
}

const selecting = { phases: { install: { 'runtime-versions': { cobol: 85 } }, build: { commands: ['true'] } } }

test('an image of AWS stands for the public one, and its runtimes are selected', async () => {
  const { text, exitCode, images } = await build(selecting, { image: 'aws/codebuild/standard:7.0' })
  expect(images).toEqual(['public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0'])
  expect(text).toContain('The image aws/codebuild/standard:7.0 stands for public.ecr.aws/codebuild/amazonlinux-x86_64')
  expect(text).toContain(
    "YAML_FILE_ERROR: Unknown runtime named 'cobol'. This build image has the following runtimes: ",
  )
  expect(exitCode).toBe(1)
})

test('in any other image the selection of runtimes is passed over', async () => {
  const { text, exitCode, images } = await build(selecting, { image: 'node:24' })
  expect(images).toEqual(['node:24'])
  expect(text).toContain(
    'Skipping install of runtimes. Runtime version selection is not supported by this build image\n',
  )
  expect(exitCode).toBe(0)
})

test('artifacts are counted, and it is said where they are or that they are not kept', async () => {
  const commands = ['touch a b', 'mkdir more', 'touch more/c']
  const more = { 'secondary-artifacts': { more: { files: ['**/*'], 'base-directory': 'more' } } }
  const spec = { phases: { build: { commands } }, artifacts: { files: ['a', 'b'], ...more } }
  const artifactsDir = join(top, 'out')
  const kept = await build(spec, { image: 'any', artifactsDir })
  expect(kept.text).toContain(`\nArtifacts: 3 files in ${artifactsDir}\n`)
  expect((await readdir(artifactsDir, { recursive: true })).sort()).toEqual(['a', 'b', 'more', 'more/c'])
  expect((await build(spec, { image: 'any' })).text).toContain(
    '\nArtifacts: 3 files, not kept without --artifacts DIR\n',
  )
  expect((await build({ phases: { build: { commands } } }, { image: 'any' })).text).not.toContain('Artifacts:')
})

test('the cache is kept in a directory for the next build, or it is said that it is not used', async () => {
  const commands = ['ls kept || true', 'mkdir -p kept', 'echo more >>kept/file', 'wc -l <kept/file']
  const spec = { phases: { build: { commands } }, cache: { paths: ['kept/**/*'], key: 'deps-1' } }
  const directory = await mkdtemp(join(top, 'cached-'))
  await writeFile(join(directory, 'buildspec.yml'), JSON.stringify({ version: 0.2, ...spec }))
  const cacheDir = join(directory, 'cache')
  const first = await build(spec, { directory, image: 'any', cacheDir })
  expect(first.text).toContain(`Cache miss: ${cacheDir} has none with the key deps-1`)
  expect(first.text).toMatch(/Cache saved: .* with the key deps-1/)
  expect(await readdir(cacheDir)).toEqual(['deps-1.cache3'])
  const second = await build(spec, { directory, image: 'any', cacheDir })
  expect(second.text).toMatch(/Cache hit: .* restored in/)
  expect(second.text).toMatch(/\n2\n/)
  expect((await build(spec, { image: 'any' })).text).toContain('The cache is not used without --cache DIR\n')
})
