// Which policies a project or a report group may have: others may be allowed to read it, and nothing else.

import { isServiceError } from '../../../core/serviceError.ts'
import { type PolicyDocument, parsePolicy, type Statement } from '../../../policy/index.ts'
import { fail } from '../errors.ts'
import type { SharedKind } from './policies.ts'

// AWS: the actions of the policies that share [project-sharing, report-groups-sharing]: a consumer can not edit or run anything.
const ACTIONS: Readonly<Record<SharedKind, readonly string[]>> = {
  project: ['BatchGetProjects', 'BatchGetBuilds', 'ListBuildsForProject'],
  'report-group': ['BatchGetReportGroups', 'BatchGetReports', 'ListReportsForReportGroup', 'DescribeTestCases'],
}

/** AWS's limit of resource policies of RAM-shared resources. */
const LARGEST = 20 * 1024

/** The accounts, users and roles that `text` shares with; fails with InvalidInputException for a policy that can not be `arn`'s. */
export function checkPolicy(text: string, { kind, arn }: { kind: SharedKind; arn: string }): string[] {
  if (Buffer.byteLength(text) > LARGEST) invalid(`it is longer than ${LARGEST} bytes`)
  const document = read(text)
  if (document.Version === undefined) invalid('Version is required, 2012-10-17')
  return [...new Set(document.Statement.flatMap(statement => checkStatement(statement, kind, arn)))]
}

function read(text: string): PolicyDocument {
  try {
    return parsePolicy(text, 'resource')
  } catch (error) {
    if (isServiceError(error)) return invalid(error.message)
    throw error
  }
}

function checkStatement(statement: Statement, kind: SharedKind, arn: string): string[] {
  if (statement.NotAction !== undefined) invalid('NotAction is not supported')
  if (statement.NotResource !== undefined) invalid('NotResource is not supported')
  if (statement.NotPrincipal !== undefined) invalid('NotPrincipal is not supported')
  for (const action of [statement.Action ?? []].flat()) {
    const [, name = ''] = /^codebuild:(\w+)$/i.exec(action) ?? []
    if (!ACTIONS[kind].some(allowed => allowed.toLowerCase() === name.toLowerCase()))
      invalid(`the action ${action} can not be shared, only ${ACTIONS[kind].map(one => `codebuild:${one}`).join(', ')}`)
  }
  for (const resource of [statement.Resource ?? []].flat()) {
    if (resource !== arn) invalid(`the resource ${resource} is not ${arn}`)
  }
  const named = consumersOf(statement.Principal)
  return statement.Effect === 'Allow' ? named : []
}

/** Accounts by their id, also where the policy names their root. */
function consumersOf(principal: Statement['Principal']): string[] {
  if (principal === '*' || principal === undefined) return invalid('it must name the accounts or users to share with')
  return Object.entries(principal).flatMap(([type, values]) => {
    if (type !== 'AWS') return invalid(`a principal of type ${type} is not supported, only AWS`)
    return [values].flat().map(value => {
      const [, account] = /^(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?$/.exec(value) ?? []
      if (account) return account
      if (/^arn:aws[\w-]*:iam::\d{12}:(user|role)\/.+$/.test(value)) return value
      return invalid(`${value} is not an account, a user or a role`)
    })
  })
}

const invalid = (why: string): never => fail('InvalidInputException', `Invalid resource policy: ${why}`)
