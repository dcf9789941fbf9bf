// The hunks of files in conflict.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codecommit } from '../index.ts'
import { type Change, linesOf, type Region, regionsOf } from './hunks.ts'

const change = (start: number, end: number, sideStart: number, sideEnd: number): Change => ({
  start,
  end,
  sideStart,
  sideEnd,
})
const region = (changedBy: Region['changedBy'], ...[base, source, destination]: [number, number][]): Region => ({
  base: { start: base![0], end: base![1] },
  source: { start: source![0], end: source![1] },
  destination: { start: destination![0], end: destination![1] },
  changedBy,
})

describe('regions', () => {
  const rows: [string, Change[], Change[], Region[]][] = [
    ['nothing changed', [], [], []],
    ['one side inserts', [change(2, 2, 2, 4)], [], [region('source', [2, 2], [2, 4], [2, 2])]],
    [
      'apart from each other, the later one is moved by the earlier',
      [change(0, 1, 0, 3)],
      [change(5, 6, 5, 5)],
      [region('source', [0, 1], [0, 3], [0, 1]), region('destination', [5, 6], [7, 8], [5, 5])],
    ],
    ['the same lines', [change(1, 3, 1, 2)], [change(2, 4, 2, 6)], [region('both', [1, 4], [1, 3], [1, 6])]],
    ['touching each other', [change(1, 2, 1, 2)], [change(2, 3, 2, 3)], [region('both', [1, 3], [1, 3], [1, 3])]],
    [
      'a chain of overlaps is one region',
      [change(0, 2, 0, 2), change(3, 5, 3, 5)],
      [change(1, 4, 1, 2)],
      [region('both', [0, 5], [0, 5], [0, 3])],
    ],
  ]
  test.each(rows)('%s', (_, source, destination, expected) => {
    expect(regionsOf(source, destination)).toEqual(expected)
  })

  test('lines keep their breaks, and the last needs none', () => {
    expect(linesOf(Buffer.from('a\n\nb')).map(String)).toEqual(['a\n', '\n', 'b'])
    expect(linesOf(Buffer.alloc(0))).toEqual([])
  })
})

describe('files in conflict', () => {
  let house: TestHouse
  const repositoryName = 'conflicts'
  const numbered = (lines: Record<number, string> = {}) =>
    Array.from({ length: 9 }, (_, index) => lines[index] ?? `${index}\n`).join('')
  const sides = { repositoryName, sourceCommitSpecifier: 'feature', destinationCommitSpecifier: 'main' }
  const input = { ...sides, mergeOption: 'THREE_WAY_MERGE' as const }
  beforeAll(async () => {
    house = await openHouse({ services: [codecommit] })
    await house.invoke('codecommit', 'CreateRepository', { repositoryName })
    const commit = async (
      branchName: string,
      parentCommitId: string | undefined,
      files: Record<string, string | null>,
    ) =>
      (
        await house.invoke('codecommit', 'CreateCommit', {
          repositoryName,
          branchName,
          ...(parentCommitId && { parentCommitId }),
          putFiles: Object.entries(files).flatMap(([filePath, text]) =>
            text === null ? [] : [{ filePath, fileContent: Buffer.from(text) }],
          ),
          deleteFiles: Object.entries(files).flatMap(([filePath, text]) => (text === null ? [{ filePath }] : [])),
        })
      ).commitId!
    const base = await commit('main', undefined, { text: numbered(), gone: 'x\n', binary: '\0a' })
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'feature', commitId: base })
    await commit('main', base, { text: numbered({ 1: 'mine\n', 8: 'end' }), gone: 'y\n', binary: '\0b' })
    await commit('feature', base, { text: numbered({ 1: 'yours\nand more\n', 5: '' }), gone: null, binary: '\0c' })
  })
  afterAll(() => house.close())

  const plain = (hunks: any[]) =>
    hunks.map(({ isConflict, source, destination, base }) => [
      isConflict,
      ...[source, destination, base].map(({ startLine, endLine, hunkContent }) => [
        startLine,
        endLine,
        Buffer.from(hunkContent, 'base64').toString(),
      ]),
    ])

  test('show what each side made of each region', async () => {
    const lines = { ...input, filePath: 'text', conflictDetailLevel: 'LINE_LEVEL' as const }
    const answer = await house.invoke('codecommit', 'DescribeMergeConflicts', lines)
    expect(answer.conflictMetadata).toMatchObject({ filePath: 'text', contentConflict: true, numberOfConflicts: 1 })
    const expected = [
      [true, [1, 3, 'yours\nand more\n'], [1, 2, 'mine\n'], [1, 2, '1\n']],
      [false, [6, 6, ''], [5, 6, '5\n'], [5, 6, '5\n']],
      [false, [8, 9, '8\n'], [8, 9, 'end'], [8, 9, '8\n']],
    ]
    expect(plain(answer.mergeHunks!)).toEqual(expected)
    const first = await house.invoke('codecommit', 'DescribeMergeConflicts', { ...lines, maxMergeHunks: 2 })
    const { nextToken } = first
    const second = await house.invoke('codecommit', 'DescribeMergeConflicts', { ...lines, nextToken })
    expect(plain([...first.mergeHunks!, ...second.mergeHunks!])).toEqual(expected)
    const whole = await house.invoke('codecommit', 'DescribeMergeConflicts', { ...input, filePath: 'text' })
    expect(whole.mergeHunks!.map(({ isConflict }) => isConflict)).toEqual([true, true, true])
  })

  test('are told all at once or by name', async () => {
    const all = await house.invoke('codecommit', 'BatchDescribeMergeConflicts', input)
    expect(all.conflicts!.map(({ conflictMetadata }) => conflictMetadata!.filePath)).toEqual(['binary', 'gone', 'text'])
    expect(all.conflicts![0]!.mergeHunks).toEqual([])
    expect(plain(all.conflicts![1]!.mergeHunks!)).toEqual([[true, [0, 0, ''], [0, 1, 'y\n'], [0, 1, 'x\n']]])
    expect(all.errors).toEqual([])
    const named = await house.invoke('codecommit', 'BatchDescribeMergeConflicts', {
      ...input,
      filePaths: ['text', 'other'],
      maxMergeHunks: 1,
    })
    expect(named.conflicts).toHaveLength(1)
    expect(named.conflicts![0]!.mergeHunks).toHaveLength(1)
    expect(named.errors).toEqual([
      { filePath: 'other', exceptionName: 'FileDoesNotExistException', message: 'other is not in conflict' },
    ])
    const paged = await house.invoke('codecommit', 'BatchDescribeMergeConflicts', { ...input, maxConflictFiles: 2 })
    const { nextToken } = paged
    const rest = await house.invoke('codecommit', 'BatchDescribeMergeConflicts', { ...input, nextToken })
    expect([paged.conflicts!.length, rest.conflicts!.length]).toEqual([2, 1])
  })

  test('bad questions are refused', async () => {
    const ask = (more: object) =>
      house.invoke('codecommit', 'DescribeMergeConflicts', { ...input, filePath: 'text', ...more }).then(
        () => 'succeeded',
        error => error.code,
      )
    expect(await ask({ mergeOption: 'FAST_FORWARD_MERGE' })).toBe('InvalidMergeOptionException')
    expect(await ask({ filePath: 'other' })).toBe('FileDoesNotExistException')
    expect(await ask({ maxMergeHunks: 0 })).toBe('InvalidMaxMergeHunksException')
    expect(await ask({ nextToken: 'x' })).toBe('InvalidContinuationTokenException')
  })
})
