// Aliases: names of keys that can be moved from one to another.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { checkName, deleteAlias as dropAlias, insertAlias, moveAlias, listAliases as rowsOf } from '../../aliases.ts'
import { fail, invalid, invalidState, noSuchAlias } from '../../errors.ts'
import { findKey, type KeyRow, requireKey } from '../../keys.ts'
import { paged, readMarker } from '../../paging.ts'
import { aliasArn, keyArn } from '../../references.ts'

export const createAlias: Handler<'kms', 'CreateAlias'> = async (call, { AliasName, TargetKeyId }) => {
  checkName(AliasName)
  const { key_id } = await targetOf(call, TargetKeyId)
  const row = { ...call.scope, name: AliasName, key_id, created_at: call.now, updated_at: call.now }
  // AWS: the sentence that moto answers and tests [tests/test_kms].
  if (!(await insertAlias(call.tx, row)))
    fail('AlreadyExistsException', `An alias with the name ${aliasArn(call.scope, AliasName)} already exists`)
  return {}
}

export const updateAlias: Handler<'kms', 'UpdateAlias'> = async (call, { AliasName, TargetKeyId }) => {
  checkName(AliasName)
  const target = await targetOf(call, TargetKeyId)
  const present = await findKey(call.tx, call.scope, { account: call.scope.account, by: 'alias', value: AliasName })
  if (!present) return noSuchAlias(aliasArn(call.scope, AliasName))
  // AWS: the two keys must be of one kind [UpdateAlias].
  if (present.usage !== target.usage || kindOf(present) !== kindOf(target))
    invalid('The current and the new KMS key must be the same type and have the same key usage.')
  await moveAlias(call.tx, call.scope, AliasName, target.key_id, call.now)
  return {}
}

export const deleteAlias: Handler<'kms', 'DeleteAlias'> = async (call, { AliasName }) => {
  checkName(AliasName)
  if (!(await dropAlias(call.tx, call.scope, AliasName))) noSuchAlias(aliasArn(call.scope, AliasName))
  return {}
}

export const listAliases: Handler<'kms', 'ListAliases'> = async (call, { KeyId, Limit = 50, Marker }) => {
  const keyId = KeyId === undefined ? undefined : (await requireKey(call, KeyId)).key_id
  const [after = ''] = readMarker(Marker, 1) ?? []
  const rows = await rowsOf(call.tx, call.scope, { keyId, after: String(after), limit: Limit + 1 })
  const { items, marks } = paged(rows, Limit, ({ name }) => [name])
  return {
    Aliases: items.map(row => ({
      AliasName: row.name,
      AliasArn: aliasArn(row, row.name),
      TargetKeyId: row.key_id,
      CreationDate: row.created_at,
      LastUpdatedDate: row.updated_at,
    })),
    ...marks,
  }
}

async function targetOf(call: Call, text: string): Promise<KeyRow> {
  if (/(^|:)alias\//.test(text)) invalid('Aliases must refer to keys. Not aliases')
  const key = await requireKey(call, text)
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
  return key
}

const kindOf = ({ spec }: KeyRow) => (spec === 'SYMMETRIC_DEFAULT' ? spec : spec.split('_')[0])
