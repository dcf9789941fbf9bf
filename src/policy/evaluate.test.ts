// The table of policy evaluation: a sentence, what is asked and which documents speak, and AWS's decision.

import { describe, expect, test } from 'vitest'
import { type Decision, evaluate, type Policies } from './evaluate.ts'
import type { PrincipalFacts } from './principals.ts'

type Expected = Decision['decision']
const YES = 'allowed'
const NO = 'implicitDeny'
const DENIED = 'explicitDeny'

const ACCOUNT = '111111111111'
const ALICE: PrincipalFacts = {
  type: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
  userId: 'AIDAALICE',
}
const ROOT: PrincipalFacts = { type: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }
const BUILD: PrincipalFacts = {
  type: 'assumedRole',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/build/run1`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/ci/build`,
  roleId: 'AROABUILD',
}
const STRANGER: PrincipalFacts = { type: 'user', account: '222222222222', arn: 'arn:aws:iam::222222222222:user/bob' }
const SERVICE: PrincipalFacts = { type: 'service', account: ACCOUNT, service: 'codepipeline.amazonaws.com' }
const NOBODY: PrincipalFacts = { type: 'anonymous', account: ACCOUNT }
const REPO = `arn:aws:codecommit:us-east-1:${ACCOUNT}:demo`

type Rule = Record<string, unknown>
const allow = (rule: Rule = {}): Rule => ({ Effect: 'Allow', ...withAction(rule) })
const deny = (rule: Rule = {}): Rule => ({ Effect: 'Deny', ...withAction(rule) })
const withAction = (rule: Rule): Rule => ({
  ...('NotAction' in rule ? {} : { Action: '*' }),
  ...('NotResource' in rule ? {} : { Resource: '*' }),
  ...rule,
})
const doc = (...rules: Rule[]) => JSON.stringify({ Version: '2012-10-17', Statement: rules })
const old = (...rules: Rule[]) => JSON.stringify({ Version: '2008-10-17', Statement: rules })

interface Inputs {
  who?: PrincipalFacts
  action?: string
  resource?: string
  context?: Record<string, string | string[]>
  identity?: string[]
  by?: string
  boundary?: string
  session?: string[]
  sameAccount?: boolean
}
type Row = readonly [sentence: string, inputs: Inputs, decision: Expected]

function ask(inputs: Inputs): Decision {
  const policies: Policies = {
    identity: inputs.identity ?? [],
    resource: inputs.by,
    boundary: inputs.boundary,
    session: inputs.session,
    sameAccount: inputs.sameAccount ?? true,
  }
  const request = {
    principal: inputs.who ?? ALICE,
    action: inputs.action ?? 'codecommit:GetBranch',
    resource: inputs.resource ?? REPO,
    context: inputs.context ?? {},
  }
  return evaluate(request, policies)
}

function table(name: string, rows: readonly Row[]) {
  describe(name, () => {
    for (const [sentence, inputs, decision] of rows) {
      test(`${sentence}: ${decision}`, () => expect(ask(inputs).decision).toBe(decision))
    }
  })
}

const can = (rule: Rule) => ({ identity: [doc(allow(rule))] })

table('identity policies', [
  ['nothing is said', {}, NO],
  ['everything is allowed', can({}), YES],
  ['an allow and a deny, in one document', { identity: [doc(allow(), deny())] }, DENIED],
  ['an allow and a deny, in two documents', { identity: [doc(deny()), doc(allow())] }, DENIED],
  ['only a deny', { identity: [doc(deny())] }, DENIED],
  ['a deny of something else', { identity: [doc(allow(), deny({ Action: 's3:*' }))] }, YES],
  [
    'a statement that is an object, not a list',
    { identity: [JSON.stringify({ Version: '2012-10-17', Statement: allow() })] },
    YES,
  ],
  ['an allow in the second document', { identity: [doc(allow({ Action: 's3:*' })), doc(allow())] }, YES],
  ['a document of 2008', { identity: [old(allow())] }, YES],
  ['root without any policy', { who: ROOT }, YES],
])

