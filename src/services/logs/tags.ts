// Tags of log groups: AWS's limits, and finding the group that an ARN names.

import type { Call } from '../../operation/call.ts'
import { groupNameOfArn } from './arns.ts'
import { fail, invalid } from './errors.ts'
import { findGroup, type GroupRow, setTags } from './groups.ts'

const MOST = 50

export function checkTags(tags: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(tags)) {
    if (/^aws:/i.test(key)) invalid(`Tag keys starting with aws: are reserved for AWS: ${key}`)
  }
}

export async function taggedGroup(call: Call, arn: string): Promise<GroupRow> {
  const name = groupNameOfArn(arn)
  if (name === undefined) return fail('ResourceNotFoundException', 'The specified resource does not exist.')
  return findGroup(call.tx, call.scope, name)
}

/** Adds `tags` to the group's; `tooMany` is how the operation refuses more than 50. */
export async function addTags(
  call: Call,
  group: GroupRow,
  tags: Record<string, string>,
  tooMany: (text: string) => never,
) {
  checkTags(tags)
  const all = { ...group.tags, ...tags }
  if (Object.keys(all).length > MOST) tooMany('Resource limit exceeded.')
  await setTags(call.tx, group.id, all)
}

export async function removeTags(call: Call, group: GroupRow, keys: readonly string[]) {
  await setTags(
    call.tx,
    group.id,
    Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key))),
  )
}
