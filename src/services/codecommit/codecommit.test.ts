// Repositories, branches, files and commits through the gateway.

import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCOUNT, openHouse, REGION, type TestHouse } from '../../testing/house.ts'
import { codecommit } from './index.ts'

let house: TestHouse
const uploads: Buffer[] = []
const published: any[] = []

beforeAll(async () => {
  house = await openHouse({
    services: [codecommit],
    answers: {
      's3.PutObject': async input => {
        uploads.push(await buffer(input.Body))
        return { ETag: '"tag"', VersionId: 'v1' }
      },
      'sns.Publish': async (input, principal) => {
        published.push({ ...input, principal })
        return { MessageId: 'm' }
      },
    },
  })
})
afterAll(() => house.close())

let count = 0
async function newRepository() {
  const repositoryName = `repo-${++count}`
  await house.invoke('codecommit', 'CreateRepository', { repositoryName })
  return repositoryName
}
const file = (filePath: string, text: string) => ({ filePath, fileContent: Buffer.from(text) })

/** A repository with one commit on main. */
async function filled(files: Record<string, string> = { 'README.md': '# hello\n' }) {
  const repositoryName = await newRepository()
  const { commitId } = await house.invoke('codecommit', 'CreateCommit', {
    repositoryName,
    branchName: 'main',
    putFiles: Object.entries(files).map(([path, text]) => file(path, text)),
    authorName: 'Ann',
    email: 'ann@example.com',
    commitMessage: 'first',
  })
  return { repositoryName, commitId: commitId! }
}
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'succeeded',
    error => error.code,
  )

