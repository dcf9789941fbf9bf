// Approval rules, who satisfies them, and the templates that they come from.

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '../../../operation/principal.ts'
import { ACCOUNT, openHouse, type TestHouse } from '../../../testing/house.ts'
import { codecommit } from '../index.ts'
import { inPool } from './pool.ts'
import { readRuleContent } from './ruleContent.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [codecommit] })
})
afterAll(() => house.close())

const user = (userName: string): Principal => ({
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`,
  userId: `AIDA${userName.toUpperCase()}`,
  userName,
})
const session = (role: string, sessionName: string): Principal => ({
  type: 'assumedRole',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${sessionName}`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
  roleId: 'AROATESTTESTTESTTEST',
  sessionName,
  session: { expires: new Date('2100-01-01') },
})
const author = user('li')
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'succeeded',
    error => error.code,
  )
const rule = (needed: number, pool?: string[], more: object = {}) =>
  JSON.stringify({
    Version: '2018-11-08',
    ...more,
    Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: needed, ...(pool && { ApprovalPoolMembers: pool }) }],
  })

let count = 0
let repositoryName = ''
let pullRequestId = ''
let feature = ''

async function commit(branchName: string, parentCommitId?: string) {
  const { commitId } = await house.as(author).invoke('codecommit', 'CreateCommit', {
    repositoryName,
    branchName,
    ...(parentCommitId && { parentCommitId }),
    putFiles: [{ filePath: `file-${++count}`, fileContent: Buffer.from('x') }],
  })
  return commitId!
}
const open = async (target: object = {}) =>
  (
    await house.as(author).invoke('codecommit', 'CreatePullRequest', {
      title: 'one',
      targets: [{ repositoryName, sourceReference: 'feature', ...target }],
    })
  ).pullRequest!

beforeEach(async () => {
  repositoryName = `approvals-${++count}`
  await house.invoke('codecommit', 'CreateRepository', { repositoryName })
  const main = await commit('main')
  await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'feature', commitId: main })
  feature = await commit('feature', main)
  pullRequestId = (await open()).pullRequestId!
})

const get = async () => (await house.invoke('codecommit', 'GetPullRequest', { pullRequestId })).pullRequest!
const revision = async () => ({ pullRequestId, revisionId: (await get()).revisionId! })
const demand = (approvalRuleName: string, approvalRuleContent: string) =>
  house.invoke('codecommit', 'CreatePullRequestApprovalRule', { pullRequestId, approvalRuleName, approvalRuleContent })
const approve = async (by: Principal, approvalState: 'APPROVE' | 'REVOKE' = 'APPROVE') =>
  house.as(by).invoke('codecommit', 'UpdatePullRequestApprovalState', { ...(await revision()), approvalState })
const evaluate = async () =>
  (await house.invoke('codecommit', 'EvaluatePullRequestApprovalRules', await revision())).evaluation!
const merge = () => house.invoke('codecommit', 'MergePullRequestByFastForward', { pullRequestId, repositoryName })
const happened = () => house.events.map(({ detail }) => detail).filter(detail => detail.pullRequestId === pullRequestId)