const actions: [pattern: string | string[], action: string, decision: Expected][] = [
  ['codecommit:GetBranch', 'codecommit:GetBranch', YES],
  ['CODECOMMIT:getbranch', 'codecommit:GetBranch', YES],
  ['codecommit:GetBranch', 'codecommit:GetBranches', NO],
  ['codecommit:Get*', 'codecommit:GetBranch', YES],
  ['codecommit:*Branch', 'codecommit:GetBranch', YES],
  ['codecommit:*Branch', 'codecommit:GetBranches', NO],
  ['codecommit:G?tBranch', 'codecommit:GetBranch', YES],
  ['codecommit:G?tBranch', 'codecommit:GtBranch', NO],
  ['code*:GetBranch', 'codecommit:GetBranch', YES],
  ['*', 'codecommit:GetBranch', YES],
  ['*:*', 'codecommit:GetBranch', YES],
  ['codecommit:*', 's3:GetObject', NO],
  [['s3:*', 'codecommit:Get*'], 'codecommit:GetBranch', YES],
  [['s3:*', 'codecommit:Put*'], 'codecommit:GetBranch', NO],
  ['codecommit:*a*a*a*a*a*b', 'codecommit:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NO],
  [[], 'codecommit:GetBranch', NO],
]
table('actions', [
  ...actions.map(
    ([pattern, action, decision]): Row => [
      `${action} where ${JSON.stringify(pattern)} is allowed`,
      { action, ...can({ Action: pattern }) },
      decision,
    ],
  ),
  ['NotAction names another action', can({ NotAction: 's3:*' }), YES],
  ['NotAction names this action', can({ NotAction: 'codecommit:Get*' }), NO],
  ['NotAction in a deny spares what it names', { identity: [doc(allow(), deny({ NotAction: 'codecommit:*' }))] }, YES],
  ['NotAction in a deny hits all others', { identity: [doc(allow(), deny({ NotAction: 's3:*' }))] }, DENIED],
])

const resources: [pattern: string | string[], resource: string, decision: Expected][] = [
  [REPO, REPO, YES],
  [REPO, `${REPO}2`, NO],
  [REPO, REPO.toUpperCase(), NO],
  [`arn:aws:codecommit:*:${ACCOUNT}:demo`, REPO, YES],
  ['arn:aws:codecommit:us-east-1:*:demo', REPO, YES],
  ['arn:aws:codecommit:us-*-1:111111111111:demo', REPO, YES],
  ['arn:aws:codecommit:us-*-2:111111111111:demo', REPO, NO],
  ['arn:aws:codecommit:*', REPO, YES],
  ['arn:aws:codecommit:us-east-1:111111111111:dem?', REPO, YES],
  ['arn:aws:codecommit:us-east-1:111111111111:demo?', REPO, NO],
  ['arn:aws:codecommit:*:*:*', REPO, YES],
  ['arn:*:demo', REPO, YES],
  ['arn:aws:code*mit:us-east-1:111111111111:demo', REPO, YES],
  ['arn:aws:code*o:x', REPO, NO], // a star inside a segment stops at the colon
  ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/a/b:c.txt', YES],
  ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket', NO],
  ['arn:aws:s3:::bucket*', 'arn:aws:s3:::bucket/a', YES],
  ['arn:aws:s3:::bucket/*.txt', 'arn:aws:s3:::bucket/a:b.txt', YES],
  ['arn:aws:s3:::bucket/*.txt', 'arn:aws:s3:::bucket/a.md', NO],
  ['arn:aws:s3:::bucket/?', 'arn:aws:s3:::bucket/', NO],
  ['*', '*', YES],
  [REPO, '*', NO],
  [['arn:aws:s3:::x', REPO], REPO, YES],
  [
    `arn:aws:logs:*:*:log-group:/aws/codebuild/*`,
    `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/codebuild/x:log-stream:y`,
    YES,
  ],
]
table('resources', [
  ...resources.map(
    ([pattern, resource, decision]): Row => [
      `${resource} where ${JSON.stringify(pattern)} is allowed`,
      { resource, ...can({ Resource: pattern }) },
      decision,
    ],
  ),
  ['NotResource names another resource', can({ NotResource: 'arn:aws:s3:::x' }), YES],
  ['NotResource names this one', can({ NotResource: [REPO, 'arn:aws:s3:::x'] }), NO],
  ['NotResource in a deny spares what it names', { identity: [doc(allow(), deny({ NotResource: REPO }))] }, YES],
])

const by = (principal: unknown, rule: Rule = {}) => doc(allow({ Principal: principal, ...rule }))
const denyBy = (principal: unknown, rule: Rule = {}) => doc(deny({ Principal: principal, ...rule }))
const aws = (...values: string[]) => ({ AWS: values })
const roleArn = BUILD.roleArn!
const everything = [doc(allow())]
table('principals of resource policies', [
  ['the star, a user of the account', { by: by('*') }, YES],
  ['the star under AWS', { by: by(aws('*')) }, YES],
  ['the star, nobody signed', { who: NOBODY, by: by('*') }, YES],
  ['an account, nobody signed', { who: NOBODY, by: by(aws(ACCOUNT)) }, NO],
  ['the user', { by: by(aws(ALICE.arn!)) }, YES],
  ['another user', { by: by(aws(`${ALICE.arn}2`)) }, NO],
  ['the user by its unique id', { by: by(aws('AIDAALICE')) }, YES],
  ['the account by number leaves it to identity policies, which say nothing', { by: by(aws(ACCOUNT)) }, NO],
  ['the account by number and an identity policy', { by: by(aws(ACCOUNT)), ...can({}) }, YES],
  ['the account by root ARN', { by: by(aws(`arn:aws:iam::${ACCOUNT}:root`)) }, NO],
  ['root itself', { who: ROOT, by: by(aws(`arn:aws:iam::${ACCOUNT}:root`)) }, YES],
  ['root is denied by a bucket policy', { who: ROOT, by: denyBy('*') }, DENIED],
  ['root with a policy that speaks of others', { who: ROOT, by: by(aws(ALICE.arn!)) }, YES],
  ['the role of a session', { who: BUILD, by: by(aws(roleArn)) }, YES],
  ['another role', { who: BUILD, by: by(aws(`${roleArn}2`)) }, NO],
  ['the role by its unique id', { who: BUILD, by: by(aws('AROABUILD')) }, YES],
  ['the session itself', { who: BUILD, by: by(aws(BUILD.arn!)) }, YES],
  ['another session of the role', { who: BUILD, by: by(aws(BUILD.arn!.replace('run1', 'run2'))) }, NO],
  ['a wildcard in an ARN is literal there', { who: BUILD, by: by(aws(BUILD.arn!.replace('run1', '*'))) }, NO],
  ['the service', { who: SERVICE, by: by({ Service: 'codepipeline.amazonaws.com' }) }, YES],
  [
    'the service by its regional name',
    { who: SERVICE, by: by({ Service: 'codepipeline.us-east-1.amazonaws.com' }) },
    YES,
  ],
  ['another service', { who: SERVICE, by: by({ Service: 'codebuild.amazonaws.com' }) }, NO],
  [
    'one of several services',
    { who: SERVICE, by: by({ Service: ['codebuild.amazonaws.com', 'codepipeline.amazonaws.com'] }) },
    YES,
  ],
  ['a service where accounts are named', { who: SERVICE, by: by(aws(ACCOUNT)) }, NO],
  ['a service where everybody is named', { who: SERVICE, by: by('*') }, YES],
  ['a service without any resource policy', { who: SERVICE, ...can({}) }, NO],
  ['a user where services are named', { by: by({ Service: '*' }) }, NO],
  ['a federated identity', { who: { ...BUILD, federated: 'cognito' }, by: by({ Federated: 'cognito' }) }, YES],
  ['another federated identity', { who: { ...BUILD, federated: 'x' }, by: by({ Federated: 'cognito' }) }, NO],
  [
    'NotPrincipal that names the user, in a deny',
    { ...can({}), by: doc(deny({ NotPrincipal: aws(ALICE.arn!) })) },
    YES,
  ],
  [
    'NotPrincipal that names another, in a deny',
    { ...can({}), by: doc(deny({ NotPrincipal: aws(STRANGER.arn!) })) },
    DENIED,
  ],
  ['NotPrincipal that names another, in an allow', { by: doc(allow({ NotPrincipal: aws(STRANGER.arn!) })) }, YES],
  ['a deny of the resource beats the identity policy', { ...can({}), by: denyBy(aws(ALICE.arn!)) }, DENIED],
  ['a deny of the identity policy beats the resource', { identity: [doc(deny())], by: by('*') }, DENIED],
  ['a deny of the account hits its users', { ...can({}), by: denyBy(aws(ACCOUNT)) }, DENIED],
  ['a deny of the role hits its sessions', { who: BUILD, ...can({}), by: denyBy(aws(roleArn)) }, DENIED],
  ['a canonical user is nobody here', { by: by({ CanonicalUser: 'abc' }) }, NO],
  ['another action in the resource policy', { by: by('*', { Action: 's3:*' }) }, NO],
  ['another resource in the resource policy', { by: by('*', { Resource: 'arn:aws:s3:::x' }) }, NO],
])

const abroad = { who: STRANGER, sameAccount: false }
table('across accounts', [
  ['only the identity policy', { ...abroad, identity: everything }, NO],
  ['only the resource policy', { ...abroad, by: by(aws(STRANGER.arn!)) }, NO],
  ['both', { ...abroad, identity: everything, by: by(aws(STRANGER.arn!)) }, YES],
  ['both, the account being named', { ...abroad, identity: everything, by: by(aws('222222222222')) }, YES],
  ['both, another account being named', { ...abroad, identity: everything, by: by(aws(ACCOUNT)) }, NO],
  ['both, everybody being named', { ...abroad, identity: everything, by: by('*') }, YES],
  ['a deny in the identity policy', { ...abroad, identity: [doc(deny())], by: by('*') }, DENIED],
  ['a deny in the resource policy', { ...abroad, identity: everything, by: denyBy('*') }, DENIED],
  [
    'root of the other account without a resource policy',
    { who: { ...ROOT, account: '222222222222' }, sameAccount: false },
    NO,
  ],
  [
    'root of the other account with one',
    { who: { ...ROOT, account: '222222222222' }, sameAccount: false, by: by(aws('222222222222')) },
    YES,
  ],
  [
    'a boundary that does not allow',
    { ...abroad, identity: everything, by: by('*'), boundary: doc(allow({ Action: 's3:*' })) },
    NO,
  ],
])

const narrow = doc(allow({ Action: 's3:*' }))
const wide = doc(allow())
table('permission boundaries', [
  ['a boundary alone grants nothing', { boundary: wide }, NO],
  ['identity and boundary allow', { identity: everything, boundary: wide }, YES],
  ['the boundary allows something else', { identity: everything, boundary: narrow }, NO],
  ['the boundary denies', { identity: everything, boundary: doc(allow(), deny()) }, DENIED],
  ['a resource policy that names the user passes the boundary', { by: by(aws(ALICE.arn!)), boundary: narrow }, YES],
  ['but not its explicit deny', { by: by(aws(ALICE.arn!)), boundary: doc(deny()) }, DENIED],
  [
    'a resource policy that names the role does not pass it',
    { who: BUILD, by: by(aws(roleArn)), boundary: narrow },
    NO,
  ],
  [
    'a resource policy that names the role within the boundary',
    { who: BUILD, by: by(aws(roleArn)), boundary: wide },
    YES,
  ],
  [
    'a resource policy that names the session passes it',
    { who: BUILD, by: by(aws(BUILD.arn!)), boundary: narrow },
    YES,
  ],
  ['a resource policy for everybody does not pass a role’s', { who: BUILD, by: by('*'), boundary: narrow }, NO],
])

const inSession = { who: BUILD, identity: everything }
table('session policies', [
  ['none', inSession, YES],
  ['one that allows', { ...inSession, session: [wide] }, YES],
  ['one that allows something else', { ...inSession, session: [narrow] }, NO],
  ['two of which one allows', { ...inSession, session: [narrow, wide] }, YES],
  ['two of which one denies', { ...inSession, session: [doc(deny()), wide] }, DENIED],
  ['they grant nothing themselves', { who: BUILD, session: [wide] }, NO],
  ['with a boundary, all three must allow', { ...inSession, session: [wide], boundary: narrow }, NO],
  ['with a boundary that allows', { ...inSession, session: [wide], boundary: wide }, YES],
  [
    'a resource policy that names the role is narrowed by them',
    { who: BUILD, session: [narrow], by: by(aws(roleArn)) },
    NO,
  ],
  ['a resource policy that names the session is not', { who: BUILD, session: [narrow], by: by(aws(BUILD.arn!)) }, YES],
  ['an empty list is none', { ...inSession, session: [] }, YES],
])

const assume = { action: 'sts:AssumeRole', resource: roleArn }
const trusts = (principal: unknown, rule: Rule = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...rule }],
  })
