// Which permission on which resource each operation needs.

import type { Access, AccessCall } from '../../operation/service.ts'
import { busArn, busName, ruleArn } from './arns.ts'

const UNSCOPED = new Set(['ListEventBuses', 'ListRules', 'ListRuleNamesByTarget', 'TestEventPattern'])
const ON_RULES: Readonly<Record<string, string>> = {
  PutRule: 'Name',
  DeleteRule: 'Name',
  DescribeRule: 'Name',
  EnableRule: 'Name',
  DisableRule: 'Name',
  PutTargets: 'Rule',
  RemoveTargets: 'Rule',
  ListTargetsByRule: 'Rule',
}

export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `events:${operation}`
  if (UNSCOPED.has(operation)) return [{ action, resource: '*' }]
  if (typeof input.ResourceARN === 'string') return [{ action, resource: input.ResourceARN }]
  if (operation === 'PutEvents') {
    const buses = new Map<string, string>()
    for (const { EventBusName: name } of input.Entries ?? [])
      buses.set(busName(name), name?.startsWith('arn:') ? name : busArn(scope, busName(name)))
    return [...buses.values()].map(resource => ({ action, resource }))
  }
  const rule = ON_RULES[operation]
  if (rule === undefined) return [{ action, resource: busArn(scope, busName(input.EventBusName ?? input.Name)) }]
  const resource = ruleArn(scope, busName(input.EventBusName), input[rule] ?? '')
  return [{ action, resource }, ...passedRoles(input)]
}

/** Who makes EventBridge use a role must be allowed to pass it. */
function passedRoles(input: any): Access[] {
  const roles: unknown[] = [input.RoleArn, ...(input.Targets ?? []).map((target: any) => target.RoleArn)]
  return [...new Set(roles)]
    .filter(role => typeof role === 'string')
    .map(resource => ({
      action: 'iam:PassRole',
      resource,
      context: { 'iam:PassedToService': 'events.amazonaws.com' },
    }))
}