describe('repositories', () => {
  test('are created, read, renamed, described and deleted', async () => {
    house.clock.set('2026-03-01T10:00:00Z')
    const { repositoryMetadata } = await house.invoke('codecommit', 'CreateRepository', {
      repositoryName: 'MyDemoRepo',
      repositoryDescription: 'a demonstration',
      tags: { team: 'a' },
    })
    expect(repositoryMetadata).toEqual({
      accountId: ACCOUNT,
      repositoryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      repositoryName: 'MyDemoRepo',
      repositoryDescription: 'a demonstration',
      creationDate: new Date('2026-03-01T10:00:00Z'),
      lastModifiedDate: new Date('2026-03-01T10:00:00Z'),
      cloneUrlHttp: 'http://127.0.0.1:4566/v1/repos/MyDemoRepo',
      cloneUrlSsh: 'ssh://127.0.0.1:2222/v1/repos/MyDemoRepo',
      Arn: `arn:aws:codecommit:${REGION}:${ACCOUNT}:MyDemoRepo`,
    })
    await expect(
      house.invoke('codecommit', 'CreateRepository', { repositoryName: 'MyDemoRepo' }),
    ).rejects.toMatchObject({
      code: 'RepositoryNameExistsException',
      message: 'Repository named MyDemoRepo already exists',
    })
    await house.invoke('codecommit', 'UpdateRepositoryName', { oldName: 'MyDemoRepo', newName: 'Renamed' })
    await house.invoke('codecommit', 'UpdateRepositoryDescription', { repositoryName: 'Renamed' })
    const { repositoryMetadata: renamed } = await house.invoke('codecommit', 'GetRepository', {
      repositoryName: 'Renamed',
    })
    expect(renamed).toMatchObject({ repositoryId: repositoryMetadata!.repositoryId, repositoryName: 'Renamed' })
    expect(renamed).not.toHaveProperty('repositoryDescription')
    expect(await code(house.invoke('codecommit', 'GetRepository', { repositoryName: 'MyDemoRepo' }))).toBe(
      'RepositoryDoesNotExistException',
    )
    expect(await house.invoke('codecommit', 'DeleteRepository', { repositoryName: 'Renamed' })).toEqual({
      repositoryId: repositoryMetadata!.repositoryId,
    })
    expect(await house.invoke('codecommit', 'DeleteRepository', { repositoryName: 'Renamed' })).toEqual({})
    await house.runJobs()
  })

  test('a broken name or a missing one is answered with the exception of its own', async () => {
    const get = (repositoryName: any) => code(house.invoke('codecommit', 'GetRepository', { repositoryName }))
    expect(await get(undefined)).toBe('RepositoryNameRequiredException')
    expect(await get('a/b')).toBe('InvalidRepositoryNameException')
    expect(await get('a'.repeat(101))).toBe('InvalidRepositoryNameException')
    expect(await get('x.git')).toBe('InvalidRepositoryNameException')
    expect(await code(house.invoke('codecommit', 'ListRepositories', { sortBy: 'size' as any }))).toBe(
      'InvalidSortByException',
    )
    expect(await code(house.invoke('codecommit', 'ListRepositories', { nextToken: 'x' }))).toBe(
      'InvalidContinuationTokenException',
    )
  })

  test('lists go on page by page in each order, and batches say what was not found', async () => {
    const other = { account: ACCOUNT, region: 'eu-west-1' }
    const elsewhere = house.as({ type: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }, other)
    const names = Array.from({ length: 105 }, (_, index) => `r${String(index).padStart(3, '0')}`)
    for (const repositoryName of names) {
      house.clock.advance(1)
      await elsewhere.invoke('codecommit', 'CreateRepository', { repositoryName })
    }
    const all = async (sortBy: any, order: any) => {
      const found: string[] = []
      let nextToken: string | undefined
      do {
        const answer: any = await elsewhere.invoke('codecommit', 'ListRepositories', {
          sortBy,
          order,
          ...(nextToken && { nextToken }),
        })
        found.push(...answer.repositories.map((one: any) => one.repositoryName))
        nextToken = answer.nextToken
      } while (nextToken)
      return found
    }
    expect(await all('repositoryName', 'ascending')).toEqual(names)
    expect(await all('repositoryName', 'descending')).toEqual(names.toReversed())
    expect(await all('lastModifiedDate', 'ascending')).toEqual(names)
    expect(await all('lastModifiedDate', 'descending')).toEqual(names.toReversed())
    const batch = await elsewhere.invoke('codecommit', 'BatchGetRepositories', { repositoryNames: ['r001', 'nothing'] })
    expect(batch.repositories!.map(one => one.repositoryName)).toEqual(['r001'])
    expect(batch.repositoriesNotFound).toEqual(['nothing'])
    expect(await code(elsewhere.invoke('codecommit', 'BatchGetRepositories', { repositoryNames: names }))).toBe(
      'MaximumRepositoryNamesExceededException',
    )
  })

  test('tags are kept, listed and refused as AWS does', async () => {
    const repositoryName = await newRepository()
    const resourceArn = `arn:aws:codecommit:${REGION}:${ACCOUNT}:${repositoryName}`
    await house.invoke('codecommit', 'TagResource', { resourceArn, tags: { a: '1', b: '2' } })
    await house.invoke('codecommit', 'UntagResource', { resourceArn, tagKeys: ['a'] })
    expect(await house.invoke('codecommit', 'ListTagsForResource', { resourceArn })).toEqual({ tags: { b: '2' } })
    const tag = (tags: Record<string, string>) => code(house.invoke('codecommit', 'TagResource', { resourceArn, tags }))
    expect(await tag({ 'aws:x': '1' })).toBe('InvalidSystemTagUsageException')
    expect(await tag({ 'a;b': '1' })).toBe('InvalidTagsMapException')
    expect(await tag(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, ''])))).toBe(
      'TooManyTagsException',
    )
    expect(await code(house.invoke('codecommit', 'ListTagsForResource', { resourceArn: 'arn:aws:s3:::x' }))).toBe(
      'InvalidResourceArnException',
    )
  })
})

