// The policy of a secret: put, read, deleted, and checked before it is put.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, markedForDeletion } from '../../errors.ts'
import { letsInEverybody, policyProblem, readPolicy } from '../../policyDocument.ts'
import { lockLive, requireSecret, saveSecret } from '../../secrets.ts'
import { identity } from '../../shape.ts'

export const putResourcePolicy: Handler<'secretsmanager', 'PutResourcePolicy'> = async (call, input) => {
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  const policy = readPolicy(input.ResourcePolicy)
  if (input.BlockPublicPolicy && letsInEverybody(policy))
    fail('PublicPolicyException', 'This resource policy grants broad access to the secret.')
  await saveSecret(call.tx, { ...secret, policy: input.ResourcePolicy })
  return identity(secret)
}

export const getResourcePolicy: Handler<'secretsmanager', 'GetResourcePolicy'> = async (call, input) => {
  const secret = await requireSecret(call.tx, call.scope, input.SecretId)
  if (secret.delete_after) markedForDeletion()
  return { ...identity(secret), ...(secret.policy !== null && { ResourcePolicy: secret.policy }) }
}

export const deleteResourcePolicy: Handler<'secretsmanager', 'DeleteResourcePolicy'> = async (call, input) => {
  const secret = await lockLive(call.tx, call.scope, input.SecretId)
  await saveSecret(call.tx, { ...secret, policy: null })
  return identity(secret)
}

export const validateResourcePolicy: Handler<'secretsmanager', 'ValidateResourcePolicy'> = async (call, input) => {
  if (input.SecretId) await requireSecret(call.tx, call.scope, input.SecretId)
  const problem = policyProblem(input.ResourcePolicy)
  const isPublic = !problem && letsInEverybody(readPolicy(input.ResourcePolicy))
  const errors = [
    ...(problem ? [{ CheckName: 'SYNTAX', ErrorMessage: problem }] : []),
    ...(isPublic
      ? [{ CheckName: 'PUBLIC_ACCESS', ErrorMessage: 'This resource policy grants broad access to the secret.' }]
      : []),
  ]
  return { PolicyValidationPassed: errors.length === 0, ValidationErrors: errors }
}
