import { readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clearLeftovers, inTemporary } from './temporary.ts'

test('is there while the work goes on, for its owner alone, and gone after it, whatever became of it', async () => {
  let seen = ''
  const work = async (folder: string) => {
    seen = folder
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep', 'file'), 'x')
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    return 'done'
  }
  expect(await inTemporary(work)).toBe('done')
  await expect(stat(seen)).rejects.toMatchObject({ code: 'ENOENT' })
  const failing = inTemporary(async folder => {
    await work(folder)
    throw new Error('it failed')
  })
  await expect(failing).rejects.toThrow('it failed')
  await expect(stat(seen)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what a killed process left goes with the work of the next one', async () => {
  const left = await mkdtemp(join(tmpdir(), 'codeyard-left-'))
  onTestFinished(() => rm(left, { recursive: true, force: true }))
  const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]
  const kept = ['codeyard-temporary-0-999999999-x', `codeyard-temporary-${space}-${process.pid}-x`, 'other']
  const gone = `codeyard-temporary-${space}-999999999-x`
  for (const name of [gone, ...kept]) await mkdir(join(left, name, 'src'), { recursive: true })
  await clearLeftovers(left)
  expect((await readdir(left)).sort()).toEqual(kept.sort())
})