describe('branches', () => {
  test('the first commit makes the default branch, which can be changed but not deleted', async () => {
    const { repositoryName, commitId } = await filled()
    expect(await house.invoke('codecommit', 'GetBranch', { repositoryName, branchName: 'main' })).toEqual({
      branch: { branchName: 'main', commitId },
    })
    const metadata = async () =>
      (await house.invoke('codecommit', 'GetRepository', { repositoryName })).repositoryMetadata
    expect((await metadata())!.defaultBranch).toBe('main')
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'next/one', commitId })
    expect(await house.invoke('codecommit', 'ListBranches', { repositoryName })).toEqual({
      branches: ['main', 'next/one'],
    })
    const remove = (branchName: string) => house.invoke('codecommit', 'DeleteBranch', { repositoryName, branchName })
    expect(await code(remove('main'))).toBe('DefaultBranchCannotBeDeletedException')
    await house.invoke('codecommit', 'UpdateDefaultBranch', { repositoryName, defaultBranchName: 'next/one' })
    expect((await metadata())!.defaultBranch).toBe('next/one')
    expect(await remove('main')).toEqual({ deletedBranch: { branchName: 'main', commitId } })
    expect(await remove('main')).toEqual({})
    expect(await code(house.invoke('codecommit', 'GetBranch', { repositoryName, branchName: 'main' }))).toBe(
      'BranchDoesNotExistException',
    )
  })

  test('a branch that can not be is refused for the right reason', async () => {
    const { repositoryName, commitId } = await filled()
    const create = (branchName: string, id = commitId) =>
      code(house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName, commitId: id }))
    expect(await create('main')).toBe('BranchNameExistsException')
    expect(await create('main/below')).toBe('InvalidBranchNameException')
    expect(await create('a..b')).toBe('InvalidBranchNameException')
    expect(await create('x', 'abc')).toBe('InvalidCommitIdException')
    expect(await create('x', '1'.repeat(40))).toBe('CommitDoesNotExistException')
  })

  test('every change is an event in AWS words, in the transaction of the change', async () => {
    const { repositoryName, commitId } = await filled()
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'b', commitId })
    const { commitId: second } = await house.invoke('codecommit', 'PutFile', {
      repositoryName,
      branchName: 'b',
      parentCommitId: commitId,
      ...file('x', '1'),
    })
    await house.invoke('codecommit', 'DeleteBranch', { repositoryName, branchName: 'b' })
    const mine = house.events.filter(({ detail }) => detail.repositoryName === repositoryName)
    expect(
      mine.map(({ detail }) => [detail.event, detail.referenceFullName, detail.oldCommitId, detail.commitId]),
    ).toEqual([
      ['referenceCreated', 'refs/heads/main', undefined, commitId],
      ['referenceCreated', 'refs/heads/b', undefined, commitId],
      ['referenceUpdated', 'refs/heads/b', commitId, second],
      ['referenceDeleted', 'refs/heads/b', second, undefined],
    ])
    expect(mine[2]).toMatchObject({
      source: 'aws.codecommit',
      'detail-type': 'CodeCommit Repository State Change',
      resources: [`arn:aws:codecommit:${REGION}:${ACCOUNT}:${repositoryName}`],
      detail: {
        callerUserArn: `arn:aws:iam::${ACCOUNT}:root`,
        referenceType: 'branch',
        referenceName: 'b',
        repositoryId: expect.any(String),
      },
    })
  })
})