const external = { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } }
table('trust policies', [
  ['an identity policy alone is not enough', { ...assume, ...can({}) }, NO],
  ['the trust policy names the user', { ...assume, by: trusts(aws(ALICE.arn!)) }, YES],
  ['the trust policy names the account, identity allows', { ...assume, ...can({}), by: trusts(aws(ACCOUNT)) }, YES],
  ['the trust policy names the account, identity does not', { ...assume, by: trusts(aws(ACCOUNT)) }, NO],
  [
    'the trust policy names a service, a user asks',
    { ...assume, ...can({}), by: trusts({ Service: 'codepipeline.amazonaws.com' }) },
    NO,
  ],
  [
    'the trust policy names the service that asks',
    { ...assume, who: SERVICE, by: trusts({ Service: 'codepipeline.amazonaws.com' }) },
    YES,
  ],
  [
    'the trust policy names another service',
    { ...assume, who: SERVICE, by: trusts({ Service: 'codebuild.amazonaws.com' }) },
    NO,
  ],
  [
    'across accounts with identity policy',
    { ...assume, ...abroad, identity: everything, by: trusts(aws('222222222222')) },
    YES,
  ],
  ['across accounts without', { ...assume, ...abroad, by: trusts(aws('222222222222')) }, NO],
  [
    'the external id is right',
    { ...assume, by: trusts(aws(ALICE.arn!), external), context: { 'sts:ExternalId': 'secret' } },
    YES,
  ],
  [
    'the external id is wrong',
    { ...assume, by: trusts(aws(ALICE.arn!), external), context: { 'sts:ExternalId': 'x' } },
    NO,
  ],
  ['the external id is missing', { ...assume, by: trusts(aws(ALICE.arn!), external) }, NO],
  ['a deny in the identity policy', { ...assume, identity: [doc(deny())], by: trusts(aws(ALICE.arn!)) }, DENIED],
  ['a deny in the trust policy', { ...assume, ...can({}), by: trusts(aws(ACCOUNT)).replace('Allow', 'Deny') }, DENIED],
  ['a role chain', { ...assume, who: BUILD, by: trusts(aws(roleArn)) }, YES],
  [
    'a role chain narrowed by a session policy',
    { ...assume, who: BUILD, by: trusts(aws(roleArn)), session: [narrow] },
    NO,
  ],
  ['tags need TagSession as well', { ...assume, action: 'sts:TagSession', by: trusts(aws(ALICE.arn!)) }, NO],
  [
    'TagSession is allowed too',
    {
      ...assume,
      action: 'sts:TagSession',
      by: trusts(aws(ALICE.arn!), { Action: ['sts:AssumeRole', 'sts:TagSession'] }),
    },
    YES,
  ],
])

