// Pull requests from their creation to their end, and what pushes do to them.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signature } from '../../../git/index.ts'
import type { Principal } from '../../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../../testing/house.ts'
import { codecommit } from '../index.ts'
import { directoryOf } from '../store.ts'

const EVENTS = 'CodeCommit Pull Request State Change'
let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [codecommit], now: '2026-03-02T10:00:00Z' })
})
afterAll(() => house.close())

const user = (userName: string): Principal => ({
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`,
  userId: `AIDA${userName.toUpperCase()}`,
  userName,
})
const li = user('li')
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'succeeded',
    error => error.code,
  )

let count = 0
let repositoryName = ''
let main = ''
let feature = ''
type Files = Record<string, string>

async function commit(branchName: string, parentCommitId: string | undefined, files: Files, by: Principal = li) {
  const { commitId } = await house.as(by).invoke('codecommit', 'CreateCommit', {
    repositoryName,
    branchName,
    ...(parentCommitId && { parentCommitId }),
    putFiles: Object.entries(files).map(([filePath, text]) => ({ filePath, fileContent: Buffer.from(text) })),
  })
  return commitId!
}

beforeEach(async () => {
  repositoryName = `pulls-${++count}`
  await house.invoke('codecommit', 'CreateRepository', { repositoryName })
  main = await commit('main', undefined, { base: '1\n' })
  await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'feature', commitId: main })
  feature = await commit('feature', main, { new: '2\n' })
  house.clock.advance(1000)
})

const open = async (more: object = {}, target: object = {}) =>
  (
    await house.as(li).invoke('codecommit', 'CreatePullRequest', {
      title: 'A new file',
      targets: [{ repositoryName, sourceReference: 'feature', ...target }],
      ...more,
    })
  ).pullRequest!
const get = async (pullRequestId: string) =>
  (await house.invoke('codecommit', 'GetPullRequest', { pullRequestId })).pullRequest!
const target = async (pullRequestId: string) => (await get(pullRequestId)).pullRequestTargets![0]!
const eventsOf = (pullRequestId: string) =>
  house.events
    .filter(event => event['detail-type'] === EVENTS && event.detail.pullRequestId === pullRequestId)
    .map(({ detail }) => detail)
const history = async (pullRequestId: string) =>
  (await house.invoke('codecommit', 'DescribePullRequestEvents', { pullRequestId })).pullRequestEvents!.map(
    ({ pullRequestEventType }) => pullRequestEventType!.replace('PULL_REQUEST_', ''),
  )
const tip = async (branchName: string) =>
  (await house.invoke('codecommit', 'GetBranch', { repositoryName, branchName })).branch!.commitId!
const merge = (
  kind: 'FastForward' | 'Squash' | 'ThreeWay',
  pullRequestId: string,
  more: object = {},
  by = user('zoe'),
) => house.as(by).invoke('codecommit', `MergePullRequestBy${kind}`, { pullRequestId, repositoryName, ...more })

describe('creation', () => {
  test('shows both tips, their merge base, a revision and the author, and goes to the default branch', async () => {
    const created = await open({ description: 'what for', clientRequestToken: 'token-1' })
    expect(created).toEqual({
      pullRequestId: expect.stringMatching(/^\d+$/),
      title: 'A new file',
      description: 'what for',
      lastActivityDate: house.clock.now(),
      creationDate: house.clock.now(),
      pullRequestStatus: 'OPEN',
      authorArn: li.type === 'user' && li.arn,
      pullRequestTargets: [
        {
          repositoryName,
          sourceReference: 'refs/heads/feature',
          destinationReference: 'refs/heads/main',
          sourceCommit: feature,
          destinationCommit: main,
          mergeBase: main,
          mergeMetadata: { isMerged: false },
        },
      ],
      clientRequestToken: 'token-1',
      revisionId: expect.stringMatching(/^[0-9a-f]{64}$/),
      approvalRules: [],
    })
    expect(await get(created.pullRequestId!)).toEqual(created)
    expect(eventsOf(created.pullRequestId!)).toEqual([
      {
        author: `arn:aws:iam::${ACCOUNT}:user/li`,
        callerUserArn: `arn:aws:iam::${ACCOUNT}:user/li`,
        creationDate: expect.stringMatching(/^Mon Mar 02 10:\d\d:\d\d UTC 2026$/),
        description: 'what for',
        destinationCommit: main,
        destinationReference: 'refs/heads/main',
        event: 'pullRequestCreated',
        isMerged: 'False',
        lastModifiedDate: expect.stringMatching(/^Mon Mar 02 10:\d\d:\d\d UTC 2026$/),
        notificationBody: expect.stringContaining(
          `A pull request event occurred in the following AWS CodeCommit repository: ${repositoryName}. User: arn:aws:iam::${ACCOUNT}:user/li. Event: Created. The pull request was created with the following information: Pull Request ID as ${created.pullRequestId} and title as A new file. For more information`,
        ),
        pullRequestId: created.pullRequestId,
        pullRequestStatus: 'Open',
        repositoryNames: [repositoryName],
        revisionId: created.revisionId,
        sourceCommit: feature,
        sourceReference: 'refs/heads/feature',
        title: 'A new file',
      },
    ])
    expect(await history(created.pullRequestId!)).toEqual(['CREATED'])
  })

  test('the same token answers the same pull request, with other parameters it is refused', async () => {
    const clientRequestToken = `again-${repositoryName}`
    const first = await open({ clientRequestToken })
    expect(await open({ clientRequestToken })).toEqual(first)
    expect(eventsOf(first.pullRequestId!)).toHaveLength(1)
    expect(await code(open({ clientRequestToken, title: 'another' }))).toBe('IdempotencyParameterMismatchException')
    expect(await code(open({ clientRequestToken: '' }))).toBe('ClientRequestTokenRequiredException')
    const together = await Promise.all(
      Array.from({ length: 5 }, () => open({ clientRequestToken: `five-${repositoryName}` })),
    )
    expect(new Set(together.map(({ pullRequestId }) => pullRequestId)).size).toBe(1)
    await house.invoke('codecommit', 'DeleteBranch', { repositoryName, branchName: 'feature' })
    expect(await open({ clientRequestToken })).toMatchObject({
      pullRequestId: first.pullRequestId,
      pullRequestStatus: 'CLOSED',
    })
  })

  test('ids count up', async () => {
    const first = Number((await open()).pullRequestId)
    expect(Number((await open()).pullRequestId)).toBe(first + 1)
  })

  test('a bad request is told what is wrong', async () => {
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'other', commitId: main })
    const targets = (...all: object[]) => ({ targets: all as any })
    const cases: [object, string][] = [
      [{ title: ' ' }, 'TitleRequiredException'],
      [{ title: 'x'.repeat(151) }, 'InvalidTitleException'],
      [{ description: 'x'.repeat(10_241) }, 'InvalidDescriptionException'],
      [targets(), 'TargetsRequiredException'],
      [targets({ repositoryName, sourceReference: 'gone' }), 'ReferenceDoesNotExistException'],
      [targets({ repositoryName, sourceReference: 'a..b' }), 'InvalidReferenceNameException'],
      [targets({ repositoryName, sourceReference: main }), 'ReferenceTypeNotSupportedException'],
      [targets({ repositoryName, sourceReference: 'refs/tags/v1' }), 'ReferenceTypeNotSupportedException'],
      [targets({ repositoryName, sourceReference: 'main' }), 'SourceAndDestinationAreSameException'],
      [targets({ repositoryName: 'gone', sourceReference: 'feature' }), 'RepositoryDoesNotExistException'],
      [targets({ repositoryName }), 'ReferenceNameRequiredException'],
      [
        targets({ repositoryName, sourceReference: 'feature' }, { repositoryName: 'b', sourceReference: 'feature' }),
        'MultipleRepositoriesInPullRequestException',
      ],
      [
        targets({ repositoryName, sourceReference: 'feature' }, { repositoryName, sourceReference: 'other' }),
        'InvalidTargetsException',
      ],
    ]
    for (const [more, expected] of cases) expect([more, await code(open(more))]).toEqual([more, expected])
    expect((await open({}, { destinationReference: 'refs/heads/other' })).pullRequestTargets![0]).toMatchObject({
      destinationReference: 'refs/heads/other',
    })
  })

  test('ids that are none and ids of nothing are told apart', async () => {
    expect(await code(get('x'))).toBe('InvalidPullRequestIdException')
    expect(await code(get('0'))).toBe('InvalidPullRequestIdException')
    expect(await code(get(''))).toBe('PullRequestIdRequiredException')
    await expect(get('987654')).rejects.toMatchObject({
      code: 'PullRequestDoesNotExistException',
      message:
        'The pull request ID could not be found. Make sure that you have specified the correct repository name and pull request ID, and then try again.',
    })
  })
})

describe('lists and words', () => {
  test('those with the latest activity come first, by page, by author and by status', async () => {
    const ids: string[] = []
    for (let index = 0; index < 3; index++) {
      ids.push((await open({ title: `number ${index}` })).pullRequestId!)
      house.clock.advance(1000)
    }
    await house.as(li).invoke('codecommit', 'UpdatePullRequestTitle', { pullRequestId: ids[0]!, title: 'changed' })
    const expected = [ids[0], ids[2], ids[1]]
    const list = (more: object) => house.invoke('codecommit', 'ListPullRequests', { repositoryName, ...more })
    const first = await list({ maxResults: 2 })
    const second = await list({ maxResults: 2, nextToken: first.nextToken })
    expect([...first.pullRequestIds!, ...second.pullRequestIds!]).toEqual(expected)
    expect(second.nextToken).toBeUndefined()
    expect((await list({ pullRequestStatus: 'CLOSED' })).pullRequestIds).toEqual([])
    expect((await list({ authorArn: `arn:aws:iam::${ACCOUNT}:user/li` })).pullRequestIds).toEqual(expected)
    expect((await list({ authorArn: `arn:aws:iam::${ACCOUNT}:user/zoe` })).pullRequestIds).toEqual([])
    expect(await code(list({ authorArn: 'li' }))).toBe('InvalidAuthorArnException')
    expect(await code(list({ nextToken: 'x' }))).toBe('InvalidContinuationTokenException')
    expect(await code(list({ pullRequestStatus: 'MERGED' }))).toBe('InvalidPullRequestStatusException')
  })

  test('title and description change while it is open; closed is for ever', async () => {
    const { pullRequestId } = await open({ description: 'one' })
    const id = { pullRequestId: pullRequestId! }
    const update = house.as(li).invoke
    expect((await update('codecommit', 'UpdatePullRequestTitle', { ...id, title: 'two' })).pullRequest!.title).toBe(
      'two',
    )
    const described = await update('codecommit', 'UpdatePullRequestDescription', { ...id, description: '' })
    expect(described.pullRequest).not.toHaveProperty('description')
    expect(described.pullRequest!.title).toBe('two')
    const status = (pullRequestStatus: 'OPEN' | 'CLOSED') =>
      update('codecommit', 'UpdatePullRequestStatus', { ...id, pullRequestStatus })
    expect((await status('OPEN')).pullRequest!.pullRequestStatus).toBe('OPEN')
    expect((await status('CLOSED')).pullRequest).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [{ mergeMetadata: { isMerged: false } }],
    })
    expect((await status('CLOSED')).pullRequest!.pullRequestStatus).toBe('CLOSED')
    expect(await code(status('OPEN'))).toBe('InvalidPullRequestStatusUpdateException')
    expect(await code(update('codecommit', 'UpdatePullRequestTitle', { ...id, title: 'x' }))).toBe(
      'PullRequestAlreadyClosedException',
    )
    expect(await code(merge('FastForward', pullRequestId!))).toBe('PullRequestAlreadyClosedException')
    expect(await history(pullRequestId!)).toEqual(['CREATED', 'STATUS_CHANGED'])
    expect(eventsOf(pullRequestId!).at(-1)).toMatchObject({
      event: 'pullRequestStatusChanged',
      pullRequestStatus: 'Closed',
      isMerged: 'False',
      notificationBody: expect.stringContaining('The pull request status has been updated. The status is closed.'),
    })
  })

  test('the history is told by page, by type and by actor', async () => {
    const { pullRequestId } = await open()
    await commit('feature', feature, { more: '3' }, user('zoe'))
    const events = (more: object) =>
      house.invoke('codecommit', 'DescribePullRequestEvents', { pullRequestId: pullRequestId!, ...more })
    const first = await events({ maxResults: 1 })
    expect(first.pullRequestEvents![0]).toMatchObject({
      pullRequestEventType: 'PULL_REQUEST_CREATED',
      actorArn: `arn:aws:iam::${ACCOUNT}:user/li`,
      pullRequestCreatedEventMetadata: {
        repositoryName,
        sourceCommitId: feature,
        destinationCommitId: main,
        mergeBase: main,
      },
    })
    const second = await events({ maxResults: 1, nextToken: first.nextToken })
    expect(second).toEqual({
      pullRequestEvents: [
        {
          pullRequestId,
          eventDate: house.clock.now(),
          pullRequestEventType: 'PULL_REQUEST_SOURCE_REFERENCE_UPDATED',
          actorArn: `arn:aws:iam::${ACCOUNT}:user/zoe`,
          pullRequestSourceReferenceUpdatedEventMetadata: {
            repositoryName,
            beforeCommitId: main,
            afterCommitId: await tip('feature'),
            mergeBase: main,
          },
        },
      ],
    })
    const ofType = await events({ pullRequestEventType: 'PULL_REQUEST_CREATED' })
    expect(ofType.pullRequestEvents).toHaveLength(1)
    expect((await events({ actorArn: `arn:aws:iam::${ACCOUNT}:user/zoe` })).pullRequestEvents).toHaveLength(1)
    expect(await code(events({ maxResults: 101 }))).toBe('InvalidMaxResultsException')
    expect(await code(events({ pullRequestEventType: 'X' }))).toBe('InvalidPullRequestEventTypeException')
  })
})

describe('branches move', () => {
  test('a push to the source is a new revision', async () => {
    const before = await open()
    house.clock.advance(1000)
    const next = await commit('feature', feature, { more: '3' })
    const after = await get(before.pullRequestId!)
    expect(after.revisionId).not.toBe(before.revisionId)
    expect(after.lastActivityDate).toEqual(house.clock.now())
    expect(after.pullRequestTargets![0]).toMatchObject({ sourceCommit: next, destinationCommit: main, mergeBase: main })
    expect(eventsOf(before.pullRequestId!).at(-1)).toMatchObject({
      event: 'pullRequestSourceBranchUpdated',
      sourceCommit: next,
      revisionId: after.revisionId,
      notificationBody: expect.stringContaining('with one or more commits to the source branch: feature.'),
    })
  })

  test('the destination is shown where it is now, without a new revision', async () => {
    const before = await open()
    const next = await commit('main', main, { other: '3' })
    const after = await get(before.pullRequestId!)
    expect(after.revisionId).toBe(before.revisionId)
    expect(after.lastActivityDate).toEqual(before.lastActivityDate)
    expect(after.pullRequestTargets![0]).toMatchObject({
      sourceCommit: feature,
      destinationCommit: next,
      mergeBase: main,
    })
    expect(eventsOf(before.pullRequestId!)).toHaveLength(1)
  })

  test.each(['feature', 'dest'])('deleting the branch %s closes it', async branchName => {
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'dest', commitId: main })
    const { pullRequestId } = await open({}, { destinationReference: 'dest' })
    await house.invoke('codecommit', 'DeleteBranch', { repositoryName, branchName })
    expect(await get(pullRequestId!)).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [{ sourceCommit: feature, destinationCommit: main, mergeMetadata: { isMerged: false } }],
    })
    expect(await history(pullRequestId!)).toEqual(['CREATED', 'STATUS_CHANGED'])
    expect(eventsOf(pullRequestId!).at(-1)!.event).toBe('pullRequestStatusChanged')
  })

  test('a push that takes the destination forward to the source merges it', async () => {
    const { pullRequestId } = await open()
    await house.as(user('zoe')).invoke('codecommit', 'GitPush', {
      repositoryName,
      references: [{ ref: 'refs/heads/main', oldCommit: main, commit: feature, type: 'commit' }],
    } as any)
    expect(await get(pullRequestId!)).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [
        {
          sourceCommit: feature,
          destinationCommit: main,
          mergeMetadata: {
            isMerged: true,
            mergedBy: `arn:aws:iam::${ACCOUNT}:user/zoe`,
            mergeOption: 'FAST_FORWARD_MERGE',
          },
        },
      ],
    })
    expect(await history(pullRequestId!)).toEqual(['CREATED', 'MERGE_STATE_CHANGED'])
    expect(eventsOf(pullRequestId!).at(-1)).toMatchObject({
      event: 'pullRequestMergeStatusUpdated',
      isMerged: 'True',
      pullRequestStatus: 'Closed',
      mergeOption: 'FAST_FORWARD_MERGE',
    })
  })

  test('a push of a merge commit leaves it open, and others stay what they are', async () => {
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'two', commitId: main })
    await commit('two', main, { two: '2' })
    const { pullRequestId } = await open()
    const other = await open({}, { sourceReference: 'two' })
    const { commitId } = await house.invoke('codecommit', 'CreateUnreferencedMergeCommit', {
      repositoryName,
      sourceCommitSpecifier: 'feature',
      destinationCommitSpecifier: 'main',
      mergeOption: 'THREE_WAY_MERGE',
    })
    await house.invoke('codecommit', 'GitPush', {
      repositoryName,
      references: [{ ref: 'refs/heads/main', oldCommit: main, commit: commitId, type: 'commit' }],
    } as any)
    expect((await get(pullRequestId!)).pullRequestStatus).toBe('OPEN')
    expect(await target(other.pullRequestId!)).toMatchObject({ destinationCommit: commitId, mergeBase: main })
  })

  test('a thousand open ones are enough, and cost a push little', async () => {
    const { pullRequestId } = await open()
    await house.transaction(
      ({ tx }) => tx.run`
        insert into codecommit.pull_requests (account, region, number, repository_id, title, status, author_arn, request_hash,
          source_reference, destination_reference, source_commit, destination_commit, merge_base_of, revision_id, created_at,
          last_activity_at)
        select account, region, 1000000 + n, repository_id, title, status, author_arn, request_hash, source_reference,
          destination_reference, source_commit, destination_commit, merge_base_of, revision_id, created_at, last_activity_at
        from codecommit.pull_requests, generate_series(1, 999) as n where number = ${Number(pullRequestId)}`,
    )
    expect(await code(open())).toBe('MaximumOpenPullRequestsExceededException')
    const started = performance.now()
    const next = await commit('main', main, { other: '3' })
    expect(performance.now() - started).toBeLessThan(5000)
    expect(await target('1000999')).toMatchObject({ destinationCommit: next, sourceCommit: feature, mergeBase: main })
    await house.invoke('codecommit', 'UpdatePullRequestStatus', {
      pullRequestId: '1000001',
      pullRequestStatus: 'CLOSED',
    })
    expect(await code(open())).toBe('succeeded')
  })

  test('a deleted repository takes its pull requests with it', async () => {
    const { pullRequestId } = await open()
    await house.invoke('codecommit', 'DeleteRepository', { repositoryName })
    expect(await code(get(pullRequestId!))).toBe('PullRequestDoesNotExistException')
  })
})

describe('merging', () => {
  test('fast forward moves the destination, closes, and tells who did it', async () => {
    const { pullRequestId } = await open()
    const { pullRequest } = await merge('FastForward', pullRequestId!, { sourceCommitId: feature })
    expect(pullRequest).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [
        {
          sourceCommit: feature,
          destinationCommit: main,
          mergeBase: main,
          mergeMetadata: {
            isMerged: true,
            mergedBy: `arn:aws:iam::${ACCOUNT}:user/zoe`,
            mergeOption: 'FAST_FORWARD_MERGE',
          },
        },
      ],
    })
    expect(await tip('main')).toBe(feature)
    const [moved, merged] = house.events.slice(-2)
    expect(moved!.detail).toMatchObject({
      event: 'referenceUpdated',
      referenceFullName: 'refs/heads/main',
      commitId: feature,
      oldCommitId: main,
      mergeOption: 'FAST_FORWARD_MERGE',
    })
    expect(merged!.detail).toMatchObject({ event: 'pullRequestMergeStatusUpdated', pullRequestId })
    expect(await history(pullRequestId!)).toEqual(['CREATED', 'MERGE_STATE_CHANGED'])
  })

  test('squash and three-way make a commit by the caller', async () => {
    const next = await commit('main', main, { other: '3' })
    const first = await open()
    expect(await code(merge('FastForward', first.pullRequestId!))).toBe('ManualMergeRequiredException')
    expect(await tip('main')).toBe(next)
    const squashed = await merge('Squash', first.pullRequestId!)
    const { mergeCommitId, mergeOption } = squashed.pullRequest!.pullRequestTargets![0]!.mergeMetadata!
    expect([mergeCommitId, mergeOption]).toEqual([await tip('main'), 'SQUASH_MERGE'])
    const { commit: made } = await house.invoke('codecommit', 'GetCommit', { repositoryName, commitId: mergeCommitId! })
    expect(made).toMatchObject({
      parents: [next],
      author: { name: 'zoe' },
      message: 'Squash merge feature into main\n',
    })

    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'second', commitId: main })
    const source = await commit('second', main, { second: '4' })
    const { pullRequestId } = await open({}, { sourceReference: 'second' })
    const more = { authorName: 'Zoe Z', email: 'zoe@example.com', commitMessage: 'my words' }
    const { pullRequest } = await merge('ThreeWay', pullRequestId!, more)
    const commitId = pullRequest!.pullRequestTargets![0]!.mergeMetadata!.mergeCommitId!
    expect((await house.invoke('codecommit', 'GetCommit', { repositoryName, commitId })).commit).toMatchObject({
      parents: [mergeCommitId, source],
      author: { name: 'Zoe Z', email: 'zoe@example.com' },
      message: 'my words',
    })
  })

  test('conflicts are for people, unless a strategy resolves them', async () => {
    await commit('main', main, { new: 'mine\n' })
    const { pullRequestId } = await open()
    expect(await code(merge('Squash', pullRequestId!))).toBe('ManualMergeRequiredException')
    expect((await get(pullRequestId!)).pullRequestStatus).toBe('OPEN')
    await merge('Squash', pullRequestId!, {
      conflictDetailLevel: 'LINE_LEVEL',
      conflictResolutionStrategy: 'AUTOMERGE',
      conflictResolution: {
        replaceContents: [
          { filePath: 'new', replacementType: 'USE_NEW_CONTENT', content: Buffer.from('both\n'), fileMode: 'NORMAL' },
        ],
      },
    })
    const { fileContent } = await house.invoke('codecommit', 'GetFile', { repositoryName, filePath: 'new' })
    expect(Buffer.from(fileContent!).toString()).toBe('both\n')
    expect(eventsOf(pullRequestId!).at(-1)).toMatchObject({ mergeOption: 'SQUASH_MERGE' })
    expect(house.events.at(-2)!.detail).toMatchObject({
      event: 'referenceUpdated',
      conflictDetailsLevel: 'LINE_LEVEL',
      conflictResolutionStrategy: 'AUTOMERGE',
    })
  })

  test('branches without a common commit have no merge base and cannot be merged', async () => {
    const { repositoryMetadata } = await house.invoke('codecommit', 'GetRepository', { repositoryName })
    const directory = await directoryOf(house.config, { id: repositoryMetadata!.repositoryId! })
    const author = signature('li', 'li@example.com', house.clock.now())
    const { tree } = (await directory.commit(main))!
    const orphan = await directory.writeCommit({ tree, parents: [], author, committer: author, message: 'alone' }, [])
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'orphan', commitId: orphan })
    const { pullRequestId, pullRequestTargets } = await open({}, { sourceReference: 'orphan' })
    expect(pullRequestTargets![0]).not.toHaveProperty('mergeBase')
    expect(await code(merge('FastForward', pullRequestId!))).toBe('ManualMergeRequiredException')
    expect(await code(merge('ThreeWay', pullRequestId!))).toBe('TipsDivergenceExceededException')
    expect((await get(pullRequestId!)).pullRequestStatus).toBe('OPEN')
  })

  test('what was pushed meanwhile, and what belongs elsewhere, is refused', async () => {
    const { pullRequestId } = await open()
    await commit('feature', feature, { more: '3' })
    expect(await code(merge('FastForward', pullRequestId!, { sourceCommitId: feature }))).toBe(
      'TipOfSourceReferenceIsDifferentException',
    )
    expect(await code(merge('FastForward', pullRequestId!, { sourceCommitId: 'x' }))).toBe('InvalidCommitIdException')
    await house.invoke('codecommit', 'CreateRepository', { repositoryName: `${repositoryName}-b` })
    expect(await code(merge('Squash', pullRequestId!, { repositoryName: `${repositoryName}-b` }))).toBe(
      'RepositoryNotAssociatedWithPullRequestException',
    )
    expect(await code(merge('Squash', '987654'))).toBe('PullRequestDoesNotExistException')
  })

  test('of many who merge and push at once one wins, and nothing is half done', async () => {
    const { pullRequestId } = await open()
    const results = await Promise.all([
      ...Array.from({ length: 4 }, () => code(merge('Squash', pullRequestId!))),
      ...Array.from({ length: 3 }, (_, index) => code(commit('main', main, { [`at-once-${index}`]: 'x' }))),
    ])
    const allowed = [
      'succeeded',
      'ConcurrentReferenceUpdateException',
      'PullRequestAlreadyClosedException',
      'ParentCommitIdOutdatedException',
    ]
    expect(results.filter(result => !allowed.includes(result))).toEqual([])
    expect(results.slice(4).filter(result => result === 'succeeded').length).toBeLessThanOrEqual(1)
    const merged = results.slice(0, 4).filter(result => result === 'succeeded').length
    const now = await get(pullRequestId!)
    const isMerged = now.pullRequestTargets![0]!.mergeMetadata!.isMerged
    expect(merged).toBe(isMerged ? 1 : 0)
    expect(eventsOf(pullRequestId!).filter(({ isMerged }) => isMerged === 'True')).toHaveLength(merged)
  })

  test('pushes, comments, approvals and merges at once wait for each other', async () => {
    const { pullRequestId, revisionId } = await open()
    const id = { pullRequestId: pullRequestId! }
    let last = feature
    const pushes = async () => {
      for (let index = 0; index < 5; index++) last = await commit('feature', last, { [`push-${index}`]: 'x' })
      return 'succeeded'
    }
    const comment = (index: number) =>
      house.as(user(`commenter-${index}`)).invoke('codecommit', 'PostCommentForPullRequest', {
        ...id,
        repositoryName,
        beforeCommitId: main,
        afterCommitId: feature,
        content: `comment ${index}`,
      })
    const approve = (index: number) =>
      house.as(user(`approver-${index}`)).invoke('codecommit', 'UpdatePullRequestApprovalState', {
        ...id,
        revisionId: revisionId!,
        approvalState: 'APPROVE',
      })
    const results = await Promise.all([
      pushes(),
      ...Array.from({ length: 10 }, (_, index) => code(comment(index))),
      ...Array.from({ length: 5 }, (_, index) => code(approve(index))),
      ...Array.from({ length: 3 }, () => code(merge('FastForward', pullRequestId!, { sourceCommitId: feature }))),
    ])
    const late = [
      'RevisionNotCurrentException',
      'TipOfSourceReferenceIsDifferentException',
      'PullRequestAlreadyClosedException',
      'ConcurrentReferenceUpdateException',
    ]
    expect(results.filter(result => result !== 'succeeded' && !late.includes(result))).toEqual([])
    expect(results.slice(1, 11).every(result => result === 'succeeded')).toBe(true)
    const { pullRequestStatus, pullRequestTargets } = await get(pullRequestId!)
    const [{ sourceCommit }] = pullRequestTargets as [{ sourceCommit: string }]
    expect(sourceCommit).toBe(pullRequestStatus === 'OPEN' ? await tip('feature') : feature)
  })

  test('a pull request out of the destination goes on with what was merged into it', async () => {
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'release', commitId: main })
    const onward = await open({}, { sourceReference: 'main', destinationReference: 'release' })
    const { pullRequestId } = await open()
    await merge('FastForward', pullRequestId!)
    expect(await target(onward.pullRequestId!)).toMatchObject({ sourceCommit: feature })
    expect(eventsOf(onward.pullRequestId!).at(-1)!.event).toBe('pullRequestSourceBranchUpdated')
  })
})
