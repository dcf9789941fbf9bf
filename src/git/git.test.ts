// Objects and references of a directory, against what git itself says of them.

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EMPTY_TREE,
  isBranchName,
  isReferenceName,
  isTreePath,
  objectId,
  openGit,
  type Repository,
  signature,
  TreeConflict,
} from './index.ts'
import { projectedVersion } from './projection.ts'

const run = promisify(execFile)
const ID = '11111111-2222-4333-8444-555555555555'
const AT = new Date('2026-01-01T00:00:00Z')
const ann = signature('Ann', 'ann@example.com', AT)

let root: string
let git: ReturnType<typeof openGit>
let repository: Repository

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-git-'))
  git = openGit(root)
  repository = git.repository(ID)
})
afterAll(async () => {
  git.close()
  await rm(root, { recursive: true, force: true })
})

const gitIn = async (...args: string[]) => (await run('git', args, { cwd: repository.dir })).stdout
const blob = (text: string) => {
  const content = Buffer.from(text)
  return { id: objectId('blob', content), object: { type: 'blob' as const, content } }
}

async function commitFiles(files: Record<string, string | null>, parent?: string, message = 'a commit\n') {
  const before = parent ? (await repository.commit(parent))!.tree : undefined
  const edit = await repository.edit(before)
  const objects = []
  for (const [path, text] of Object.entries(files)) {
    if (text === null) {
      await edit.remove(path)
      continue
    }
    const { id, object } = blob(text)
    objects.push(object)
    await edit.put(path, { mode: '100644', id })
  }
  const tree = edit.write()
  const parents = parent ? [parent] : []
  return repository.writeCommit({ tree: tree.id, parents, author: ann, committer: ann, message }, [
    ...objects,
    ...tree.objects,
  ])
}

describe('names', () => {
  const references: [string, boolean][] = [
    ['refs/heads/main', true],
    ['refs/heads/feature/ü', true],
    ['refs/heads', false],
    ['main', false],
    ['refs/heads/.x', false],
    ['refs/heads/a..b', false],
    ['refs/heads/a.lock', false],
    ['refs/heads/a b', false],
    ['refs/heads/a~1', false],
    ['refs/heads/a@{1}', false],
    ['refs/heads/a/', false],
    ['refs/heads//a', false],
    ['refs/heads/a\n', false],
    ['refs/heads/a\\b', false],
    ['refs/heads/a.', false],
    ['refs/heads/-a', true],
  ]
  test.each(references)('%j as a reference is judged as git check-ref-format does: %s', async (name, valid) => {
    expect(isReferenceName(name)).toBe(valid)
    if (name.includes('refs/heads/')) {
      const says = await run('git', ['check-ref-format', name]).then(
        () => true,
        () => false,
      )
      expect(says).toBe(valid)
    }
  })

  test('a branch may not start with a dash', () => {
    expect([isBranchName('main'), isBranchName('-d'), isBranchName('HEAD')]).toEqual([true, false, false])
  })

  test('paths that would leave the tree or reach git are refused', () => {
    expect(['a/b', '../a', '/a', 'a//b', 'a/.git/config', 'a/.GIT/x', '', 'a/.'].map(isTreePath)).toEqual([
      true,
      ...Array(7).fill(false),
    ])
  })
})

