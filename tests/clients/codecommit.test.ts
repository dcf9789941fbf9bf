// Repositories with real aws command lines.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli, until } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const clis = await findClis()

let yard: Yard
clientsYard(opened => {
  yard = opened
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  beforeAll(async () => {
    aws = await openCli(program, yard)
  })
  afterAll(() => aws?.close())

  /** The second generation is configured to take text, as the first does. */
  const bytes = (text: string) => text

  test('repositories are made, described, renamed, listed and deleted', async () => {
    const name = `first-${slug}`
    const { repositoryMetadata } =
      await aws`codecommit create-repository --repository-name ${name} --repository-description ${'the first'} --tags team=blue`
    expect(repositoryMetadata).toMatchObject({
      accountId: '000000000000',
      repositoryName: name,
      repositoryDescription: 'the first',
      Arn: `arn:aws:codecommit:us-east-1:000000000000:${name}`,
      cloneUrlHttp: `${yard.endpoint}/v1/repos/${name}`,
    })
    expect(repositoryMetadata.repositoryId).toMatch(/^[0-9a-f-]{36}$/)
    await expect(aws`codecommit create-repository --repository-name ${name}`).rejects.toThrow(
      `An error occurred (RepositoryNameExistsException) when calling the CreateRepository operation: Repository named ${name} already exists`,
    )
    await expect(aws`codecommit create-repository --repository-name ${'no good'}`).rejects.toThrow(
      'An error occurred (InvalidRepositoryNameException) when calling the CreateRepository operation',
    )
    expect((await aws`codecommit list-tags-for-resource --resource-arn ${repositoryMetadata.Arn}`).tags).toEqual({
      team: 'blue',
    })
    await aws`codecommit update-repository-description --repository-name ${name} --repository-description changed`
    await aws`codecommit update-repository-name --old-name ${name} --new-name ${name}-renamed`
    expect((await aws`codecommit get-repository --repository-name ${name}-renamed`).repositoryMetadata).toMatchObject({
      repositoryDescription: 'changed',
      repositoryId: repositoryMetadata.repositoryId,
    })
    const batch = await aws`codecommit batch-get-repositories --repository-names ${name}-renamed missing-${slug}`
    expect(batch).toMatchObject({
      repositories: [{ repositoryName: `${name}-renamed` }],
      repositoriesNotFound: [`missing-${slug}`],
    })
    const { repositories } = await aws`codecommit list-repositories --sort-by repositoryName --order ascending`
    expect(repositories).toContainEqual({
      repositoryName: `${name}-renamed`,
      repositoryId: repositoryMetadata.repositoryId,
    })
    expect(await aws`codecommit delete-repository --repository-name ${name}-renamed`).toEqual({
      repositoryId: repositoryMetadata.repositoryId,
    })
    await expect(aws`codecommit get-repository --repository-name ${name}-renamed`).rejects.toThrow(
      `An error occurred (RepositoryDoesNotExistException) when calling the GetRepository operation: ${name}-renamed does not exist`,
    )
  })

  test('files and commits are made and read without git', async () => {
    const repo = `files-${slug}`
    await aws`codecommit create-repository --repository-name ${repo}`
    await writeFile(join(aws.home, 'a.txt'), 'one\n')
    const put =
      await aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path docs/a.txt --file-content fileb://a.txt --commit-message ${'Add a'} --name Ada --email ada@example.com`
    expect(put.commitId).toMatch(/^[0-9a-f]{40}$/)
    expect(put.blobId).toMatch(/^[0-9a-f]{40}$/)
    expect((await aws`codecommit get-repository --repository-name ${repo}`).repositoryMetadata.defaultBranch).toBe(
      'main',
    )
    await expect(
      aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path docs/a.txt --file-content fileb://a.txt --parent-commit-id ${put.commitId}`,
    ).rejects.toThrow('An error occurred (SameFileContentException) when calling the PutFile operation')
    await expect(
      aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path b.txt --file-content fileb://a.txt`,
    ).rejects.toThrow('An error occurred (ParentCommitIdRequiredException) when calling the PutFile operation')

    const commit =
      await aws`codecommit create-commit --repository-name ${repo} --branch-name main --parent-commit-id ${put.commitId} --author-name Bob --email bob@example.com --commit-message ${'Two more'} --put-files ${[
        { filePath: 'run.sh', fileMode: 'EXECUTABLE', fileContent: bytes('#!/bin/sh\n') },
        { filePath: 'docs/deep/c.txt', fileContent: bytes('c\n') },
      ]} --delete-files filePath=docs/a.txt`
    expect(commit.filesAdded.map((file: any) => file.absolutePath).sort()).toEqual(['docs/deep/c.txt', 'run.sh'])
    expect(commit.filesDeleted).toMatchObject([{ absolutePath: 'docs/a.txt' }])

    expect((await aws`codecommit get-branch --repository-name ${repo} --branch-name main`).branch).toEqual({
      branchName: 'main',
      commitId: commit.commitId,
    })
    expect(
      (await aws`codecommit get-commit --repository-name ${repo} --commit-id ${commit.commitId}`).commit,
    ).toMatchObject({
      parents: [put.commitId],
      message: 'Two more',
      author: { name: 'Bob', email: 'bob@example.com' },
    })
    await aws`codecommit get-commit --repository-name ${repo} --commit-id ${commit.commitId.slice(0, 7)}`.then(
      () => undefined,
      (error: Error) => expect(error.message).toContain('InvalidCommitIdException'),
    )
    const file = await aws`codecommit get-file --repository-name ${repo} --file-path run.sh`
    expect(file).toMatchObject({ commitId: commit.commitId, fileMode: 'EXECUTABLE', filePath: 'run.sh' })
    const old =
      await aws`codecommit get-file --repository-name ${repo} --file-path docs/a.txt --commit-specifier ${put.commitId}`
    expect(Buffer.from(old.fileContent, 'base64').toString()).toBe('one\n')
    await expect(aws`codecommit get-file --repository-name ${repo} --file-path docs/a.txt`).rejects.toThrow(
      'An error occurred (FileDoesNotExistException) when calling the GetFile operation',
    )
    const folder = await aws`codecommit get-folder --repository-name ${repo} --folder-path docs`
    expect(folder).toMatchObject({
      folderPath: 'docs',
      files: [],
      subFolders: [{ absolutePath: 'docs/deep', relativePath: 'deep' }],
    })
    await expect(aws`codecommit get-folder --repository-name ${repo} --folder-path nowhere`).rejects.toThrow(
      'An error occurred (FolderDoesNotExistException) when calling the GetFolder operation',
    )
    const differences =
      await aws`codecommit get-differences --repository-name ${repo} --before-commit-specifier ${put.commitId} --after-commit-specifier main`
    const all = differences.differences ?? differences
    expect(all.map((one: any) => [one.changeType, (one.afterBlob ?? one.beforeBlob).path]).sort()).toEqual([
      ['A', 'docs/deep/c.txt'],
      ['A', 'run.sh'],
      ['D', 'docs/a.txt'],
    ])
    const { content } = await aws`codecommit get-blob --repository-name ${repo} --blob-id ${put.blobId}`
    expect(Buffer.from(content, 'base64').toString()).toBe('one\n')
    const removed =
      await aws`codecommit delete-file --repository-name ${repo} --branch-name main --file-path run.sh --parent-commit-id ${commit.commitId}`
    expect(removed.filePath).toBe('run.sh')
  })

  test('branches are made, listed, made default and deleted, the default one never', async () => {
    const repo = `branches-${slug}`
    await aws`codecommit create-repository --repository-name ${repo}`
    await writeFile(join(aws.home, 'a.txt'), 'one\n')
    const { commitId } =
      await aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path a --file-content fileb://a.txt`
    await aws`codecommit create-branch --repository-name ${repo} --branch-name topic --commit-id ${commitId}`
    await expect(
      aws`codecommit create-branch --repository-name ${repo} --branch-name topic --commit-id ${commitId}`,
    ).rejects.toThrow('An error occurred (BranchNameExistsException) when calling the CreateBranch operation')
    await expect(
      aws`codecommit create-branch --repository-name ${repo} --branch-name other --commit-id ${'0'.repeat(40)}`,
    ).rejects.toThrow('An error occurred (CommitDoesNotExistException) when calling the CreateBranch operation')
    expect((await aws`codecommit list-branches --repository-name ${repo}`).branches.sort()).toEqual(['main', 'topic'])
    await expect(aws`codecommit delete-branch --repository-name ${repo} --branch-name main`).rejects.toThrow(
      'An error occurred (DefaultBranchCannotBeDeletedException) when calling the DeleteBranch operation',
    )
    await aws`codecommit update-default-branch --repository-name ${repo} --default-branch-name topic`
    expect((await aws`codecommit delete-branch --repository-name ${repo} --branch-name main`).deletedBranch).toEqual({
      branchName: 'main',
      commitId,
    })
    await expect(aws`codecommit get-branch --repository-name ${repo} --branch-name main`).rejects.toThrow(
      'An error occurred (BranchDoesNotExistException) when calling the GetBranch operation',
    )
  })

  test('every change is in the event history', async () => {
    const name = `history-${slug}`
    await aws`codecommit create-repository --repository-name ${name}`
    await expect(aws`codecommit get-repository --repository-name none-${slug}`).rejects.toThrow(
      '(RepositoryDoesNotExistException)',
    )
    const { Events } = await until(
      () => aws`cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateRepository`,
      answer => answer.Events.some((event: any) => event.CloudTrailEvent.includes(name)),
    )
    const event = JSON.parse(Events.find((one: any) => one.CloudTrailEvent.includes(`"${name}"`)).CloudTrailEvent)
    expect(event).toMatchObject({
      eventSource: 'codecommit.amazonaws.com',
      eventName: 'CreateRepository',
      awsRegion: 'us-east-1',
      userIdentity: { type: 'Root', accountId: '000000000000' },
      requestParameters: { repositoryName: name },
    })
    expect(event.userAgent).toContain('aws-cli/')
  })
})
