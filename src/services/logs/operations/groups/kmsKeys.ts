// AssociateKmsKey and DisassociateKmsKey: for batches that come from now on.

import type { AssociateKmsKeyRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { groupNameOfArn } from '../../arns.ts'
import { associateKey, dissociateKey } from '../../encryption.ts'
import { invalid } from '../../errors.ts'
import { findGroup } from '../../groups.ts'

export const associateKmsKey: Handler<'logs', 'AssociateKmsKey'> = async (call, input) => {
  await associateKey(call, await groupOf(call, input), input.kmsKeyId)
  return {}
}

export const disassociateKmsKey: Handler<'logs', 'DisassociateKmsKey'> = async (call, input) => {
  await dissociateKey(call.tx, (await groupOf(call, input)).id)
  return {}
}

function groupOf(call: Call, input: Omit<AssociateKmsKeyRequest, 'kmsKeyId'>) {
  const { logGroupName, resourceIdentifier } = input
  if ((logGroupName === undefined) === (resourceIdentifier === undefined))
    invalid('Exactly one of logGroupName and resourceIdentifier must be specified.')
  const name = logGroupName ?? groupNameOfArn(resourceIdentifier!)
  return findGroup(
    call.tx,
    call.scope,
    name ?? invalid(`Codeyard encrypts log groups only; ${resourceIdentifier} is no ARN of one`),
  )
}