describe('files and commits', () => {
  test('a file is put, read and deleted, the branch going on each time', async () => {
    const { repositoryName, commitId } = await filled()
    const at = { repositoryName, branchName: 'main' }
    const put = await house.invoke('codecommit', 'PutFile', {
      ...at,
      parentCommitId: commitId,
      ...file('/src/main.py', 'print()\n'),
      fileMode: 'EXECUTABLE',
      name: 'Mary <Major>',
      email: 'mary@example.com',
      commitMessage: 'a script',
    })
    const got = await house.invoke('codecommit', 'GetFile', { repositoryName, filePath: 'src/main.py' })
    expect(got).toMatchObject({
      commitId: put.commitId,
      blobId: put.blobId,
      filePath: 'src/main.py',
      fileMode: 'EXECUTABLE',
      fileSize: 8,
    })
    expect(Buffer.from(got.fileContent!).toString()).toBe('print()\n')
    const { commit } = await house.invoke('codecommit', 'GetCommit', { repositoryName, commitId: put.commitId! })
    expect(commit).toMatchObject({
      treeId: put.treeId,
      parents: [commitId],
      message: 'a script',
      author: { name: 'Mary Major', email: 'mary@example.com' },
      additionalData: '',
    })
    const gone = await house.invoke('codecommit', 'DeleteFile', {
      ...at,
      filePath: 'src/main.py',
      parentCommitId: put.commitId!,
      keepEmptyFolders: true,
    })
    expect(gone).toMatchObject({ blobId: put.blobId, filePath: 'src/main.py' })
    const folder = await house.invoke('codecommit', 'GetFolder', { repositoryName, folderPath: 'src' })
    expect(folder.files).toMatchObject([{ absolutePath: 'src/.gitkeep', relativePath: '.gitkeep', fileMode: 'NORMAL' }])
  })

  test('PutFile refuses what CodeCommit refuses', async () => {
    const { repositoryName, commitId } = await filled({ 'dir/a': '1', file: '2' })
    const put = (change: object) =>
      code(
        house.invoke('codecommit', 'PutFile', {
          repositoryName,
          branchName: 'main',
          parentCommitId: commitId,
          ...file('new', 'x'),
          ...change,
        }),
      )
    expect(await put({ parentCommitId: undefined })).toBe('ParentCommitIdRequiredException')
    expect(await put({ parentCommitId: 'abc' })).toBe('InvalidParentCommitIdException')
    expect(await put({ parentCommitId: '1'.repeat(40) })).toBe('ParentCommitDoesNotExistException')
    expect(await put({ branchName: 'nothing' })).toBe('BranchDoesNotExistException')
    expect(await put(file('dir', 'x'))).toBe('FileNameConflictsWithDirectoryNameException')
    expect(await put(file('file/below', 'x'))).toBe('DirectoryNameConflictsWithFileNameException')
    expect(await put(file('file', '2'))).toBe('SameFileContentException')
    expect(await put(file('../x', '2'))).toBe('InvalidPathException')
    expect(await put(file('.git/config', '2'))).toBe('InvalidPathException')
    expect(await put(file('empty', ''))).toBe('FileContentRequiredException')
    expect(await put({ fileContent: Buffer.alloc(6 * 1024 * 1024 + 1) })).toBe('FileContentSizeLimitExceededException')
    expect(await put({ fileMode: 'ODD' })).toBe('InvalidFileModeException')
    expect(await put({ email: 'a<b' })).toBe('InvalidEmailException')
    expect(await put({ name: 'n'.repeat(1025) })).toBe('NameLengthExceededException')
    expect(await put({})).toBe('succeeded')
    expect(await put({})).toBe('ParentCommitIdOutdatedException')
  })

  test('one commit adds, copies, moves, deletes and changes modes', async () => {
    const { repositoryName, commitId } = await filled({ a: '1', b: '2', 'old/c': '3', d: '4' })
    const answer = await house.invoke('codecommit', 'CreateCommit', {
      repositoryName,
      branchName: 'main',
      parentCommitId: commitId,
      putFiles: [
        file('a', 'changed'),
        { filePath: 'copy', sourceFile: { filePath: 'b' } },
        { filePath: 'new/c', sourceFile: { filePath: 'old/c', isMove: true } },
      ],
      deleteFiles: [{ filePath: 'd' }],
      setFileModes: [{ filePath: 'b', fileMode: 'EXECUTABLE' }],
      keepEmptyFolders: true,
    })
    const paths = (list: any) => list.map((one: any) => one.absolutePath)
    expect(paths(answer.filesAdded)).toEqual(['copy', 'new/c', 'old/.gitkeep'])
    expect(paths(answer.filesUpdated)).toEqual(['a', 'b'])
    expect(paths(answer.filesDeleted)).toEqual(['d', 'old/c'])
    const { differences } = await house.invoke('codecommit', 'GetDifferences', {
      repositoryName,
      beforeCommitSpecifier: commitId,
      afterCommitSpecifier: 'main',
    })
    expect(
      differences!.map(one => [one.changeType, one.afterBlob?.path ?? one.beforeBlob?.path, one.afterBlob?.mode]),
    ).toEqual([
      ['M', 'a', '100644'],
      ['M', 'b', '100755'],
      ['A', 'copy', '100644'],
      ['D', 'd', undefined],
      ['A', 'new/c', '100644'],
      ['A', 'old/.gitkeep', '100644'],
      ['D', 'old/c', undefined],
    ])
  })

  test('CreateCommit refuses what CodeCommit refuses', async () => {
    const { repositoryName, commitId } = await filled({ a: '1', '.gitkeep': '' })
    const commit = (change: object) =>
      code(
        house.invoke('codecommit', 'CreateCommit', {
          repositoryName,
          branchName: 'main',
          parentCommitId: commitId,
          ...change,
        } as any),
      )
    expect(await commit({})).toBe('FileEntryRequiredException')
    expect(await commit({ putFiles: Array.from({ length: 101 }, (_, index) => file(`f${index}`, 'x')) })).toBe(
      'MaximumFileEntriesExceededException',
    )
    expect(await commit({ putFiles: [file('x', '1'), file('x', '2')] })).toBe('SamePathRequestException')
    expect(await commit({ putFiles: [file('x', '1'), file('x/y', '2')] })).toBe('PutFileEntryConflictException')
    expect(await commit({ putFiles: [{ filePath: 'x' }] })).toBe('SourceFileOrContentRequiredException')
    expect(await commit({ putFiles: [{ ...file('x', '1'), sourceFile: { filePath: 'a' } }] })).toBe(
      'FileContentAndSourceFileSpecifiedException',
    )
    expect(await commit({ putFiles: [{ filePath: 'x', sourceFile: { filePath: '.gitkeep' } }] })).toBe(
      'RestrictedSourceFileException',
    )
    expect(await commit({ deleteFiles: [{ filePath: 'nothing' }] })).toBe('FileDoesNotExistException')
    expect(await commit({ setFileModes: [{ filePath: 'a' }] })).toBe('FileModeRequiredException')
    expect(await commit({ putFiles: [file('a', '1')] })).toBe('NoChangeException')
    expect(await commit({ branchName: 'nope', putFiles: [file('a', '2')] })).toBe('BranchDoesNotExistException')
  })

  test('files, folders, blobs and commits that are not there have their own exceptions', async () => {
    const { repositoryName, commitId } = await filled({ 'dir/a': '1' })
    const get = (filePath: string, commitSpecifier?: string) =>
      code(
        house.invoke('codecommit', 'GetFile', {
          repositoryName,
          filePath,
          ...(commitSpecifier && { commitSpecifier }),
        }),
      )
    expect(await get('dir/a', 'refs/heads/main')).toBe('succeeded')
    expect(await get('dir/a', commitId)).toBe('succeeded')
    expect(await get('dir')).toBe('FileDoesNotExistException')
    expect(await get('dir/b')).toBe('FileDoesNotExistException')
    expect(await get('dir/a', 'nothing')).toBe('CommitDoesNotExistException')
    expect(await get('dir/a', 'a..b')).toBe('InvalidCommitException')
    expect(await get('dir/a', '1'.repeat(40))).toBe('CommitDoesNotExistException')
    expect(await code(house.invoke('codecommit', 'GetFolder', { repositoryName, folderPath: 'x' }))).toBe(
      'FolderDoesNotExistException',
    )
    const root = await house.invoke('codecommit', 'GetFolder', { repositoryName, folderPath: '/' })
    expect(root).toMatchObject({
      commitId,
      folderPath: '',
      subFolders: [{ absolutePath: 'dir', relativePath: 'dir' }],
      files: [],
    })
    const blob = (blobId: string) => code(house.invoke('codecommit', 'GetBlob', { repositoryName, blobId }))
    expect([await blob('x'), await blob('1'.repeat(40)), await blob(commitId)]).toEqual([
      'InvalidBlobIdException',
      'BlobIdDoesNotExistException',
      'BlobIdDoesNotExistException',
    ])
    const batch = await house.invoke('codecommit', 'BatchGetCommits', {
      repositoryName,
      commitIds: [commitId, '1'.repeat(40), 'x'],
    })
    expect(batch.commits!.map(one => one.commitId)).toEqual([commitId])
    expect(batch.errors!.map(one => one.errorCode)).toEqual([
      'CommitIdDoesNotExistException',
      'InvalidCommitIdException',
    ])
    const empty = await newRepository()
    expect(await code(house.invoke('codecommit', 'GetFile', { repositoryName: empty, filePath: 'a' }))).toBe(
      'CommitDoesNotExistException',
    )
  })

  test('differences come page by page, of one folder on request', async () => {
    const { repositoryName } = await filled({ a: '1', 'dir/b': '2', 'dir/c': '3', e: '4' })
    const pages: string[][] = []
    let NextToken: string | undefined
    do {
      const answer: any = await house.invoke('codecommit', 'GetDifferences', {
        repositoryName,
        afterCommitSpecifier: 'HEAD',
        MaxResults: 3,
        ...(NextToken && { NextToken }),
      })
      pages.push(answer.differences.map((one: any) => one.afterBlob.path))
      NextToken = answer.NextToken
    } while (NextToken)
    expect(pages).toEqual([['a', 'dir/b', 'dir/c'], ['e']])
    const inside = (afterPath: string) =>
      house.invoke('codecommit', 'GetDifferences', { repositoryName, afterCommitSpecifier: 'HEAD', afterPath })
    expect((await inside('/dir/')).differences!.map(one => one.afterBlob!.path)).toEqual(['b', 'c'])
    expect((await inside('e')).differences!.map(one => one.afterBlob!.path)).toEqual(['e'])
    expect(await code(inside('nothing'))).toBe('PathDoesNotExistException')
  })

  test('of two commits on one parent exactly one wins', async () => {
    const { repositoryName, commitId } = await filled()
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        code(
          house.invoke('codecommit', 'PutFile', {
            repositoryName,
            branchName: 'main',
            parentCommitId: commitId,
            ...file(`f${index}`, 'x'),
          }),
        ),
      ),
    )
    expect(results.toSorted()).toEqual([...Array(5).fill('ParentCommitIdOutdatedException'), 'succeeded'])
  })
})

