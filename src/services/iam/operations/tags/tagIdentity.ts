// Tags of users and roles.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { needIdentity, saveTags } from '../../identities.ts'
import type { Kind } from '../../kinds.ts'
import { after, listed, type PageInput } from '../../pages.ts'
import { mergeTags, removeTags, type Tag } from '../../tags.ts'

async function change({ tx, scope }: Call, kind: Kind, name: string, edit: (tags: readonly Tag[]) => Tag[]) {
  const { id, tags } = await needIdentity(tx, scope.account, kind, name)
  await saveTags(tx, id, edit(tags))
  return {}
}

async function list({ tx, scope }: Call, kind: Kind, name: string, input: PageInput) {
  const { tags } = await needIdentity(tx, scope.account, kind, name)
  return tagPage(tags, input)
}

/** A page of tags by key. */
export function tagPage(tags: readonly Tag[], input: PageInput) {
  const { items, rest } = listed(
    [...tags].filter(tag => tag.Key > after(input)).sort((a, b) => (a.Key < b.Key ? -1 : 1)),
    input,
    tag => tag.Key,
  )
  return { Tags: [...items], ...rest }
}

export const tagUser: Handler<'iam', 'TagUser'> = (call, { UserName, Tags }) =>
  change(call, 'user', UserName, old => mergeTags(old, Tags))
export const untagUser: Handler<'iam', 'UntagUser'> = (call, { UserName, TagKeys }) =>
  change(call, 'user', UserName, old => removeTags(old, TagKeys))
export const listUserTags: Handler<'iam', 'ListUserTags'> = (call, input) => list(call, 'user', input.UserName, input)
export const tagRole: Handler<'iam', 'TagRole'> = (call, { RoleName, Tags }) =>
  change(call, 'role', RoleName, old => mergeTags(old, Tags))
export const untagRole: Handler<'iam', 'UntagRole'> = (call, { RoleName, TagKeys }) =>
  change(call, 'role', RoleName, old => removeTags(old, TagKeys))
export const listRoleTags: Handler<'iam', 'ListRoleTags'> = (call, input) => list(call, 'role', input.RoleName, input)
