// Pull requests with real aws command lines and with boto3: every answer is held against botocore's own model.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Aws, findClis, findPythons, openCli, runPython, unexpectedErrors } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const run = promisify(execFile)
const clis = await findClis()
const pythons = await findPythons()

let yard: Yard
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
})
afterAll(async () => {
  const errors = yard ? unexpectedErrors(yard) : []
  await yard?.close()
  expect(errors).toEqual([])
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  let reviewer: Aws
  const { slug } = program
  const repo = `pulls-${slug}`
  beforeAll(async () => {
    aws = await openCli(program, yard)
    await aws`iam create-user --user-name zoe-${slug}`
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'codecommit:*', Resource: `arn:aws:codecommit:*:*:${repo}` }],
    }
    await aws`iam put-user-policy --user-name zoe-${slug} --policy-name p --policy-document ${policy}`
    const { AccessKey } = await aws`iam create-access-key --user-name zoe-${slug}`
    reviewer = aws.as(AccessKey)
  })
  afterAll(() => aws?.close())

  const put = async (branch: string, path: string, text: string, parent?: string) => {
    await writeFile(join(aws.home, 'content'), text)
    const more = parent ? ['--parent-commit-id', parent] : []
    const answer =
      await aws`codecommit put-file --repository-name ${repo} --branch-name ${branch} --file-path ${path} --file-content fileb://content ${more}`
    return answer.commitId as string
  }

  test('a pull request is opened, talked about, approved, merged, and pulled', async () => {
    await aws`codecommit create-repository --repository-name ${repo}`
    const main = await put('main', 'a', 'one\n')
    await aws`codecommit create-branch --repository-name ${repo} --branch-name feature --commit-id ${main}`
    const feature = await put('feature', 'b', 'two\n', main)
    const { pullRequest } =
      await aws`codecommit create-pull-request --title ${'A second file'} --description ${'Please review'} --client-request-token ${slug} --targets repositoryName=${repo},sourceReference=feature`
    expect(pullRequest).toMatchObject({
      title: 'A second file',
      description: 'Please review',
      clientRequestToken: slug,
      pullRequestStatus: 'OPEN',
      authorArn: 'arn:aws:iam::000000000000:root',
      approvalRules: [],
      pullRequestTargets: [
        {
          repositoryName: repo,
          sourceReference: 'refs/heads/feature',
          destinationReference: 'refs/heads/main',
          sourceCommit: feature,
          destinationCommit: main,
          mergeBase: main,
          mergeMetadata: { isMerged: false },
        },
      ],
    })
    const { pullRequestId: id, revisionId } = pullRequest
    expect(await aws`codecommit get-pull-request --pull-request-id ${id}`).toEqual({ pullRequest })
    expect(
      (await aws`codecommit list-pull-requests --repository-name ${repo} --pull-request-status OPEN`).pullRequestIds,
    ).toEqual([id])

    const { comment } =
      await reviewer`codecommit post-comment-for-pull-request --pull-request-id ${id} --repository-name ${repo} --before-commit-id ${main} --after-commit-id ${feature} --content ${'Why two?'} --location filePath=b,filePosition=1,relativeFileVersion=AFTER`
    await reviewer`codecommit post-comment-reply --in-reply-to ${comment.commentId} --content ${'Why not?'}`
    await aws`codecommit put-comment-reaction --comment-id ${comment.commentId} --reaction-value :thumbsup:`
    const { commentsForPullRequestData } = await aws`codecommit get-comments-for-pull-request --pull-request-id ${id}`
    expect(commentsForPullRequestData).toMatchObject([
      {
        pullRequestId: id,
        repositoryName: repo,
        location: { filePath: 'b', filePosition: 1, relativeFileVersion: 'AFTER' },
        comments: [
          { content: 'Why two?', callerReactions: ['THUMBSUP'], reactionCounts: { THUMBSUP: 1 } },
          { content: 'Why not?', inReplyTo: comment.commentId },
        ],
      },
    ])

    const content = { Version: '2018-11-08', Statements: [{ Type: 'Approvers', NumberOfApprovalsNeeded: 1 }] }
    await aws`codecommit create-pull-request-approval-rule --pull-request-id ${id} --approval-rule-name ${'one approval'} --approval-rule-content ${content}`
    const merge = ['--pull-request-id', id, '--repository-name', repo, '--source-commit-id', feature]
    await expect(aws`codecommit merge-pull-request-by-fast-forward ${merge}`).rejects.toThrow(
      'An error occurred (PullRequestApprovalRulesNotSatisfiedException) when calling the MergePullRequestByFastForward operation: The pull request cannot be merged because one or more approval rules applied to the pull request have conditions that have not been met.',
    )
    const revision = ['--pull-request-id', id, '--revision-id', revisionId]
    await expect(
      aws`codecommit update-pull-request-approval-state ${revision} --approval-state APPROVE`,
    ).rejects.toThrow('(PullRequestCannotBeApprovedByAuthorException)')
    await reviewer`codecommit update-pull-request-approval-state ${revision} --approval-state APPROVE`
    expect(await aws`codecommit get-pull-request-approval-states ${revision}`).toEqual({
      approvals: [{ userArn: `arn:aws:iam::000000000000:user/zoe-${slug}`, approvalState: 'APPROVE' }],
    })
    expect(await aws`codecommit evaluate-pull-request-approval-rules ${revision}`).toEqual({
      evaluation: {
        approved: true,
        overridden: false,
        approvalRulesSatisfied: ['one approval'],
        approvalRulesNotSatisfied: [],
      },
    })
    const merged = await reviewer`codecommit merge-pull-request-by-fast-forward ${merge}`
    expect(merged.pullRequest).toMatchObject({
      pullRequestStatus: 'CLOSED',
      pullRequestTargets: [
        { mergeMetadata: { isMerged: true, mergedBy: `arn:aws:iam::000000000000:user/zoe-${slug}` } },
      ],
    })
    const { pullRequestEvents } = await aws`codecommit describe-pull-request-events --pull-request-id ${id}`
    expect(pullRequestEvents.map((event: any) => event.pullRequestEventType)).toEqual([
      'PULL_REQUEST_CREATED',
      'PULL_REQUEST_APPROVAL_RULE_CREATED',
      'PULL_REQUEST_APPROVAL_STATE_CHANGED',
      'PULL_REQUEST_MERGE_STATE_CHANGED',
    ])
    expect((await aws`codecommit get-branch --repository-name ${repo} --branch-name main`).branch.commitId).toBe(
      feature,
    )
    await expect(reviewer`codecommit get-pull-request --pull-request-id 999999`).rejects.toThrow(
      '(AccessDeniedException)',
    )
    await expect(aws`codecommit get-pull-request --pull-request-id 999999`).rejects.toThrow(
      'An error occurred (PullRequestDoesNotExistException) when calling the GetPullRequest operation: The pull request ID could not be found.',
    )
  })
})