describe('triggers', () => {
  const trigger = {
    name: 'MyFirstTrigger',
    destinationArn: `arn:aws:sns:${REGION}:${ACCOUNT}:Topic`,
    customData: 'Project ID 12345',
    branches: ['main'],
    events: ['updateReference' as const],
  }

  test('are stored, and tell a topic about the changes that they are about', async () => {
    const { repositoryName, commitId } = await filled()
    const { configurationId } = await house.invoke('codecommit', 'PutRepositoryTriggers', {
      repositoryName,
      triggers: [trigger],
    })
    expect(await house.invoke('codecommit', 'GetRepositoryTriggers', { repositoryName })).toEqual({
      configurationId,
      triggers: [trigger],
    })
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'quiet', commitId })
    const put = await house.invoke('codecommit', 'PutFile', {
      repositoryName,
      branchName: 'main',
      parentCommitId: commitId,
      ...file('x', '1'),
    })
    published.length = 0
    await house.runJobs()
    expect(published).toHaveLength(1)
    expect(published[0]).toMatchObject({
      TopicArn: trigger.destinationArn,
      principal: { service: 'codecommit.amazonaws.com' },
    })
    expect(JSON.parse(published[0].Message).Records[0]).toMatchObject({
      codecommit: { references: [{ commit: put.commitId, ref: 'refs/heads/main' }] },
      customData: 'Project ID 12345',
      eventName: 'ReferenceChanges',
      eventSource: 'aws:codecommit',
      eventTriggerConfigId: configurationId,
      eventTriggerName: 'MyFirstTrigger',
    })
  })

  test('a test sends now and says what failed', async () => {
    const { repositoryName } = await filled()
    const lambda = { ...trigger, name: 'f', destinationArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f` }
    const answer = await house.invoke('codecommit', 'TestRepositoryTriggers', {
      repositoryName,
      triggers: [trigger, lambda],
    })
    expect(answer.successfulExecutions).toEqual(['MyFirstTrigger'])
    expect(answer.failedExecutions).toMatchObject([{ trigger: 'f' }])
  })

  test('are checked as AWS checks them', async () => {
    const { repositoryName } = await filled()
    const put = (change: object) =>
      code(
        house.invoke('codecommit', 'PutRepositoryTriggers', {
          repositoryName,
          triggers: [{ ...trigger, ...change }],
        } as any),
      )
    expect(await put({ name: undefined })).toBe('RepositoryTriggerNameRequiredException')
    expect(await put({ name: 'a b' })).toBe('InvalidRepositoryTriggerNameException')
    expect(await put({ destinationArn: 'arn:aws:sqs:us-east-1:1:x' })).toBe(
      'InvalidRepositoryTriggerDestinationArnException',
    )
    expect(await put({ destinationArn: `arn:aws:sns:eu-west-1:${ACCOUNT}:x` })).toBe(
      'InvalidRepositoryTriggerRegionException',
    )
    expect(await put({ events: [] })).toBe('RepositoryTriggerEventsListRequiredException')
    expect(await put({ events: ['odd'] })).toBe('InvalidRepositoryTriggerEventsException')
    expect(await put({ branches: Array(11).fill('b') })).toBe('MaximumBranchesExceededException')
  })
})

describe('archives for pipelines', () => {
  test('a commit arrives in S3 as a zip, with the permissions of the caller', async () => {
    const { repositoryName, commitId } = await filled()
    const { uploadId } = await house.invoke('codecommit', 'UploadArchive', {
      repositoryName,
      commitId,
      s3Bucket: 'artifacts',
      s3Key: 'p/Source/x',
    })
    expect(uploads.at(-1)!.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04')
    expect(uploads.at(-1)!.includes('README.md')).toBe(true)
    expect(await house.invoke('codecommit', 'GetUploadArchiveStatus', { repositoryName, uploadId })).toEqual({
      status: 'Complete',
      eTag: '"tag"',
      versionId: 'v1',
    })
    expect(
      await code(
        house.invoke('codecommit', 'UploadArchive', {
          repositoryName,
          commitId: '1'.repeat(40),
          s3Bucket: 'a',
          s3Key: 'b',
        }),
      ),
    ).toBe('CommitDoesNotExistException')
  })
})

describe('permissions', () => {
  test('a policy may name the branch of a change', async () => {
    const { repositoryName, commitId } = await filled()
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'codecommit:*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: ['codecommit:PutFile', 'codecommit:DeleteBranch'],
          Resource: '*',
          Condition: {
            StringEqualsIfExists: { 'codecommit:References': ['refs/heads/main'] },
            Null: { 'codecommit:References': 'false' },
          },
        },
      ],
    }
    const user = {
      type: 'user' as const,
      account: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:user/junior`,
      userId: 'AIDA',
      userName: 'junior',
    }
    const strict = await openHouse({
      services: [codecommit],
      identity: { policiesOf: async () => ({ identity: [JSON.stringify(policy)] }) },
    })
    try {
      await strict.invoke('codecommit', 'CreateRepository', { repositoryName })
      const junior = strict.as(user)
      const put = (branchName: string) =>
        code(junior.invoke('codecommit', 'PutFile', { repositoryName, branchName, ...file('x', '1') }))
      expect(await put('main')).toBe('AccessDeniedException')
      expect(await put('feature')).toBe('succeeded')
      expect(commitId).toBeDefined()
    } finally {
      await strict.close()
    }
  })
})
