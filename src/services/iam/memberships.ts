// Who is in which group.

import type { Tx } from '../../store/tx.ts'
import type { RoleRow } from './identities.ts'
import { after, limitOf, type PageInput } from './pages.ts'

export const addMember = (tx: Tx, groupId: string, userId: string) =>
  tx.run`insert into iam.memberships (group_id, user_id) values (${groupId}, ${userId}) on conflict do nothing`

export const removeMember = (tx: Tx, groupId: string, userId: string) =>
  tx.run`delete from iam.memberships where group_id = ${groupId} and user_id = ${userId}`

export const membersOf = (tx: Tx, groupId: string, input: PageInput) => tx.rows<RoleRow>`
  select i.* from iam.memberships m join iam.identities i on i.id = m.user_id
  where m.group_id = ${groupId} and i.name > ${after(input)} order by i.name limit ${limitOf(input) + 1}`

export const groupsOf = (tx: Tx, userId: string, input: PageInput) => tx.rows<RoleRow>`
  select i.* from iam.memberships m join iam.identities i on i.id = m.group_id
  where m.user_id = ${userId} and i.name > ${after(input)} order by i.name limit ${limitOf(input) + 1}`