test('git merges locally and pushes: the pull request is merged; git pulls what a squash made', async () => {
  const name = 'git'
  const { codecommit } = yard.clients
  const work = await mkdtemp(join(tmpdir(), 'codeyard-pulls-'))
  onTestFinished(() => rm(work, { recursive: true, force: true }))
  const user = { UserName: 'git' }
  await yard.clients.iam.createUser(user)
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'codecommit:*', Resource: '*' }],
  })
  await yard.clients.iam.putUserPolicy({ ...user, PolicyName: 'p', PolicyDocument })
  const { ServiceSpecificCredential } = await yard.clients.iam.createServiceSpecificCredential({
    ...user,
    ServiceName: 'codecommit.amazonaws.com',
  })
  const { ServiceUserName = '', ServicePassword = '' } = ServiceSpecificCredential!
  const { repositoryMetadata } = await codecommit.createRepository({ repositoryName: name })
  const login = `${encodeURIComponent(ServiceUserName)}:${encodeURIComponent(ServicePassword)}@`
  const url = repositoryMetadata!.cloneUrlHttp!.replace('://', `://${login}`)
  const folder = join(work, name)
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: folder, env: yard.env, timeout: 60_000 })).stdout.trim()
  await run('git', ['clone', '-q', url, folder], { env: yard.env, timeout: 60_000 })
  const commit = async (file: string) => {
    await writeFile(join(folder, file), file)
    await git('add', '.')
    await git('commit', '-q', '-m', file)
  }
  await git('checkout', '-q', '-b', 'main')
  await commit('a')
  await git('push', '-q', 'origin', 'main')
  const open = async (branch: string) => {
    await git('checkout', '-q', '-b', branch, 'main')
    await commit(branch)
    await git('push', '-q', 'origin', branch)
    const { pullRequest } = await codecommit.createPullRequest({
      title: branch,
      targets: [{ repositoryName: name, sourceReference: branch }],
    })
    return pullRequest!.pullRequestId!
  }
  const first = await open('one')
  await git('checkout', '-q', 'main')
  await git('merge', '-q', '--ff-only', 'one')
  await git('push', '-q', 'origin', 'main')
  const { pullRequest } = await codecommit.getPullRequest({ pullRequestId: first })
  expect(pullRequest).toMatchObject({
    pullRequestStatus: 'CLOSED',
    pullRequestTargets: [{ mergeMetadata: { isMerged: true, mergedBy: 'arn:aws:iam::000000000000:user/git' } }],
  })
  const second = await open('two')
  await git('checkout', '-q', 'main')
  await commit('b')
  await git('push', '-q', 'origin', 'main')
  await expect(
    codecommit.mergePullRequestByFastForward({ pullRequestId: second, repositoryName: name }),
  ).rejects.toMatchObject({ name: 'ManualMergeRequiredException' })
  await codecommit.mergePullRequestBySquash({
    pullRequestId: second,
    repositoryName: name,
    authorName: 'Ada',
    email: 'ada@example.com',
    commitMessage: 'two at once',
  })
  await git('pull', '-q', '--ff-only', 'origin', 'main')
  expect(await git('log', '-1', '--format=%an %ae %s %P')).toBe(
    `Ada ada@example.com two at once ${await git('rev-parse', 'HEAD~1')}`,
  )
  expect((await git('ls-files')).split('\n')).toEqual(['a', 'b', 'one', 'two'])
}, 120_000)

