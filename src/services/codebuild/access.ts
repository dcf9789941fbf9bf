// Which permission on which resource each operation needs.

import type { Scope } from '../../core/scope.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { buildId, projectArn, projectName } from './definition.ts'

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
    case 'BatchGetProjects':
      return input.names.map((name: string) => project(projectName(name)))
    case 'StartBuild':
      return [project(projectName(input.projectName)), ...passRole(scope, input.serviceRoleOverride)]
    case 'ListBuildsForProject':
      return [project(projectName(input.projectName))]
    default:
      return [{ action, resource: '*' }]
  }
}

// A role of another account is refused by the operation, with AWS's sentence.
const passRole = ({ account }: Scope, role: string | undefined): Access[] =>
  role?.includes(`:iam::${account}:`)
    ? [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'codebuild.amazonaws.com' } }]
    : []
