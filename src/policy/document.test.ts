// Pins which documents are refused and with which of AWS's sentences; and the sentence that explains a refusal.

import { describe, expect, test } from 'vitest'
import { contextKeysOf } from './contextKeys.ts'
import { type PolicyKind, parsePolicy } from './document.ts'
import { evaluate } from './evaluate.ts'
import { deniedSentence } from './sentence.ts'

const good = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codebuild.amazonaws.com' } }
const doc = (statement: unknown, more: object = { Version: '2012-10-17' }) =>
  JSON.stringify({ ...more, Statement: statement })
const SYNTAX = 'Syntax errors in policy.'
const LEGACY = 'The policy failed legacy parsing'

const refused: [string, PolicyKind, string, string][] = [
  ['text that is no JSON', 'identity', '{', SYNTAX],
  ['a list', 'identity', '[]', SYNTAX],
  ['no statement', 'identity', '{"Version":"2012-10-17"}', SYNTAX],
  ['an empty list of statements', 'identity', doc([]), SYNTAX],
  ['an unknown element on top', 'identity', doc(good, { Version: '2012-10-17', Extra: 1 }), SYNTAX],
  ['an unknown element of a statement', 'identity', doc({ ...good, Extra: 1 }), SYNTAX],
  ['an unknown version', 'identity', doc(good, { Version: '2020-01-01' }), SYNTAX],
  ['no version', 'identity', doc(good, {}), 'Policy document must be version 2012-10-17 or greater.'],
  [
    'the old version',
    'identity',
    doc(good, { Version: '2008-10-17' }),
    'Policy document must be version 2012-10-17 or greater.',
  ],
  ['no effect', 'identity', doc({ Action: '*', Resource: '*' }), SYNTAX],
  ['an effect in small letters', 'identity', doc({ ...good, Effect: 'allow' }), LEGACY],
  ['another effect', 'identity', doc({ ...good, Effect: 'Maybe' }), SYNTAX],
  ['Action and NotAction', 'identity', doc({ ...good, NotAction: 's3:*' }), SYNTAX],
  ['Resource and NotResource', 'identity', doc({ ...good, NotResource: '*' }), SYNTAX],
  ['no action', 'identity', doc({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
  ['an empty list of actions', 'identity', doc({ ...good, Action: [] }), 'Policy statement must contain actions.'],
  [
    'an action without a service',
    'identity',
    doc({ ...good, Action: 'GetObject' }),
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  ],
  [
    'an action with two colons',
    'identity',
    doc({ ...good, Action: 's3:Get:Object' }),
    'Actions/Condition can contain only one colon.',
  ],
  ['an action of a strange service', 'identity', doc({ ...good, Action: 's 3:GetObject' }), 'Vendor s 3 is not valid'],
  ['a number as an action', 'identity', doc({ ...good, Action: 1 }), SYNTAX],
  ['no resource', 'identity', doc({ Effect: 'Allow', Action: 's3:*' }), 'Policy statement must contain resources.'],
  [
    'a resource that is no ARN',
    'identity',
    doc({ ...good, Resource: 'bucket' }),
    'Resource bucket must be in ARN format or "*".',
  ],
  [
    'a strange partition',
    'identity',
    doc({ ...good, Resource: 'arn:nope:s3:::b' }),
    'Partition "nope" is not valid for resource "arn:nope:s3:*:*:b".',
  ],
  [
    'an S3 resource with a region',
    'identity',
    doc({ ...good, Resource: 'arn:aws:s3:us-east-1::b' }),
    'Resource arn:aws:s3:us-east-1::b can not contain region information.',
  ],
  [
    'an IAM resource with a region',
    'identity',
    doc({ ...good, Resource: 'arn:aws:iam:us-east-1:1:role/x' }),
    'IAM resource arn:aws:iam:us-east-1:1:role/x cannot contain region information.',
  ],
  [
    'a principal in an identity policy',
    'identity',
    doc({ ...good, Principal: '*' }),
    'Policy document should not specify a principal.',
  ],
  [
    'two statements with one Sid',
    'identity',
    doc([
      { ...good, Sid: 'a' },
      { ...good, Sid: 'a' },
    ]),
    'Statement IDs (SID) in a single policy must be unique.',
  ],
  ['an unknown operator', 'identity', doc({ ...good, Condition: { StringSounds: { a: 'b' } } }), SYNTAX],
  ['a condition that is a text', 'identity', doc({ ...good, Condition: 'x' }), SYNTAX],
  ['a date that is none', 'identity', doc({ ...good, Condition: { DateLessThan: { a: 'soon' } } }), LEGACY],
  ['a resource in a trust policy', 'trust', doc({ ...trust, Resource: '*' }), 'Has prohibited field Resource'],
  [
    'no principal in a trust policy',
    'trust',
    doc({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
    'Missing required field Principal',
  ],
  [
    'another action in a trust policy',
    'trust',
    doc({ ...trust, Action: 's3:GetObject' }),
    'AssumeRole policy may only specify STS AssumeRole actions.',
  ],
  ['no principal in a resource policy', 'resource', doc(good), 'Missing required field Principal'],
  [
    'no resource in a resource policy',
    'resource',
    doc({ Effect: 'Allow', Action: 's3:*', Principal: '*' }),
    'Missing required field Resource',
  ],
]
describe('parsePolicy', () => {
  for (const [what, kind, text, message] of refused) {
    test(`refuses ${what} (${kind})`, () => {
      expect(() => parsePolicy(text, kind)).toThrow(
        expect.objectContaining({ code: 'MalformedPolicyDocument', message }),
      )
    })
  }
  const accepted: [string, PolicyKind, string][] = [
    ['one statement as an object', 'identity', doc(good)],
    [
      'an id and conditions of every type',
      'identity',
      doc(
        [
          {
            ...good,
            Sid: '',
            Condition: {
              Bool: { a: true },
              NumericLessThan: { b: 1 },
              'ForAllValues:StringLikeIfExists': { c: ['x'] },
              Null: { d: 'true' },
            },
          },
        ],
        { Version: '2012-10-17', Id: 'x' },
      ),
    ],
    [
      'a wildcard that stands for the rest of an ARN',
      'identity',
      doc({ ...good, Resource: ['arn:aws:s3:::*', 'arn:aws:codecommit:*', 'arn:aws:iam::*:role/x'] }),
    ],
    ['a trust policy of the old version', 'trust', doc(trust, { Version: '2008-10-17' })],
    ['a trust policy with tags', 'trust', doc({ ...trust, Action: ['sts:AssumeRole', 'sts:TagSession'] })],
    ['a resource policy without a version', 'resource', doc({ ...good, Principal: '*' }, {})],
  ]
  for (const [what, kind, text] of accepted) {
    test(`accepts ${what} (${kind})`, () => expect(parsePolicy(text, kind).Statement.length).toBe(1))
  }
})

describe('the sentence of a refusal', () => {
  const alice = { type: 'user', account: '1', arn: 'arn:aws:iam::1:user/alice' } as const
  const access = { action: 'codecommit:GetBranch', resource: 'arn:aws:codecommit:us-east-1:1:demo' }
  const all = doc({ Effect: 'Allow', Action: '*', Resource: '*' })
  const none = doc({ Effect: 'Deny', Action: '*', Resource: '*' })
  const other = doc({ Effect: 'Allow', Action: 's3:*', Resource: '*' })
  const say = (policies: object, asked = access, principal: Parameters<typeof deniedSentence>[0] = alice) =>
    deniedSentence(
      principal,
      asked,
      evaluate({ principal, ...asked, context: {} }, { identity: [], sameAccount: true, ...policies }),
    )
  const START =
    'User: arn:aws:iam::1:user/alice is not authorized to perform: codecommit:GetBranch on resource: arn:aws:codecommit:us-east-1:1:demo'

  test('names what is missing or where the deny is', () => {
    expect(say({})).toBe(`${START} because no identity-based policy allows the codecommit:GetBranch action`)
    expect(say({ identity: [none] })).toBe(`${START} with an explicit deny in an identity-based policy`)
    expect(say({ identity: [all], boundary: other })).toBe(
      `${START} because no permissions boundary allows the codecommit:GetBranch action`,
    )
    expect(say({ identity: [all], boundary: none })).toBe(`${START} with an explicit deny in a permissions boundary`)
    expect(say({ identity: [all], session: [other] })).toBe(
      `${START} because no session policy allows the codecommit:GetBranch action`,
    )
    expect(say({ identity: [all], session: [none] })).toBe(`${START} with an explicit deny in a session policy`)
    expect(say({ identity: [all], sameAccount: false })).toBe(
      `${START} because no resource-based policy allows the codecommit:GetBranch action`,
    )
  })
  test('quotes S3 resources and names anonymous callers', () => {
    const get = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' }
    expect(say({}, get, { type: 'anonymous', account: '1' })).toBe(
      'User: anonymous is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" because no resource-based policy allows the s3:GetObject action',
    )
  })
  test('names the trust policy of a role', () => {
    const assume = { action: 'sts:AssumeRole', resource: 'arn:aws:iam::1:role/r' }
    expect(say({ identity: [all] }, assume)).toMatch(/because no role trust policy allows the sts:AssumeRole action$/)
  })
})

test('contextKeysOf lists the keys of conditions and variables', () => {
  const text = doc({
    ...good,
    Resource: 'arn:aws:s3:::${aws:username}/*',
    Condition: { StringLike: { 's3:prefix': '${aws:PrincipalTag/Team}' } },
  })
  expect(contextKeysOf([text, text])).toEqual(['s3:prefix', 'aws:principaltag/team', 'aws:username'])
})
