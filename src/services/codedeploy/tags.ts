// Tags by ARN: at most fifty of a resource.

import type { Tag } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'

const MOST_TAGS = 50

export async function setTags(tx: Tx, scope: Scope, arn: string, tags: readonly Tag[]): Promise<void> {
  for (const { Key, Value } of tags) {
    if (!Key || Key.startsWith('aws:')) fail('InvalidTagsToAddException', `The tag key ${Key} is not valid.`)
    await tx.run`
      insert into codedeploy.tags (account, region, arn, key, value)
      values (${scope.account}, ${scope.region}, ${arn}, ${Key}, ${Value ?? ''})
      on conflict (account, region, arn, key) do update set value = excluded.value`
  }
  if (tags.length > 0 && (await tagsOf(tx, scope, arn)).length > MOST_TAGS) {
    fail('InvalidTagsToAddException', 'A resource has at most 50 tags.')
  }
}

export async function tagsOf(tx: Tx, scope: Scope, arn: string): Promise<Tag[]> {
  const rows = await tx.rows<{ key: string; value: string }>`
    select key, value from codedeploy.tags
    where account = ${scope.account} and region = ${scope.region} and arn = ${arn} order by key`
  return rows.map(row => ({ Key: row.key, Value: row.value }))
}