describe('rules of a pull request', () => {
  test('are made, shown, changed by who knows them, and deleted', async () => {
    const content = rule(1)
    const sha = createHash('sha256').update(content).digest('hex')
    const { approvalRule } = await demand('One approver', content)
    expect(approvalRule).toEqual({
      approvalRuleId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      approvalRuleName: 'One approver',
      approvalRuleContent: content,
      ruleContentSha256: sha,
      creationDate: house.clock.now(),
      lastModifiedDate: house.clock.now(),
      lastModifiedUser: `arn:aws:iam::${ACCOUNT}:root`,
    })
    expect((await get()).approvalRules).toEqual([approvalRule])
    expect(await code(demand('One approver', content))).toBe('ApprovalRuleNameAlreadyExistsException')
    expect(await code(demand('no/good', content))).toBe('InvalidApprovalRuleNameException')
    expect(await code(demand('x', '{}'))).toBe('InvalidApprovalRuleContentException')
    const change = (more: object) =>
      house.invoke('codecommit', 'UpdatePullRequestApprovalRuleContent', {
        pullRequestId,
        approvalRuleName: 'One approver',
        newRuleContent: rule(2),
        ...more,
      })
    expect(await code(change({ existingRuleContentSha256: 'x' }))).toBe('InvalidRuleContentSha256Exception')
    expect(await code(change({ approvalRuleName: 'other' }))).toBe('ApprovalRuleDoesNotExistException')
    const changed = await change({ existingRuleContentSha256: sha })
    expect(changed.approvalRule).toMatchObject({ approvalRuleContent: rule(2) })
    const named = { pullRequestId, approvalRuleName: 'One approver' }
    expect(await house.invoke('codecommit', 'DeletePullRequestApprovalRule', named)).toEqual({
      approvalRuleId: approvalRule!.approvalRuleId,
    })
    expect(await code(house.invoke('codecommit', 'DeletePullRequestApprovalRule', named))).toBe('succeeded')
    expect((await get()).approvalRules).toEqual([])
    expect(happened().map(({ event }) => event)).toEqual([
      'pullRequestCreated',
      'pullRequestApprovalRuleCreated',
      'pullRequestApprovalRuleUpdated',
      'pullRequestApprovalRuleDeleted',
    ])
    expect(happened()[1]).toMatchObject({
      approvalRuleContentSha256: sha,
      approvalRuleId: approvalRule!.approvalRuleId,
      approvalRuleName: 'One approver',
      notificationBody: expect.stringContaining(
        'Additional information: An approval rule has been created with the following name: One approver.',
      ),
    })
  })

  test('there are at most 30', async () => {
    for (let index = 0; index < 30; index++) await demand(`rule ${index}`, rule(1))
    expect(await code(demand('one more', rule(1)))).toBe('NumberOfRulesExceededException')
  })

  const contents: [string, unknown, boolean][] = [
    [
      'a number of approvals',
      { Version: '2018-11-08', Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1 }] },
      true,
    ],
    [
      'another version',
      { Version: '2012-10-17', Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1 }] },
      false,
    ],
    ['no statement', { Version: '2018-11-08', Statements: [] }, false],
    ['no approval', { Version: '2018-11-08', Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 0 }] }, false],
    ['another type', { Version: '2018-11-08', Statements: [{ Type: 'X', NumberOfApprovalsNeeded: 1 }] }, false],
    [
      'an unknown member',
      { Version: '2018-11-08', Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1, X: 1 }] },
      false,
    ],
    [
      'branches',
      {
        Version: '2018-11-08',
        DestinationReferences: ['refs/heads/main'],
        Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1 }],
      },
      false,
    ],
    ['no list', [], false],
  ]
  test.each(contents)('%s: %j is a rule: %s', (_, content, valid) => {
    expect(readRuleContent(JSON.stringify(content), { template: false }) !== undefined).toBe(valid)
  })
})

describe('pools', () => {
  const mary = 'arn:aws:iam::123456789012:user/Mary_Major'
  const reviewer = 'arn:aws:sts::123456789012:assumed-role/CodeCommitReview/Mary_Major'
  const members: [string, string, boolean][] = [
    ['CodeCommitApprovers:123456789012:Mary_Major', mary, true],
    ['CodeCommitApprovers:123456789012:Mary_Major', 'arn:aws:sts::123456789012:federated-user/Mary_Major', true],
    ['CodeCommitApprovers:123456789012:Mary_Major', reviewer, false],
    ['CodeCommitApprovers:123456789012:*Mary_Major', reviewer, true],
    ['CodeCommitApprovers:123456789012:CodeCommitReview/*', reviewer, true],
    ['CodeCommitApprovers:123456789012:CodeCommitReview/Mary_Major', reviewer, true],
    ['CodeCommitApprovers:123456789012:user/*', mary, true],
    ['CodeCommitApprovers:123456789012:user/*', reviewer, false],
    ['CodeCommitApprovers:999999999999:Mary_Major', mary, false],
    ['CodeCommitApprovers:123456789012:*', mary, true],
    ['arn:aws:sts::123456789012:assumed-role/CodeCommitReview/*', reviewer, true],
    ['arn:aws:sts::123456789012:assumed-role/CodeCommitReview/Li', reviewer, false],
    [mary, mary, true],
    ['arn:aws:iam::123456789012:user/M*j*r', mary, true],
    ['arn:aws:iam::123456789012:user/M*jx*r', mary, false],
  ]
  test.each(members)('%s counts %s: %s', (member, arn, expected) => {
    expect(inPool(member, arn)).toBe(expected)
  })
})

