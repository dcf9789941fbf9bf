// Which permission on which resource each operation needs, with the condition keys of Secrets Manager.

import { formatArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'
import { findSecret, secretArn } from './secrets.ts'

const UNSCOPED = new Set(['ListSecrets', 'GetRandomPassword', 'BatchGetSecretValue'])

export async function access({ tx, scope }: AccessCall, operation: string, input: any): Promise<Access[]> {
  const action = `secretsmanager:${operation}`
  if (UNSCOPED.has(operation)) return [{ action, resource: '*' }]
  if (operation === 'CreateSecret') {
    const resource = formatArn('secretsmanager', scope, `secret:${input.Name}`)
    return [{ action, resource, context: { 'secretsmanager:Name': String(input.Name) } }]
  }
  if (input.SecretId === undefined) return [{ action, resource: '*' }]
  const id = String(input.SecretId)
  const secret = await findSecret(tx, scope, id)
  if (!secret) {
    // AWS: a secret that is not there is asked for under the name that the caller gave.
    return [{ action, resource: id.startsWith('arn:') ? id : formatArn('secretsmanager', scope, `secret:${id}`) }]
  }
  const resource = secretArn(secret)
  const context: Record<string, string> = { 'secretsmanager:SecretId': resource }
  if (input.VersionId) context['secretsmanager:VersionId'] = String(input.VersionId)
  const stage = input.VersionStage ?? (operation === 'GetSecretValue' && !input.VersionId ? 'AWSCURRENT' : undefined)
  if (stage) context['secretsmanager:VersionStage'] = String(stage)
  for (const [key, value] of Object.entries(secret.tags)) {
    context[`aws:ResourceTag/${key}`] = value
    context[`secretsmanager:ResourceTag/${key}`] = value
  }
  return [{ action, resource, context }]
}
