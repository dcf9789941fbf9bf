// The keys of an account in a region, by id.

import type { Handler } from '../../../../operation/handler.ts'
import { listKeys as rowsOf } from '../../keys.ts'
import { paged, readMarker } from '../../paging.ts'
import { keyArn } from '../../references.ts'

export const listKeys: Handler<'kms', 'ListKeys'> = async (call, { Limit = 100, Marker }) => {
  const [after = ''] = readMarker(Marker, 1) ?? []
  const rows = await rowsOf(call.tx, call.scope, String(after), Limit + 1)
  const { items, marks } = paged(rows, Limit, key => [key.key_id])
  return { Keys: items.map(key => ({ KeyId: key.key_id, KeyArn: keyArn(key) })), ...marks }
}