type Value = string | string[]
/** operator, value(s) in the policy, value(s) of the request (undefined: the key is absent), decision. */
const conditions: [string, unknown, Value | undefined, Expected][] = [
  ['StringEquals', 'a', 'a', YES],
  ['StringEquals', 'a', 'A', NO],
  ['StringEquals', ['a', 'b'], 'b', YES],
  ['StringEquals', 'a*', 'abc', NO],
  ['StringEquals', 'a', undefined, NO],
  ['StringEquals', 'a', '', NO],
  ['StringEquals', '', '', YES],
  ['StringNotEquals', 'a', 'b', YES],
  ['StringNotEquals', 'a', 'a', NO],
  ['StringNotEquals', ['a', 'b'], 'b', NO],
  ['StringNotEquals', ['a', 'b'], 'c', YES],
  ['StringNotEquals', 'a', undefined, YES],
  ['StringEqualsIgnoreCase', 'AbC', 'aBc', YES],
  ['StringEqualsIgnoreCase', 'AbC', 'abd', NO],
  ['StringNotEqualsIgnoreCase', 'ABC', 'abc', NO],
  ['StringNotEqualsIgnoreCase', 'ABC', 'x', YES],
  ['StringLike', 'a*c', 'abbc', YES],
  ['StringLike', 'a?c', 'abc', YES],
  ['StringLike', 'a?c', 'abbc', NO],
  ['StringLike', 'A*', 'abc', NO],
  ['StringLike', 'refs/heads/*', 'refs/heads/a/b:c', YES],
  ['StringLike', ['x*', 'a*'], 'abc', YES],
  ['StringNotLike', 'a*', 'abc', NO],
  ['StringNotLike', 'a*', 'xbc', YES],
  ['StringNotLike', ['a*', 'x*'], 'xbc', NO],
  ['stringlike', 'a*', 'abc', YES],
  ['NumericEquals', '10', '10.0', YES],
  ['NumericEquals', 10, '10', YES],
  ['NumericEquals', '10', '11', NO],
  ['NumericEquals', '10', 'x', NO],
  ['NumericNotEquals', '10', '11', YES],
  ['NumericNotEquals', '10', '10', NO],
  ['NumericLessThan', '10', '9', YES],
  ['NumericLessThan', '10', '10', NO],
  ['NumericLessThanEquals', '10', '10', YES],
  ['NumericLessThanEquals', '10', '10.1', NO],
  ['NumericGreaterThan', '10', '11', YES],
  ['NumericGreaterThan', '10', '10', NO],
  ['NumericGreaterThanEquals', '10', '10', YES],
  ['NumericGreaterThanEquals', '10', '9', NO],
  ['NumericLessThan', '10', undefined, NO],
  ['NumericLessThan', '10', '', NO],
  ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', YES],
  ['DateEquals', '2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00Z', YES],
  ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', YES],
  ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', YES],
  ['DateLessThan', '2026-01-01', '2026-01-01T00:00:00Z', NO],
  ['DateLessThanEquals', '2026-01-01', '2026-01-01T00:00:00Z', YES],
  ['DateGreaterThan', '2026', '2026-01-01T00:00:01Z', YES],
  ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z', NO],
  ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', YES],
  ['DateLessThan', '2026-01-01T00:00:00Z', '1767225599', YES],
  ['DateLessThan', 'never', '2026-01-01T00:00:00Z', NO],
  ['Bool', 'true', 'true', YES],
  ['Bool', true, 'true', YES],
  ['Bool', 'True', 'true', YES],
  ['Bool', 'false', 'true', NO],
  ['Bool', 'true', undefined, NO],
  ['BoolIfExists', 'true', undefined, YES],
  ['BoolIfExists', 'true', 'false', NO],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', YES],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ6', NO],
  ['IpAddress', '203.0.113.0/24', '203.0.113.7', YES],
  ['IpAddress', '203.0.113.0/24', '203.0.114.7', NO],
  ['IpAddress', '203.0.113.7', '203.0.113.7', YES],
  ['IpAddress', '203.0.113.7', '203.0.113.8', NO],
  ['IpAddress', '0.0.0.0/0', '1.2.3.4', YES],
  ['IpAddress', ['10.0.0.0/8', '192.168.0.0/16'], '192.168.3.4', YES],
  ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678:ffff::1', YES],
  ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', NO],
  ['IpAddress', '::/0', '203.0.113.7', NO],
  ['IpAddress', '203.0.113.0/24', '::ffff:203.0.113.7', YES],
  ['IpAddress', '203.0.113.0/24', undefined, NO],
  ['IpAddress', '203.0.113.0/24', 'codepipeline.amazonaws.com', NO],
  ['IpAddress', '203.0.113.0/99', '203.0.113.7', NO],
  ['NotIpAddress', '203.0.113.0/24', '203.0.113.7', NO],
  ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', YES],
  ['NotIpAddress', ['203.0.113.0/24', '198.51.100.0/24'], '198.51.100.1', NO],
  ['NotIpAddress', '203.0.113.0/24', undefined, YES],
  ['ArnEquals', 'arn:aws:sns:us-east-1:1:t', 'arn:aws:sns:us-east-1:1:t', YES],
  ['ArnEquals', 'arn:aws:sns:*:1:*', 'arn:aws:sns:us-east-1:1:t', YES],
  ['ArnEquals', 'arn:aws:sns:*:t', 'arn:aws:sns:us-east-1:1:t', NO],
  ['ArnLike', 'arn:aws:iam::*:role/ci/*', 'arn:aws:iam::1:role/ci/build', YES],
  ['ArnLike', 'arn:aws:iam::*:role/ci/*', 'arn:aws:iam::1:role/build', NO],
  ['ArnLike', 'arn:aws:logs:*:*:log-group:*', 'arn:aws:logs:r:1:log-group:a:log-stream:b', YES],
  ['ArnLike', '*', 'arn:aws:sns:us-east-1:1:t', YES],
  ['ArnLike', 'arn:aws:sns:*:*:t', 'not an arn', NO],
  ['ArnNotEquals', 'arn:aws:sns:us-east-1:1:t', 'arn:aws:sns:us-east-1:1:t', NO],
  ['ArnNotLike', 'arn:aws:sns:*:*:t', 'arn:aws:sns:us-east-1:1:u', YES],
  ['ArnNotLike', 'arn:aws:sns:*:*:t', undefined, YES],
  ['Null', 'true', undefined, YES],
  ['Null', 'true', 'x', NO],
  ['Null', 'false', 'x', YES],
  ['Null', 'false', undefined, NO],
  ['Null', true, undefined, YES],
  ['Null', 'true', [], YES],
  ['StringEqualsIfExists', 'a', undefined, YES],
  ['StringEqualsIfExists', 'a', 'b', NO],
  ['StringEqualsIfExists', 'a', 'a', YES],
  ['StringLikeIfExists', 'a*', undefined, YES],
  ['NumericLessThanIfExists', '5', undefined, YES],
  ['NumericLessThanIfExists', '5', '6', NO],
  ['DateLessThanIfExists', '2026', undefined, YES],
  ['IpAddressIfExists', '10.0.0.0/8', undefined, YES],
  ['ArnLikeIfExists', 'arn:aws:sns:*:*:t', undefined, YES],
  ['StringNotEqualsIfExists', 'a', undefined, YES],
  ['StringNotEqualsIfExists', 'a', 'a', NO],
  ['ForAnyValue:StringEquals', 'a', ['a', 'b'], YES],
  ['ForAnyValue:StringEquals', 'a', ['c', 'b'], NO],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['x', 'b'], YES],
  ['ForAnyValue:StringEquals', 'a', undefined, NO],
  ['ForAnyValue:StringEquals', 'a', [], NO],
  ['ForAnyValue:StringLike', 'refs/heads/*', ['refs/tags/x', 'refs/heads/y'], YES],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], YES],
  ['ForAnyValue:StringNotEquals', 'a', ['a'], NO],
  ['ForAnyValue:StringEqualsIfExists', 'a', undefined, YES],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], YES],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], NO],
  ['ForAllValues:StringEquals', 'a', undefined, YES],
  ['ForAllValues:StringEquals', 'a', [], YES],
  ['ForAllValues:StringLike', 'dev-*', ['dev-1', 'dev-2'], YES],
  ['ForAllValues:StringLike', 'dev-*', ['dev-1', 'prod'], NO],
  ['ForAllValues:StringNotEquals', 'a', ['b', 'c'], YES],
  ['ForAllValues:StringNotEquals', 'a', ['b', 'a'], NO],
  ['foranyvalue:stringequals', 'a', ['a'], YES],
  ['StringEquals', 'a', ['b', 'a'], YES],
  ['StringNotEquals', 'a', ['b', 'a'], NO],
  ['StringSounds', 'a', 'a', NO],
]
describe('conditions', () => {
  for (const [operator, wanted, given, decision] of conditions) {
    test(`${operator} ${JSON.stringify(wanted)} asked of ${given === undefined ? 'an absent key' : JSON.stringify(given)}: ${decision}`, () => {
      const inputs = can({ Condition: { [operator]: { 'test:Key': wanted } } })
      const context: Record<string, Value> = given === undefined ? {} : { 'TEST:key': given }
      expect(ask({ ...inputs, context }).decision).toBe(decision)
    })
  }
})
table('conditions together', [
  [
    'two keys of one operator: both hold',
    { ...can({ Condition: { StringEquals: { a: '1', b: '2' } } }), context: { a: '1', b: '2' } },
    YES,
  ],
  [
    'two keys of one operator: one holds',
    { ...can({ Condition: { StringEquals: { a: '1', b: '2' } } }), context: { a: '1', b: '3' } },
    NO,
  ],
  [
    'two operators: both hold',
    { ...can({ Condition: { StringEquals: { a: '1' }, Bool: { b: 'true' } } }), context: { a: '1', b: 'true' } },
    YES,
  ],
  [
    'two operators: one holds',
    { ...can({ Condition: { StringEquals: { a: '1' }, Bool: { b: 'true' } } }), context: { a: '1', b: 'false' } },
    NO,
  ],
  ['an empty condition', can({ Condition: {} }), YES],
  [
    'a deny whose condition does not hold',
    { identity: [doc(allow(), deny({ Condition: { Bool: { x: 'true' } } }))], context: { x: 'false' } },
    YES,
  ],
  [
    'a deny without MFA hits long-term keys',
    { identity: [doc(allow(), deny({ Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } }))] },
    DENIED,
  ],
  [
    'a deny without TLS',
    {
      identity: [doc(allow(), deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }))],
      context: { 'aws:SecureTransport': 'false' },
    },
    DENIED,
  ],
  [
    'a deny outside a network',
    {
      identity: [doc(allow(), deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))],
      context: { 'aws:SourceIp': '11.0.0.1' },
    },
    DENIED,
  ],
  [
    'a push to main is denied',
    {
      identity: [
        doc(
          allow(),
          deny({
            Action: 'codecommit:GitPush',
            Condition: {
              StringEqualsIfExists: { 'codecommit:References': ['refs/heads/main'] },
              Null: { 'codecommit:References': 'false' },
            },
          }),
        ),
      ],
      action: 'codecommit:GitPush',
      context: { 'codecommit:References': ['refs/heads/dev', 'refs/heads/main'] },
    },
    DENIED,
  ],
  [
    'a push to another branch is not',
    {
      identity: [
        doc(
          allow(),
          deny({
            Action: 'codecommit:GitPush',
            Condition: {
              StringEqualsIfExists: { 'codecommit:References': ['refs/heads/main'] },
              Null: { 'codecommit:References': 'false' },
            },
          }),
        ),
      ],
      action: 'codecommit:GitPush',
      context: { 'codecommit:References': ['refs/heads/dev'] },
    },
    YES,
  ],
  [
    'an unknown operator in a deny hits',
    { identity: [doc(allow(), deny({ Condition: { StringSounds: { x: 'y' } } }))] },
    DENIED,
  ],
  [
    'tag keys are found whatever their case',
    {
      ...can({ Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'red' } } }),
      context: { 'aws:principaltag/team': 'red' },
    },
    YES,
  ],
])

