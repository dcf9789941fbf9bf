import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHARD_COUNT, SHARD_INDEX, shardFiles } from './shards.ts'

const execute = promisify(execFile)
let root: string
const TESTS = [
  'a/__tests__/one.js',
  'a/__tests__/two.js',
  'b/c/__tests__/three.js',
  '__tests__/four.js',
  'b/my file.js',
]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-shards-'))
  await mkdir(join(root, 'bin'))
  for (const [name, text] of Object.entries(shardFiles)) await writeFile(join(root, 'bin', name), text, { mode: 0o755 })
  for (const path of [...TESTS, 'a/one.jsx', 'a/__tests__/deep/five.js', 'a.b', 'axb']) {
    await mkdir(dirname(join(root, 'src', path)), { recursive: true })
    await writeFile(join(root, 'src', path), '')
  }
})
afterAll(() => rm(root, { recursive: true, force: true }))

const run = async (name: keyof typeof shardFiles, args: readonly string[], env: Record<string, string> = {}) => {
  const { stdout } = await execute(join(root, 'bin', name), args, {
    cwd: join(root, 'src'),
    env: { PATH: `${join(root, 'bin')}:${process.env.PATH}`, ...env },
  })
  return stdout.split('\n').filter(Boolean)
}
const shard = (index: number, count: number, ...args: string[]) =>
  run('codebuild-tests-run', args, { [SHARD_INDEX]: String(index), [SHARD_COUNT]: String(count) })
const SEARCH = ['--files-search', "codebuild-glob-search '**/__tests__/*.js' 'b/*.js'"]

describe('codebuild-glob-search', () => {
  test.each([
    [
      ['**/__tests__/*.js'],
      ['__tests__/four.js', 'a/__tests__/one.js', 'a/__tests__/two.js', 'b/c/__tests__/three.js'],
    ],
    [['a/*.js*'], ['a/one.jsx']],
    [['a/**/*.js'], ['a/__tests__/deep/five.js', 'a/__tests__/one.js', 'a/__tests__/two.js']],
    [['a.b'], ['a.b']],
    [['a?b'], ['a.b', 'axb']],
    [
      ['./b/*.js', '/axb'],
      ['axb', 'b/my file.js'],
    ],
    [['nothing/**'], []],
    [['a'], []],
  ])('%j', async (patterns, found) => {
    expect(await run('codebuild-glob-search', patterns)).toEqual(found)
  })
})

describe('codebuild-tests-run', () => {
  const files = async (index: number, count: number, ...more: string[]) => {
    const out = await shard(index, count, '--test-command', 'printf "%s\\n"', ...SEARCH, ...more)
    return out.slice(1)
  }

  test('appends every file to the command in a build of its own', async () => {
    const out = await run('codebuild-tests-run', ['--test-command', 'printf "%s\\n" --flag', ...SEARCH])
    expect(out).toEqual(['Shard 1 of 1: 5 of 5 test files', '--flag', ...[...TESTS].sort()])
  })

  test.each([2, 3, 5, 7])('gives %i shards runs of the sorted files that differ by one at most', async count => {
    const parts = await Promise.all(Array.from({ length: count }, (_, index) => files(index, count)))
    expect(parts.flat()).toEqual([...TESTS].sort())
    const lengths = parts.map(part => part.length)
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
  })

  test('with stability keeps a file in its shard when others come and go', async () => {
    const search = (names: readonly string[]) => ['--files-search', `printf '%s\\n' ${names.join(' ')}`]
    const names = Array.from({ length: 12 }, (_, at) => `test${at}.js`)
    const split = (from: readonly string[]) =>
      Promise.all(
        [0, 1, 2].map(async index => {
          const args = ['--test-command', 'printf "%s\\n"', ...search(from), '--sharding-strategy=stability']
          return (await shard(index, 3, ...args)).slice(1)
        }),
      )
    const before = await split(names)
    expect(before.flat().sort()).toEqual([...names].sort())
    const kept = names.filter((_, at) => at % 3 !== 0)
    expect(await split(kept)).toEqual(before.map(part => part.filter(name => kept.includes(name))))
  })

  test('hands the files over in a variable to a command that reads it', async () => {
    const out = await shard(0, 5, '--test-command', 'echo "got $CODEBUILD_CURRENT_SHARD_FILES, $#"', ...SEARCH)
    expect(out).toEqual(['Shard 1 of 5: 1 of 5 test files', 'got __tests__/four.js, 0'])
  })

  test('with nothing to do says so and is fine', async () => {
    expect(await files(6, 7)).toEqual([])
    expect(await shard(6, 7, '--test-command', 'false', ...SEARCH)).toEqual([
      'No test files for shard 7 of 7 (5 in all)',
    ])
  })

  test.each([
    [['--test-command', 'exit 3 #', ...SEARCH], 3],
    [['--test-command', 'true', '--files-search', 'exit 1'], 2],
    [['--test-command', 'true'], 2],
    [[...SEARCH], 2],
    [['--test-command', 'true', ...SEARCH, '--sharding-strategy', 'luck'], 2],
    [['--what', 'x'], 2],
    [['--test-command'], 2],
  ])('%j ends with %i', async (args, code) => {
    await expect(run('codebuild-tests-run', args)).rejects.toMatchObject({ code })
  })
})
