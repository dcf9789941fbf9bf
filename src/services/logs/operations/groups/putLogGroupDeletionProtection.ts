// PutLogGroupDeletionProtection: whether DeleteLogGroup refuses.

import type { Handler } from '../../../../operation/handler.ts'
import { groupNameOf } from '../../arns.ts'
import { findGroup, setProtection } from '../../groups.ts'

export const putLogGroupDeletionProtection: Handler<'logs', 'PutLogGroupDeletionProtection'> = async (call, input) => {
  const group = await findGroup(call.tx, call.scope, groupNameOf({ logGroupIdentifier: input.logGroupIdentifier }))
  await setProtection(call.tx, group.id, input.deletionProtectionEnabled ?? false)
  return {}
}