describe('approving', () => {
  test('a rule waits for its pool; only then the merge is possible', async () => {
    await demand(
      'two',
      rule(2, [`CodeCommitApprovers:${ACCOUNT}:zoe`, `arn:aws:sts::${ACCOUNT}:assumed-role/Review/*`]),
    )
    expect(await evaluate()).toEqual({
      approved: false,
      overridden: false,
      approvalRulesSatisfied: [],
      approvalRulesNotSatisfied: ['two'],
    })
    await approve(user('stranger'))
    await approve(user('zoe'))
    expect(await code(merge())).toBe('PullRequestApprovalRulesNotSatisfiedException')
    await approve(session('Review', 'one'))
    await approve(session('Review', 'one'))
    expect(await evaluate()).toMatchObject({ approved: true, approvalRulesSatisfied: ['two'] })
    const { approvals } = await house.invoke('codecommit', 'GetPullRequestApprovalStates', await revision())
    expect(approvals!.map(({ userArn }) => userArn!.split('/').at(-1)).sort()).toEqual(['one', 'stranger', 'zoe'])
    await approve(user('zoe'), 'REVOKE')
    expect(await code(merge())).toBe('PullRequestApprovalRulesNotSatisfiedException')
    await approve(session('Review', 'two'))
    expect((await merge()).pullRequest!.pullRequestStatus).toBe('CLOSED')
    expect(await code(approve(user('zoe')))).toBe('PullRequestAlreadyClosedException')
    const changes = happened().filter(({ event }) => event === 'pullRequestApprovalStateChanged')
    expect(changes.map(({ approvalStatus }) => approvalStatus)).toEqual([
      'APPROVE',
      'APPROVE',
      'APPROVE',
      'REVOKE',
      'APPROVE',
    ])
    expect(changes.at(-1)).toMatchObject({
      callerUserArn: `arn:aws:sts::${ACCOUNT}:assumed-role/Review/two`,
      notificationBody: expect.stringContaining(
        'A user has changed their approval state for the pull request. State change: APPROVE.',
      ),
    })
  })

  test('nobody approves an own pull request, and nobody an old revision', async () => {
    const old = await revision()
    expect(await code(approve(author))).toBe('PullRequestCannotBeApprovedByAuthorException')
    await demand('one', rule(1))
    await approve(user('zoe'))
    expect((await evaluate()).approved).toBe(true)
    await commit('feature', feature)
    expect((await evaluate()).approved).toBe(false)
    const zoe = house.as(user('zoe')).invoke
    expect(await code(zoe('codecommit', 'UpdatePullRequestApprovalState', { ...old, approvalState: 'APPROVE' }))).toBe(
      'RevisionNotCurrentException',
    )
    expect(await code(zoe('codecommit', 'EvaluatePullRequestApprovalRules', old))).toBe('RevisionNotCurrentException')
    const of = (revisionId: string) => zoe('codecommit', 'GetPullRequestApprovalStates', { pullRequestId, revisionId })
    expect((await of(old.revisionId)).approvals).toHaveLength(1)
    expect(await code(of('x'))).toBe('InvalidRevisionIdException')
    expect(await code(of(''))).toBe('RevisionIdRequiredException')
    expect(await code(merge())).toBe('PullRequestApprovalRulesNotSatisfiedException')
  })

  test('rules set aside are set aside for this revision and told who did it', async () => {
    await demand('one', rule(1))
    const override = async (overrideStatus: 'OVERRIDE' | 'REVOKE') =>
      house
        .as(user('boss'))
        .invoke('codecommit', 'OverridePullRequestApprovalRules', { ...(await revision()), overrideStatus })
    const state = async () => house.invoke('codecommit', 'GetPullRequestOverrideState', await revision())
    expect(await state()).toEqual({ overridden: false })
    await override('OVERRIDE')
    expect(await state()).toEqual({ overridden: true, overrider: `arn:aws:iam::${ACCOUNT}:user/boss` })
    expect(await evaluate()).toMatchObject({ approved: false, overridden: true })
    expect(await code(override('OVERRIDE'))).toBe('OverrideAlreadySetException')
    await override('REVOKE')
    expect(await state()).toEqual({ overridden: false })
    await override('OVERRIDE')
    await commit('feature', feature)
    expect(await state()).toEqual({ overridden: false })
    await override('OVERRIDE')
    await merge()
    expect(await code(override('REVOKE'))).toBe('PullRequestAlreadyClosedException')
    const changes = happened().filter(({ event }) => event === 'pullRequestApprovalRuleOverridden')
    expect(changes.map(({ overrideStatus }) => overrideStatus)).toEqual(['OVERRIDE', 'REVOKE', 'OVERRIDE', 'OVERRIDE'])
  })
})