describe('objects', () => {
  test('a commit made without a work tree is one that git fsck accepts, and reads back whole', async () => {
    await repository.project(1, async () => ({ version: 1, head: 'refs/heads/main', references: [] }))
    const first = await commitFiles({
      'README.md': '# hello\n',
      'src/deep/er/a.txt': 'a',
      'src/b.txt': 'b',
      'src.txt': 'c',
    })
    await repository.project(2, async () => ({
      version: 2,
      head: 'refs/heads/main',
      references: [{ name: 'refs/heads/main', id: first }],
    }))
    expect(await gitIn('fsck', '--strict', '--no-dangling')).toBe('')
    expect(await gitIn('ls-tree', '-r', '--name-only', 'main')).toBe(
      'README.md\nsrc.txt\nsrc/b.txt\nsrc/deep/er/a.txt\n',
    )
    expect(await repository.commit(first)).toMatchObject({
      id: first,
      parents: [],
      author: { name: 'Ann', email: 'ann@example.com', date: '1767225600 +0000' },
      message: 'a commit\n',
    })
    const { tree } = (await repository.commit(first))!
    expect(await repository.find(tree, 'src/deep/er/a.txt')).toMatchObject({ mode: '100644', id: blob('a').id })
    expect(await repository.find(tree, 'src/nowhere/a.txt')).toBeUndefined()
    expect((await repository.tree(tree))!.map(({ name }) => name)).toEqual(['README.md', 'src.txt', 'src'])
    expect((await repository.blob(blob('a').id, 10))?.toString()).toBe('a')
    expect(await repository.blob(blob('# hello\n').id, 3)).toBeUndefined()
    expect(await repository.head(`${'0'.repeat(39)}1`)).toBeUndefined()
    expect(await repository.commit(tree)).toBeUndefined()
  })

  test('an edit refuses what is in the way, and removes directories with their last file', async () => {
    const commit = await commitFiles({ 'dir/only.txt': 'x', file: 'y' })
    const { tree } = (await repository.commit(commit))!
    const edit = await repository.edit(tree)
    const entry = { mode: '100644', id: blob('x').id }
    await expect(edit.put('dir', entry)).rejects.toMatchObject({ conflict: 'isDirectory' })
    await expect(edit.put('file/below', entry)).rejects.toBeInstanceOf(TreeConflict)
    expect(await edit.remove('dir')).toBe(false)
    expect(await edit.remove('dir/only.txt')).toBe(true)
    expect(await edit.find('dir')).toBeUndefined()
    await edit.put('dir', entry)
    expect(await edit.find('dir')).toMatchObject({ kind: 'file' })
    expect((await repository.edit(tree)).write().id).toBe(tree)
  })

  test('many questions at once are answered each with its own object', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `text ${index} `.repeat(index * 50))
    await commitFiles(Object.fromEntries(texts.map((text, index) => [`f${index}`, text])))
    const found = await Promise.all(texts.map(text => repository.blob(blob(text).id, 1e6)))
    expect(found.map(String)).toEqual(texts)
  })

  test('differences come in order of path, without renames', async () => {
    const before = await commitFiles({ a: '1', 'b/x': '2', 'b-y': '3', gone: '4' })
    const after = await commitFiles({ a: 'changed', gone: null, moved: '4' }, before)
    const found = []
    for await (const one of repository.diff(before, after)) found.push(one)
    expect(found.map(({ change, path }) => `${change} ${path}`)).toEqual(['M a', 'D gone', 'A moved'])
    expect(found[1]).toEqual({ change: 'D', path: 'gone', before: { mode: '100644', id: blob('4').id } })
    const all = []
    for await (const one of repository.diff(undefined, before)) all.push(one.path)
    expect(all).toEqual(['a', 'b-y', 'b/x', 'gone'])
    for await (const one of repository.diff(EMPTY_TREE, before)) {
      expect(one.path).toBe('a')
      break
    }
  })

  test('the log of a path names the commits that changed it', async () => {
    const one = await commitFiles({ p: '1', q: '1' })
    const two = await commitFiles({ q: '2' }, one)
    const three = await commitFiles({ p: null }, two)
    const found = []
    for await (const version of repository.log(three, 'p')) found.push(version)
    expect(found).toEqual([
      { commit: three, path: 'p', children: [] },
      { commit: one, path: 'p', blob: blob('1').id, children: [three] },
    ])
  })

  test('two blobs differ in hunks of lines, binary ones only as a whole', async () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('')
    const after = before.replace('line 2\n', 'line two\n').replace('line 25\n', '')
    await commitFiles({ before, after, binary: 'a\0b' })
    const { binary, hunks } = await repository.diffLines(blob(before).id, blob(after).id, { context: 1 })
    expect(binary).toBe(false)
    expect(hunks).toEqual([
      {
        before: { start: 2, count: 3 },
        after: { start: 2, count: 3 },
        lines: [
          { type: 'CONTEXT', before: 2, after: 2, text: 'line 1' },
          { type: 'DELETE', before: 3, text: 'line 2' },
          { type: 'ADD', after: 3, text: 'line two' },
          { type: 'CONTEXT', before: 4, after: 4, text: 'line 3' },
        ],
      },
      {
        before: { start: 25, count: 3 },
        after: { start: 25, count: 2 },
        lines: [
          { type: 'CONTEXT', before: 25, after: 25, text: 'line 24' },
          { type: 'DELETE', before: 26, text: 'line 25' },
          { type: 'CONTEXT', before: 27, after: 26, text: 'line 26' },
        ],
      },
    ])
    expect(await repository.diffLines(undefined, blob('a\0b').id, {})).toEqual({ binary: true, hunks: [] })
    expect((await repository.diffLines(undefined, blob(after).id, {})).hunks[0]!.lines).toHaveLength(29)
    expect((await repository.diffLines(blob(after).id, blob(after).id, {})).hunks).toEqual([])
  })

  test('a merge is a tree, or the files that conflict', async () => {
    const base = await commitFiles({ a: '1\n', b: '1\n' })
    const left = await commitFiles({ a: '2\n' }, base)
    const right = await commitFiles({ b: '2\n' }, base)
    const clash = await commitFiles({ a: '3\n' }, base)
    const merged = await repository.merge(left, right)
    expect(merged.conflicts).toEqual([])
    expect(await repository.find(merged.tree, 'b')).toMatchObject({ id: blob('2\n').id })
    expect((await repository.merge(left, clash)).conflicts).toEqual([
      {
        path: 'a',
        base: { mode: '100644', id: blob('1\n').id },
        ours: { mode: '100644', id: blob('2\n').id },
        theirs: { mode: '100644', id: blob('3\n').id },
      },
    ])
    expect(await repository.mergeBase(left, right)).toBe(base)
    expect([await repository.isAncestor(base, left), await repository.isAncestor(left, base)]).toEqual([true, false])
    expect(await repository.mergeBase(left, await commitFiles({ other: 'root' }, undefined, 'apart\n'))).toBeUndefined()
  })

  test('an archive is a zip, and one of a missing commit fails instead of ending short', async () => {
    const commit = await commitFiles({ a: '1' })
    const zip = await buffer(repository.archive(commit))
    expect(zip.subarray(0, 2).toString()).toBe('PK')
    await expect(buffer(repository.archive('1'.repeat(40)))).rejects.toThrow(/git archive failed/)
  })
})

describe('the mirror of the references', () => {
  test('many at once write one state, an older version never replaces a newer one', async () => {
    const id = await commitFiles({ mirror: '1' })
    let loads = 0
    const at = (version: number) =>
      repository.project(version, async () => {
        loads++
        return { version, head: 'refs/heads/trunk', references: [{ name: 'refs/heads/trunk', id }] }
      })
    await Promise.all(Array.from({ length: 20 }, () => at(100)))
    expect(loads).toBe(1)
    await at(99)
    expect(await projectedVersion(repository.dir)).toBe(100)
    expect((await gitIn('rev-parse', 'HEAD')).trim()).toBe(id)
    expect((await readdir(repository.dir)).filter(name => /lock|-/.test(name))).toEqual(['packed-refs'])
  })

  test('a lock that a dead process left is broken', { timeout: 15_000 }, async () => {
    const { writeFile, utimes } = await import('node:fs/promises')
    const lock = join(repository.dir, 'codeyard-refs.lock')
    await writeFile(lock, 'a dead one')
    await utimes(lock, 1, 1)
    await repository.project(101, async () => ({ version: 101, head: 'refs/heads/trunk', references: [] }))
    expect(await projectedVersion(repository.dir)).toBe(101)
  })
})
