// Tags of secrets.

import type { Tag } from '@aws-sdk/client-secrets-manager'
import { fail, invalidParameter } from './errors.ts'

const MOST = 50

/** `tags` under those of a request. */
export function withTags(tags: Record<string, string>, more: readonly Tag[] | undefined): Record<string, string> {
  for (const { Key } of more ?? []) {
    if (/^aws:/i.test(Key ?? '')) invalidParameter('aws: prefixed tag key names are not allowed for external use.')
  }
  const all = { ...tags, ...Object.fromEntries((more ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])) }
  if (Object.keys(all).length > MOST) fail('LimitExceededException', `A secret can have at most ${MOST} tags.`)
  return all
}

export const tagList = (tags: Record<string, string>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
