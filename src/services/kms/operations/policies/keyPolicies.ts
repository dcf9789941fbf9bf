// The one policy of a key, which is called `default`.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, invalidState } from '../../errors.ts'
import { requireKey, saveKey } from '../../keys.ts'
import { checkPolicy } from '../../policies.ts'
import { keyArn } from '../../references.ts'

const NAME = 'default'
const checkName = (name = NAME) => name === NAME || fail('NotFoundException', 'No such policy exists')

export const getKeyPolicy: Handler<'kms', 'GetKeyPolicy'> = async (call, input) => {
  checkName(input.PolicyName)
  return { Policy: (await requireKey(call, input.KeyId)).policy, PolicyName: NAME }
}

export const putKeyPolicy: Handler<'kms', 'PutKeyPolicy'> = async (call, input) => {
  checkName(input.PolicyName)
  const key = await requireKey(call, input.KeyId, { lock: true })
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
  checkPolicy(call, key, input.Policy, input.BypassPolicyLockoutSafetyCheck)
  await saveKey(call.tx, { ...key, policy: input.Policy })
  return {}
}

export const listKeyPolicies: Handler<'kms', 'ListKeyPolicies'> = async (call, input) => {
  await requireKey(call, input.KeyId)
  return { PolicyNames: [NAME], Truncated: false }
}
