// Which permission on which resource each operation needs.

import type { Scope } from '../../core/scope.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { buildId, projectArn, projectName } from './definition.ts'
import { reportGroupArn } from './reportGroups.ts'
import { reportKey } from './reports.ts'

const OF_BUILDS = new Set(['BatchGetBuilds', 'BatchDeleteBuilds', 'StopBuild', 'RetryBuild'])

// AWS: builds are guarded by their project's ARN [auth-and-access-control-iam-identity-based].
export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `codebuild:${operation}`
  const project = (name: string): Access => ({ action, resource: projectArn(scope, name) })
  if (OF_BUILDS.has(operation)) {
    const ids: string[] = input.ids ?? (input.id ? [input.id] : [])
    return [...new Set(ids.map(id => buildId(id).split(':')[0]!))].map(project)
  }
  switch (operation) {
    case 'CreateProject':
    case 'UpdateProject':
      return [project(input.name), ...passRole(scope, input.serviceRole)]
    case 'DeleteProject':
      return [project(projectName(input.name))]
    case 'InvalidateProjectCache':
      return [project(projectName(input.projectName))]
    case 'BatchGetProjects':
      return input.names.map((name: string) => project(projectName(name)))
    case 'StartBuild':
      return [project(projectName(input.projectName)), ...passRole(scope, input.serviceRoleOverride)]
    case 'ListBuildsForProject':
      return [project(projectName(input.projectName))]
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

// AWS: reports are guarded by their group's ARN [test-permissions].
const groupOfReport = (scope: Scope, arn: string) => {
  const key = reportKey(scope, arn)
  return key ? reportGroupArn(scope, key.group_name) : arn
}

// A role of another account is refused by the operation, with AWS's sentence.
const passRole = ({ account }: Scope, role: string | undefined): Access[] =>
  role?.includes(`:iam::${account}:`)
    ? [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'codebuild.amazonaws.com' } }]
    : []
