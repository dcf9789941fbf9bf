// Merges through the API, and the history that they leave.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { codecommit } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [codecommit] })
})
afterAll(() => house.close())

let count = 0
type Files = Record<string, string | null>

async function commit(repositoryName: string, branchName: string, parentCommitId: string | undefined, files: Files) {
  const entries = Object.entries(files)
  const { commitId } = await house.invoke('codecommit', 'CreateCommit', {
    repositoryName,
    branchName,
    ...(parentCommitId && { parentCommitId }),
    putFiles: entries.flatMap(([filePath, text]) =>
      text === null ? [] : [{ filePath, fileContent: Buffer.from(text) }],
    ),
    deleteFiles: entries.flatMap(([filePath, text]) => (text === null ? [{ filePath }] : [])),
  })
  return commitId!
}

/** `base` on main, then `destination` on main and `source` on a branch of that name. */
async function forked(base: Files, destination: Files | undefined, source: Files) {
  const repositoryName = `merge-${++count}`
  await house.invoke('codecommit', 'CreateRepository', { repositoryName })
  const baseCommitId = await commit(repositoryName, 'main', undefined, base)
  await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'source', commitId: baseCommitId })
  const sourceCommitId = await commit(repositoryName, 'source', baseCommitId, source)
  const destinationCommitId = destination
    ? await commit(repositoryName, 'main', baseCommitId, destination)
    : baseCommitId
  const sides = { repositoryName, sourceCommitSpecifier: 'source', destinationCommitSpecifier: 'main' }
  return { repositoryName, baseCommitId, sourceCommitId, destinationCommitId, sides }
}
const text = async (repositoryName: string, filePath: string, commitSpecifier = 'main') =>
  house.invoke('codecommit', 'GetFile', { repositoryName, filePath, commitSpecifier }).then(
    ({ fileContent }) => Buffer.from(fileContent!).toString(),
    error => error.code,
  )
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'succeeded',
    error => error.code,
  )
const LINES = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('')

describe('fast forward', () => {
  test('moves the branch to the source, and only when nothing came between', async () => {
    const { repositoryName, sourceCommitId, sides } = await forked({ a: '1' }, undefined, { b: '2' })
    const { mergeOptions } = await house.invoke('codecommit', 'GetMergeOptions', sides)
    expect(mergeOptions).toEqual(['FAST_FORWARD_MERGE', 'SQUASH_MERGE', 'THREE_WAY_MERGE'])
    const merged = await house.invoke('codecommit', 'MergeBranchesByFastForward', sides)
    expect(merged.commitId).toBe(sourceCommitId)
    expect(await text(repositoryName, 'b')).toBe('2')
    expect(house.events.at(-1)!.detail).toMatchObject({
      event: 'referenceUpdated',
      referenceFullName: 'refs/heads/main',
      mergeOption: 'FAST_FORWARD_MERGE',
      sourceCommitId,
    })
    const apart = await forked({ a: '1' }, { c: '3' }, { b: '2' })
    expect(await code(house.invoke('codecommit', 'MergeBranchesByFastForward', apart.sides))).toBe(
      'ManualMergeRequiredException',
    )
    const answer = await house.invoke('codecommit', 'GetMergeConflicts', {
      ...apart.sides,
      mergeOption: 'FAST_FORWARD_MERGE',
    })
    expect(answer).toMatchObject({ mergeable: false, conflictMetadataList: [] })
  })
})