const home = 'arn:aws:s3:::home/alice/x'
const named = { context: { 'aws:username': 'alice' } }
const homes = (pattern: string) => can({ Resource: pattern })
table('policy variables', [
  [
    'a resource with the user’s name',
    { resource: home, ...named, ...homes('arn:aws:s3:::home/${aws:username}/*') },
    YES,
  ],
  [
    'another user’s',
    { resource: home, context: { 'aws:username': 'bob' }, ...homes('arn:aws:s3:::home/${aws:username}/*') },
    NO,
  ],
  [
    'names of variables in any case',
    { resource: home, ...named, ...homes('arn:aws:s3:::home/${AWS:UserName}/*') },
    YES,
  ],
  ['a variable without a value', { resource: home, ...homes('arn:aws:s3:::home/${aws:username}/*') }, NO],
  ['its default', { resource: home, ...homes("arn:aws:s3:::home/${aws:username, 'alice'}/*") }, YES],
  [
    'a value comes before the default',
    { resource: home, context: { 'aws:username': 'bob' }, ...homes("arn:aws:s3:::home/${aws:username, 'alice'}/*") },
    NO,
  ],
  [
    'a document of 2008 takes them literally',
    { resource: home, ...named, identity: [old(allow({ Resource: 'arn:aws:s3:::home/${aws:username}/*' }))] },
    NO,
  ],
  [
    'a value with a star is no wildcard',
    {
      resource: 'arn:aws:s3:::home/alice',
      context: { 'aws:username': '*' },
      ...homes('arn:aws:s3:::home/${aws:username}'),
    },
    NO,
  ],
  ['a literal star', { resource: 'arn:aws:s3:::home/*', ...homes('arn:aws:s3:::home/${*}') }, YES],
  ['a literal star is no wildcard', { resource: 'arn:aws:s3:::home/x', ...homes('arn:aws:s3:::home/${*}') }, NO],
  ['a literal question mark', { resource: 'arn:aws:s3:::home/?', ...homes('arn:aws:s3:::home/${?}') }, YES],
  [
    'a literal question mark is no wildcard',
    { resource: 'arn:aws:s3:::home/x', ...homes('arn:aws:s3:::home/${?}') },
    NO,
  ],
  ['a literal dollar', { resource: 'arn:aws:s3:::home/$', ...homes('arn:aws:s3:::home/${$}') }, YES],
  [
    'a principal tag',
    {
      resource: 'arn:aws:s3:::red/x',
      context: { 'aws:PrincipalTag/team': 'red' },
      ...homes('arn:aws:s3:::${aws:PrincipalTag/team}/*'),
    },
    YES,
  ],
  [
    'a multivalued key is none',
    { resource: home, context: { 'aws:username': ['alice', 'bob'] }, ...homes('arn:aws:s3:::home/${aws:username}/*') },
    NO,
  ],
  [
    'in a condition',
    {
      ...can({ Condition: { StringEquals: { 's3:prefix': '${aws:username}/' } } }),
      context: { 's3:prefix': 'alice/', 'aws:username': 'alice' },
    },
    YES,
  ],
  [
    'in a StringLike condition',
    {
      ...can({ Condition: { StringLike: { 's3:prefix': ['', '${aws:username}/*'] } } }),
      context: { 's3:prefix': 'alice/x', 'aws:username': 'alice' },
    },
    YES,
  ],
  [
    'in an ARN condition',
    {
      ...can({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:${aws:PrincipalAccount}:*' } } }),
      context: { 'aws:SourceArn': 'arn:aws:sns:r:1:t', 'aws:PrincipalAccount': '1' },
    },
    YES,
  ],
  [
    'two in one text',
    { ...can({ Condition: { StringEquals: { k: '${a}-${b}' } } }), context: { k: '1-2', a: '1', b: '2' } },
    YES,
  ],
  [
    'without a value a negated condition does not help to allow',
    { ...can({ Condition: { StringNotEquals: { k: '${a}' } } }), context: { k: '1' } },
    NO,
  ],
  ['without a value NotResource does not help to allow', { ...can({ NotResource: 'arn:aws:s3:::${a}' }) }, NO],
  [
    'without a value NotResource in a deny still denies',
    { identity: [doc(allow(), deny({ NotResource: 'arn:aws:s3:::${a}' }))] },
    DENIED,
  ],
  ['an unclosed variable is text', { resource: 'arn:aws:s3:::${a', ...homes('arn:aws:s3:::${a') }, YES],
])

describe('what the decision says', () => {
  test('which statement denied, and where', () => {
    const decision = ask({ identity: [wide, doc(allow(), deny({ Sid: 'NoReads', Action: 'codecommit:Get*' }))] })
    expect(decision).toEqual({
      decision: 'explicitDeny',
      layer: 'identity',
      statement: { layer: 'identity', document: 1, index: 1, sid: 'NoReads' },
    })
  })
  test('which layer is missing', () => {
    expect(ask({})).toMatchObject({ layer: 'identity' })
    expect(ask({ identity: everything, boundary: narrow })).toMatchObject({ layer: 'boundary' })
    expect(ask({ ...inSession, session: [narrow] })).toMatchObject({ layer: 'session' })
    expect(ask({ ...abroad, identity: everything })).toMatchObject({ layer: 'resource' })
    expect(ask({ ...assume, ...can({}) })).toMatchObject({ layer: 'trust' })
  })
  test('a document that is none is an error, never an allow', () => {
    expect(() => ask({ identity: ['{"Statement":'] })).toThrow('Syntax errors in policy.')
  })
  test('a compiled document answers in microseconds', () => {
    const statements = Array.from({ length: 50 }, (_, i) =>
      allow({ Action: [`s3:Get${i}*`, 'logs:*'], Resource: `arn:aws:s3:::b${i}/*` }),
    )
    const inputs = {
      identity: [doc(...statements, allow({ Condition: { StringLike: { 'aws:userid': 'AIDA*' } } }))],
      context: { 'aws:userid': 'AIDAX' },
    }
    ask(inputs)
    const start = performance.now()
    for (let i = 0; i < 2000; i++) ask(inputs)
    expect((performance.now() - start) / 2000).toBeLessThan(0.2)
  })
})
