// UpdateAccessKey (Active, Inactive) and DeleteAccessKey.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteKey, setKeyActive } from '../../accessKeys.ts'
import { fail } from '../../errors.ts'
import { keyOwner } from './keys.ts'

const unknown = (id: string) => fail('NoSuchEntityException', `The Access Key with id ${id} cannot be found.`)

export const updateAccessKey: Handler<'iam', 'UpdateAccessKey'> = async (call, { UserName, AccessKeyId, Status }) => {
  const { userId } = await keyOwner(call, UserName)
  if (!(await setKeyActive(call.tx, call.scope.account, userId, AccessKeyId, Status === 'Active'))) unknown(AccessKeyId)
  return {}
}

export const deleteAccessKey: Handler<'iam', 'DeleteAccessKey'> = async (call, { UserName, AccessKeyId }) => {
  const { userId } = await keyOwner(call, UserName)
  if (!(await deleteKey(call.tx, call.scope.account, userId, AccessKeyId))) unknown(AccessKeyId)
  return {}
}
