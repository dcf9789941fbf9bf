// Which permission on which resource each operation needs: mostly the ARN, path included, of what it names.

import type { Access, AccessCall } from '../../operation/service.ts'
import { entityArn, iamArn } from './arns.ts'
import { findIdentity } from './identities.ts'
import type { Kind } from './kinds.ts'

export async function access({ tx, scope }: AccessCall, operation: string, input: any): Promise<Access[]> {
  const { account } = scope
  const action = `iam:${operation}`

  const identity = async (kind: Kind, name: string): Promise<string> => {
    const found =
      operation.startsWith('Create') && operation === `Create${kind[0]!.toUpperCase()}${kind.slice(1)}`
        ? undefined
        : await findIdentity(tx, account, kind, name)
    return found ? entityArn(found) : iamArn(account, `${kind}${input.Path ?? '/'}${name}`)
  }
  const profile = async (name: string): Promise<string> => {
    const found = await tx.one<{
      path: string
    }>`select path from iam.instance_profiles where account = ${account} and lower(name) = lower(${name})`
    return iamArn(account, `instance-profile${found?.path ?? input.Path ?? '/'}${name}`)
  }
  const context = {
    ...(input.PolicyArn && /^(Attach|Detach)/.test(operation) ? { 'iam:PolicyARN': input.PolicyArn } : {}),
    ...(input.PermissionsBoundary ? { 'iam:PermissionsBoundary': input.PermissionsBoundary } : {}),
    ...(input.AWSServiceName ? { 'iam:AWSServiceName': input.AWSServiceName } : {}),
    ...tagContext(input),
  }
  const on = (resource: string): Access => ({ action, resource, context, owner: account }) // also for AWS's own policies

  if (operation === 'AddRoleToInstanceProfile') {
    const role = await identity('role', input.RoleName)
    return [
      on(await profile(input.InstanceProfileName)),
      { action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    ]
  }
  if (input.InstanceProfileName) return [on(await profile(input.InstanceProfileName))]
  if (operation.startsWith('Simulate') || operation.startsWith('GetContextKeys'))
    return [on(input.PolicySourceArn ?? '*')]
  if (operation === 'CreateServiceLinkedRole')
    return [on(iamArn(account, `role/aws-service-role/${input.AWSServiceName}/*`))]
  if (operation === 'CreatePolicy') return [on(iamArn(account, `policy${input.Path ?? '/'}${input.PolicyName}`))]
  if (input.GroupName) return [on(await identity('group', input.GroupName))]
  if (input.RoleName) return [on(await identity('role', input.RoleName))]
  if (input.UserName) return [on(await identity('user', input.UserName))]
  if (input.PolicyArn) return [on(input.PolicyArn)]
  // AWS: lists are asked for a path, "on resource: arn:aws:iam::123456789012:user/"
  const listed = /^List(User|Group|Role|InstanceProfile|Policie)s$/.exec(operation)?.[1]
  if (listed) return [on(iamArn(account, `${LIST_NAMES[listed]}${input.PathPrefix ?? '/'}`))]
  return [on('*')]
}

const LIST_NAMES: Record<string, string> = {
  User: 'user',
  Group: 'group',
  Role: 'role',
  InstanceProfile: 'instance-profile',
  Policie: 'policy',
}

function tagContext(input: any): Record<string, string | readonly string[]> {
  const tags: { Key: string; Value: string }[] = Array.isArray(input.Tags) ? input.Tags : []
  const keys: string[] = [...tags.map(tag => tag.Key), ...(Array.isArray(input.TagKeys) ? input.TagKeys : [])]
  if (keys.length === 0) return {}
  return { 'aws:TagKeys': keys, ...Object.fromEntries(tags.map(tag => [`aws:RequestTag/${tag.Key}`, tag.Value])) }
}
