// Which permission on which resource each operation needs.

import { formatArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { requestKeys, withResourceTags } from './conditionKeys.ts'
import { arnOf, projectArn } from './definition.ts'
import { reportGroupArn } from './reportGroups.ts'
import { reportKey } from './reports.ts'
import { ownerScope } from './sharing/owner.ts'

const OF_BUILDS = new Set(['BatchGetBuilds', 'BatchDeleteBuilds', 'StopBuild', 'RetryBuild'])
const OF_BATCHES = new Set(['BatchGetBuildBatches', 'DeleteBuildBatch', 'StopBuildBatch', 'RetryBuildBatch'])

// AWS: these two are guarded by the project, the others by the sandbox [service authorization reference].
const OF_PROJECTS_OF_SANDBOXES = new Set(['StopSandbox', 'BatchGetSandboxes'])
const OF_SANDBOXES = new Set([
  'StartCommandExecution',
  'BatchGetCommandExecutions',
  'ListCommandExecutionsForSandbox',
  'StartSandboxConnection',
])

/** What the caller has to be allowed, with everything that conditions may ask for. */
export async function access(call: AccessCall, operation: string, input: any): Promise<Access[]> {
  const [first, ...more] = needed(call, operation, input)
  const own = first && { ...first, context: { ...first.context, ...requestKeys(operation, input) } }
  return await withResourceTags(call, own ? [own, ...more] : [])
}

// AWS: builds are guarded by their project's ARN [auth-and-access-control-iam-identity-based].
function needed({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `codebuild:${operation}`
  // An ARN may be of another account, which shared it.
  const project = (given: string): Access => ({ action, resource: projectArn(scope, given) })
  /** The project of a build or batch. */
  const projectOf = (given: string): Access => ({
    action,
    resource: projectArn(
      ownerScope(scope, given),
      given.replace(/^arn:[^/]*:(?:build|build-batch|sandbox)\//, '').split(':')[0]!,
    ),
  })
  if (OF_BUILDS.has(operation) || OF_PROJECTS_OF_SANDBOXES.has(operation)) {
    const ids: string[] = input.ids ?? (input.id ? [input.id] : [])
    return distinct(ids.map(projectOf))
  }
  if (OF_BATCHES.has(operation)) {
    const ids: string[] = input.ids ?? (input.id ? [input.id] : [])
    return distinct(ids.map(projectOf))
  }
  // AWS: `arn:aws:codebuild:region:account-id:sandbox/*` [sandbox-troubleshooting].
  if (OF_SANDBOXES.has(operation)) {
    const ids: string[] = input.ids ?? [input.sandboxId ?? input.id]
    return distinct(ids.map(id => ({ action, resource: arnOf(scope, 'sandbox', id) })))
  }
  switch (operation) {
    case 'StartSandbox':
    case 'ListSandboxesForProject':
      return [project(input.projectName ?? '')]
    case 'CreateProject':
    case 'UpdateProject':
      return [
        project(input.name),
        ...passRole(scope, input.serviceRole),
        ...passRole(scope, input.buildBatchConfig?.serviceRole),
      ]
    case 'DeleteProject':
      return [project(input.name)]
    case 'CreateWebhook':
    case 'UpdateWebhook':
    case 'DeleteWebhook':
      return [project(input.projectName)]
    case 'InvalidateProjectCache':
      return [project(input.projectName)]
    case 'BatchGetProjects':
      return distinct(input.names.map(project))
    case 'StartBuild':
      return [project(input.projectName), ...passRole(scope, input.serviceRoleOverride)]
    case 'StartBuildBatch':
      return [
        project(input.projectName),
        ...passRole(scope, input.serviceRoleOverride),
        ...passRole(scope, input.buildBatchConfigOverride?.serviceRole),
      ]
    case 'ListBuildBatchesForProject':
      return [input.projectName ? project(input.projectName) : { action, resource: '*' }]
    case 'ListBuildsForProject':
      return [project(input.projectName)]
    case 'PutResourcePolicy':
    case 'GetResourcePolicy':
    case 'DeleteResourcePolicy':
      return [{ action, resource: input.resourceArn }]
    case 'UpdateProjectVisibility':
      return [{ action, resource: input.projectArn }, ...passRole(scope, input.resourceAccessRole)]
    // AWS: a fleet's ARN ends in its id [fleets.policy]; before it has one, and by its name alone, the name stands for it.
    case 'CreateFleet':
      return [
        { action, resource: formatArn('codebuild', scope, `fleet/${input.name}`) },
        ...passRole(scope, input.fleetServiceRole),
      ]
    case 'UpdateFleet':
      return [{ action, resource: input.arn }, ...passRole(scope, input.fleetServiceRole)]
    case 'DeleteFleet':
      return [{ action, resource: input.arn }]
    case 'BatchGetFleets':
      return distinct(
        input.names.map((name: string) => ({
          action,
          resource: name.startsWith('arn:') ? name : formatArn('codebuild', scope, `fleet/${name}`),
        })),
      )
    case 'CreateReportGroup':
      return [{ action, resource: reportGroupArn(scope, input.name) }]
    case 'BatchGetReportGroups':
      return input.reportGroupArns.map((resource: string) => ({ action, resource }))
    case 'UpdateReportGroup':
    case 'DeleteReportGroup':
      return [{ action, resource: input.arn }]
    case 'GetReportGroupTrend':
    case 'ListReportsForReportGroup':
    case 'CreateReport':
      return [{ action, resource: input.reportGroupArn }]
    case 'BatchGetReports':
      return input.reportArns.map((arn: string) => ({ action, resource: groupOfReport(scope, arn) }))
    case 'DeleteReport':
      return [{ action, resource: groupOfReport(scope, input.arn) }]
    case 'DescribeTestCases':
    case 'DescribeCodeCoverages':
    case 'UpdateReport':
    case 'BatchPutTestCases':
    case 'BatchPutCodeCoverages':
      return [{ action, resource: groupOfReport(scope, input.reportArn) }]
    default:
      return [{ action, resource: '*' }]
  }
}

const distinct = (all: readonly Access[]): Access[] => [...new Map(all.map(one => [one.resource, one])).values()]

// AWS: reports are guarded by their group's ARN [test-permissions].
const groupOfReport = (scope: Scope, arn: string) => {
  const owner = ownerScope(scope, arn)
  const key = reportKey(owner, arn)
  return key ? reportGroupArn(owner, key.group_name) : arn
}

// A role of another account is refused by the operation, with AWS's sentence.
const passRole = ({ account }: Scope, role: string | undefined): Access[] =>
  role?.includes(`:iam::${account}:`)
    ? [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'codebuild.amazonaws.com' } }]
    : []