/** Every answer's JSON against the output shape: nothing unknown, nothing required missing, types and enums as the model says. */
const CHECKED = `
import boto3, json, os, sys
from botocore.config import Config
from botocore.exceptions import ClientError
name = sys.argv[1]
problems, called = [], set()
def look(shape, value, path):
    kind = shape.type_name
    if kind == 'structure':
        if not isinstance(value, dict): return problems.append(path + ': no object')
        problems.extend(path + ': unknown ' + key for key in value if key not in shape.members)
        problems.extend(path + ': missing ' + key for key in shape.required_members if key not in value)
        for key, inner in shape.members.items():
            if key in value: look(inner, value[key], path + '.' + key)
    elif kind == 'list':
        if not isinstance(value, list): return problems.append(path + ': no list')
        for one in value: look(shape.member, one, path + '[]')
    elif kind == 'map':
        if not isinstance(value, dict): return problems.append(path + ': no map')
        for one in value.values(): look(shape.value, one, path + '{}')
    elif kind == 'string':
        if not isinstance(value, str) or (getattr(shape, 'enum', None) and value not in shape.enum): problems.append(path + ': ' + repr(value))
    elif kind == 'boolean':
        if not isinstance(value, bool): problems.append(path + ': ' + repr(value))
    elif kind in ('integer', 'long'):
        if isinstance(value, bool) or not isinstance(value, int): problems.append(path + ': ' + repr(value))
    elif kind == 'timestamp':
        if isinstance(value, bool) or not isinstance(value, (int, float)): problems.append(path + ': ' + repr(value))
def check(http_response, parsed, model, **_):
    if http_response.status_code >= 300: return
    called.add(model.name)
    if model.output_shape: look(model.output_shape, json.loads(http_response.content or b'{}'), model.name)
c = boto3.client('codecommit', endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(retries={'max_attempts': 2}))
c.meta.events.register('after-call.codecommit', check)
`

