// Roles that belong to a service: CreateServiceLinkedRole, DeleteServiceLinkedRole and its status.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, insertOr } from '../../errors.ts'
import {
  deleteIdentity,
  findIdentity,
  fullRoleShape,
  ID_PREFIX,
  insertIdentity,
  needIdentity,
  type RoleRow,
} from '../../identities.ts'
import { attach } from '../../managed/attachments.ts'
import { awsManagedPolicies } from '../../managed/awsManaged.ts'

/** AWS: role names and policies of the service-linked roles around CI/CD; other services get a name made of theirs. */
const NAMES: Record<string, string> = {
  'codestar-notifications.amazonaws.com': 'CodeStarNotifications',
  'elasticbeanstalk.amazonaws.com': 'ElasticBeanstalk',
  'managedupdates.elasticbeanstalk.amazonaws.com': 'ElasticBeanstalkManagedUpdates',
  'maintenance.elasticbeanstalk.amazonaws.com': 'ElasticBeanstalkMaintenance',
  'autoscaling.amazonaws.com': 'AutoScaling',
  'elasticloadbalancing.amazonaws.com': 'ElasticLoadBalancing',
  'ecs.amazonaws.com': 'ECS',
  'cloud9.amazonaws.com': 'AWSCloud9',
  'events.amazonaws.com': 'CloudWatchEvents',
}

export const createServiceLinkedRole: Handler<'iam', 'CreateServiceLinkedRole'> = async (
  { tx, scope, ids, now },
  input,
) => {
  const { AWSServiceName: service, CustomSuffix: suffix } = input
  if (!/^[a-z0-9.-]+\.amazonaws\.com$/.test(service)) fail('InvalidInputException', `Invalid service name: ${service}`)
  const word =
    NAMES[service] ??
    service.split('.')[0]!.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
  const role: RoleRow = {
    id: `${ID_PREFIX.role}${ids.text(17, BASE32)}`,
    account: scope.account,
    kind: 'role',
    name: `AWSServiceRoleFor${word}${suffix ? `_${suffix}` : ''}`,
    path: `/aws-service-role/${service}/`,
    created_at: now,
    boundary: null,
    tags: [],
    trust: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    }),
    description: input.Description ?? null,
    max_session: 3600,
    service_linked: true,
    last_used_at: null,
    last_used_region: null,
  }
  await insertOr(
    () => tx.nested(() => insertIdentity(tx, role)),
    () =>
      fail(
        'InvalidInputException',
        `Service role name ${role.name} has been taken in this account, please try a different suffix.`,
      ),
  )
  const policy = `arn:aws:iam::aws:policy/aws-service-role/${word.startsWith('AWS') ? '' : 'AWS'}${word}ServiceRolePolicy`
  if (awsManagedPolicies().has(policy)) await attach(tx, role.id, policy)
  return { Role: fullRoleShape(role) }
}

export const deleteServiceLinkedRole: Handler<'iam', 'DeleteServiceLinkedRole'> = async (
  { tx, scope, ids },
  { RoleName },
) => {
  const role = await needIdentity(tx, scope.account, 'role', RoleName)
  if (!role.service_linked) fail('InvalidInputException' as never, `${RoleName} is not a service-linked role.`)
  await deleteIdentity(tx, role.id)
  return { DeletionTaskId: `task${role.path}${role.name}/${ids.uuid()}` }
}

/** A deletion is done when it answers, so its task has succeeded as soon as the role is gone. */
export const getServiceLinkedRoleDeletionStatus: Handler<'iam', 'GetServiceLinkedRoleDeletionStatus'> = async (
  { tx, scope },
  input,
) => {
  const name = /^task\/aws-service-role\/[^/]+\/([^/]+)\/[0-9a-f-]{36}$/.exec(input.DeletionTaskId)?.[1]
  if (!name) return fail('NoSuchEntityException', `The deletion task ${input.DeletionTaskId} cannot be found.`)
  return { Status: (await findIdentity(tx, scope.account, 'role', name)) ? 'NOT_STARTED' : 'SUCCEEDED' }
}
