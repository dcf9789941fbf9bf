// Which permission on which resource each operation needs.

import type { Access, AccessCall } from '../../operation/service.ts'
import { groupArn, groupNameOfArn, identifiedGroup, streamArn } from './arns.ts'

const STREAM_OPERATIONS = new Set(['PutLogEvents', 'PutLogLines', 'GetLogEvents', 'DeleteLogStream'])
const UNSCOPED = new Set(['DescribeResourcePolicies', 'PutResourcePolicy', 'DeleteResourcePolicy', 'TestMetricFilter'])

// AWS: for a group the resource ends in an empty stream, `log-group:NAME:log-stream:`, as its AccessDenied texts show;
// policies that end in `NAME:*` cover it.
export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `logs:${operation === 'PutLogLines' ? 'PutLogEvents' : operation}`
  if (UNSCOPED.has(operation)) return [{ action, resource: '*' }]
  if (typeof input.resourceArn === 'string') return [{ action, resource: input.resourceArn }]
  const group = identifiedGroup(input) ?? groupNameOfArn(String(input.resourceIdentifier)) ?? ''
  const stream = STREAM_OPERATIONS.has(operation) ? (input.logStreamName ?? '') : ''
  const accesses: Access[] = [{ action, resource: streamArn(scope, group, stream) }]
  if (operation === 'CreateLogGroup' && input.tags)
    accesses.push({ action: 'logs:TagResource', resource: groupArn(scope, group) })
  return accesses
}
