// Reading a policy document: what IAM, STS and resource policies accept, refused with AWS's sentences.

import { ServiceError } from '../core/serviceError.ts'
import { isConditionOperator } from './conditions.ts'

export type OneOrMany = string | readonly string[]
export type PrincipalElement = '*' | Readonly<Record<string, OneOrMany>>
export type ConditionElement = Readonly<
  Record<string, Readonly<Record<string, OneOrMany | boolean | number | readonly (boolean | number)[]>>>
>

export interface Statement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action?: OneOrMany
  readonly NotAction?: OneOrMany
  readonly Resource?: OneOrMany
  readonly NotResource?: OneOrMany
  readonly Principal?: PrincipalElement
  readonly NotPrincipal?: PrincipalElement
  readonly Condition?: ConditionElement
}

export interface PolicyDocument {
  readonly Version?: '2008-10-17' | '2012-10-17'
  readonly Id?: string
  readonly Statement: readonly Statement[]
}

/** `identity`: users, groups, roles, session policies; `trust`: a role's; `resource`: a bucket's, a topic's. */
export type PolicyKind = 'identity' | 'trust' | 'resource'

const TOP = ['Version', 'Id', 'Statement']
const ELEMENTS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]

/** Reads a document and checks it as AWS does for its kind; throws ServiceError MalformedPolicyDocument. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const document = readDocument(text)
  if (kind === 'identity' && document.Version !== '2012-10-17')
    throw malformed('Policy document must be version 2012-10-17 or greater.')
  checkSids(document.Statement)
  for (const statement of document.Statement) {
    checkActions(statement)
    checkConditions(statement)
    if (kind === 'identity') checkIdentity(statement)
    if (kind === 'trust') checkTrust(statement)
    if (kind === 'resource') checkResourcePolicy(statement)
  }
  return document
}

/** Only the grammar: enough to evaluate a document that was accepted before. */
export function readDocument(text: string): PolicyDocument {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw syntax()
  }
  if (!isRecord(document) || Object.keys(document).some(key => !TOP.includes(key))) throw syntax()
  const { Version, Id, Statement } = document
  if (Version !== undefined && Version !== '2008-10-17' && Version !== '2012-10-17') throw syntax()
  if (Id !== undefined && typeof Id !== 'string') throw syntax()
  const statements = Array.isArray(Statement) ? Statement : [Statement]
  if (statements.length === 0 && Statement !== undefined) throw syntax()
  for (const statement of statements) checkStatement(statement)
  return { ...(Version ? { Version } : {}), ...(Id === undefined ? {} : { Id }), Statement: statements as Statement[] }
}

function checkStatement(statement: unknown): asserts statement is Statement {
  if (!isRecord(statement) || Object.keys(statement).some(key => !ELEMENTS.includes(key))) throw syntax()
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition } = statement
  if (Sid !== undefined && typeof Sid !== 'string') throw syntax()
  if (typeof Effect !== 'string' || !/^(allow|deny)$/i.test(Effect)) throw syntax()
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('The policy failed legacy parsing')
  for (const [one, other] of [
    [Action, NotAction],
    [Resource, NotResource],
    [Principal, NotPrincipal],
  ]) {
    if (one !== undefined && other !== undefined) throw syntax()
  }
  for (const list of [Action, NotAction, Resource, NotResource])
    if (list !== undefined && !isTexts(list)) throw syntax()
  for (const principal of [Principal, NotPrincipal])
    if (principal !== undefined && !isPrincipal(principal)) throw syntax()
  if (Condition !== undefined && !isCondition(Condition)) throw syntax()
}

function checkSids(statements: readonly Statement[]) {
  const sids = statements.flatMap(({ Sid }) => (Sid ? [Sid] : []))
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.')
}