describe.each(pythons)('$name', { timeout: 300_000 }, program => {
  test('answers are what the model of botocore says', async () => {
    const text = await runPython(
      program,
      yard,
      `${CHECKED}
repo = 'model-' + name
c.create_repository(repositoryName=repo)
main = c.put_file(repositoryName=repo, branchName='main', filePath='a', fileContent=b'one')['commitId']
rule = json.dumps({'Version': '2018-11-08', 'Statements': [{'Type': 'Approvers', 'NumberOfApprovalsNeeded': 1, 'ApprovalPoolMembers': ['CodeCommitApprovers:000000000000:nobody']}]})
c.create_approval_rule_template(approvalRuleTemplateName=name, approvalRuleTemplateContent=rule, approvalRuleTemplateDescription='d')
c.get_approval_rule_template(approvalRuleTemplateName=name)
c.update_approval_rule_template_content(approvalRuleTemplateName=name, newRuleContent=rule)
c.update_approval_rule_template_description(approvalRuleTemplateName=name, approvalRuleTemplateDescription='e')
c.update_approval_rule_template_name(oldApprovalRuleTemplateName=name, newApprovalRuleTemplateName=name + '-b')
t = {'approvalRuleTemplateName': name + '-b'}
c.associate_approval_rule_template_with_repository(repositoryName=repo, **t)
c.batch_associate_approval_rule_template_with_repositories(repositoryNames=[repo, 'gone'], **t)
list(c.get_paginator('list_approval_rule_templates').paginate()) if c.can_paginate('list_approval_rule_templates') else c.list_approval_rule_templates()
c.list_associated_approval_rule_templates_for_repository(repositoryName=repo)
c.list_repositories_for_approval_rule_template(**t)
def opened(branch):
    c.create_branch(repositoryName=repo, branchName=branch, commitId=c.get_branch(repositoryName=repo, branchName='main')['branch']['commitId'])
    parent = c.get_branch(repositoryName=repo, branchName=branch)['branch']['commitId']
    c.put_file(repositoryName=repo, branchName=branch, filePath=branch, fileContent=b'x', parentCommitId=parent)
    return c.create_pull_request(title=branch, description='d', targets=[{'repositoryName': repo, 'sourceReference': branch}])['pullRequest']
one = opened('one')
id = one['pullRequestId']
c.update_pull_request_title(pullRequestId=id, title='t')
c.update_pull_request_description(pullRequestId=id, description='e')
c.create_pull_request_approval_rule(pullRequestId=id, approvalRuleName='r', approvalRuleContent=rule)
c.update_pull_request_approval_rule_content(pullRequestId=id, approvalRuleName='r', newRuleContent=rule)
c.delete_pull_request_approval_rule(pullRequestId=id, approvalRuleName='r')
source = c.get_branch(repositoryName=repo, branchName='one')['branch']['commitId']
comment = c.post_comment_for_pull_request(pullRequestId=id, repositoryName=repo, beforeCommitId=main, afterCommitId=source, content='c', location={'filePath': 'one', 'filePosition': 1, 'relativeFileVersion': 'AFTER'})['comment']['commentId']
reply = c.post_comment_reply(inReplyTo=comment, content='r')['comment']['commentId']
c.post_comment_for_compared_commit(repositoryName=repo, afterCommitId=main, content='first')
c.get_comment(commentId=comment)
c.update_comment(commentId=comment, content='changed')
c.put_comment_reaction(commentId=comment, reactionValue=':clap:')
c.get_comment_reactions(commentId=comment)
c.delete_comment_content(commentId=reply)
for page in c.get_paginator('get_comments_for_pull_request').paginate(pullRequestId=id, PaginationConfig={'PageSize': 1}): pass
for page in c.get_paginator('get_comments_for_compared_commit').paginate(repositoryName=repo, afterCommitId=main): pass
revision = {'pullRequestId': id, 'revisionId': c.get_pull_request(pullRequestId=id)['pullRequest']['revisionId']}
c.get_pull_request_approval_states(**revision)
c.evaluate_pull_request_approval_rules(**revision)
c.get_pull_request_override_state(**revision)
c.override_pull_request_approval_rules(overrideStatus='OVERRIDE', **revision)
c.get_pull_request_override_state(**revision)
c.merge_pull_request_by_three_way(pullRequestId=id, repositoryName=repo)
c.disassociate_approval_rule_template_from_repository(repositoryName=repo, **t)
c.batch_disassociate_approval_rule_template_from_repositories(repositoryNames=[repo], **t)
c.delete_approval_rule_template(**t)
c.merge_pull_request_by_squash(pullRequestId=opened('two')['pullRequestId'], repositoryName=repo)
c.merge_pull_request_by_fast_forward(pullRequestId=opened('three')['pullRequestId'], repositoryName=repo)
c.update_pull_request_status(pullRequestId=opened('four')['pullRequestId'], pullRequestStatus='CLOSED')
ids = [id for page in c.get_paginator('list_pull_requests').paginate(repositoryName=repo, PaginationConfig={'PageSize': 1}) for id in page['pullRequestIds']]
events = [event['pullRequestEventType'] for page in c.get_paginator('describe_pull_request_events').paginate(pullRequestId=id, PaginationConfig={'PageSize': 1}) for event in page['pullRequestEvents']]
wanted = {o for o in c.meta.service_model.operation_names if any(word in o for word in ('PullRequest', 'Comment', 'ApprovalRule'))}
print(json.dumps({'problems': problems, 'pulls': len(ids), 'events': len(events), 'missing': sorted(wanted - called)}))
`,
      [program.slug],
    )
    // One record of the creation, three of the rule, of the override, of the merge. Its author may not approve it.
    expect(JSON.parse(text)).toEqual({ problems: [], pulls: 4, events: 6, missing: ['UpdatePullRequestApprovalState'] })
  })
})
