// The grants of a key, and those that a principal may retire.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findGrant, retirableGrants, listGrants as rowsOf } from '../../grants.ts'
import { requireKey } from '../../keys.ts'
import { paged, readMarker } from '../../paging.ts'
import { grantShape } from '../../shape.ts'

export const listGrants: Handler<'kms', 'ListGrants'> = async (
  call,
  { KeyId, GrantId, GranteePrincipal, Limit = 50, Marker },
) => {
  const key = await requireKey(call, KeyId)
  const [after = ''] = readMarker(Marker, 1) ?? []
  if (GrantId !== undefined && !(await findGrant(call.tx, key.key_id, GrantId)))
    fail('InvalidGrantIdException', `Grant ID ${GrantId} not found`)
  const rows = await rowsOf(
    call.tx,
    key.key_id,
    { grantId: GrantId, grantee: GranteePrincipal },
    { after: String(after), limit: Limit + 1 },
  )
  const { items, marks } = paged(rows, Limit, ({ grant_id }) => [grant_id])
  return { Grants: items.map(grant => grantShape(key, grant)), ...marks }
}

export const listRetirableGrants: Handler<'kms', 'ListRetirableGrants'> = async (
  call,
  { RetiringPrincipal, Limit = 50, Marker },
) => {
  const [after = ''] = readMarker(Marker, 1) ?? []
  const rows = await retirableGrants(call.tx, call.scope.region, RetiringPrincipal ?? '', String(after), Limit + 1)
  const { items, marks } = paged(rows, Limit, ({ grant_id }) => [grant_id])
  return { Grants: items.map(grant => grantShape(grant, grant)), ...marks }
}
