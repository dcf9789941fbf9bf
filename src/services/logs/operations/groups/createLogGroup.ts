// CreateLogGroup: a new, empty group.

import type { Handler } from '../../../../operation/handler.ts'
import { associateKey } from '../../encryption.ts'
import { fail, invalid } from '../../errors.ts'
import { findGroup, insertGroup } from '../../groups.ts'
import { checkTags } from '../../tags.ts'

export const createLogGroup: Handler<'logs', 'CreateLogGroup'> = async (call, input) => {
  // AWS: "Log group names can't start with the string aws/" (CreateLogGroup, API reference).
  if (/^aws\//i.test(input.logGroupName)) invalid('Log groups starting with AWS/ are reserved for AWS.')
  if (input.logGroupClass === 'DELIVERY') invalid('Codeyard does not support the log group class DELIVERY.')
  const tags = input.tags ?? {}
  checkTags(tags)
  const inserted = await insertGroup(call.tx, call.scope, {
    name: input.logGroupName,
    created_at: call.now,
    class: input.logGroupClass ?? 'STANDARD',
    deletion_protected: input.deletionProtectionEnabled ?? false,
    tags,
  })
  if (!inserted) fail('ResourceAlreadyExistsException', 'The specified log group already exists')
  if (input.kmsKeyId !== undefined)
    await associateKey(call, await findGroup(call.tx, call.scope, input.logGroupName), input.kmsKeyId)
  return {}
}