describe('squash and three-way', () => {
  test('make a commit with one or two parents, in an event that tells how', async () => {
    for (const [operation, option] of [
      ['MergeBranchesBySquash', 'SQUASH_MERGE'],
      ['MergeBranchesByThreeWay', 'THREE_WAY_MERGE'],
    ] as const) {
      const fork = await forked({ a: '1' }, { c: '3' }, { b: '2' })
      const { commitId } = await house.invoke('codecommit', operation, {
        ...fork.sides,
        authorName: 'Ann',
        commitMessage: 'merged',
      })
      const { commit } = await house.invoke('codecommit', 'GetCommit', {
        repositoryName: fork.repositoryName,
        commitId: commitId!,
      })
      expect(commit).toMatchObject({ message: 'merged', author: { name: 'Ann' } })
      const parents =
        option === 'SQUASH_MERGE' ? [fork.destinationCommitId] : [fork.destinationCommitId, fork.sourceCommitId]
      expect(commit!.parents).toEqual(parents)
      expect([await text(fork.repositoryName, 'b'), await text(fork.repositoryName, 'c')]).toEqual(['2', '3'])
      expect(house.events.at(-1)!.detail).toMatchObject({
        commitId,
        oldCommitId: fork.destinationCommitId,
        baseCommitId: fork.baseCommitId,
        mergeOption: option,
        conflictDetailsLevel: 'FILE_LEVEL',
        conflictResolutionStrategy: 'NONE',
      })
      const found = await house.invoke('codecommit', 'GetMergeCommit', {
        ...fork.sides,
        destinationCommitSpecifier: fork.destinationCommitId,
      })
      expect(found).toMatchObject({ mergedCommitId: commitId, sourceCommitId: fork.sourceCommitId })
    }
  })

  test('a file changed on both sides is in conflict at file level, at line level only where the lines are', async () => {
    const fork = await forked(
      { a: LINES },
      { a: LINES.replace('line 1\n', 'one\n') },
      { a: LINES.replace('line 18\n', 'eighteen\n') },
    )
    const conflicts = (conflictDetailLevel: 'FILE_LEVEL' | 'LINE_LEVEL') =>
      house.invoke('codecommit', 'GetMergeConflicts', {
        ...fork.sides,
        mergeOption: 'THREE_WAY_MERGE',
        conflictDetailLevel,
      })
    expect((await conflicts('FILE_LEVEL')).mergeable).toBe(false)
    expect(await conflicts('LINE_LEVEL')).toMatchObject({ mergeable: true, conflictMetadataList: [] })
    expect(await code(house.invoke('codecommit', 'MergeBranchesByThreeWay', fork.sides))).toBe(
      'ManualMergeRequiredException',
    )
    await house.invoke('codecommit', 'MergeBranchesByThreeWay', { ...fork.sides, conflictDetailLevel: 'LINE_LEVEL' })
    expect(await text(fork.repositoryName, 'a')).toBe(
      LINES.replace('line 1\n', 'one\n').replace('line 18\n', 'eighteen\n'),
    )
  })

  test('a conflict shows what each side did', async () => {
    const fork = await forked({ a: '1\n', gone: 'x\n' }, { a: '22\n', gone: null }, { a: '333\n', gone: 'y\n' })
    const answer = await house.invoke('codecommit', 'GetMergeConflicts', { ...fork.sides, mergeOption: 'SQUASH_MERGE' })
    expect(answer.conflictMetadataList).toEqual([
      {
        filePath: 'a',
        fileSizes: { source: 4, destination: 3, base: 2 },
        fileModes: { source: 'NORMAL', destination: 'NORMAL', base: 'NORMAL' },
        objectTypes: { source: 'FILE', destination: 'FILE', base: 'FILE' },
        numberOfConflicts: 1,
        isBinaryFile: { source: false, destination: false, base: false },
        contentConflict: true,
        fileModeConflict: false,
        objectTypeConflict: false,
        mergeOperations: { source: 'M', destination: 'M' },
      },
      expect.objectContaining({ filePath: 'gone', mergeOperations: { source: 'M', destination: 'D' } }),
    ])
    const first = await house.invoke('codecommit', 'GetMergeConflicts', {
      ...fork.sides,
      mergeOption: 'SQUASH_MERGE',
      maxConflictFiles: 1,
    })
    expect(first.conflictMetadataList!.map(one => one.filePath)).toEqual(['a'])
    const next = await house.invoke('codecommit', 'GetMergeConflicts', {
      ...fork.sides,
      mergeOption: 'SQUASH_MERGE',
      maxConflictFiles: 1,
      nextToken: first.nextToken!,
    })
    expect(next.conflictMetadataList!.map(one => one.filePath)).toEqual(['gone'])
    expect(next.nextToken).toBeUndefined()
  })

  test.each([
    ['ACCEPT_SOURCE', '333\n', 'y\n'],
    ['ACCEPT_DESTINATION', '22\n', 'FileDoesNotExistException'],
  ] as const)('%s settles every conflict', async (conflictResolutionStrategy, a, gone) => {
    const fork = await forked({ a: '1\n', gone: 'x\n' }, { a: '22\n', gone: null }, { a: '333\n', gone: 'y\n' })
    await house.invoke('codecommit', 'MergeBranchesBySquash', { ...fork.sides, conflictResolutionStrategy })
    expect([await text(fork.repositoryName, 'a'), await text(fork.repositoryName, 'gone')]).toEqual([a, gone])
  })

  test('AUTOMERGE takes the entries of the request, and needs one for every conflict', async () => {
    const fork = await forked(
      { a: '1\n', b: '1\n', c: '1\n' },
      { a: '2\n', b: '2\n', c: '2\n' },
      { a: '3\n', b: '3\n', c: '3\n' },
    )
    const merge = (conflictResolution: any) =>
      house.invoke('codecommit', 'MergeBranchesByThreeWay', {
        ...fork.sides,
        conflictResolutionStrategy: 'AUTOMERGE',
        conflictResolution,
      })
    const replaceContents = [
      { filePath: 'a', replacementType: 'USE_NEW_CONTENT', content: Buffer.from('new\n') },
      { filePath: 'b', replacementType: 'KEEP_SOURCE' },
    ]
    expect(await code(merge({ replaceContents }))).toBe('ManualMergeRequiredException')
    expect(await code(merge({ replaceContents: [{ filePath: 'a', replacementType: 'USE_NEW_CONTENT' }] }))).toBe(
      'ReplacementContentRequiredException',
    )
    expect(await code(merge({ replaceContents: [...replaceContents, replaceContents[0]] }))).toBe(
      'MultipleConflictResolutionEntriesException',
    )
    await merge({ replaceContents, deleteFiles: [{ filePath: 'c' }] })
    expect([
      await text(fork.repositoryName, 'a'),
      await text(fork.repositoryName, 'b'),
      await text(fork.repositoryName, 'c'),
    ]).toEqual(['new\n', '3\n', 'FileDoesNotExistException'])
  })

  test('a merge that is only looked at moves nothing', async () => {
    const fork = await forked({ a: '1' }, { c: '3' }, { b: '2' })
    const { commitId } = await house.invoke('codecommit', 'CreateUnreferencedMergeCommit', {
      ...fork.sides,
      mergeOption: 'SQUASH_MERGE',
    })
    expect(await text(fork.repositoryName, 'b', commitId)).toBe('2')
    expect(await text(fork.repositoryName, 'b')).toBe('FileDoesNotExistException')
    expect(house.events.at(-1)!.detail).toMatchObject({ event: 'unreferencedMergeCommitCreated', commitId })
    const fast = house.invoke('codecommit', 'CreateUnreferencedMergeCommit', {
      ...fork.sides,
      mergeOption: 'FAST_FORWARD_MERGE',
    })
    expect(await code(fast)).toBe('InvalidMergeOptionException')
  })

  test('where a merge can not go is said', async () => {
    const fork = await forked({ a: '1' }, { c: '3' }, { b: '2' })
    const merge = (change: object) =>
      code(house.invoke('codecommit', 'MergeBranchesBySquash', { ...fork.sides, ...change }))
    expect(await merge({ targetBranch: 'nothing' })).toBe('BranchDoesNotExistException')
    expect(await merge({ targetBranch: 'source' })).toBe('ConcurrentReferenceUpdateException')
    expect(await merge({ destinationCommitSpecifier: fork.destinationCommitId })).toBe('BranchNameRequiredException')
    expect(await merge({ sourceCommitSpecifier: 'nothing' })).toBe('CommitDoesNotExistException')
    expect(await merge({ destinationCommitSpecifier: fork.destinationCommitId, targetBranch: 'main' })).toBe(
      'succeeded',
    )
  })
})