describe('templates', () => {
  test('give new pull requests of their repositories and branches a rule that cannot be changed there', async () => {
    const approvalRuleTemplateName = `two for releases ${count}`
    const named = { approvalRuleTemplateName }
    const content = rule(2, undefined, { DestinationReferences: ['refs/heads/release*'] })
    const { approvalRuleTemplate } = await house.invoke('codecommit', 'CreateApprovalRuleTemplate', {
      ...named,
      approvalRuleTemplateContent: content,
      approvalRuleTemplateDescription: 'why',
    })
    expect(await house.invoke('codecommit', 'GetApprovalRuleTemplate', named)).toEqual({ approvalRuleTemplate })
    const associate = { ...named, repositoryName }
    await house.invoke('codecommit', 'AssociateApprovalRuleTemplateWithRepository', associate)
    const { destinationCommit: commitId } = (await get()).pullRequestTargets![0]!
    await house.invoke('codecommit', 'CreateBranch', { repositoryName, branchName: 'release-1', commitId: commitId! })
    expect((await open()).approvalRules).toEqual([])
    const opened = await open({ destinationReference: 'release-1' })
    pullRequestId = opened.pullRequestId!
    expect(opened.approvalRules).toMatchObject([
      {
        approvalRuleName: approvalRuleTemplateName,
        approvalRuleContent: content,
        originApprovalRuleTemplate: {
          approvalRuleTemplateId: approvalRuleTemplate!.approvalRuleTemplateId,
          approvalRuleTemplateName,
        },
      },
    ])
    await approve(user('zoe'))
    expect(await code(merge())).toBe('PullRequestApprovalRulesNotSatisfiedException')
    const ofRule = { pullRequestId, approvalRuleName: approvalRuleTemplateName }
    expect(await code(house.invoke('codecommit', 'DeletePullRequestApprovalRule', ofRule))).toBe(
      'CannotDeleteApprovalRuleFromTemplateException',
    )
    const update = { ...ofRule, newRuleContent: rule(1) }
    expect(await code(house.invoke('codecommit', 'UpdatePullRequestApprovalRuleContent', update))).toBe(
      'CannotModifyApprovalRuleFromTemplateException',
    )
    expect(await code(house.invoke('codecommit', 'DeleteApprovalRuleTemplate', named))).toBe(
      'ApprovalRuleTemplateInUseException',
    )
    const list = () =>
      house.invoke('codecommit', 'ListAssociatedApprovalRuleTemplatesForRepository', { repositoryName })
    expect(await list()).toEqual({ approvalRuleTemplateNames: [approvalRuleTemplateName] })
    expect(await house.invoke('codecommit', 'ListRepositoriesForApprovalRuleTemplate', named)).toEqual({
      repositoryNames: [repositoryName],
    })
    await house.invoke('codecommit', 'DisassociateApprovalRuleTemplateFromRepository', associate)
    expect(await list()).toEqual({ approvalRuleTemplateNames: [] })
    expect(await house.invoke('codecommit', 'DeleteApprovalRuleTemplate', named)).toEqual({
      approvalRuleTemplateId: approvalRuleTemplate!.approvalRuleTemplateId,
    })
    expect((await get()).approvalRules).toHaveLength(1)
    expect(await code(house.invoke('codecommit', 'GetApprovalRuleTemplate', named))).toBe(
      'ApprovalRuleTemplateDoesNotExistException',
    )
  })

  test('are changed, renamed, listed by page, and associated in batches that tell what failed', async () => {
    const create = (approvalRuleTemplateName: string, approvalRuleTemplateContent = rule(1)) =>
      house.invoke('codecommit', 'CreateApprovalRuleTemplate', {
        approvalRuleTemplateName,
        approvalRuleTemplateContent,
      })
    const [a, b] = [`batch ${count} a`, `batch ${count} b`]
    const { approvalRuleTemplate } = await create(a)
    await create(b)
    expect(await code(create(a))).toBe('ApprovalRuleTemplateNameAlreadyExistsException')
    expect(await code(create('x', '{'))).toBe('InvalidApprovalRuleTemplateContentException')
    const named = { approvalRuleTemplateName: a }
    const renamed = `batch ${count} c`
    const rename = { oldApprovalRuleTemplateName: a, newApprovalRuleTemplateName: b }
    expect(await code(house.invoke('codecommit', 'UpdateApprovalRuleTemplateName', rename))).toBe(
      'ApprovalRuleTemplateNameAlreadyExistsException',
    )
    const content = {
      ...named,
      newRuleContent: rule(3),
      existingRuleContentSha256: approvalRuleTemplate!.ruleContentSha256!,
    }
    await house.invoke('codecommit', 'UpdateApprovalRuleTemplateContent', content)
    expect(await code(house.invoke('codecommit', 'UpdateApprovalRuleTemplateContent', content))).toBe(
      'InvalidRuleContentSha256Exception',
    )
    await house.invoke('codecommit', 'UpdateApprovalRuleTemplateDescription', {
      ...named,
      approvalRuleTemplateDescription: 'd',
    })
    const { approvalRuleTemplate: changed } = await house.invoke('codecommit', 'UpdateApprovalRuleTemplateName', {
      oldApprovalRuleTemplateName: a,
      newApprovalRuleTemplateName: renamed,
    })
    expect(changed).toMatchObject({ approvalRuleTemplateDescription: 'd', approvalRuleTemplateContent: rule(3) })
    const first = await house.invoke('codecommit', 'ListApprovalRuleTemplates', { maxResults: 1 })
    const second = await house.invoke('codecommit', 'ListApprovalRuleTemplates', { nextToken: first.nextToken! })
    expect([...first.approvalRuleTemplateNames!, ...second.approvalRuleTemplateNames!]).toEqual([b, renamed])
    const batch = { approvalRuleTemplateName: b, repositoryNames: [repositoryName, 'gone'] }
    const errors = [
      { repositoryName: 'gone', errorCode: 'RepositoryDoesNotExistException', errorMessage: 'gone does not exist' },
    ]
    expect(await house.invoke('codecommit', 'BatchAssociateApprovalRuleTemplateWithRepositories', batch)).toEqual({
      associatedRepositoryNames: [repositoryName],
      errors,
    })
    expect(house.events.at(-1)).toMatchObject({
      'detail-type': 'CodeCommit Approval Rule Template Change',
      detail: { event: 'batchAssociateApprovalRuleTemplateWithRepositories', approvalRuleTemplateName: b },
    })
    expect(await house.invoke('codecommit', 'BatchDisassociateApprovalRuleTemplateFromRepositories', batch)).toEqual({
      disassociatedRepositoryNames: [repositoryName],
      errors,
    })
  })
})