function checkActions(statement: Statement) {
  const actions = list(statement.Action ?? statement.NotAction)
  if (actions.length === 0) throw malformed('Policy statement must contain actions.')
  for (const action of actions) {
    if (action === '*') continue
    const [vendor = '', ...rest] = action.split(':')
    if (rest.length === 0) throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
    if (rest.length > 1) throw malformed('Actions/Condition can contain only one colon.')
    if (vendor !== '*' && !/^[a-zA-Z0-9\-.]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`)
  }
}

function checkConditions(statement: Statement) {
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    if (!isConditionOperator(operator) && Object.keys(keys).length > 0) throw syntax()
    if (!/^(For\w+:)?Date/.test(operator)) continue
    for (const value of Object.values(keys).flat()) {
      if (typeof value === 'string' && !/^\d+$/.test(value) && Number.isNaN(Date.parse(value)))
        throw malformed('The policy failed legacy parsing')
    }
  }
}

function checkIdentity(statement: Statement) {
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined)
    throw malformed('Policy document should not specify a principal.')
  const resources = list(statement.Resource ?? statement.NotResource)
  if (resources.length === 0) throw malformed('Policy statement must contain resources.')
  for (const resource of resources) checkResource(resource)
}

const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
]

function checkResource(resource: string) {
  if (resource === '*') return
  const [arn, partition = '', service, region, account, ...rest] = resource.split(':')
  const id = rest.join(':')
  if (partition === '' && !resource.includes(':')) throw malformed(`Resource ${resource} must be in ARN format or "*".`)
  if (partition !== '*' && !/^aws(-[a-z-]+)?$/.test(partition)) {
    const parts = [service, region, account, id].map(part => part || '*')
    throw malformed(`Partition "${partition}" is not valid for resource "arn:${partition}:${parts.join(':')}".`)
  }
  if (service === undefined) throw malformed('Resource vendor must be fully qualified and cannot contain regexes.')
  if (arn !== 'arn' || (account === undefined && !resource.endsWith('*')))
    throw malformed('The policy failed legacy parsing')
  if (service === 'iam' && region) throw malformed(`IAM resource ${resource} cannot contain region information.`)
  if (service === 's3' && region && region !== '*' && !id.startsWith('accesspoint/'))
    throw malformed(`Resource ${resource} can not contain region information.`)
  if (
    service === 'iam' &&
    id !== '' &&
    !/^[*?]/.test(id) &&
    id !== 'root' &&
    !IAM_PATHS.some(path => id.startsWith(path))
  ) {
    throw malformed(`IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`)
  }
}

const TRUST_ACTIONS =
  /^sts:(\*|AssumeRole\*?|AssumeRoleWithSAML|AssumeRoleWithWebIdentity|TagSession|SetSourceIdentity|SetContext)$/i

function checkTrust(statement: Statement) {
  if (statement.Resource !== undefined) throw malformed('Has prohibited field Resource')
  if (statement.NotResource !== undefined) throw malformed('Has prohibited field NotResource')
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    throw malformed('Missing required field Principal')
  if (list(statement.Action).some(action => !TRUST_ACTIONS.test(action)))
    throw malformed('AssumeRole policy may only specify STS AssumeRole actions.')
}

function checkResourcePolicy(statement: Statement) {
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    throw malformed('Missing required field Principal')
  if (list(statement.Resource ?? statement.NotResource).length === 0) throw malformed('Missing required field Resource')
}

/** An element that is one text or several, as several. */
export const list = (value: OneOrMany | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown) =>
  typeof value === 'string' || (Array.isArray(value) && value.every(one => typeof one === 'string'))
const isPrincipal = (value: unknown) => value === '*' || (isRecord(value) && Object.values(value).every(isTexts))
const isScalar = (value: unknown) =>
  typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
const isCondition = (value: unknown) =>
  isRecord(value) &&
  Object.values(value).every(
    keys =>
      isRecord(keys) && Object.values(keys).every(one => isScalar(one) || (Array.isArray(one) && one.every(isScalar))),
  )

const malformed = (message: string) => new ServiceError('MalformedPolicyDocument', message, { status: 400 })
const syntax = () => malformed('Syntax errors in policy.')
