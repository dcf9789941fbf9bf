// Comments on pull requests and on comparisons, their conversations and reactions.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../../testing/house.ts'
import { codecommit } from '../index.ts'

const repositoryName = 'comments'
let house: TestHouse
let main = ''
let feature = ''
let pullRequestId = ''

const user = (userName: string, tags?: Record<string, string>): Principal => ({
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`,
  userId: `AIDA${userName.toUpperCase()}`,
  userName,
  ...(tags && { session: { expires: new Date('2100-01-01'), tags } }),
})
const li = user('li')
const zoe = user('zoe')
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'succeeded',
    error => error.code,
  )

beforeAll(async () => {
  house = await openHouse({ services: [codecommit] })
  await house.invoke('codecommit', 'CreateRepository', { repositoryName })
  const commit = async (branchName: string, parentCommitId: string | undefined, text: string) =>
    (
      await house.as(li).invoke('codecommit', 'CreateCommit', {
        repositoryName,
        branchName,
        ...(parentCommitId && { parentCommitId }),
        putFiles: [{ filePath: 'src/file', fileContent: Buffer.from(text) }],
      })
    ).commitId!
  main = await commit('main', undefined, 'one\n')
  await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'feature', commitId: main })
  feature = await commit('feature', main, 'one\ntwo\nthree')
  const targets = [{ repositoryName, sourceReference: 'feature' }]
  const { pullRequest } = await house.as(li).invoke('codecommit', 'CreatePullRequest', { title: 'x', targets })
  pullRequestId = pullRequest!.pullRequestId!
})
afterAll(() => house.close())

const post = (more: object = {}, by = zoe) =>
  house.as(by).invoke('codecommit', 'PostCommentForPullRequest', {
    pullRequestId,
    repositoryName,
    beforeCommitId: main,
    afterCommitId: feature,
    content: 'Why?',
    ...more,
  })
const at = (filePosition?: number, relativeFileVersion = 'AFTER', filePath = 'src/file') => ({
  location: { filePath, ...(filePosition !== undefined && { filePosition }), relativeFileVersion },
})

describe('comments on a pull request', () => {
  test('are placed on a line, with the blobs of both sides, and told as an event', async () => {
    house.clock.advance(1000)
    const answer = await post({ ...at(3), clientRequestToken: 'line' })
    const blob = async (commitSpecifier: string) =>
      (await house.invoke('codecommit', 'GetFile', { repositoryName, filePath: 'src/file', commitSpecifier })).blobId
    expect(answer).toEqual({
      repositoryName,
      pullRequestId,
      beforeCommitId: main,
      afterCommitId: feature,
      beforeBlobId: await blob('main'),
      afterBlobId: await blob('feature'),
      location: { filePath: 'src/file', filePosition: 3, relativeFileVersion: 'AFTER' },
      comment: {
        commentId: expect.stringMatching(/^[0-9a-f-]{36}:[0-9a-f-]{36}$/),
        content: 'Why?',
        creationDate: house.clock.now(),
        lastModifiedDate: house.clock.now(),
        authorArn: `arn:aws:iam::${ACCOUNT}:user/zoe`,
        deleted: false,
        clientRequestToken: 'line',
        callerReactions: [],
        reactionCounts: {},
      },
    })
    expect(house.events.at(-1)).toMatchObject({
      'detail-type': 'CodeCommit Comment on Pull Request',
      source: 'aws.codecommit',
      resources: [`arn:aws:codecommit:us-east-1:${ACCOUNT}:${repositoryName}`],
      detail: {
        afterCommitId: feature,
        beforeCommitId: main,
        callerUserArn: `arn:aws:iam::${ACCOUNT}:user/zoe`,
        commentId: answer.comment!.commentId,
        event: 'commentOnPullRequestCreated',
        notificationBody: expect.stringContaining(
          `A comment event occurred in the following AWS CodeCommit repository: ${repositoryName}. The user arn:aws:iam::${ACCOUNT}:user/zoe made a comment. The comment was made on the following Pull Request: ${pullRequestId}. For more information`,
        ),
        pullRequestId,
        repositoryName,
      },
    })
    const { pullRequest } = await house.invoke('codecommit', 'GetPullRequest', { pullRequestId })
    expect(pullRequest!.lastActivityDate).toEqual(house.clock.now())
    expect((await post({ ...at(3), clientRequestToken: 'line' })).comment).toEqual(answer.comment)
    const together = await Promise.all(Array.from({ length: 5 }, () => post({ clientRequestToken: 'five' })))
    expect(new Set(together.map(({ comment }) => comment!.commentId)).size).toBe(1)
    expect(await code(post({ ...at(2), clientRequestToken: 'line' }))).toBe('IdempotencyParameterMismatchException')
    expect(await code(post({ ...at(3), clientRequestToken: 'line' }, li))).toBe('IdempotencyParameterMismatchException')
  })

  test('bad ones are refused', async () => {
    const missing = '0'.repeat(39).concat('1')
    const cases: [object, string][] = [
      [{ content: ' ' }, 'CommentContentRequiredException'],
      [{ content: 'x'.repeat(10_241) }, 'CommentContentSizeLimitExceededException'],
      [{ beforeCommitId: feature }, 'BeforeCommitIdAndAfterCommitIdAreSameException'],
      [{ beforeCommitId: 'main' }, 'InvalidCommitIdException'],
      [{ afterCommitId: missing }, 'CommitDoesNotExistException'],
      [at(4), 'InvalidFilePositionException'],
      [at(0), 'InvalidFilePositionException'],
      [at(2, 'BEFORE'), 'InvalidFilePositionException'],
      [at(1, 'AFTER', 'src/gone'), 'PathDoesNotExistException'],
      [at(1, 'AFTER', 'src'), 'PathDoesNotExistException'],
      [at(1, 'AFTER', 'a/../b'), 'InvalidPathException'],
      [at(1, 'MIDDLE'), 'InvalidRelativeFileVersionEnumException'],
      [{ location: { filePosition: 1 } }, 'InvalidFileLocationException'],
      [{ location: { filePath: 'src/file' } }, 'InvalidRelativeFileVersionEnumException'],
      [{ pullRequestId: '4711' }, 'PullRequestDoesNotExistException'],
      [{ repositoryName: 'gone' }, 'RepositoryDoesNotExistException'],
    ]
    for (const [more, expected] of cases) expect([more, await code(post(more))]).toEqual([more, expected])
    for (const more of [at(1), at(1, 'BEFORE'), at()]) expect(await code(post(more))).toBe('succeeded')
  })

  test('are read by conversation and by page, of all comparisons or of one', async () => {
    const targets = [{ repositoryName, sourceReference: 'feature' }]
    const { pullRequest } = await house.as(li).invoke('codecommit', 'CreatePullRequest', { title: 'y', targets })
    const id = pullRequest!.pullRequestId!
    const first = await post({ pullRequestId: id, content: 'first' })
    house.clock.advance(1000)
    const second = await post({ pullRequestId: id, content: 'second', ...at(1) })
    house.clock.advance(1000)
    const inReplyTo = first.comment!.commentId!
    const reply = await house.as(li).invoke('codecommit', 'PostCommentReply', { inReplyTo, content: 'because' })
    expect(reply.comment).toMatchObject({ inReplyTo, authorArn: `arn:aws:iam::${ACCOUNT}:user/li` })
    expect(house.events.at(-1)!.detail).toMatchObject({
      event: 'commentOnPullRequestCreated',
      inReplyTo,
      pullRequestId: id,
    })
    const list = async (more: object = {}) =>
      house.invoke('codecommit', 'GetCommentsForPullRequest', { pullRequestId: id, ...more })
    const { commentsForPullRequestData: all, nextToken } = await list()
    expect(nextToken).toBeUndefined()
    expect(all).toMatchObject([
      { pullRequestId: id, repositoryName, comments: [{ content: 'first' }, { content: 'because', inReplyTo }] },
      { comments: [{ content: 'second' }], location: second.location!, afterBlobId: second.afterBlobId! },
    ])
    const contents: string[] = []
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await list({ maxResults: 1, ...(token && { nextToken: token }) })
      contents.push(
        ...page.commentsForPullRequestData!.flatMap(({ comments }) => comments!.map(({ content }) => content!)),
      )
      token = page.nextToken
    }
    expect(contents).toEqual(['first', 'because', 'second'])
    const one = { repositoryName, beforeCommitId: main, afterCommitId: feature }
    expect((await list(one)).commentsForPullRequestData).toHaveLength(2)
    expect((await list({ ...one, afterCommitId: main })).commentsForPullRequestData).toEqual([])
    expect(await code(list({ repositoryName }))).toBe('CommitIdRequiredException')
    expect(await code(list({ beforeCommitId: main, afterCommitId: feature }))).toBe('RepositoryNameRequiredException')
    expect(await code(list({ maxResults: 501 }))).toBe('InvalidMaxResultsException')
    expect(await code(list({ nextToken: 'x' }))).toBe('InvalidContinuationTokenException')
  })

  test('are changed by their author, emptied by whoever may, and then stay so', async () => {
    const commentId = (await post()).comment!.commentId!
    const update = (by: Principal, content = 'changed') =>
      house.as(by).invoke('codecommit', 'UpdateComment', { commentId, content })
    expect(await code(update(li))).toBe('CommentNotCreatedByCallerException')
    expect((await update(zoe)).comment).toMatchObject({ content: 'changed' })
    expect(house.events.at(-1)!.detail).toMatchObject({ event: 'commentOnPullRequestUpdated', commentId })
    const get = () => house.invoke('codecommit', 'GetComment', { commentId })
    expect((await get()).comment!.content).toBe('changed')
    const { comment } = await house.as(li).invoke('codecommit', 'DeleteCommentContent', { commentId })
    expect(comment).toMatchObject({ commentId, deleted: true })
    expect(comment).not.toHaveProperty('content')
    expect(await code(get())).toBe('CommentDeletedException')
    expect(await code(update(zoe))).toBe('CommentDeletedException')
    expect(await code(house.invoke('codecommit', 'DeleteCommentContent', { commentId }))).toBe(
      'CommentDeletedException',
    )
    const of = (id: string) => code(house.invoke('codecommit', 'GetComment', { commentId: id }))
    expect(await of('x')).toBe('InvalidCommentIdException')
    expect(await of('')).toBe('CommentIdRequiredException')
    expect(await of(commentId.split(':').reverse().join(':'))).toBe('CommentDoesNotExistException')
  })

  test('carry the names that a session has as tags', async () => {
    await post({}, user('mary', { displayName: 'Mary Major', emailAddress: 'mary@example.com' }))
    expect(house.events.at(-1)!.detail).toMatchObject({
      displayName: 'Mary Major',
      emailAddress: 'mary@example.com',
      notificationBody: expect.stringContaining(
        'The display name for the user is Mary Major. The email address for the user is mary@example.com. The user',
      ),
    })
  })
})

test('comments on comparisons are apart from those on pull requests', async () => {
  const post = (more: object = {}) =>
    house.as(zoe).invoke('codecommit', 'PostCommentForComparedCommit', {
      repositoryName,
      beforeCommitId: main,
      afterCommitId: feature,
      content: 'on both',
      ...more,
    })
  expect(await post(at(2))).toMatchObject({ repositoryName, beforeCommitId: main, location: { filePosition: 2 } })
  expect(house.events.at(-1)).toMatchObject({
    'detail-type': 'CodeCommit Comment on Commit',
    detail: { event: 'commentOnCommitCreated', beforeCommitId: main, afterCommitId: feature },
  })
  await post({ beforeCommitId: undefined, afterCommitId: main, content: 'on the first commit' })
  const read = async (more: object) =>
    (
      await house.invoke('codecommit', 'GetCommentsForComparedCommit', {
        repositoryName,
        afterCommitId: feature,
        ...more,
      })
    ).commentsForComparedCommitData!.flatMap(({ comments }) => comments!.map(({ content }) => content))
  expect(await read({})).toEqual(['on both'])
  expect(await read({ beforeCommitId: main })).toEqual(['on both'])
  expect(await read({ afterCommitId: main })).toEqual(['on the first commit'])
  expect(await code(read({ afterCommitId: '0'.repeat(39).concat('1') }))).toBe('CommitDoesNotExistException')
})

test('everybody has one reaction to a comment, written in three ways', async () => {
  const commentId = (await post()).comment!.commentId!
  const react = (by: Principal, reactionValue: string) =>
    house.as(by).invoke('codecommit', 'PutCommentReaction', { commentId, reactionValue })
  await react(li, ':thumbsup:')
  await react(zoe, '👍')
  await react(user('mary'), 'U+1F615')
  expect(house.events.at(-1)).toMatchObject({
    'detail-type': 'CodeCommit Comment Reaction Change',
    detail: {
      event: 'commentReactionCreated',
      reactionEmojis: ['😕'],
      reactionShortcodes: [':confused:'],
      reactionUnicodes: ['U+1F615'],
    },
  })
  expect((await house.as(li).invoke('codecommit', 'GetComment', { commentId })).comment).toMatchObject({
    callerReactions: ['THUMBSUP'],
    reactionCounts: { THUMBSUP: 2, CONFUSED: 1 },
  })
  await react(zoe, 'heart')
  expect(house.events.at(-1)!.detail).toMatchObject({ event: 'commentReactionUpdated' })
  await react(li, 'none')
  expect(await code(react(li, ':unknown:'))).toBe('InvalidReactionValueException')
  const reactions = (more: object = {}) => house.invoke('codecommit', 'GetCommentReactions', { commentId, ...more })
  const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`
  expect(await reactions()).toEqual({
    reactionsForComment: [
      {
        reaction: { emoji: '😕', shortCode: ':confused:', unicode: 'U+1F615' },
        reactionUsers: [arn('mary')],
        reactionsFromDeletedUsersCount: 0,
      },
      {
        reaction: { emoji: '❤️', shortCode: ':heart:', unicode: 'U+2764' },
        reactionUsers: [arn('zoe')],
        reactionsFromDeletedUsersCount: 0,
      },
    ],
  })
  const first = await reactions({ maxResults: 1 })
  expect((await reactions({ nextToken: first.nextToken })).reactionsForComment![0]!.reactionUsers).toEqual([arn('zoe')])
  expect((await reactions({ reactionUserArn: arn('zoe') })).reactionsForComment).toHaveLength(1)
  expect(await code(reactions({ reactionUserArn: 'zoe' }))).toBe('InvalidReactionUserArnException')
})
