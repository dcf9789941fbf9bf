// CreateDeploymentGroup: which hosts belong together and how they are deployed to.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { groupArn } from '../../arns.ts'
import { DEFAULT_CONFIG, findConfig } from '../../configs.ts'
import { fail } from '../../errors.ts'
import { readSettings } from '../../groups.ts'
import { setTags } from '../../tags.ts'

export const createDeploymentGroup: Handler<'codedeploy', 'CreateDeploymentGroup'> = async (call, input) => {
  const { tx, scope } = call
  const application = await findApplication(tx, scope, input.applicationName)
  checkRole(input.serviceRoleArn)
  const config = await findConfig(tx, scope, input.deploymentConfigName ?? DEFAULT_CONFIG)
  const settings = readSettings(input)
  const id = call.ids.uuid()
  const inserted = await tx.run`
    insert into codedeploy.deployment_groups (id, application_id, name, config_name, service_role_arn, settings, created_at)
    values (${id}, ${application.id}, ${input.deploymentGroupName}, ${config.name}, ${input.serviceRoleArn},
      ${JSON.stringify(settings)}, ${call.now})
    on conflict do nothing`
  if (inserted === 0) {
    fail(
      'DeploymentGroupAlreadyExistsException',
      `Deployment group name already exists for application: ${input.deploymentGroupName}`,
    )
  }
  await setTags(tx, scope, groupArn(scope, application.name, input.deploymentGroupName), input.tags ?? [])
  return { deploymentGroupId: id }
}

/** Also for updates. */
export function checkRole(arn: string): void {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(arn))
    fail('InvalidRoleException', `Provided role ${arn} is not a valid role ARN.`)
}
