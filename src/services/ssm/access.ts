// Which permission on which resource each operation needs.

import { formatArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { parameterArn, readReference } from './names.ts'
import { targetArn } from './operations/sessions/startSession.ts'

export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  const action = `ssm:${operation}`
  if (operation === 'StartSession') {
    // AWS: a document that is named must be allowed as well; those of AWS have no account.
    const document = input.DocumentName && `arn:aws:ssm:${scope.region}::document/${input.DocumentName}`
    return [targetArn(scope, input.Target), ...(document ? [document] : [])].map(resource => ({ action, resource }))
  }
  if (operation === 'TerminateSession')
    return [{ action, resource: formatArn('ssm', scope, `session/${input.SessionId}`) }]
  const parameter = (text: unknown): Access => {
    const { names } = readReference(scope, String(text))
    return { action, resource: parameterArn(scope, names[0]!) }
  }
  // AWS: DescribeParameters is refused "on resource: arn:aws:ssm:REGION:ACCOUNT:*".
  if (operation === 'DescribeParameters') return [{ action, resource: formatArn('ssm', scope, '*') }]
  if (operation === 'GetParametersByPath') {
    const path = String(input.Path).replace(/(?<=.)\/$/, '')
    const context = { 'ssm:Recursive': String(input.Recursive ?? false) }
    return [{ action, resource: parameterArn(scope, path), context }]
  }
  if (operation === 'PutParameter') {
    return [{ ...parameter(input.Name), context: { 'ssm:Overwrite': String(input.Overwrite ?? false) } }]
  }
  if (Array.isArray(input.Names)) return input.Names.map(parameter)
  const name = input.Name ?? input.ResourceId
  return [name === undefined ? { action, resource: '*' } : parameter(name)]
}
