// The ARNs of CodeDeploy [auth-and-access-control-permissions-reference]: colons, not slashes, after the kind.

import { formatArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'

export const applicationArn = (scope: Scope, name: string) => formatArn('codedeploy', scope, `application:${name}`)
export const groupArn = (scope: Scope, application: string, group: string) =>
  formatArn('codedeploy', scope, `deploymentgroup:${application}/${group}`)
export const configArn = (scope: Scope, name: string) => formatArn('codedeploy', scope, `deploymentconfig:${name}`)
export const instanceArn = (scope: Scope, name: string) => formatArn('codedeploy', scope, `instance:${name}`)
