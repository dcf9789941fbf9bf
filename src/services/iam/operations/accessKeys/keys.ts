// Whose keys an operation is about: the named user's, or without a name the caller's own, root included.

import type { Call } from '../../../../operation/call.ts'
import { needUser } from '../../identities.ts'

export async function keyOwner(
  call: Call,
  name: string | undefined,
): Promise<{ userId: string | null; userName: string }> {
  if (name === undefined && call.principal.type === 'root') return { userId: null, userName: 'root' }
  const user = await needUser(call, name)
  return { userId: user.id, userName: user.name }
}