describe('history', () => {
  test('a file has its versions, newest first, each with the newer ones', async () => {
    const fork = await forked({ a: '1', other: 'x' }, { a: '2' }, { other: 'y' })
    const three = await commit(fork.repositoryName, 'main', fork.destinationCommitId, { a: '3' })
    const list = (more: object) =>
      house.invoke('codecommit', 'ListFileCommitHistory', {
        repositoryName: fork.repositoryName,
        filePath: 'a',
        ...more,
      })
    const { revisionDag } = await list({})
    expect(revisionDag!.map(one => [one.commit!.commitId, one.revisionChildren])).toEqual([
      [three, []],
      [fork.destinationCommitId, [three]],
      [fork.baseCommitId, [fork.destinationCommitId]],
    ])
    const first = await list({ maxResults: 2 })
    const rest = await list({ maxResults: 2, nextToken: first.nextToken })
    expect([...first.revisionDag!, ...rest.revisionDag!]).toEqual(revisionDag)
    expect(rest.nextToken).toBeUndefined()
  })

  test('two blobs are compared line by line', async () => {
    const fork = await forked({ a: LINES }, undefined, {
      a: LINES.replace('line 1\n', 'one\n').replace('line 18\n', ''),
    })
    const blobId = async (commitSpecifier: string) =>
      (
        await house.invoke('codecommit', 'GetFile', {
          repositoryName: fork.repositoryName,
          filePath: 'a',
          commitSpecifier,
        })
      ).blobId!
    const blobs = {
      repositoryName: fork.repositoryName,
      beforeBlobId: await blobId('main'),
      afterBlobId: await blobId('source'),
    }
    const all = await house.invoke('codecommit', 'GetBlobDifferences', { ...blobs, contextLines: 0 })
    expect(all).toMatchObject({ isBinary: false, beforeBlobSize: LINES.length })
    expect(all.hunks!.map(({ changes }) => changes!.map(one => `${one.type} ${one.content}`))).toEqual([
      ['DELETE line 1', 'ADD one'],
      ['DELETE line 18'],
    ])
    const first = await house.invoke('codecommit', 'GetBlobDifferences', { ...blobs, contextLines: 0, MaxResults: 1 })
    const next = await house.invoke('codecommit', 'GetBlobDifferences', {
      ...blobs,
      contextLines: 0,
      NextToken: first.NextToken!,
    })
    expect([...first.hunks!, ...next.hunks!]).toEqual(all.hunks)
    const added = await house.invoke('codecommit', 'GetBlobDifferences', {
      repositoryName: blobs.repositoryName,
      afterBlobId: blobs.afterBlobId,
    })
    expect(added.hunks).toHaveLength(1)
    expect(
      await code(house.invoke('codecommit', 'GetBlobDifferences', { ...blobs, beforeBlobId: '1'.repeat(40) })),
    ).toBe('BlobIdDoesNotExistException')
  })
})
