// The engine in the sandboxes that people use; Docker is left out, with the reason, where no engine or image is there.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDockerProvider } from '../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../sandbox/host/hostProvider.ts'
import { dockerForTests, ensureBusyboxImage, ensureDebianImage } from '../sandbox/testImages.ts'
import { runLocalBuild } from './localBuild.ts'

let top: string
let images: { busybox: string; debian: string } | undefined
let without = ''
const docker = createDockerProvider()
const host = () => createHostProvider({ root: join(top, 'builds') })

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'codeyard-local-'))
  const { chmod } = await import('node:fs/promises')
  await chmod(top, 0o755)
  const found = await dockerForTests()
  if (typeof found === 'string') without = found
  else images = { busybox: await ensureBusyboxImage(found), debian: await ensureDebianImage(found) }
}, 120_000)
afterAll(() => rm(top, { recursive: true, force: true }))

async function project(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(top, 'project-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

describe.each(['host', 'busybox', 'debian'] as const)('a local build on %s', where => {
  const kind = where === 'host' ? 'host' : 'docker'

  const build = async (files: Record<string, string>, env: Record<string, string> = {}) => {
    const directory = await project(files)
    const artifactsDir = join(directory, 'out')
    let text = ''
    const out = new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    })
    const result = await runLocalBuild({
      directory,
      env,
      artifactsDir,
      sandbox: kind,
      image: where === 'host' ? undefined : images?.[where],
      providers: { docker, host: host() },
      out,
    })
    return { ...result, text, artifactsDir }
  }
  test('runs, writes artifacts and says how long each phase took', async context => {
    if (kind === 'docker' && !images) return context.skip(without)
    const { exitCode, text, artifactsDir } = await build(
      {
        'buildspec.yml': `version: 0.2
phases:
  install: { commands: ['cd sub', 'X=1; f() { echo "f $X $PWD"; }'] }
  build: { commands: [f, 'exit 0', 'echo "still $X"', 'echo made > made.txt', 'ln -s made.txt link.txt'] }
artifacts: { base-directory: sub, files: ['**/*'], secondary-artifacts: { two: { files: [buildspec.yml] } } }
`,
        'sub/a.txt': 'a\n',
      },
      { GREETING: 'hello' },
    )
    expect(text).toMatch(/f 1 .*\/00\/sub\n/)
    expect(text).toContain('still 1\n')
    expect(text).toMatch(/BUILD +SUCCEEDED +\d+\.\d\d s\n/)
    expect(exitCode).toBe(0)
    expect((await readdir(artifactsDir)).sort()).toEqual(['a.txt', 'link.txt', 'made.txt', 'two'])
    expect(await readFile(join(artifactsDir, 'link.txt'), 'utf8')).toBe('made\n')
  }, 60_000)

  test('ends with the exit status of the command that failed', async context => {
    if (kind === 'docker' && !images) return context.skip(without)
    const { exitCode, status, text } = await build({
      'buildspec.yml':
        'version: 0.2\nphases:\n  build: { commands: ["set -e", "echo a; exit 42"] }\n  post_build: { commands: [echo post] }\n',
    })
    expect({ exitCode, status }).toEqual({ exitCode: 42, status: 'FAILED' })
    expect(text).toContain('Reason: exit status 42')
    expect(text).toContain('post\n')
  }, 60_000)

  test('takes little longer than its command', async context => {
    if (kind === 'docker' && !images) return context.skip(without)
    const files = { 'buildspec.yml': 'version: 0.2\nphases: { build: { commands: ["true"] } }\n' }
    await build(files)
    const start = performance.now()
    await build(files)
    const took = performance.now() - start
    expect(took).toBeLessThan(kind === 'host' ? 1500 : 5000)
    if (process.env.SHOW_TIMES) console.log(where, took.toFixed(0), 'ms')
  }, 60_000)
})
